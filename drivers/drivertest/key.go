package drivertest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"sluice/drivers"
)

func keyChecks() []check {
	var all []check
	for _, group := range keyGroups() {
		all = append(all, check{"Key/" + group.name, func(e *env) { e.keepsKeys(group.keys) }})
	}
	return append(all, check{"Key/staged parts have no place among clients' keys", stagingIsHidden})
}

// stagingIsHidden checks that no client reaches under drivers.StagingPrefix, where uploads are staged.
func stagingIsHidden(e *env) {
	keys := []string{drivers.StagingPrefix + "x", drivers.StagingPrefix + "staged-abc/upload", drivers.StagingPrefix + "staged-abc/part-00001"}
	if !e.limits.staged {
		e.keepsKeys(keys)
		e.reachesNoPart()
		return
	}
	for _, key := range keys {
		_, err := e.b.Put(e.Context(), key, strings.NewReader("x"), drivers.PutOptions{Size: 1})
		e.is(err, drivers.ErrInvalid)
		e.absent(key)
		_, err = e.b.Delete(e.Context(), key, drivers.DeleteOptions{})
		e.ok(err)
		_, err = drivers.Copy(e.Context(), e.b, key, e.b, "x", drivers.CopyOptions{})
		e.is(err, drivers.ErrInvalid, drivers.ErrNotFound)
		_, err = drivers.Tags(e.Context(), e.b, key, "")
		e.is(err, drivers.ErrNotFound, drivers.ErrUnsupported)
	}
	e.reachesNoPart()
}

// reachesNoPart checks that nothing but the calls of uploads reaches a part that is really there.
func (e *env) reachesNoPart() {
	if e.limits.withoutMultipart {
		return
	}
	u := e.begin("key", drivers.CreateUploadOptions{})
	part := e.putPart(u, 1, "part")
	hidden := drivers.StagingPrefix + u.ID + "/part-00001"
	e.absent(hidden)
	_, err := drivers.Copy(e.Context(), e.b, "copy", e.b, hidden, drivers.CopyOptions{})
	e.is(err, drivers.ErrNotFound)
	for _, out := range drivers.DeleteAll(e.Context(), e.b, []drivers.DeleteItem{{Key: hidden}}) {
		e.ok(out.Err)
	}
	_, err = e.b.Delete(e.Context(), hidden, drivers.DeleteOptions{})
	e.ok(err)
	e.complete(u, "part", part)
}

// keepsKeys stores objects of all the keys beside each other and checks each by itself; then it deletes them in another
// order and checks that it is always the right one that goes.
func (e *env) keepsKeys(keys []string) {
	e.Helper()
	var stored []string
	for _, key := range keys {
		if !e.limits.keeps(key, stored) {
			e.refuses(key)
			continue
		}
		e.put(key, "body of "+key, drivers.PutOptions{Header: drivers.Header{Metadata: map[string]string{"n": fmt.Sprint(len(key))}}})
		stored = append(stored, key)
	}
	for _, key := range stored {
		body, info := e.get(key)
		same(e, "body", body, "body of "+key)
		same(e, "metadata", info.Header.Metadata["n"], fmt.Sprint(len(key)))
	}
	slices.Sort(stored)
	sameList(e, "keys", e.list(drivers.ListOptions{}), stored)
	sameList(e, "keys, three a page", e.list(drivers.ListOptions{Limit: 3}), stored)
	some := 1 + len(stored)/25 // as listings after each one would take long
	for i, key := range stored {
		if i%some > 0 {
			continue
		}
		sameList(e, "keys after "+key, e.list(drivers.ListOptions{Cursor: drivers.Cursor{After: key}}), stored[i+1:])
	}
	sameList(e, "one level", e.list(drivers.ListOptions{Delimiter: "/"}), model(stored, drivers.ListOptions{Delimiter: "/"}))
	left := slices.Clone(stored)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(stored), func(i, j int) { stored[i], stored[j] = stored[j], stored[i] })
	for i, key := range stored {
		_, err := e.b.Delete(e.Context(), key, drivers.DeleteOptions{})
		e.ok(err)
		left = slices.DeleteFunc(left, func(k string) bool { return k == key })
		if i%some > 0 {
			continue
		}
		sameList(e, "keys left", e.list(drivers.ListOptions{}), left)
	}
}

