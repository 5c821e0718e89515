package s3

import (
	"fmt"
	"strings"
)

// names maps the clients' names of buckets to the store's: by a table, or else by a prefix.
type names struct {
	prefix string
	to     map[string]string
	from   map[string]string
}

func newNames(prefix string, table map[string]string) (names, error) {
	n := names{prefix: prefix, to: table, from: make(map[string]string, len(table))}
	for name, stored := range table {
		if other, ok := n.from[stored]; ok {
			return n, fmt.Errorf("bucket_names: %s and %s are both %s", min(name, other), max(name, other), stored)
		}
		n.from[stored] = name
	}
	return n, nil
}

// stored returns the store's name of a bucket.
func (n names) stored(name string) string {
	if stored, ok := n.to[name]; ok {
		return stored
	}
	return n.prefix + name
}

// seen returns the clients' name of a bucket of the store, if it has one.
func (n names) seen(stored string) (string, bool) {
	if name, ok := n.from[stored]; ok {
		return name, true
	}
	name, ok := strings.CutPrefix(stored, n.prefix)
	if _, elsewhere := n.to[name]; elsewhere || name == "" {
		return "", false
	}
	return name, ok
}
