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

// longFolder lists a folder with segments that are longer than a file name, from low on. What its continuation folders
// hold belongs among its own entries, so they are sorted together, anew for each page: such folders are few. last is up to
// where that went, as in dirList.
func (w *walk) longFolder(at *openFolder, l *dirList, key, low string) (more bool, last string, err error) {
	m := merge{w: w, at: at.dir, all: make([]longEntry, 0, l.len()), last: l.last}
	for i := range l.len() {
		if l.kinds[i] != longerEntry {
			m.all = append(m.all, longEntry{rawEntry{l.name(i), l.kinds[i]}, ""})
		}
	}
	for _, i := range l.more {
		piece := l.name(int(i))
		if err := m.add(piece, continuation+w.d.codec.escape(piece), low); err != nil {
			return false, "", err
		}
	}
	sort.Slice(m.all, func(i, j int) bool { return m.all[i].name < m.all[j].name })
	for _, e := range m.all {
		if at.gone || m.last != "" && e.name > m.last {
			break
		}
		if e.name < low && !(e.kind == folderEntry && strings.HasPrefix(low, e.name)) {
			continue // was in the window before
		}
		if more, err := w.entry(at, key, e.name, e.file, e.kind); err != nil || !more {
			return false, "", err
		}
	}
	return true, m.last, nil
}

// merge collects the entries of a folder and of its continuation folders.
type merge struct {
	w    *walk
	at   dir
	all  []longEntry
	last string // what comes after it may be missing; "" is the end
}

// add adds what a continuation folder holds: piece is what the segments begin with, path where the folder is.
func (m *merge) add(piece, path, low string) error {
	if piece < low && !strings.HasPrefix(low, piece) {
		return nil
	}
	sub, err := m.at.openDir(path)
	if absent(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer sub.close()
	rel, inside := strings.CutPrefix(low, piece)
	if !inside {
		rel = ""
	}
	codec := m.w.d.codec
	l, err := m.w.d.listFolder(m.w.ctx, sub, rel)
	if err != nil {
		return err
	}
	if l.last != "" && (m.last == "" || piece+l.last < m.last) {
		m.last = piece + l.last
	}
	for i := range l.len() {
		name := l.name(i)
		if l.kinds[i] == longerEntry {
			if err := m.add(piece+name, path+"/"+continuation+codec.escape(name), low); err != nil {
				return err
			}
			continue
		}
		segment := strings.TrimSuffix(name, "/")
		file := path + "/" + codec.path(segment)
		if codec.canonical(piece+segment, file) {
			m.all = append(m.all, longEntry{rawEntry{piece + name, l.kinds[i]}, file})
		}
	}
	return nil
}
