package drivertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/drivers"
)

func conditionChecks() []check {
	return []check{
		{"Conditions/of reads", conditionsOfReads},
		{"Conditions/of Put", func(e *env) { e.conditionsOfWrites(putWrite) }},
		{"Conditions/of Delete", func(e *env) { e.conditionsOfWrites(deleteWrite) }},
		{"Conditions/of Copy", func(e *env) { e.conditionsOfWrites(copyWrite) }},
		{"Conditions/of CompleteUpload", func(e *env) { e.conditionsOfWrites(completeWrite) }},
		{"Conditions/of a copy's source", conditionsOfSources},
		{"Conditions/come before ranges", conditionsBeforeRanges},
	}
}

// condition is one row of the matrix: what a read and a write of an object that exists say to it, and a write of one
// that does not. A read of one that does not is ErrNotFound at all times.
type condition struct {
	name                 string
	c                    drivers.Conditions
	read, write, missing error
}

// conditionsFor makes the matrix for an object, one of whose earlier writes had the token stale.
func conditionsFor(info drivers.Info, stale string) []condition {
	const other = "d41d8cd98f00b204e9800998ecf8427e"
	at := info.LastModified.Truncate(time.Second)
	before, unmet, changed, none := at.Add(-time.Hour), drivers.ErrPrecondition, drivers.ErrNotModified, drivers.ErrNotFound
	return []condition{
		{"nothing", drivers.Conditions{}, nil, nil, nil},
		{"IfMatch its ETag", drivers.Conditions{IfMatch: []string{info.ETag}}, nil, nil, none},
		{"IfMatch another", drivers.Conditions{IfMatch: []string{other}}, unmet, unmet, none},
		{"IfMatch several", drivers.Conditions{IfMatch: []string{other, info.ETag}}, nil, nil, none},
		{"IfMatch *", drivers.Conditions{IfMatch: []string{"*"}}, nil, nil, none},
		{"IfNoneMatch its ETag", drivers.Conditions{IfNoneMatch: []string{info.ETag}}, changed, unmet, nil},
		{"IfNoneMatch another", drivers.Conditions{IfNoneMatch: []string{other}}, nil, nil, nil},
		{"IfNoneMatch several", drivers.Conditions{IfNoneMatch: []string{other, info.ETag}}, changed, unmet, nil},
		{"IfNoneMatch *", drivers.Conditions{IfNoneMatch: []string{"*"}}, changed, unmet, nil},
		{"IfModifiedSince then", drivers.Conditions{IfModifiedSince: at}, changed, nil, nil},
		{"IfModifiedSince before", drivers.Conditions{IfModifiedSince: before}, nil, nil, nil},
		{"IfUnmodifiedSince then", drivers.Conditions{IfUnmodifiedSince: at}, nil, nil, none},
		{"IfUnmodifiedSince before", drivers.Conditions{IfUnmodifiedSince: before}, unmet, unmet, none},
		{"IfToken its token", drivers.Conditions{IfToken: info.Token}, nil, nil, none},
		{"IfToken a stale one", drivers.Conditions{IfToken: stale}, unmet, unmet, none},
		{"IfMatch counts, IfUnmodifiedSince does not", drivers.Conditions{IfMatch: []string{info.ETag}, IfUnmodifiedSince: before}, nil, nil, none},
		{"IfNoneMatch counts, IfModifiedSince does not", drivers.Conditions{IfNoneMatch: []string{other}, IfModifiedSince: at}, nil, nil, nil},
		{"IfMatch and IfNoneMatch", drivers.Conditions{IfMatch: []string{info.ETag}, IfNoneMatch: []string{info.ETag}}, changed, unmet, none},
		{"IfMatch fails before IfNoneMatch", drivers.Conditions{IfMatch: []string{other}, IfNoneMatch: []string{info.ETag}}, unmet, unmet, none},
		{"IfMatch and IfToken", drivers.Conditions{IfMatch: []string{info.ETag}, IfToken: stale}, unmet, unmet, none},
	}
}

// twice puts "content" over another body and returns the second Info and the first token.
func (e *env) twice(key string) (drivers.Info, string) {
	e.Helper()
	stale := e.put(key, "before content", drivers.PutOptions{}).Token
	e.put(key, "content", drivers.PutOptions{})
	return e.head(key), stale
}

func conditionsOfReads(e *env) {
	info, stale := e.twice("key")
	for _, row := range conditionsFor(info, stale) {
		e.readsUnder(row, info)
		o := drivers.GetOptions{Conditions: row.c}
		_, err := e.b.Head(e.Context(), "missing", o)
		e.is(err, drivers.ErrNotFound)
		_, err = e.b.Get(e.Context(), "missing", o)
		e.is(err, drivers.ErrNotFound)
	}
}

// readsUnder checks one row on the object that info describes.
func (e *env) readsUnder(row condition, info drivers.Info) {
	e.Helper()
	o := drivers.GetOptions{Conditions: row.c}
	head, err := e.b.Head(e.Context(), info.Key, o)
	if !errors.Is(err, row.read) {
		e.Errorf("%s: Head says %v, want %v", row.name, err, row.read)
	}
	obj, err := e.b.Get(e.Context(), info.Key, o)
	if !errors.Is(err, row.read) {
		e.Errorf("%s: Get says %v, want %v", row.name, err, row.read)
	}
	if obj == nil {
		e.Errorf("%s: Get gives no Object", row.name)
		return
	}
	if obj.Body != nil {
		e.ok(obj.Body.Close())
	}
	if (obj.Body == nil) != (row.read != nil) {
		e.Errorf("%s: Get gives the body %v beside %v", row.name, obj.Body, err)
	}
	for _, got := range []drivers.Info{head, obj.Info} { // filled, also beside an error
		if errors.Is(row.read, drivers.ErrNotModified) && got.Size == 0 {
			got.Size = info.Size // which a 304 does not tell
		}
		if got.ETag != info.ETag || got.Token != info.Token || got.Size != info.Size || !got.LastModified.Equal(info.LastModified) {
			e.Errorf("%s: described as %+v, want %+v", row.name, got, info)
		}
	}
}

