// Command compat starts each store that it can, with a gateway in front, tries there what clients do (package probe), and
// writes what came of it as a table into a Markdown page, between the two comments that mark the place:
//
//	go run ./compat -page ../docs/s3-compatibility.md
//
// SLUICE_TREES chooses the stores, as it does for the tests. Without -page the table goes to standard output.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"

	"sluice/integration/compat/probe"
	"sluice/integration/server"
	"sluice/integration/trees"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "compat:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("compat", flag.ContinueOnError)
	page := flags.String("page", "", "the `file` to write the table into")
	if err := flags.Parse(args); err != nil {
		return err
	}
	selected, err := trees.Selected()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "compat-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	command, err := server.Configured(ctx, dir)
	if err != nil {
		return err
	}
	log := log.New(stderr, "", 0)
	var columns []probe.Column
	for _, tree := range selected {
		outcomes, err := probeTree(ctx, tree, command, filepath.Join(dir, tree.Name), stderr)
		if err != nil {
			return fmt.Errorf("%s: %w", tree.Name, err)
		}
		columns = append(columns, probe.Column{Name: tree.Name, Outcomes: outcomes})
		for _, o := range outcomes {
			if o.Err != nil {
				log.Printf("%s: %s %s: %v", tree.Name, o.Operation, o.What, o.Err)
			}
		}
	}
	if *page == "" {
		_, err := io.WriteString(stdout, probe.Table(columns))
		return err
	}
	return rewrite(*page, columns)
}

// rewrite puts the table into the page.
func rewrite(page string, columns []probe.Column) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	written, err := probe.Replace(string(text), columns)
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	return os.WriteFile(page, []byte(written), 0o600)
}

// probeTree probes one store through a gateway; both end with it.
func probeTree(ctx context.Context, tree trees.Tree, command []string, dir string, output io.Writer) (_ []probe.Outcome, err error) {
	work := filepath.Join(dir, "gateway")
	if err := os.MkdirAll(work, 0o700); err != nil {
		return nil, err
	}
	store, err := tree.Start(ctx, dir, io.Discard)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Stop(context.WithoutCancel(ctx))) }()
	at := probe.Server{AccessKey: rand.Text(), SecretKey: rand.Text()}
	c, err := store.Gateway(command, work, at.AccessKey, at.SecretKey)
	if err != nil {
		return nil, err
	}
	c.Log = output
	gateway, err := server.Start(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, gateway.Stop()) }()
	at.Endpoint = gateway.Endpoint()
	return probe.Run(ctx, at)
}
