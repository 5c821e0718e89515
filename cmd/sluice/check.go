package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/config"
	"sluice/drivers"
	"sluice/drivers/all"
)

// probeLimit is for one store to answer.
const probeLimit = 10 * time.Second

func checkCommand(h host) *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "check",
		Short: "Check a config file: read it, open and probe its stores, and print what they can do",
		RunE:  func(cmd *cobra.Command, _ []string) error { return check(cmd.Context(), path, h) },
	}
	c.Flags().StringVar(&path, "config", "", "config `file`")
	_ = c.MarkFlagRequired("config") // fails for unknown flags only
	return c
}

func check(ctx context.Context, path string, h host) (err error) {
	f, err := config.Load(path)
	if err != nil {
		return err
	}
	log, err := newLogger(h.stderr, f.Log)
	if err != nil {
		return err
	}
	tree, err := f.Open(ctx, config.Options{Registry: all.Registry(), Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tree.Close()) }()
	var b strings.Builder
	probed := make(map[string]bool)
	failed := 0
	// Parents come last; those that no other node names begin a tree.
	for _, n := range slices.Backward(tree.Nodes) {
		if !probed[n.Name] {
			failed += printNode(ctx, &b, tree, n, 0, probed)
		}
	}
	if _, err := fmt.Fprint(h.stdout, b.String()); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d nodes cannot be used", failed, len(tree.Nodes))
	}
	_, err = fmt.Fprintf(h.stdout, "%s is right.\n", path)
	return err
}

// printNode writes a node and, below it, its children. A node that has been written before is only named. It returns how
// many could not be reached.
func printNode(ctx context.Context, b *strings.Builder, t *config.Tree, n config.Opened, depth int, probed map[string]bool) (failed int) {
	indent := strings.Repeat("  ", depth)
	fmt.Fprintf(b, "%s%s (%s)", indent, n.Name, n.Type)
	if probed[n.Name] {
		b.WriteString(", as above\n")
		return 0
	}
	probed[n.Name] = true
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	if err := drivers.Check(ctx, n.Driver); err != nil {
		fmt.Fprintf(b, ": CANNOT BE USED: %v\n", err)
		failed++
	} else {
		b.WriteString(": reachable\n")
	}
	if len(n.Children) == 0 { // other nodes do what those below them do
		for _, a := range drivers.Abilities(n.Driver) {
			fmt.Fprintf(b, "%s    %-13s %s\n", indent, a.Name, a.How)
		}
	}
	for _, l := range drivers.Limits(n.Driver) {
		fmt.Fprintf(b, "%s    limit         %s: %s\n", indent, l.Name, l.How)
	}
	for _, name := range n.Children {
		i := slices.IndexFunc(t.Nodes, func(c config.Opened) bool { return c.Name == name })
		failed += printNode(ctx, b, t, t.Nodes[i], depth+1, probed)
	}
	return failed
}
