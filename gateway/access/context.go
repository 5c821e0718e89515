package access

// Context answers for the condition keys of one request, such as
// aws:SourceIp, s3:prefix or s3:ExistingObjectTag/<key>. It is asked only for
// keys that a matching statement tests, so it can compute values lazily.
type Context interface {
	// Value returns the values of a key and whether the request has it. The
	// key comes in lower case up to the first slash and as written from there:
	// "aws:sourceip", "s3:existingobjecttag/Team". Dates are ISO 8601 or
	// seconds since 1970, booleans "true" or "false". The caller does not
	// change what it gets. Keys that the [Request] knows itself (see there)
	// are never asked for.
	Value(key string) ([]string, bool)
}

// Values is a Context of fixed values; its keys are written as
// [Context.Value] is asked for them.
type Values map[string][]string

var _ Context = Values(nil)

// Value returns the values of a key.
func (v Values) Value(key string) ([]string, bool) {
	values, ok := v[key]
	return values, ok
}

// value answers for the keys that follow from the identity and the owner, so
// that no client-supplied value can pass for them, and asks the context for
// the rest.
func (r *Request) value(key string) ([]string, bool) {
	var text string
	switch key {
	case "aws:username":
		text = r.Identity.userName()
	case "aws:userid":
		text = r.Identity.UserID()
	case "aws:principalarn":
		text = r.Identity.ARN()
	case "aws:principalaccount":
		text = r.Identity.accountName()
	case "aws:principaltype":
		text = r.Identity.principalType()
	case "aws:resourceaccount", "s3:resourceaccount":
		text = r.ResourceAccount
	default:
		if r.Context == nil {
			return nil, false
		}
		return r.Context.Value(key)
	}
	if text == "" {
		return nil, false
	}
	return []string{text}, true
}
