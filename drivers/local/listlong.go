//go:build unix

package local

import (
	"sort"
	"strings"
)

// longEntry is an entry of a folder or of its continuation folders.
type longEntry struct {
	rawEntry
	file string // the path in the folder; "" where that follows from the name
}

// longFolder lists a folder with segments that are longer than a file name. What its continuation folders hold belongs
// among its own entries, so they are sorted together, anew for each page: such folders are few.
func (w *walk) longFolder(at dir, l *dirList, key string) (more bool, err error) {
	all := make([]longEntry, 0, l.len())
	for i := range l.len() {
		if l.kinds[i] != longerEntry {
			all = append(all, longEntry{rawEntry{l.name(i), l.kinds[i]}, ""})
		}
	}
	for _, i := range l.more {
		if all, err = w.continued(all, at, l.name(int(i)), continuation+w.d.codec.escape(l.name(int(i)))); err != nil {
			return false, err
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].name < all[j].name })
	for _, e := range all {
		if more, err := w.entry(at, key, e.name, e.file, e.kind); err != nil || !more {
			return false, err
		}
	}
	return true, nil
}

// continued adds what a continuation folder holds: piece is what the segments begin with, path where the folder is.
func (w *walk) continued(all []longEntry, at dir, piece, path string) ([]longEntry, error) {
	sub, err := at.openDir(path)
	if absent(err) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	defer sub.close()
	l, err := w.d.lists.get(sub, w.d.codec)
	if err != nil {
		return nil, err
	}
	for i := range l.len() {
		name := l.name(i)
		if l.kinds[i] == longerEntry {
			all, err = w.continued(all, at, piece+name, path+"/"+continuation+w.d.codec.escape(name))
			if err != nil {
				return nil, err
			}
			continue
		}
		segment := strings.TrimSuffix(name, "/")
		file := path + "/" + w.d.codec.path(segment)
		if w.d.codec.canonical(piece+segment, file) {
			all = append(all, longEntry{rawEntry{piece + name, l.kinds[i]}, file})
		}
	}
	return all, nil
}
