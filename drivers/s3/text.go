package s3

import (
	"encoding/base64"
	"mime"
	"strings"
)

// encodeText makes any text a header's value. What is not printable ASCII, has blanks at its ends, or looks encoded, is encoded
// as in RFC 2047, which is also how S3 gives back what is not ASCII:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
func encodeText(s string) string {
	if isPlain(s) {
		return s
	}
	return "=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
}

func isPlain(s string) bool {
	if strings.Contains(s, "=?") || strings.TrimSpace(s) != s {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// decodeText reverses encodeText. What is not well encoded stays as it is.
func decodeText(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var d mime.WordDecoder
	text, err := d.DecodeHeader(s)
	if err != nil {
		return s
	}
	return text
}
