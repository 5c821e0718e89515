package s3_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sluice/drivers"
	"sluice/drivers/s3"
)

// calls are one of each kind that a failure can meet.
var calls = map[string]func(ctx context.Context, b drivers.Bucket) error{
	"Head": func(ctx context.Context, b drivers.Bucket) error {
		_, err := b.Head(ctx, "key", drivers.GetOptions{})
		return err
	},
	"Get": func(ctx context.Context, b drivers.Bucket) error {
		_, err := b.Get(ctx, "key", drivers.GetOptions{})
		return err
	},
	"Put": func(ctx context.Context, b drivers.Bucket) error {
		_, err := b.Put(ctx, "key", strings.NewReader("body"), drivers.PutOptions{Size: 4})
		return err
	},
	"Delete": func(ctx context.Context, b drivers.Bucket) error {
		_, err := b.Delete(ctx, "key", drivers.DeleteOptions{})
		return err
	},
	"List": func(ctx context.Context, b drivers.Bucket) error {
		_, err := b.List(ctx, drivers.ListOptions{})
		return err
	},
	"Copy": func(ctx context.Context, b drivers.Bucket) error {
		_, err := b.(drivers.Copier).CopyFrom(ctx, "key", b, "source", drivers.CopyOptions{})
		return err
	},
	"CopyPart": func(ctx context.Context, b drivers.Bucket) error {
		o := drivers.CopyPartOptions{Source: drivers.GetOptions{Range: drivers.Range{Length: 5}}}
		_, err := b.(drivers.PartCopier).CopyPartFrom(ctx, "key", "id", 1, b, "source", o)
		return err
	},
	"Complete": func(ctx context.Context, b drivers.Bucket) error {
		_, err := drivers.Multiparts(b).CompleteUpload(ctx, "key", "id", []drivers.CompletedPart{{Number: 1, ETag: "e"}}, drivers.CompleteOptions{})
		return err
	},
	"Abort": func(ctx context.Context, b drivers.Bucket) error {
		return drivers.Multiparts(b).AbortUpload(ctx, "key", "id")
	},
	"SetTags": func(ctx context.Context, b drivers.Bucket) error {
		return drivers.SetTags(ctx, b, "key", "", []drivers.Tag{{Key: "k", Value: "v"}})
	},
}

func TestErrorsOfTheStoreAreTheSentinels(t *testing.T) {
	t.Parallel()
	document := func(status int, code string, header ...string) answer {
		return answer{status, header, errorDocument(code, "told by the store")}
	}
	for _, c := range []struct {
		calls  string
		answer answer
		want   error
	}{
		{"Get Put Copy", document(404, "NoSuchBucket"), drivers.ErrNoBucket},
		{"Get", document(404, "NoSuchKey"), drivers.ErrNotFound},
		{"Get Put Delete List Copy Complete", document(403, "AccessDenied"), drivers.ErrDenied},
		{"Head", answer{status: 403}, drivers.ErrDenied},
		{"Get Put List", document(403, "SignatureDoesNotMatch"), drivers.ErrDenied},
		{"Get Put List", document(400, "ExpiredToken"), drivers.ErrDenied},
		{"Put Complete Copy", document(412, "PreconditionFailed"), drivers.ErrPrecondition},
		{"Put Complete", document(409, "ConditionalRequestConflict"), drivers.ErrConflict},
		{"Put Delete Complete", document(409, "OperationAborted"), drivers.ErrConflict},
		{"Head", answer{status: 503}, drivers.ErrUnavailable},
		{"Get Put Delete List Copy Complete Abort SetTags", document(503, "SlowDown"), drivers.ErrSlowDown},
		{"Get Put", document(429, "TooManyRequests"), drivers.ErrSlowDown},
		{"Get Put Delete List Copy Complete Abort SetTags", document(500, "InternalError"), drivers.ErrUnavailable},
		{"Get Put List", answer{status: 502, body: "<html>a proxy's page</html>"}, drivers.ErrUnavailable},
		{"Put List Copy", document(501, "NotImplemented"), drivers.ErrUnsupported},
		{"Put", document(400, "EntityTooLarge"), drivers.ErrTooLarge},
		{"Put", document(400, "BadDigest"), drivers.ErrDigestMismatch},
		{"Put", document(400, "InvalidArgument"), drivers.ErrInvalid},
		{"Put", document(507, "XMinioStorageFull"), drivers.ErrNoSpace},
		{"Complete", document(400, "InvalidPart"), drivers.ErrInvalidPart},
		{"Complete", document(400, "InvalidPartOrder"), drivers.ErrPartOrder},
		{"Complete", document(400, "EntityTooSmall"), drivers.ErrPartTooSmall},
		{"Complete Abort CopyPart", document(404, "NoSuchUpload"), drivers.ErrNoUpload},
		{"CopyPart", document(416, "InvalidRange"), drivers.ErrInvalidRange},
		{"CopyPart", answer{400, nil, errorDocument("InvalidArgument", "Range specified is not valid for source object of size: 3")}, drivers.ErrInvalidRange},
		{"Get Put Delete List", document(307, "TemporaryRedirect", "Location: https://elsewhere.example.com/"), drivers.ErrUnavailable},
		// 200 with an error in its body: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
		{"Copy CopyPart Complete", document(200, "InternalError"), drivers.ErrUnavailable},
		{"Copy Complete", answer{body: "<?xml version=\"1.0\"?>\n   \n  " + errorDocument("SlowDown", "")[22:]}, drivers.ErrSlowDown},
	} {
		for name := range strings.FieldsSeq(c.calls) {
			f := startFake(t, always(c.answer))
			err := calls[name](t.Context(), f.bucket(t))
			if !errors.Is(err, c.want) {
				t.Errorf("%s, answered %d %s: error %v, want %v", name, c.answer.status, c.answer.body, err, c.want)
			}
			if at, ok := errors.AsType[*drivers.Error](err); !ok || at.Node != "aws" || at.Bucket != "photos" {
				t.Errorf("%s: %v does not tell the place", name, err)
			}
			if strings.Contains(err.Error(), "AKIDEXAMPLE") || strings.Contains(err.Error(), "verysecret") {
				t.Errorf("%s: %v tells a secret", name, err)
			}
			f.only(t)
		}
	}
}

