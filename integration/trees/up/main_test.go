package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestStoreIsThereUntilTheInputEnds(t *testing.T) {
	t.Parallel()
	stdin, hold := io.Pipe()
	stdout, write := io.Pipe()
	ended := make(chan error)
	go func() { ended <- run(t.Context(), []string{"local"}, stdin, write) }()
	line := make([]byte, 1000)
	n, err := stdout.Read(line)
	if err != nil || !bytes.HasPrefix(line[:n], []byte("{type: local, ")) {
		t.Errorf("%q, %v", line[:n], err)
	}
	hold.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestUnknownTreesAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"none"}, {"local", "mem"}} {
		if err := run(t.Context(), args, strings.NewReader(""), io.Discard); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
}
