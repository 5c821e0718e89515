package mem

import (
	"iter"
	"slices"
	"sort"
	"strings"
)

// maxRun is how many objects a run holds before it is split: an insertion moves at most that many, and a tenth of a
// percent of all.
const maxRun = 1024

// index keeps objects in the order of their keys, in runs that are never empty.
type index struct{ runs [][]*object }

func byKey(o *object, key string) int { return strings.Compare(o.info.Key, key) }

// find returns the place of key, or where it would go: in the last run that begins at or before it.
func (x *index) find(key string) (run, at int, ok bool) {
	run = sort.Search(len(x.runs), func(i int) bool { return x.runs[i][0].info.Key > key })
	if run = max(0, run-1); run == len(x.runs) {
		return run, 0, false
	}
	at, ok = slices.BinarySearchFunc(x.runs[run], key, byKey)
	return run, at, ok
}

func (x *index) empty() bool { return len(x.runs) == 0 }

// get returns the object of that key, or nil.
func (x *index) get(key string) *object {
	run, at, ok := x.find(key)
	if !ok {
		return nil
	}
	return x.runs[run][at]
}

// set adds an object, or replaces the one of its key.
func (x *index) set(o *object) {
	run, at, ok := x.find(o.info.Key)
	switch {
	case ok:
		x.runs[run][at] = o
	case x.empty():
		x.runs = [][]*object{{o}}
	default:
		r := slices.Insert(x.runs[run], at, o)
		x.runs[run] = r
		if half := len(r) / 2; len(r) > maxRun {
			x.runs[run] = slices.Clone(r[:half])
			x.runs = slices.Insert(x.runs, run+1, slices.Clone(r[half:]))
		}
	}
}

func (x *index) remove(key string) {
	run, at, ok := x.find(key)
	if !ok {
		return
	}
	if x.runs[run] = slices.Delete(x.runs[run], at, at+1); len(x.runs[run]) == 0 {
		x.runs = slices.Delete(x.runs, run, run+1)
	}
}

// from yields the objects whose keys are at least key. The index must not change meanwhile.
func (x *index) from(key string) iter.Seq[*object] {
	return func(yield func(*object) bool) {
		run, at, _ := x.find(key)
		for ; run < len(x.runs); run, at = run+1, 0 {
			for _, o := range x.runs[run][at:] {
				if !yield(o) {
					return
				}
			}
		}
	}
}
