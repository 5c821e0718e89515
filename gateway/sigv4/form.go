package sigv4

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
)

// PolicyForm holds the fields of a browser-based upload (POST Object) that make
// up its signature.
type PolicyForm struct {
	Algorithm     string // x-amz-algorithm
	Credential    string // x-amz-credential
	Date          string // x-amz-date
	Policy        string // policy: base64, exactly as it was sent
	Signature     string // x-amz-signature
	SecurityToken string // x-amz-security-token
}

// VerifyForm checks that the policy of an upload form was signed by the holder
// of the access key. How long the form is good is in the policy itself, and for
// the caller to enforce, as are all of its conditions.
func (v *Verifier) VerifyForm(f PolicyForm) (*Verified, error) {
	if f.Algorithm != algorithm {
		return nil, unsupportedMechanism()
	}
	c := claim{kind: Form, amzDate: f.Date, signature: f.Signature, token: f.SecurityToken}
	if err := c.parseCredential(f.Credential); err != nil {
		return nil, err
	}
	var err error
	if c.time, err = parseAmzDate(f.Date); err != nil {
		return nil, refuse(CodeAccessDenied, "The form needs a valid x-amz-date field.")
	}
	if err := v.checkScope(&c); err != nil {
		return nil, err
	}
	if _, err := v.check(&c, []byte(f.Policy)); err != nil {
		return nil, err
	}
	return c.verified(Payload{DecodedLength: -1}), nil
}

// VerifyFormV2 checks an upload form of Signature Version 2 (the fields
// AWSAccessKeyId, policy and signature), the one place where that version is
// still in use. It returns the same error for an unknown key as for a wrong
// signature.
func (v *Verifier) VerifyFormV2(accessKey, policy, signature string) (*Verified, error) {
	var secret string
	known := false
	if v.Lookup != nil {
		secret, known = v.Lookup(accessKey)
	}
	if !known || secret == "" {
		secret, known = v.dummySecret(), false
	}
	m := hmac.New(sha1.New, []byte(secret))
	m.Write([]byte(policy))
	want := base64.StdEncoding.EncodeToString(m.Sum(nil))
	if subtle.ConstantTimeCompare([]byte(want), []byte(signature)) != 1 || !known {
		return nil, mismatch()
	}
	return &Verified{AccessKey: accessKey, Kind: Form, Payload: Payload{DecodedLength: -1}}, nil
}
