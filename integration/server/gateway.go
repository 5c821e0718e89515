package server

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Gateway is the command line of the gateway: the program that SLUICE_BIN names,
// or one built into dir. It is to be called in the folder of this module, whose
// parent is the gateway's.
func Gateway(ctx context.Context, dir string) ([]string, error) {
	bin := os.Getenv("SLUICE_BIN")
	if bin == "" {
		bin = filepath.Join(dir, "sluice")
		build := exec.CommandContext(ctx, "go", "build", "-o", bin, "./cmd/sluice")
		build.Dir = ".."
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go build ./cmd/sluice: %w\n%s", err, out)
		}
	}
	return []string{bin, "serve", "--listen", "{listen}", "--data", "{data}", "--admin", "{admin}"}, nil
}
