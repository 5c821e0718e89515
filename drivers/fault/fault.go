// Package fault makes a driver fail on purpose, for tests and drills. Which calls fail follows from the rules and their
// seeds alone, and each rule counts how often it surfaced.
//
//	drivers:
//	  disk:  {type: local, config: {dir: /srv/objects}}
//	  shaky:
//	    type: fault
//	    config:
//	      child: disk
//	      rules:
//	        - {op: Put, every: 3, error: unavailable}
//	        - {op: Put, nth: 5, error: unavailable, late: true}
//	        - {op: Get, probability: 0.01, seed: 7, error: unavailable, body_bytes: 65536}
//	        - {op: List, max_keys: 10}
//	        - {latency: 20ms}
package fault

import (
	"context"
	"fmt"
	"time"

	"sluice/drivers"
)

// Config is the node's config.
type Config struct {
	Child string       `yaml:"child" jsonschema:"the node that is made to fail"`
	Rules []RuleConfig `yaml:"rules" jsonschema:"which calls fail, and how"`
}

// RuleConfig is a [Rule] in the config; Error is the name of a sentinel: "not_found", "unavailable", "slow_down" ...
type RuleConfig struct {
	Op          string        `yaml:"op" jsonschema:"only this call: Get, Put, List and so on; any if absent"`
	Bucket      string        `yaml:"bucket" jsonschema:"only this bucket"`
	Prefix      string        `yaml:"prefix" jsonschema:"only keys that begin with it"`
	Nth         int64         `yaml:"nth" jsonschema:"of the calls that match, only this one, counted from 1"`
	Every       int64         `yaml:"every" jsonschema:"of the calls that match, each so many"`
	Probability float64       `yaml:"probability" jsonschema:"what share of the calls that match, 0 to 1"`
	Seed        uint64        `yaml:"seed" jsonschema:"what probability throws its dice by"`
	Latency     time.Duration `yaml:"latency" jsonschema:"wait first"`
	Error       string        `yaml:"error" enum:"not_found,no_bucket,precondition,conflict,invalid,denied,too_large,no_space,unavailable,slow_down,read_only,unsupported,timeout" jsonschema:"the error that the call fails with"`
	Late        bool          `yaml:"late" jsonschema:"fail when the call has been done"`
	BodyBytes   *int64        `yaml:"body_bytes" jsonschema:"fail when so many bytes of the body have passed"`
	MaxKeys     int           `yaml:"max_keys" jsonschema:"make pages of List short"`
	EmptyPage   bool          `yaml:"empty_page" jsonschema:"make pages of List empty"`
}

// Open opens the node.
func Open(_ context.Context, c Config, env drivers.Env) (drivers.Driver, error) {
	child, err := env.Child(c.Child)
	if err != nil {
		return nil, err
	}
	rules := make([]*Rule, len(c.Rules))
	for i, r := range c.Rules {
		if rules[i], err = r.rule(); err != nil {
			return nil, fmt.Errorf("rules[%d]: %w", i, err)
		}
	}
	return newDriver(env.Node, child, rules), nil
}

func (c RuleConfig) rule() (*Rule, error) {
	r := &Rule{
		Op: c.Op, Bucket: c.Bucket, Prefix: c.Prefix, Nth: c.Nth, Every: c.Every, Probability: c.Probability, Seed: c.Seed,
		Latency: c.Latency, Late: c.Late, BodyBytes: c.BodyBytes, MaxKeys: c.MaxKeys, EmptyPage: c.EmptyPage,
	}
	if c.Error != "" {
		if r.Err = sentinels()[c.Error]; r.Err == nil {
			return nil, fmt.Errorf("unknown error %q", c.Error)
		}
	}
	switch {
	case c.Probability < 0 || c.Probability > 1:
		return nil, fmt.Errorf("probability %v is not within 0 and 1", c.Probability)
	case c.BodyBytes != nil && *c.BodyBytes < 0, c.Nth < 0, c.Every < 0, c.MaxKeys < 0, c.Latency < 0:
		return nil, fmt.Errorf("a number is negative")
	case (c.BodyBytes != nil || c.Late) && r.Err == nil:
		return nil, fmt.Errorf("body_bytes and late need an error")
	}
	return r, nil
}

func sentinels() map[string]error {
	return map[string]error{
		"not_found": drivers.ErrNotFound, "no_bucket": drivers.ErrNoBucket, "precondition": drivers.ErrPrecondition,
		"conflict": drivers.ErrConflict, "invalid": drivers.ErrInvalid, "denied": drivers.ErrDenied, "too_large": drivers.ErrTooLarge,
		"no_space": drivers.ErrNoSpace, "unavailable": drivers.ErrUnavailable, "slow_down": drivers.ErrSlowDown,
		"read_only": drivers.ErrReadOnly, "unsupported": drivers.ErrUnsupported, "timeout": context.DeadlineExceeded,
	}
}

// New returns a driver that does what child does, but where a rule says otherwise. Closing it does not close child.
func New(child drivers.Driver, rules ...*Rule) drivers.Driver {
	return newDriver("fault", child, rules)
}

func newDriver(node string, child drivers.Driver, rules []*Rule) drivers.Driver {
	return drivers.Intercept(child, func(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
		hits := make([]*Rule, 0, len(rules))
		for _, r := range rules {
			if r.hits(c) {
				hits = append(hits, r)
			}
		}
		for _, r := range hits {
			if err := r.before(ctx, c); err != nil {
				return place(node, c, err)
			}
		}
		err := next(ctx)
		for _, r := range hits {
			if err == nil {
				err = place(node, c, r.after(c))
			}
		}
		return err
	})
}

func place(node string, c *drivers.Call, err error) error {
	if err == nil {
		return nil
	}
	return &drivers.Error{Node: node, Op: c.Op, Bucket: c.Bucket, Key: c.Key, Err: err}
}
