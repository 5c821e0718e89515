package gateway_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/drivers/checksum"
	"sluice/gateway"
	"sluice/gateway/awschunked"
	"sluice/gateway/sigv4"
)

// credential is the state of what a request proves its identity with.
type credential string

const (
	right       credential = "right"
	wrongSecret credential = "wrong secret"
	missing     credential = "missing"
	expired     credential = "expired"
)

func (c credential) keys() sigv4.Credentials {
	if c == wrongSecret {
		return sigv4.Credentials{AccessKey: admin.access, SecretKey: "not-the-secret"}
	}
	return sigv4.Credentials{AccessKey: admin.access, SecretKey: admin.secret}
}

func (c credential) time() time.Time {
	if c == expired {
		return time.Now().Add(-2 * time.Hour)
	}
	return time.Now()
}

// authentication is a way to prove an identity. apply puts it on a request and returns the body to send.
type authentication struct {
	name     string
	accepted bool // with the right credential
	apply    func(t *testing.T, r *http.Request, c credential) (body []byte)
}

// matrixBody is what DeleteObjects needs, the one operation that reads its body before it decides.
const matrixBody = "<Delete><Object><Key>key</Key></Object></Delete>"

func authentications() []authentication {
	return []authentication{
		{"header", true, applyHeader},
		{"presigned", true, applyPresigned},
		{"streaming signed", true, streamingWith(sigv4.StreamingPayload)},
		{"streaming signed trailer", true, streamingWith(sigv4.StreamingPayloadTrailer)},
		{"streaming unsigned trailer", true, streamingWith(sigv4.StreamingUnsignedTrailer)},
		{"V2 header", false, applyV2Header},
		{"V2 query", false, applyV2Query},
		{"anonymous", false, func(*testing.T, *http.Request, credential) []byte { return []byte(matrixBody) }},
		{"form", false, applyForm},
		{"bearer", false, applyBearer},
	}
}

func applyHeader(t *testing.T, r *http.Request, c credential) []byte {
	if _, err := sigv4.Sign(r, c.keys(), "us-east-1", sigv4.UnsignedPayload, c.time()); err != nil {
		t.Fatal(err)
	}
	if c == missing {
		r.Header.Del("Authorization")
	}
	return []byte(matrixBody)
}

func applyPresigned(t *testing.T, r *http.Request, c credential) []byte {
	if err := sigv4.Presign(r, c.keys(), "us-east-1", time.Hour, c.time()); err != nil {
		t.Fatal(err)
	}
	if c == missing {
		r.URL.RawQuery, _, _ = strings.Cut(r.URL.RawQuery, "&X-Amz-Signature=")
	}
	return []byte(matrixBody)
}

var modes = map[string]sigv4.PayloadMode{
	sigv4.StreamingPayload:         sigv4.SignedChunks,
	sigv4.StreamingPayloadTrailer:  sigv4.SignedChunksTrailer,
	sigv4.StreamingUnsignedTrailer: sigv4.UnsignedChunksTrailer,
}

func streamingWith(mode string) func(*testing.T, *http.Request, credential) []byte {
	return func(t *testing.T, r *http.Request, c credential) []byte {
		r.Header.Set("X-Amz-Decoded-Content-Length", strconv.Itoa(len(matrixBody)))
		var trailer http.Header
		if mode != sigv4.StreamingPayload {
			r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
			trailer = http.Header{"X-Amz-Checksum-Crc32": {crc32Of(matrixBody)}}
		}
		chunks, err := sigv4.Sign(r, c.keys(), "us-east-1", mode, c.time())
		if err != nil {
			t.Fatal(err)
		}
		if c == missing {
			r.Header.Del("Authorization")
		}
		return frame(t, modes[mode], chunks, matrixBody, 8192, trailer)
	}
}

