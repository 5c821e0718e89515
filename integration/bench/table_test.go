package main

import (
	"strings"
	"testing"

	"sluice/integration/bench/load"
)

func TestTableShowsMediansAndOnlyRealErrors(t *testing.T) {
	t.Parallel()
	tab := newTable([]candidate{{name: "a"}, {name: "b"}}, []load.Case{{Name: "put", Op: load.Put, Size: 4096}})
	for _, v := range []float64{12345.6, 1, 20000} {
		tab.add("a", "put", figures{"ops/s": v, "p50 ms": 0.125})
	}
	var out strings.Builder
	if err := tab.print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| put | ops/s | 12346 | - |", "| put | p50 ms | 0.125 | - |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	for _, refuse := range []string{"errors", "MiB/s"} {
		if strings.Contains(out.String(), refuse) {
			t.Errorf("%q in\n%s", refuse, &out)
		}
	}
}

func TestChooseRefusesUnknownCases(t *testing.T) {
	t.Parallel()
	if got, err := choose("head,put-4k"); err != nil || len(got) != 2 || got[0].Name != "put-4k" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := choose("put-4k,put-5k"); err == nil {
		t.Error("put-5k was not refused")
	}
}