// write is a way to change an object under conditions; body is what it holds afterwards.
type write struct {
	do   func(e *env, key string, c drivers.Conditions) error
	gone bool // the object is gone afterwards
}

const written = "what was written"

var errUnwritten = errors.New("the write was not set up")

func putWrite(e *env) write {
	return write{do: func(e *env, key string, c drivers.Conditions) error {
		_, err := e.b.Put(e.Context(), key, strings.NewReader(written), drivers.PutOptions{Size: int64(len(written)), Conditions: c})
		return err
	}}
}

func deleteWrite(*env) write {
	return write{gone: true, do: func(e *env, key string, c drivers.Conditions) error {
		_, err := e.b.Delete(e.Context(), key, drivers.DeleteOptions{Conditions: c})
		return err
	}}
}

func copyWrite(e *env) write {
	e.put("source", written, drivers.PutOptions{})
	return write{do: func(e *env, key string, c drivers.Conditions) error {
		_, err := drivers.Copy(e.Context(), e.b, key, e.b, "source", drivers.CopyOptions{Conditions: c})
		return err
	}}
}

func completeWrite(e *env) write {
	return write{do: func(e *env, key string, c drivers.Conditions) error {
		if e.limits.withoutMultipart {
			return errUnwritten
		}
		u := e.begin(key, drivers.CreateUploadOptions{})
		defer func() { _ = e.m.AbortUpload(e.Context(), key, u.ID) }() // where it could not be completed
		part := e.putPart(u, 1, written)
		_, err := e.m.CompleteUpload(e.Context(), key, u.ID, list(part), drivers.CompleteOptions{Conditions: c})
		return err
	}}
}

// beyondS3 tells whether S3 has no way to say a condition of a write. Where one certain object must be there, IfNoneMatch adds
// nothing that S3 would have to say.
func (c condition) beyondS3(w write) bool {
	certain := c.c.IfToken != "" || len(c.c.IfMatch) == 1
	first := slices.Contains(c.c.IfNoneMatch, "*") && !w.gone
	return !certain && (len(c.c.IfMatch) > 1 || len(c.c.IfNoneMatch) > 0 && !first || !c.c.IfUnmodifiedSince.IsZero())
}

// conditionsOfWrites checks the matrix on an object that exists, which must stay as it was where a condition is unmet,
// and on one that does not.
func (e *env) conditionsOfWrites(prepare func(*env) write) {
	w := prepare(e)
	for i := range conditionsFor(drivers.Info{}, "") {
		key := fmt.Sprint("key", i)
		info, stale := e.twice(key)
		row := conditionsFor(info, stale)[i]
		if e.limits.speaksS3 && row.beyondS3(w) {
			row.write, row.missing = drivers.ErrUnsupported, drivers.ErrUnsupported
		}
		err := w.do(e, key, row.c)
		if errors.Is(err, errUnwritten) {
			return
		}
		if !errors.Is(err, row.write) {
			e.Errorf("%s: error %v, want %v", row.name, err, row.write)
		}
		switch {
		case err != nil:
			e.holds(key, "content", info)
		case w.gone:
			e.absent(key)
		default:
			body, _ := e.get(key)
			same(e, row.name, body, written)
		}
		missing := fmt.Sprint("missing", i)
		err = w.do(e, missing, row.c)
		if !errors.Is(err, row.missing) {
			e.Errorf("%s, of a missing object: error %v, want %v", row.name, err, row.missing)
		}
		if err != nil || w.gone {
			e.absent(missing)
		} else {
			body, _ := e.get(missing)
			same(e, row.name, body, written)
		}
	}
}

func conditionsOfSources(e *env) {
	info, stale := e.twice("source")
	for i, row := range conditionsFor(info, stale) {
		want := row.read
		if errors.Is(want, drivers.ErrNotModified) {
			want = drivers.ErrPrecondition // as S3 answers
		}
		key := fmt.Sprint("key", i)
		_, err := drivers.Copy(e.Context(), e.b, key, e.b, "source", drivers.CopyOptions{Source: drivers.GetOptions{Conditions: row.c}})
		if !errors.Is(err, want) {
			e.Errorf("%s: error %v, want %v", row.name, err, want)
		}
		if err != nil {
			e.absent(key)
		}
		_, err = drivers.Copy(e.Context(), e.b, key, e.b, "missing", drivers.CopyOptions{Source: drivers.GetOptions{Conditions: row.c}})
		e.is(err, drivers.ErrNotFound)
	}
}

func conditionsBeforeRanges(e *env) {
	info, stale := e.twice("key")
	for _, row := range conditionsFor(info, stale) {
		want := row.read
		if want == nil {
			want = drivers.ErrInvalidRange
		}
		o := drivers.GetOptions{Conditions: row.c, Range: drivers.Range{Start: 100}}
		_, err := e.b.Head(e.Context(), "key", o)
		e.is(err, want)
		_, err = e.b.Get(e.Context(), "key", o)
		e.is(err, want)
		o.Range = drivers.Range{Start: 2, Length: 3}
		if row.read == nil {
			body, _ := e.getOf(e.b, "key", o)
			same(e, row.name, body, "nte")
		}
	}
}
