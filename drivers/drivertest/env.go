package drivertest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"sluice/drivers"
)

// env is what one check works with: its own bucket, and assertions. Methods that end the check on a failure
// (get, put, must...) are for the check's own goroutine.
type env struct {
	*testing.T
	d      drivers.Driver
	bucket string
	b      drivers.Bucket
	m      drivers.Multipart
	limits *limits
}

// ok reports an error, if there is one.
func (e *env) ok(err error) bool {
	e.Helper()
	if err != nil {
		e.Errorf("error: %v", err)
	}
	return err == nil
}

// must ends the check on an error.
func (e *env) must(err error) {
	e.Helper()
	if err != nil {
		e.Fatalf("error: %v", err)
	}
}

// is checks that err is one of the targets; nil among them stands for no error.
func (e *env) is(err error, targets ...error) bool {
	e.Helper()
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	e.Errorf("error is %q, want %q", err, targets)
	return false
}

// put stores an object and returns its Info.
func (e *env) put(key, body string, o drivers.PutOptions) drivers.Info {
	e.Helper()
	o.Size = int64(len(body))
	info, err := e.b.Put(e.Context(), key, strings.NewReader(body), o)
	if err != nil {
		e.Fatalf("Put(%q): %v", key, err)
	}
	return info
}

// get reads an object whole and checks that Info and body agree.
func (e *env) get(key string) (string, drivers.Info) {
	e.Helper()
	body, obj := e.getOf(e.b, key, drivers.GetOptions{})
	return body, obj.Info
}

// getOf reads what o asks for.
func (e *env) getOf(b drivers.Bucket, key string, o drivers.GetOptions) (string, *drivers.Object) {
	e.Helper()
	obj, err := b.Get(e.Context(), key, o)
	if err != nil {
		e.Fatalf("Get(%q): %v", key, err)
	}
	body, err := io.ReadAll(obj.Body)
	if err = errors.Join(err, obj.Body.Close()); err != nil {
		e.Fatalf("reading %q: %v", key, err)
	}
	if int64(len(body)) != obj.Length || obj.Key != key {
		e.Errorf("Get(%q): body has %d bytes, Length is %d, Key %q", key, len(body), obj.Length, obj.Key)
	}
	return string(body), obj
}

// head describes an object.
func (e *env) head(key string) drivers.Info {
	e.Helper()
	info, err := e.b.Head(e.Context(), key, drivers.GetOptions{Parts: true})
	if err != nil {
		e.Fatalf("Head(%q): %v", key, err)
	}
	return info
}

// absent checks that a key is not there, in any way of asking.
func (e *env) absent(key string) {
	e.Helper()
	_, err := e.b.Head(e.Context(), key, drivers.GetOptions{})
	e.is(err, drivers.ErrNotFound)
	obj, err := e.b.Get(e.Context(), key, drivers.GetOptions{})
	if !e.is(err, drivers.ErrNotFound) && err == nil {
		obj.Body.Close()
	}
	if slices.Contains(e.list(drivers.ListOptions{}), key) {
		e.Errorf("%q is listed", key)
	}
}

// holds checks that an object has this body and is the write that info describes.
func (e *env) holds(key, body string, info drivers.Info) {
	e.Helper()
	got, now := e.get(key)
	if got != body {
		e.Errorf("%q holds %.40q (%d bytes), want %.40q (%d bytes)", key, got, len(got), body, len(body))
	}
	if now.ETag != info.ETag || now.Token != info.Token || now.Size != int64(len(body)) {
		e.Errorf("%q is %+v, want %+v", key, now, info)
	}
}

// list returns all that a listing gives, page by page: keys and common prefixes together, in their order.
func (e *env) list(o drivers.ListOptions) []string {
	e.Helper()
	var all []string
	for _, page := range e.pages(o) {
		all = append(all, entries(page)...)
	}
	return all
}

// pages fetches all pages of a listing and checks what holds for every page.
func (e *env) pages(o drivers.ListOptions) []drivers.Page {
	e.Helper()
	var pages []drivers.Page
	last, idle := "", 0 // the first may come before the cursor: a common prefix that has more after it
	for {
		page, err := e.b.List(e.Context(), o)
		if err != nil {
			e.Fatalf("List(%+v): %v", o, err)
		}
		pages = append(pages, page)
		names := entries(page)
		if o.Limit > 0 && len(names) > o.Limit {
			e.Errorf("List(%+v) gives %d entries", o, len(names))
		}
		for _, name := range names {
			if name <= last && last != "" {
				e.Fatalf("List(%+v) gives %q after %q", o, name, last)
			}
			last = name
		}
		if !page.More {
			return pages
		}
		if idle++; len(names) > 0 {
			idle = 0
		}
		if page.Next.After == "" && page.Next.Hint == "" || idle > 1000 {
			e.Fatalf("List(%+v) does not get on: %+v", o, page.Next)
		}
		o.Cursor = page.Next
	}
}

// entries merges a page's keys and common prefixes.
func entries(page drivers.Page) []string {
	names := make([]string, 0, len(page.Objects)+len(page.Prefixes))
	for _, info := range page.Objects {
		names = append(names, info.Key)
	}
	if !slices.IsSorted(names) || !slices.IsSorted(page.Prefixes) {
		return append(names, page.Prefixes...) // the disorder is for the caller to see
	}
	names = append(names, page.Prefixes...)
	slices.Sort(names)
	return names
}

// noUploads checks that no unfinished upload is left.
func (e *env) noUploads() {
	e.Helper()
	if e.limits.withoutMultipart {
		return
	}
	page, err := e.m.ListUploads(e.Context(), drivers.ListUploadsOptions{})
	if e.ok(err); len(page.Uploads) > 0 || page.More {
		e.Errorf("uploads are left: %+v", page)
	}
}

// same compares two values that print alike when they are equal.
func same[T comparable](e *env, what string, got, want T) {
	e.Helper()
	if got != want {
		e.Errorf("%s is %+v, want %+v", what, got, want)
	}
}

// sameList compares lists and shows the first difference.
func sameList[T comparable](e *env, what string, got, want []T) {
	e.Helper()
	if slices.Equal(got, want) {
		return
	}
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	e.Errorf("%s: %d entries, want %d; they differ from %d on: %.300q, want %.300q",
		what, len(got), len(want), i, fmt.Sprint(got[i:]), fmt.Sprint(want[i:]))
}

// hostile is a body that gives data, then err; before err it calls then, if set. It never says io.EOF by itself.
type hostile struct {
	data io.Reader
	then func()
	err  error
}

func failing(data []byte, err error) *hostile { return &hostile{data: bytes.NewReader(data), err: err} }

func (h *hostile) Read(p []byte) (int, error) {
	n, err := h.data.Read(p)
	if err != io.EOF {
		return n, err
	}
	if h.then != nil {
		h.then()
		h.then = nil
	}
	return n, h.err
}
