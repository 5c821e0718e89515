// Command up starts what a tree needs and keeps it until its standard input ends. The first line of its output is the node of a
// gateway's config that leads there:
//
//	go run ./trees/up azure
//
// So a store can be had by hand, or by a program that is not in Go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"sluice/integration/trees"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "up:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) (err error) {
	if len(args) != 1 {
		return errors.New("name one tree")
	}
	tree, err := trees.Named(args[0])
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "tree-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	store, err := tree.Start(ctx, dir, os.Stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Stop(context.WithoutCancel(ctx))) }()
	if _, err := fmt.Fprintln(stdout, store.Node()); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, stdin) // it has ended, one way or another
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	return nil
}
