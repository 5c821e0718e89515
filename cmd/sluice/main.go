// Command sluice is a multi-cloud S3 gateway.
//
//	sluice serve                        # objects in ./data, on 127.0.0.1:9000, with a key that it makes and prints
//	sluice serve --config sluice.yaml
//	sluice check --config sluice.yaml   # opens and probes every store, and says what each can do
//	sluice key                          # shows the key that serve made
//	sluice schema                       # the JSON schema of the config file
//	sluice version
//	sluice completion bash
//
// It ends with status 1 when something fails and 2 when it is called wrongly. SIGHUP reloads the config; SIGINT and SIGTERM
// let requests finish.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], host{stdout: os.Stdout, stderr: os.Stderr, env: os.LookupEnv, hangup: hangup})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sluice:", err)
	}
	os.Exit(exitCode(err))
}

// host is what a command uses of the process that it runs in.
type host struct {
	stdout, stderr io.Writer
	env            func(name string) (string, bool)
	hangup         <-chan os.Signal // asks for a reload
}

// usageError is a mistake in how the command was called.
type usageError struct{ error }

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if _, ok := errors.AsType[usageError](err); ok {
		return 2
	}
	return 1
}
