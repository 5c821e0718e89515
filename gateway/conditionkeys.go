package gateway

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sluice/drivers"
	"sluice/gateway/sigv4"
)

// conditionKeys answers a policy's conditions from the request. Source of the names: "Actions, resources, and condition
// keys for Amazon S3" in the Service Authorization Reference, and "AWS global condition context keys" in the IAM guide.
type conditionKeys struct{ q *request }

func (c conditionKeys) Value(key string) ([]string, bool) {
	q := c.q
	switch key {
	case "aws:sourceip":
		host, _, err := net.SplitHostPort(q.r.RemoteAddr)
		return []string{host}, err == nil
	case "aws:securetransport":
		return []string{strconv.FormatBool(q.r.TLS != nil)}, true
	case "aws:useragent":
		return present(q.r.Header, "User-Agent")
	case "aws:referer":
		return present(q.r.Header, "Referer")
	case "aws:currenttime":
		return []string{q.start.UTC().Format(time.RFC3339)}, true
	case "aws:epochtime":
		return []string{strconv.FormatInt(q.start.Unix(), 10)}, true
	case "s3:prefix", "s3:delimiter", "s3:max-keys":
		return queryValue(q, strings.TrimPrefix(key, "s3:"))
	case "s3:versionid":
		return queryValue(q, "versionId")
	case "s3:signatureversion", "s3:authtype", "s3:signatureage":
		return c.signature(key)
	case "s3:if-match":
		return present(q.r.Header, "If-Match")
	case "s3:if-none-match": // S3 knows no other value on a write; another one must not pass for write-once
		return []string{"*"}, q.header("If-None-Match") == "*"
	}
	if tag, ok := strings.CutPrefix(key, "s3:requestobjecttag/"); ok {
		return c.requestTag(tag)
	}
	if key == "s3:requestobjecttagkeys" {
		return c.requestTagKeys()
	}
	if name, ok := strings.CutPrefix(key, "s3:x-amz-"); ok {
		return present(q.r.Header, "X-Amz-"+name)
	}
	return nil, false
}

func (c conditionKeys) signature(key string) ([]string, bool) {
	auth := c.q.auth
	switch {
	case auth == nil:
		return nil, false
	case key == "s3:signatureversion":
		return []string{"AWS4-HMAC-SHA256"}, true
	case key == "s3:authtype" && auth.Kind == sigv4.Presigned:
		return []string{"REST-QUERY-STRING"}, true
	case key == "s3:authtype":
		return []string{"REST-HEADER"}, true
	}
	return []string{strconv.FormatInt(c.q.start.Sub(auth.Time).Milliseconds(), 10)}, true
}

// requestTags are the tags that the request will set, and no others that it may name.
func (c conditionKeys) requestTags() []drivers.Tag {
	q := c.q
	switch {
	case q.tags != nil: // of the body
		return q.tags
	case q.op.name == "PutObject", q.op.name == "CreateMultipartUpload", q.op.name == "CopyObject" && q.header("X-Amz-Tagging-Directive") == "REPLACE":
		tags, err := parseTagHeader(q.header("X-Amz-Tagging"))
		if err == nil {
			return tags
		}
	}
	return nil
}

func (c conditionKeys) requestTag(name string) ([]string, bool) {
	for _, t := range c.requestTags() {
		if t.Key == name {
			return []string{t.Value}, true
		}
	}
	return nil, false
}

func (c conditionKeys) requestTagKeys() ([]string, bool) {
	var keys []string
	for _, t := range c.requestTags() {
		keys = append(keys, t.Key)
	}
	return keys, len(keys) > 0
}

func present(h http.Header, name string) ([]string, bool) {
	v := h.Values(name)
	return v, len(v) > 0
}

func queryValue(q *request, name string) ([]string, bool) {
	v, ok := q.query[name]
	return v, ok
}

// versionActions are the actions that S3 has another name for when the request names a version.
var versionActions = map[string]string{
	"s3:GetObject":           "s3:GetObjectVersion",
	"s3:DeleteObject":        "s3:DeleteObjectVersion",
	"s3:GetObjectTagging":    "s3:GetObjectVersionTagging",
	"s3:PutObjectTagging":    "s3:PutObjectVersionTagging",
	"s3:DeleteObjectTagging": "s3:DeleteObjectVersionTagging",
	"s3:GetObjectAttributes": "s3:GetObjectVersionAttributes",
	"s3:GetObjectAcl":        "s3:GetObjectVersionAcl",
	"s3:PutObjectAcl":        "s3:PutObjectVersionAcl",
}

func versionAction(action string) string {
	if v, ok := versionActions[action]; ok {
		return v
	}
	return action
}

// refuseAmbiguous refuses what comes twice and counts once: a policy might be judged on one value and the request carried
// out on the other.
func (q *request) refuseAmbiguous() error {
	for name, values := range q.query {
		if len(values) > 1 {
			return invalidArgument(name, values[1], "This parameter may be given only once.")
		}
	}
	for name, values := range q.r.Header {
		if len(values) > 1 && countsOnce(name) {
			return invalidArgument(strings.ToLower(name), "", "This header may be given only once.")
		}
	}
	for _, name := range []string{"If-Match", "If-None-Match"} { // an empty one would make the request unconditional
		if values, ok := q.r.Header[name]; ok && values[0] == "" {
			return invalidArgument(name, "", "This header may not be empty.")
		}
	}
	return nil
}

func countsOnce(header string) bool {
	switch {
	case header == "X-Amz-Object-Attributes" || strings.HasPrefix(header, "X-Amz-Meta-"):
		return false
	case header == "Range" || header == "Content-Md5":
		return true
	}
	return strings.HasPrefix(header, "X-Amz-") || strings.HasPrefix(header, "If-")
}