// frame puts a body into the aws-chunked framing.
func frame(t *testing.T, mode sigv4.PayloadMode, chunks *sigv4.ChunkSigner, body string, chunk int, trailer http.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := awschunked.NewWriter(&b, mode, chunks)
	for c := range slices.Chunk([]byte(body), chunk) {
		if _, err := w.Write(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(trailer); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func signV2(c credential, text string) string {
	m := hmac.New(sha1.New, []byte(c.keys().SecretKey))
	m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

func applyV2Header(_ *testing.T, r *http.Request, c credential) []byte {
	date := c.time().UTC().Format(http.TimeFormat)
	r.Header.Set("Date", date)
	value := "AWS " + admin.access
	if c != missing {
		value += ":" + signV2(c, r.Method+"\n\n\n"+date+"\n"+r.URL.Path)
	}
	r.Header.Set("Authorization", value)
	return []byte(matrixBody)
}

func applyV2Query(_ *testing.T, r *http.Request, c credential) []byte {
	expires := strconv.FormatInt(c.time().Add(time.Hour).Unix(), 10)
	q := "AWSAccessKeyId=" + admin.access + "&Expires=" + expires
	if c != missing {
		q += "&Signature=" + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(signV2(c, r.Method+"\n\n\n"+expires+"\n"+r.URL.Path))
	}
	r.URL.RawQuery = strings.TrimPrefix(r.URL.RawQuery+"&"+q, "&")
	return []byte(matrixBody)
}

func applyForm(_ *testing.T, r *http.Request, c credential) []byte {
	const boundary = "matrix"
	r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	at := c.time().Add(time.Hour).UTC()
	policy := base64.StdEncoding.EncodeToString([]byte(`{"expiration":"` + at.Format(time.RFC3339) + `","conditions":[["starts-with","$key",""]]}`))
	fields := []string{"key", "key", "policy", policy, "AWSAccessKeyId", admin.access}
	if c != missing {
		fields = append(fields, "signature", signV2(c, policy))
	}
	var b strings.Builder
	for i := 0; i < len(fields); i += 2 {
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", boundary, fields[i], fields[i+1])
	}
	fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--%s--\r\n", boundary, boundary)
	return []byte(b.String())
}

func applyBearer(_ *testing.T, r *http.Request, c credential) []byte {
	encode := base64.RawURLEncoding.EncodeToString
	claims := fmt.Sprintf(`{"sub":%q,"exp":%d}`, admin.access, c.time().Add(time.Hour).Unix())
	token := encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(claims)) + "." + signV2(c, claims)
	if c == missing {
		token = ""
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return []byte(matrixBody)
}

// withBody gives a request its body after it was signed.
func withBody(r *http.Request, body []byte) *http.Request {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return r
}

// Row 3 of the attacks, too: whatever route is added, nobody gets through it without a signature that is right.
func TestRow03EveryRouteRefusesEveryCredentialButTheRightOne(t *testing.T) {
	t.Parallel()
	var c calls
	closed := start(t, spy(newMem(t), c.hook))
	open := start(t, newMem(t))
	for i, op := range gateway.Operations() {
		bucket := fmt.Sprintf("matrix-%03d", i)
		t.Run(op.Name, func(t *testing.T) {
			t.Parallel()
			path, header := target(op, bucket)
			for _, auth := range authentications() {
				for _, cred := range []credential{wrongSecret, missing, expired, right} {
					if auth.name == "form" && (cred == right || op.Name == "PostObject") {
						continue // the form's own tests judge those
					}
					s := closed
					if cred == right && auth.accepted {
						s = open
					}
					r := s.request(op.Method, path, nil, header...)
					r.Header.Set("Content-Md5", sumOf(checksum.MD5, matrixBody))
					a := s.send(withBody(r, auth.apply(t, r, cred)))
					what := auth.name + ", " + string(cred)
					if s == open {
						checkPassed(t, op, what, a)
						continue
					}
					checkRefused(t, op, what, a)
					reached := bucket
					if !op.Bucket {
						reached = ""
					}
					if got := c.take(reached); len(got) > 0 {
						t.Errorf("%s: reached the driver: %v", what, got)
					}
				}
			}
		})
	}
}

func checkRefused(t *testing.T, op gateway.Operation, what string, a answer) {
	t.Helper()
	switch {
	case a.status == 400 || a.status == 403:
	case op.Method == http.MethodOptions && !op.Built && a.status == 501: // asked without credentials, by browsers
	default:
		t.Errorf("%s: status %d, want 403 or 400\n%s", what, a.status, a.body)
	}
}

func checkPassed(t *testing.T, op gateway.Operation, what string, a answer) {
	t.Helper()
	if !strings.HasPrefix(op.Action, "s3:") && op.Action != "" {
		return // admin's policy does not speak of other services
	}
	if a.status == 403 || strings.HasPrefix(a.code(), "Authorization") || a.code() == "SignatureDoesNotMatch" {
		t.Errorf("%s: %d %s\n%s", what, a.status, a.code(), a.body)
	}
}
