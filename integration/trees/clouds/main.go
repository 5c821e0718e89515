// Command clouds prints the real clouds for which the environment has an account, as SLUICE_TREES wants them, and says of the
// others what is missing:
//
//	SLUICE_TREES=$(go run ./trees/clouds) go test ./trees .
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"sluice/integration/trees"
)

func main() {
	if err := run(os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "clouds:", err)
		os.Exit(1)
	}
}

func run(stdout, stderr io.Writer) error {
	var names []string
	for _, cloud := range trees.Clouds {
		missing := cloud.Missing()
		if len(missing) == 0 {
			names = append(names, cloud.Name)
		} else if _, err := fmt.Fprintf(stderr, "%s: skipped, without %s\n", cloud.Name, strings.Join(missing, ", ")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(stdout, strings.Join(names, ","))
	return err
}