func TestAWrongRegionIsSaidClearly(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]answer{
		"with the region":       {301, []string{"X-Amz-Bucket-Region: us-west-2"}, errorDocument("PermanentRedirect", "use another endpoint")},
		"a HEAD":                {301, []string{"X-Amz-Bucket-Region: us-west-2"}, ""},
		"a signature refused":   {400, []string{"X-Amz-Bucket-Region: us-west-2"}, errorDocument("AuthorizationHeaderMalformed", "the region is wrong")},
		"a HEAD that is a 400 ": {400, []string{"X-Amz-Bucket-Region: us-west-2"}, ""},
	} {
		f := startFake(t, always(a))
		_, err := f.open(t, s3.Config{}).StatBucket(t.Context(), "photos")
		if !errors.Is(err, drivers.ErrUnsupported) || !strings.Contains(err.Error(), "us-west-2") || !strings.Contains(err.Error(), "eu-west-1") {
			t.Errorf("%s: error %v", name, err)
		}
		f.only(t) // no redirect is followed: the credentials are for this store
	}
}

func TestSlowDownSaysWhenToComeAgain(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{503, []string{"Retry-After: 7"}, errorDocument("SlowDown", "")}))
	for name, call := range calls {
		if after := drivers.After(call(t.Context(), f.bucket(t))); after != 7*time.Second {
			t.Errorf("%s: come again in %v, want 7s", name, after)
		}
	}
}

func TestAStoreThatDoesNotAnswerIsUnavailable(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{}))
	b := f.bucket(t)
	f.Close()
	for name, call := range calls {
		err := call(t.Context(), b)
		if !errors.Is(err, drivers.ErrUnavailable) || strings.Contains(err.Error(), "AKIDEXAMPLE") {
			t.Errorf("%s: %v", name, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := call(ctx, b); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled: %v", name, err)
		}
	}
}

func TestABodyThatBreaksOffIsUnavailable(t *testing.T) {
	t.Parallel()
	f := startFake(t, nil)
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.Header().Set("ETag", `"e"`)
		_, _ = io.WriteString(w, "only this")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	obj, err := f.bucket(t).Get(t.Context(), "key", drivers.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer obj.Body.Close()
	if body, err := io.ReadAll(obj.Body); string(body) != "only this" || !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("%q, %v", body, err)
	}
}
