package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"sluice/integration/bench/load"
)

// figures are what one run of a case measured, by name.
type figures map[string]float64

// figureNames is the order of a case's rows.
var figureNames = []string{"ops/s", "MiB/s", "p50 ms", "p99 ms", "server CPU us/op", "peak RSS MiB", "errors"}

// table collects the figures of all rounds.
type table struct {
	servers []candidate
	cases   []load.Case
	runs    map[[2]string][]figures // by server and case
}

func newTable(servers []candidate, cases []load.Case) *table {
	return &table{servers: servers, cases: cases, runs: map[[2]string][]figures{}}
}

func (t *table) add(server, name string, f figures) {
	k := [2]string{server, name}
	t.runs[k] = append(t.runs[k], f)
}

// print writes the medians as a Markdown table, a column for each server.
func (t *table) print(w io.Writer) error {
	head := []string{"case", "figure"}
	for _, s := range t.servers {
		head = append(head, s.name)
	}
	rows := [][]string{head, slices.Repeat([]string{"---"}, len(head))}
	for _, c := range t.cases {
		for _, name := range figureNames {
			if name == "MiB/s" && (c.Size < mib || c.Op == load.List) {
				continue // the size of an object says nothing of such a case
			}
			if row, worth := t.row(c.Name, name); worth {
				rows = append(rows, row)
			}
		}
	}
	for _, r := range rows {
		if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(r, " | ")); err != nil {
			return err
		}
	}
	return nil
}

// row is the medians of one figure, and whether it is worth a row: errors are
// only where there were some.
func (t *table) row(name, figure string) (cells []string, worth bool) {
	cells = []string{name, figure}
	for _, s := range t.servers {
		var values []float64
		for _, f := range t.runs[[2]string{s.name, name}] {
			values = append(values, f[figure])
		}
		if len(values) == 0 {
			cells = append(cells, "-")
			continue
		}
		m := median(values)
		worth = worth || figure != "errors" || slices.Max(values) > 0
		cells = append(cells, significant(m))
	}
	return cells, worth
}

// median sorts values. Of an even number it is the mean of the middle two.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// significant writes v with four significant digits, never with an exponent.
func significant(v float64) string {
	if v >= 1000 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.4g", v)
}
