package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/gateway"
	"sluice/gateway/sigv4"
)

// Rows 29 and 30: whatever is asked, and however it fails, no secret, signature or presigned query is answered, logged or
// reported.
func TestRows29And30SecretsStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	var log logged
	var mu sync.Mutex
	var events []gateway.Event
	fail := errors.New("the store broke")
	failing := false
	s := start(t, spy(newMem(t, "photos"), func(string, string, string) error {
		if failing {
			return fail
		}
		return nil
	}), log.option, func(o *gateway.Options) {
		o.Observe = func(_ context.Context, e gateway.Event) {
			mu.Lock()
			defer mu.Unlock()
			events = append(events, e)
		}
	})
	const customerKey = "CUSTOMERKEYCANARY"
	canaries := []string{admin.secret, reader.secret, stranger.secret, customerKey, "SESSIONTOKENCANARY"}
	var answers []string
	for _, failing = range []bool{false, true} {
		for _, op := range gateway.Operations() {
			path, header := target(op, "photos")
			for _, u := range []user{admin, stranger, nobody, {admin.access, "wrong"}} {
				r := s.request(op.Method, path, nil, append(header, "X-Amz-Server-Side-Encryption-Customer-Key", customerKey)...)
				sign(u, r, nil)
				if _, sig, ok := strings.Cut(r.Header.Get("Authorization"), "Signature="); ok {
					canaries = append(canaries, sig)
				}
				answers = append(answers, flat(s.send(r)))
			}
			r := s.request(op.Method, path, nil)
			if err := sigv4.Presign(r, right.keys(), "us-east-1", time.Hour, time.Now()); err != nil {
				t.Fatal(err)
			}
			_, sig, _ := strings.Cut(r.URL.RawQuery, "X-Amz-Signature=")
			canaries = append(canaries, sig)
			answers = append(answers, flat(s.send(r)))
			r.URL.RawQuery += "&X-Amz-Security-Token=SESSIONTOKENCANARY"
			answers = append(answers, flat(s.send(r)))
		}
	}
	reported, err := json.Marshal(events)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "the store broke") || len(events) == 0 {
		t.Error("nothing was logged or reported")
	}
	for _, place := range []struct{ name, text string }{{"answers", strings.Join(answers, "\n")}, {"log", log.String()}, {"events", string(reported)}} {
		for _, c := range canaries {
			if i := strings.Index(place.text, c); i >= 0 {
				t.Errorf("the %s have %s: %.300s", place.name, c, place.text[max(0, i-200):])
			}
		}
		if strings.Contains(place.text, "the store broke") && place.name == "answers" {
			t.Error("a client was told what broke")
		}
	}
}

// flat is all of an answer as text.
func flat(a answer) string {
	var b strings.Builder
	_ = http.Header.Write(a.header, &b)
	return b.String() + a.body
}

func TestEventsDescribeTheirRequests(t *testing.T) {
	t.Parallel()
	events := make(chan gateway.Event, 1)
	s := start(t, newMem(t, "photos"), observe(func(e gateway.Event) { events <- e }))
	for _, c := range []struct {
		u                         user
		method, path, body        string
		op, bucket, key, id, code string
		status                    int
		in, out                   int64
	}{
		{admin, "PUT", "/photos/a%2Fb", "hello", "PutObject", "photos", "a/b", "admin", "", 200, 5, 0},
		{admin, "GET", "/photos/a/b", "", "GetObject", "photos", "a/b", "admin", "", 200, 0, 5},
		{admin, "HEAD", "/photos/a/b", "", "HeadObject", "photos", "a/b", "admin", "", 200, 0, 0},
		{reader, "DELETE", "/photos/a/b", "", "DeleteObject", "photos", "a/b", "reader", "AccessDenied", 403, 0, -1},
		{nobody, "GET", "/photos", "", "ListObjects", "photos", "", "", "AccessDenied", 403, 0, -1},
		{user{"NOBODY", "x"}, "GET", "/photos", "", "ListObjects", "photos", "", "", "SignatureDoesNotMatch", 403, 0, -1},
		{admin, "PATCH", "/photos/x", "", "", "photos", "x", "", "MethodNotAllowed", 405, 0, -1},
		{admin, "GET", "/", "", "ListBuckets", "", "", "admin", "", 200, 0, -1},
	} {
		a := s.do(c.u, c.method, c.path, c.body)
		e := <-events
		if e.Operation != c.op || e.Bucket != c.bucket || e.Key != c.key || e.Identity != c.id || e.ErrorCode != c.code || e.Status != c.status || e.BytesIn != c.in ||
			c.out >= 0 && e.BytesOut != c.out || c.out < 0 && e.BytesOut != int64(len(a.body)) || e.RequestID != a.header.Get("X-Amz-Request-Id") || e.RemoteAddr == "" || e.Start.IsZero() || e.Duration < 0 {
			t.Errorf("%s %s: %+v", c.method, c.path, e)
		}
	}
}
