// Command bench puts the same load on several S3 servers in turn, on this
// machine, and prints their medians side by side. Run it in the module's
// folder:
//
//	go run ./bench -servers limit,sluice -cases put-4k,get-4k -rounds 3
//
// README.md says what the figures mean.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"sluice/integration/bench/load"
	"sluice/integration/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	cases  []load.Case
	rounds int
	lasts  time.Duration
	disk   string
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	servers := flags.String("servers", "limit,sluice", "servers to measure: limit, limit-fsync, sluice, versitygw, minio, rclone, tree:name, or name=command")
	names := flags.String("cases", "", "cases to run; all by default")
	peers := flags.String("peers", ".", "folder of other servers' programs")
	flags.IntVar(&o.rounds, "rounds", 3, "how often to measure everything")
	flags.DurationVar(&o.lasts, "duration", 5*time.Second, "how long a case lasts")
	flags.StringVar(&o.disk, "disk", os.TempDir(), "folder on the disk to use")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var err error
	if o.cases, err = choose(*names); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	all, err := candidates(ctx, strings.Split(*servers, ","), dir, *peers)
	if err != nil {
		return err
	}
	table := newTable(all, o.cases)
	// Servers take turns within a round, so that what changes on the machine
	// meanwhile strikes them all.
	for range o.rounds {
		for _, c := range all {
			if err := measure(ctx, c, o, table); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	return table.print(stdout)
}

// choose returns the cases with the names, in the order of the list of cases.
func choose(names string) ([]load.Case, error) {
	if names == "" {
		return cases, nil
	}
	want := strings.Split(names, ",")
	var chosen []load.Case
	for _, c := range cases {
		if slices.Contains(want, c.Name) {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) != len(want) {
		return nil, fmt.Errorf("no such case among %s", names)
	}
	return chosen, nil
}

// measure runs all cases on one server.
func measure(ctx context.Context, c candidate, o options, t *table) error {
	s, stop, err := c.start(ctx, o.disk)
	if err != nil {
		return err
	}
	defer stop()
	for _, cs := range o.cases {
		if cs.Op == load.List && !c.lists {
			continue
		}
		f, err := measureCase(ctx, s, cs, o.lasts)
		if err != nil {
			return err
		}
		t.add(c.name, cs.Name, f)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func measureCase(ctx context.Context, s *server.Server, c load.Case, d time.Duration) (figures, error) {
	target := load.Target{Endpoint: s.Endpoint(), AccessKey: accessKey, SecretKey: secretKey}
	if err := load.Prepare(ctx, target, c); err != nil {
		return figures{}, err
	}
	before, err := s.CPUTime()
	if err != nil {
		return figures{}, err
	}
	if err := s.ResetPeakRSS(); err != nil {
		return figures{}, err
	}
	r := load.Run(ctx, target, c, d)
	after, err1 := s.CPUTime()
	peak, err2 := s.PeakRSS()
	if err := errors.Join(err1, err2); err != nil {
		return figures{}, err
	}
	if r.First != nil {
		fmt.Fprintf(os.Stderr, "%s: %d errors, the first: %v\n", c.Name, r.Errors, r.First)
	}
	return figures{
		"ops/s":            r.Rate(),
		"MiB/s":            r.Rate() * float64(c.Size) / mib,
		"p50 ms":           milliseconds(r.Percentile(0.50)),
		"p99 ms":           milliseconds(r.Percentile(0.99)),
		"server CPU us/op": float64((after-before)/time.Microsecond) / float64(max(r.Requests, 1)),
		"peak RSS MiB":     float64(peak) / mib,
		"errors":           float64(r.Errors),
	}, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
