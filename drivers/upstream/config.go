package upstream

import (
	"cmp"
	"fmt"
	"time"

	"sluice/drivers"
)

// Config is how a store across a network is asked. Zeros are the defaults that the package comment shows.
type Config struct {
	Attempts        int           `yaml:"attempts" jsonschema:"how often a call is tried in all; 4 if absent, 1 for no retries"`
	MinDelay        time.Duration `yaml:"min_delay" jsonschema:"the longest wait before the second try; 50ms if absent"`
	MaxDelay        time.Duration `yaml:"max_delay" jsonschema:"the longest wait before any try; 5s if absent"`
	Patience        time.Duration `yaml:"patience" jsonschema:"no try begins later than so long after the first, and a download that breaks off is given up; 30s if absent"`
	RetryBudget     float64       `yaml:"retry_budget" jsonschema:"how many retries there may be for each call; 0.2 if absent; bursts of 20 are free"`
	ConnectTimeout  time.Duration `yaml:"connect_timeout" jsonschema:"to reach the store, and again to agree on TLS; 5s if absent"`
	ResponseTimeout time.Duration `yaml:"response_timeout" jsonschema:"from the end of a request to the first byte of its answer; 60s if absent"`
	StallTimeout    time.Duration `yaml:"stall_timeout" jsonschema:"how long a body may move no byte; 30s if absent"`
	MaxConnections  int           `yaml:"max_connections" jsonschema:"calls at the same time, and as many open bodies; 256 if absent"`
	Breaker         Breaker       `yaml:"breaker" jsonschema:"when a store that fails is left alone"`
}

// Breaker says when a store is left alone, and for how long. It opens when of at least MinCalls calls within Window a share
// of FailureRate or more failed: with drivers.ErrUnavailable, or for want of time. After OpenTime a few calls may try whether
// the store is back.
type Breaker struct {
	FailureRate float64       `yaml:"failure_rate" jsonschema:"the share of failed calls that opens it, above 0 and up to 1; 0.5 if absent"`
	MinCalls    int           `yaml:"min_calls" jsonschema:"how many calls there must have been within the window; 20 if absent"`
	Window      time.Duration `yaml:"window" jsonschema:"how far back calls count; 10s if absent"`
	OpenTime    time.Duration `yaml:"open_time" jsonschema:"how long it stays open; 5s if absent"`
}

// Check returns an error, which wraps drivers.ErrInvalid, for what makes no sense.
func (c Config) Check() error {
	for name, negative := range map[string]bool{
		"attempts": c.Attempts < 0, "min_delay": c.MinDelay < 0, "max_delay": c.MaxDelay < 0, "patience": c.Patience < 0, "retry_budget": c.RetryBudget < 0,
		"connect_timeout": c.ConnectTimeout < 0, "response_timeout": c.ResponseTimeout < 0, "stall_timeout": c.StallTimeout < 0,
		"max_connections": c.MaxConnections < 0, "breaker.failure_rate": c.Breaker.FailureRate < 0,
		"breaker.min_calls": c.Breaker.MinCalls < 0, "breaker.window": c.Breaker.Window < 0, "breaker.open_time": c.Breaker.OpenTime < 0,
	} {
		if negative {
			return fmt.Errorf("upstream: %s is negative: %w", name, drivers.ErrInvalid)
		}
	}
	switch d := c.withDefaults(); {
	case d.Breaker.FailureRate > 1:
		return fmt.Errorf("upstream: breaker.failure_rate is more than 1: %w", drivers.ErrInvalid)
	case d.MinDelay > d.MaxDelay:
		return fmt.Errorf("upstream: min_delay is more than max_delay: %w", drivers.ErrInvalid)
	}
	return nil
}

func (c Config) withDefaults() Config {
	c.Attempts = cmp.Or(c.Attempts, 4)
	c.MinDelay = cmp.Or(c.MinDelay, 50*time.Millisecond)
	c.MaxDelay = cmp.Or(c.MaxDelay, 5*time.Second)
	c.Patience = cmp.Or(c.Patience, 30*time.Second)
	c.RetryBudget = cmp.Or(c.RetryBudget, 0.2)
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, 5*time.Second)
	c.ResponseTimeout = cmp.Or(c.ResponseTimeout, time.Minute)
	c.StallTimeout = cmp.Or(c.StallTimeout, 30*time.Second)
	c.MaxConnections = cmp.Or(c.MaxConnections, 256)
	c.Breaker.FailureRate = cmp.Or(c.Breaker.FailureRate, 0.5)
	c.Breaker.MinCalls = cmp.Or(c.Breaker.MinCalls, 20)
	c.Breaker.Window = cmp.Or(c.Breaker.Window, 10*time.Second)
	c.Breaker.OpenTime = cmp.Or(c.Breaker.OpenTime, 5*time.Second)
	return c
}
