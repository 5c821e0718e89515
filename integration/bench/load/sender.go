package load

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Target is the server to load.
type Target struct {
	Endpoint  string // http://host:port
	AccessKey string
	SecretKey string
}

// region is what requests are signed for.
const region = "us-east-1"

// sender sends the requests of one case. It is safe for use by all clients.
type sender struct {
	target  Target
	bucket  string
	client  *http.Client
	signer  *v4.Signer
	body    []byte // the one payload of all objects
	digest  string // its SHA-256
	nothing string // the SHA-256 of an empty payload
}

func newSender(t Target, c Case) *sender {
	body := make([]byte, c.Size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(body) // never fails
	return &sender{
		target: t,
		bucket: "bench-" + c.Name,
		client: &http.Client{Timeout: 10 * time.Minute, Transport: &http.Transport{
			MaxIdleConnsPerHost: c.Clients + 8,
			DisableCompression:  true,
			WriteBufferSize:     256 << 10,
			ReadBufferSize:      256 << 10,
		}},
		// S3 signs the path as it is sent, not escaped once more.
		signer:  v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }),
		body:    body,
		digest:  hexSum(body),
		nothing: hexSum(nil),
	}
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (s *sender) makeBucket(ctx context.Context) error {
	_, err := s.send(ctx, http.MethodPut, "", nil, io.Discard)
	return err
}

func (s *sender) put(ctx context.Context, key string) error {
	_, err := s.send(ctx, http.MethodPut, "/"+key, s.body, io.Discard)
	return err
}

func (s *sender) get(ctx context.Context, key string) error {
	n, err := s.send(ctx, http.MethodGet, "/"+key, nil, io.Discard)
	if err == nil && n != int64(len(s.body)) {
		err = fmt.Errorf("GET %s: %d bytes, want %d", key, n, len(s.body))
	}
	return err
}

func (s *sender) head(ctx context.Context, key string) error {
	_, err := s.send(ctx, http.MethodHead, "/"+key, nil, io.Discard)
	return err
}

func (s *sender) list(ctx context.Context) error {
	var page strings.Builder
	_, err := s.send(ctx, http.MethodGet, "?list-type=2&max-keys=1000&prefix=o%2F", nil, &page)
	if err == nil && strings.Count(page.String(), "<Key>") != 1000 {
		err = fmt.Errorf("a page of %d keys, want 1000", strings.Count(page.String(), "<Key>"))
	}
	return err
}

// send sends one signed request, the body not nil for an object, and copies the
// answer's body to w. It returns the length of that body.
func (s *sender) send(ctx context.Context, method, path string, body []byte, w io.Writer) (int64, error) {
	digest, payload := s.nothing, io.Reader(nil)
	if body != nil {
		digest, payload = s.digest, bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.target.Endpoint+"/"+s.bucket+path, payload)
	if err != nil {
		return 0, err
	}
	req.Header.Set("X-Amz-Content-Sha256", digest)
	key := aws.Credentials{AccessKeyID: s.target.AccessKey, SecretAccessKey: s.target.SecretKey}
	if err := s.signer.SignHTTP(ctx, key, req, digest, "s3", region, time.Now()); err != nil {
		return 0, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 300)) // only to be shown
		return 0, fmt.Errorf("%s %s: %s: %s", method, req.URL.Path, resp.Status, text)
	}
	return io.Copy(w, resp.Body)
}
