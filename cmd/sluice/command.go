package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"sluice/config"
	"sluice/drivers/all"
)

// run executes one command line, until it is done or ctx ends.
func run(ctx context.Context, args []string, h host) error {
	ran := false
	root := &cobra.Command{
		Use:           "sluice",
		Short:         "A multi-cloud S3 gateway",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version,
	}
	root.SetArgs(args)
	root.SetOut(h.stdout)
	root.SetErr(h.stderr)
	for _, c := range []*cobra.Command{serveCommand(h), checkCommand(h), keyCommand(h), schemaCommand(h), versionCommand(h)} {
		do := c.RunE
		c.RunE = func(cmd *cobra.Command, args []string) error {
			ran = true
			return do(cmd, args)
		}
		c.Args = cobra.NoArgs
		root.AddCommand(c)
	}
	err := root.ExecuteContext(ctx)
	if err != nil && !ran {
		return usageError{fmt.Errorf("%w (see sluice --help)", err)}
	}
	return err
}

func schemaCommand(h host) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of the config file",
		RunE: func(*cobra.Command, []string) error {
			text, err := json.MarshalIndent(config.Schema(all.Registry()), "", "  ")
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(h.stdout, "%s\n", text)
			return err
		},
	}
}
