package fault

import (
	"context"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"sluice/drivers"
)

// Rule says which calls fail, and how. A Rule serves one driver, and must not be copied.
type Rule struct {
	Op     string // only this call, as drivers.Call.Op names it; "" is any
	Bucket string // only this bucket; "" is any
	Prefix string // only keys that begin with it

	// Of the calls that match, Nth is the only one that is hit, counted from 1; or Every is each so many; or
	// Probability, by Seed, is what share of them. Where all are zero, each call is hit.
	Nth, Every  int64
	Probability float64
	Seed        uint64

	Latency time.Duration // waits first
	// Err fails the call before it is done; or, with Late, afterwards: it is done, but nobody hears of it; or, where
	// BodyBytes is set, when so many bytes of the body have passed, in or out.
	Err       error
	Late      bool
	BodyBytes *int64
	MaxKeys   int  // pages of List are short: at most so many entries
	EmptyPage bool // pages of List are empty, and go on just before what they would have held

	off      atomic.Bool
	calls    atomic.Int64
	surfaced atomic.Int64
	mu       sync.Mutex
	dice     *rand.Rand // guarded by mu
}

// Enable switches the rule off and on again; it begins switched on. Calls meanwhile are not counted.
func (r *Rule) Enable(on bool) { r.off.Store(!on) }

// Surfaced is how often the rule has made a difference: calls failed or made to wait, bodies broken off, pages cut.
func (r *Rule) Surfaced() int64 { return r.surfaced.Load() }

func (r *Rule) hits(c *drivers.Call) bool {
	switch {
	case r.off.Load(), r.Op != "" && r.Op != c.Op, r.Bucket != "" && r.Bucket != c.Bucket, !strings.HasPrefix(c.Key, r.Prefix):
		return false
	}
	n := r.calls.Add(1)
	switch {
	case r.Nth > 0:
		return n == r.Nth
	case r.Every > 0:
		return n%r.Every == 0
	case r.Probability > 0:
		return r.roll() < r.Probability
	}
	return true
}

func (r *Rule) roll() float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dice == nil {
		r.dice = rand.New(rand.NewPCG(r.Seed, r.Seed))
	}
	return r.dice.Float64()
}

func (r *Rule) surface() { r.surfaced.Add(1) }

// before does what happens ahead of the call.
func (r *Rule) before(ctx context.Context, c *drivers.Call) error {
	if r.Latency > 0 {
		r.surface()
		t := time.NewTimer(r.Latency)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	switch {
	case r.Err == nil || r.Late:
	case r.BodyBytes == nil:
		r.surface()
		return r.Err
	case c.Body != nil:
		c.Body = &dying{src: c.Body, left: *r.BodyBytes, rule: r}
	}
	if r.MaxKeys > 0 && c.List != nil && (c.List.Limit == 0 || c.List.Limit > r.MaxKeys) {
		c.List.Limit = r.MaxKeys
	}
	return nil
}

// after does what happens when the call has been done.
func (r *Rule) after(c *drivers.Call) error {
	switch {
	case c.Page != nil && r.EmptyPage:
		if next := ahead(*c.Page); next > c.List.Cursor.After {
			r.surface()
			*c.Page = drivers.Page{More: true, Next: drivers.Cursor{After: next}}
		}
	case c.Page != nil && r.MaxKeys > 0 && c.Page.More:
		r.surface()
	}
	switch {
	case r.Err == nil:
	case r.Late:
		r.surface()
		return r.Err
	case r.BodyBytes != nil && c.Object != nil:
		body := c.Object.Body
		c.Object.Body = struct {
			io.Reader
			io.Closer
		}{&dying{src: body, left: *r.BodyBytes, rule: r}, body}
	}
	return nil
}

// ahead returns a place ahead of all entries of a page: the beginning of the first, less a character.
func ahead(p drivers.Page) string {
	var first string
	switch {
	case len(p.Objects) == 0 && len(p.Prefixes) == 0:
		return ""
	case len(p.Objects) == 0:
		first = p.Prefixes[0]
	case len(p.Prefixes) == 0:
		first = p.Objects[0].Key
	default:
		first = min(p.Objects[0].Key, p.Prefixes[0])
	}
	_, last := utf8.DecodeLastRuneInString(first)
	return first[:len(first)-last]
}

// dying is a body that breaks off.
type dying struct {
	src  io.Reader
	left int64
	rule *Rule
	dead bool
}

func (d *dying) Read(p []byte) (int, error) {
	if d.left <= 0 && len(p) > 0 {
		if !d.dead {
			d.dead = true
			d.rule.surface()
		}
		return 0, d.rule.Err
	}
	n, err := d.src.Read(p[:min(int64(len(p)), max(d.left, 0))])
	d.left -= int64(n)
	return n, err
}
