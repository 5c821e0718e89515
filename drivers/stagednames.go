package drivers

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// hiddenPrefix is where all that is hidden lies.
const hiddenPrefix = ".sluice/"

// keysPrefix is where objects lie whose keys the store does not take: under the key in lower-case hexadecimal, which any store
// takes, anyone can turn back, and which sorts as the key does.
const keysPrefix = hiddenPrefix + "keys/"

// hexEnd sorts after every digit of a name under keysPrefix.
const hexEnd = "g"

// names tells under which name a store keeps a key.
type names struct {
	namer Namer // nil where the store takes every key
}

// namesOf looks for a Namer inside of all layers.
func namesOf(b Bucket) names {
	n, _ := core(b).(Namer)
	return names{n}
}

// hidden is the prefix of names that are not clients' keys.
func (n names) hidden() string {
	if n.namer == nil {
		return StagingPrefix
	}
	return hiddenPrefix
}

// of returns the name of a key; false where it can have none, so that no such object exists.
func (n names) of(key string) (string, bool) {
	switch {
	case n.namer == nil:
		return key, !strings.HasPrefix(key, StagingPrefix)
	case n.namer.Takes(key) && !strings.HasPrefix(key, hiddenPrefix):
		return key, true
	}
	name := keysPrefix + hex.EncodeToString([]byte(key))
	return name, len(name) <= MaxKeyLength
}

// target returns the name for an object that is to be written.
func (n names) target(op, key string) (string, error) {
	if err := CheckKey(key); err != nil {
		return "", &Error{Op: op, Key: key, Err: err}
	}
	name, ok := n.of(key)
	if !ok {
		return "", &Error{Op: op, Key: key, Err: fmt.Errorf("the store cannot keep this key: %w", ErrInvalid)}
	}
	return name, nil
}

// key is the inverse of of, for names under keysPrefix.
func (n names) key(name string) (string, bool) {
	key, err := hex.DecodeString(strings.TrimPrefix(name, keysPrefix))
	return string(key), err == nil
}