// keeps tells whether the store can keep an object of the key beside those that are stored.
func (l *limits) keeps(key string, stored []string) bool {
	return !l.refusedKey(key) && !slices.ContainsFunc(stored, func(other string) bool {
		return (strings.HasPrefix(key, other+"/") || strings.HasPrefix(other, key+"/")) && l.file(key) && l.file(other)
	})
}

// refuses checks that a key cannot be stored.
func (e *env) refuses(key string) {
	e.Helper()
	_, err := e.b.Put(e.Context(), key, strings.NewReader("x"), drivers.PutOptions{Size: 1})
	e.is(err, drivers.ErrInvalid, drivers.ErrKeyTooLong)
}

// keyGroup is a list of keys that have something in common.
type keyGroup struct {
	name string
	keys []string
}

func keyGroups() []keyGroup {
	return []keyGroup{
		{"an object beside what looks like its folder", []string{"a", "a/", "a/b", "a/b/", "a/b/c", "a!", "a-", "a.", "a0", "ab", "a//", "a//b"}},
		{"slashes anywhere", []string{"/", "//", "///", "/a", "//a", "a/", "a//", "a///", "a//b", "a///b", "/a/", "b"}},
		{"dots", []string{".", "..", "...", "../x", "../../etc/passwd", "./a", "a/.", "a/..", "a/../b", "a/./b", "a", "b", ".a", "a/..b", "..a/b", "/..", "/../a"}},
		{"control characters", []string{"\x00", "a\x00", "a\x00b", "\x01", "a\nb", "a\rb", "a\r\nb", "a\tb", "\x7f", "a\x1fb", "\u0080", "\u2028", "\ufeff", "\ufffe", "\uffff"}},
		{"unicode", []string{"🚀", "世界/ü", "\u00e9", "e\u0301", "\u212b", "\u00c5", "A\u030a", "ß", "ss", "ẞ", "İ", "i", "ı", "\U0010ffff", "\ue000", "\u202etxt.exe", "a\u200bb"}},
		{"case", []string{"a", "A", "aa", "aA", "Aa", "AA", "dir/x", "Dir/x", "DIR/X", "É", "é"}},
		{"names that some systems reserve", []string{"CON", "con", "nul.txt", "NUL", "aux/x", "COM1", "lpt9.a", "a:b", "a:$DATA", "C:/x", `C:\x`, `\\host\share`, "~", "~user", "desktop.ini", ".DS_Store", "Thumbs.db"}},
		{"spaces and dots at the ends", []string{" ", "  ", " a", "a ", "a", "a.", "a..", ".a", "a /b", "a./b", "a/ b", "a/b ", "a/b."}},
		{"what URLs and shells take apart", []string{"%", "%2F", "%2f", "a%2Fb", "a/b", "%00", "%25", "%zz", "+", "a+b", "a b", "a%20b", "?", "a?b=c", "#", "a#b", "&", "=", ";", ",", "@", "$", "!", "*", "'", `"`, `\`, `a\b`, "|", "^", "`", "{}", "[]", "()"}},
		{"what XML takes apart", []string{"<", ">", "<a>", "&amp;", "&lt;", "]]>", "<!--", "<![CDATA[x]]>", "&#0;", `"><script>`, "a'b"}},
		{"names that look internal", []string{".sluice", ".sluice/", ".sluice/tmp/x", ".sluice/x", ".sluice%self", ".sluice%=", ".sluice%", "x.sluice", ".sluice.tmp", ".sluice/uploads", ".sluice/uploadsx", ".minio.sys/x", ".s3proxy/stubs/x", ".git/config", "lost+found", ".tmp", "a.json", "a.meta", "a.part", "a.attrs"}},
		{"long ones", longKeys()},
	}
}

// longKeys are keys and segments at and beyond 255 bytes, where most file systems end, that share their beginnings.
func longKeys() []string {
	keys := []string{"x", "y", "x/y", strings.Repeat("d/", 512), strings.Repeat("deep/", 200) + "end"}
	for _, n := range []int{200, 254, 255, 256, 257, 300, 510, 511, 1000, drivers.MaxKeyLength} {
		base := strings.Repeat("x", n)
		keys = append(keys, base, base[:n-1]+"w", base[:n-1]+"y", base[:n-2]+"/x")
		if n < 1000 {
			keys = append(keys, "s/"+base+"/t", "s/"+base, base+"!", "s/"+base+"/u/v")
		}
	}
	for _, r := range []string{"é", "世", "🚀"} { // a limit must not cut a character
		keys = append(keys, strings.Repeat(r, 256/len(r)+1), strings.Repeat(r, drivers.MaxKeyLength/len(r)))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
