package gateway

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"sluice/drivers"
)

// target returns the bucket and the key that a request names; "" where it names none. The path is decoded exactly once,
// from what the client sent, and this result alone serves routing, authorization and storage; package sigv4 signs the
// same decoding.
func target(r *http.Request, domains []string) (bucket, key string, err error) {
	path, err := rawPath(r)
	if err != nil {
		return "", "", err
	}
	if bucket = hostBucket(r.Host, domains); bucket == "" {
		var deeper bool
		if bucket, path, deeper = strings.Cut(path, "/"); deeper && bucket == "" {
			return "", "", errInvalidURI // "//photos/key" is no key of a bucket without a name
		}
	}
	if bucket, err = url.PathUnescape(bucket); err != nil {
		return "", "", errInvalidURI
	}
	if key, err = url.PathUnescape(path); err != nil || !utf8.ValidString(key) {
		return "", "", errInvalidURI
	}
	return bucket, key, nil
}

// rawPath returns the path as sent, without its leading slash and without the query.
func rawPath(r *http.Request) (string, error) {
	path := r.URL.EscapedPath()
	if r.RequestURI != "" && r.RequestURI[0] == '/' {
		path, _, _ = strings.Cut(r.RequestURI, "?")
	}
	if !strings.HasPrefix(path, "/") {
		return "", errInvalidURI
	}
	return path[1:], nil
}

// hostBucket returns the bucket of a virtual-host style request, "" for path style.
func hostBucket(host string, domains []string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(host)
	for _, d := range domains {
		if bucket, ok := strings.CutSuffix(host, "."+strings.ToLower(d)); ok {
			return bucket
		}
	}
	return ""
}

var ipAddress = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`)

// bucketCharacters tells whether a name is of 3 to 63 of a-z, 0-9, dots and hyphens, and neither begins nor ends with one of
// the last two.
func bucketCharacters(name string) bool {
	for i := range len(name) {
		c := name[i]
		alphanumeric := 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
		inside := i > 0 && i < len(name)-1 && (c == '.' || c == '-')
		if !alphanumeric && !inside {
			return false
		}
	}
	return len(name) >= 3 && len(name) <= 63
}

// validBucketName tells whether S3 takes the name for a new general-purpose bucket: "Bucket naming rules" of its User Guide.
func validBucketName(name string) bool {
	if !bucketCharacters(name) || strings.Contains(name, "..") {
		return false
	}
	if name[0] <= '9' && ipAddress.MatchString(name) {
		return false
	}
	for _, p := range []string{"xn--", "sthree-"} {
		if strings.HasPrefix(name, p) {
			return false
		}
	}
	for _, s := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(name, s) {
			return false
		}
	}
	return true
}

// checkNames refuses bucket names and keys that can name nothing, before anything looks for them.
func (q *request) checkNames() error {
	if q.bucket == "" {
		return nil
	}
	if !validBucketName(q.bucket) {
		if q.op.name == "CreateBucket" {
			return errInvalidBucketName
		}
		return withBucket(errNoSuchBucket, q.bucket)
	}
	if q.key == "" {
		return nil
	}
	return drivers.CheckKey(q.key)
}
