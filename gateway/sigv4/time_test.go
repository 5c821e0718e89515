package sigv4

import (
	"net/http"
	"testing"
	"time"
)

func TestRow6_TimesOutOfBoundsAreRefused(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) func() time.Time { return func() time.Time { return exampleTime.Add(d) } }
	for name, tt := range map[string]struct {
		now  time.Duration
		code string // "" if accepted
	}{
		"15 min late":        {15 * time.Minute, ""},
		"15 min 1 s late":    {15*time.Minute + time.Second, CodeRequestTimeTooSkewed},
		"15 min early":       {-15 * time.Minute, ""},
		"15 min 1 s early":   {-15*time.Minute - time.Second, CodeRequestTimeTooSkewed},
		"a hundred years on": {876000 * time.Hour, CodeRequestTimeTooSkewed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := exampleVerifier()
			v.Now = at(tt.now)
			_, err := v.Verify(signed(t, putObject, UnsignedPayload))
			if tt.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantCode(t, err, tt.code)
		})
	}
	for name, tt := range map[string]struct {
		change func(r *http.Request)
		code   string
	}{
		"no date":          {func(r *http.Request) { r.Header.Del("X-Amz-Date") }, CodeAccessDenied},
		"unreadable date":  {func(r *http.Request) { r.Header.Set("X-Amz-Date", "yesterday") }, CodeAccessDenied},
		"fractional date":  {func(r *http.Request) { r.Header.Set("X-Amz-Date", "20130524T000000.5Z") }, CodeAccessDenied},
		"Date disagrees":   {func(r *http.Request) { r.Header.Set("Date", "Fri, 24 May 2013 00:15:01 GMT") }, CodeAccessDenied},
		"Date unreadable":  {func(r *http.Request) { r.Header.Set("Date", "?") }, CodeAccessDenied},
		"Date empty":       {func(r *http.Request) { r.Header.Set("Date", "") }, ""},
		"Date agrees":      {func(r *http.Request) { r.Header.Set("Date", "Fri, 24 May 2013 00:00:01 GMT") }, ""},
		"another time":     {func(r *http.Request) { r.Header.Set("X-Amz-Date", "20130524T000001Z") }, CodeSignatureDoesNotMatch},
		"another day":      {func(r *http.Request) { r.Header.Set("X-Amz-Date", "20130523T235959Z") }, CodeAccessDenied},
		"scope date moved": {replaceAuth("/20130524/", "/20130525/"), CodeAccessDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := signed(t, putObject, UnsignedPayload)
			tt.change(r)
			_, err := exampleVerifier().Verify(r)
			if tt.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantCode(t, err, tt.code)
		})
	}
}

func TestRow6_DateHeaderAloneIsEnough(t *testing.T) {
	t.Parallel()
	r := parseRequest(t, "GET /b HTTP/1.1\nHost: h\nDate: Fri, 24 May 2013 00:00:00 GMT\nx-amz-content-sha256: "+UnsignedPayload)
	c := newClaim(Header, testKeys, "us-east-1", exampleTime)
	c.payload = UnsignedPayload
	resign(r, c)
	if _, err := exampleVerifier().Verify(r); err != nil {
		t.Fatal(err)
	}
}

func TestRow6_PresignedExpiry(t *testing.T) {
	t.Parallel()
	for expires, code := range map[string]string{
		"1": "", "604800": "", "604801": CodeQueryParameters, "0": CodeQueryParameters, "-1": CodeQueryParameters,
		"": CodeQueryParameters, "1e3": CodeQueryParameters, "+5": CodeQueryParameters,
		"99999999999999999999": CodeQueryParameters, "9223372036854775807": CodeQueryParameters,
	} {
		r := presigned(t, "GET /b/k HTTP/1.1\nHost: h")
		q := r.URL.Query()
		q.Set("X-Amz-Expires", expires)
		q.Del("X-Amz-Signature")
		r.URL.RawQuery = q.Encode()
		c := newClaim(Presigned, testKeys, "us-east-1", exampleTime)
		c.payload = UnsignedPayload
		if _, err := c.sign(r, testKeys); err != nil {
			t.Fatal(err)
		}
		r.URL.RawQuery += "&X-Amz-Signature=" + c.signature
		switch _, err := exampleVerifier().Verify(r); {
		case code == "" && err != nil:
			t.Errorf("%q: %v", expires, err)
		case code != "":
			wantCode(t, err, code)
		}
	}
	for now, code := range map[time.Duration]string{
		time.Hour: "", time.Hour + time.Second: CodeAccessDenied,
		-15 * time.Minute: "", -15*time.Minute - time.Second: CodeAccessDenied,
	} {
		v := exampleVerifier()
		v.Now = func() time.Time { return exampleTime.Add(now) }
		switch _, err := v.Verify(presigned(t, "GET /b/k HTTP/1.1\nHost: h")); {
		case code == "" && err != nil:
			t.Errorf("at %v: %v", now, err)
		case code != "":
			wantCode(t, err, code)
		}
	}
}
