package drivers

import "strings"

// DefaultLimit is the size of a page when ListOptions.Limit is 0, as in S3.
const DefaultLimit = 1000

// ListOptions are the options of List.
type ListOptions struct {
	Prefix    string // only keys that begin with it
	Delimiter string // keys that share what comes up to its first occurrence after Prefix roll up into a common prefix
	Cursor    Cursor
	Limit     int // at most so many objects and common prefixes together; 0 is DefaultLimit
}

// Cursor is where a listing goes on. It is a key, not a store's token, so that the listings of several stores merge.
type Cursor struct {
	After string // only entries after it. With a Delimiter, a common prefix here skips all that it holds
	Hint  string // the store's own token for the same place; anyone may drop it
}

// Page is one page of a listing. Objects and Prefixes each ascend; together they hold no more than Limit entries.
type Page struct {
	Objects  []Info
	Prefixes []string
	Next     Cursor // where the next page begins, if More
	More     bool
}

// CommonPrefix returns the common prefix that key rolls up into, or "".
func (o ListOptions) CommonPrefix(key string) string {
	if o.Delimiter == "" || !strings.HasPrefix(key, o.Prefix) {
		return ""
	}
	i := strings.Index(key[len(o.Prefix):], o.Delimiter)
	if i < 0 {
		return ""
	}
	return key[:len(o.Prefix)+i+len(o.Delimiter)]
}

// From returns the smallest string that the page may hold a key at: every key of the page is >= From.
func (o ListOptions) From() string {
	after := o.Cursor.After
	if after == "" || after < o.Prefix {
		return o.Prefix
	}
	if o.CommonPrefix(after) == after {
		if s := Successor(after); s != "" {
			return s
		}
	}
	return after + "\x00"
}

// PageBuilder makes a Page of keys that arrive in ascending order; drivers and policies share it so that delimiter,
// cursor and limit mean the same everywhere.
type PageBuilder struct {
	o    ListOptions
	from string
	page Page
	last string
}

// NewPageBuilder starts a page.
func NewPageBuilder(o ListOptions) *PageBuilder {
	if o.Limit <= 0 {
		o.Limit = DefaultLimit
	}
	return &PageBuilder{o: o, from: o.From()}
}

// Add takes the next object. It returns the smallest key that is still of interest (callers may seek there), and false
// when the page is full or no later key can be in it.
func (b *PageBuilder) Add(info Info) (seek string, more bool) {
	switch {
	case info.Key < b.from:
		return b.from, true
	case !strings.HasPrefix(info.Key, b.o.Prefix):
		return "", info.Key < b.o.Prefix
	}
	if cp := b.o.CommonPrefix(info.Key); cp != "" {
		return b.AddPrefix(cp)
	}
	if b.full() {
		return "", false
	}
	b.grow()
	b.page.Objects = append(b.page.Objects, info)
	b.last = info.Key
	return "", true
}

// shortPage is how many objects a page is made for at first; one that outgrows it is made for its limit at once, since an
// Info is large and copying pages again and again is most of what a listing would cost.
const shortPage = 32

func (b *PageBuilder) grow() {
	switch n := len(b.page.Objects); {
	case n == 0:
		b.page.Objects = make([]Info, 0, min(b.o.Limit, shortPage))
	case n == shortPage:
		b.page.Objects = append(make([]Info, 0, min(b.o.Limit, DefaultLimit)), b.page.Objects...)
	}
}

// AddPrefix takes a common prefix, as Add takes an object; the same one may come again.
func (b *PageBuilder) AddPrefix(cp string) (seek string, more bool) {
	seek = Successor(cp)
	if cp == b.last || seek <= b.from {
		return seek, true
	}
	if b.full() {
		return "", false
	}
	b.page.Prefixes = append(b.page.Prefixes, cp)
	b.last = cp
	return seek, true
}

// full tells whether there is no room; being asked means that there is more.
func (b *PageBuilder) full() bool {
	if !b.atLimit() {
		return false
	}
	b.page.More, b.page.Next = true, Cursor{After: b.last}
	return true
}

func (b *PageBuilder) atLimit() bool { return len(b.page.Objects)+len(b.page.Prefixes) >= b.o.Limit }

// Page returns what was built.
func (b *PageBuilder) Page() Page { return b.page }

// More ends a page early: the listing goes on after the given key.
func (b *PageBuilder) More(after string) Page {
	b.page.More, b.page.Next = true, Cursor{After: max(after, b.last)}
	return b.page
}
