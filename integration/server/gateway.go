package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Gateway is the command line of the gateway, which keeps its objects in the folder {data}: the program that SLUICE_BIN
// names, or one built into dir.
func Gateway(ctx context.Context, dir string) ([]string, error) {
	bin, err := program(ctx, dir)
	if err != nil {
		return nil, err
	}
	return []string{bin, "serve", "--listen", "{listen}", "--data", "{data}", "--admin", "{admin}"}, nil
}

// Configured is the command line of the gateway with the config file {data}/sluice.yaml.
func Configured(ctx context.Context, dir string) ([]string, error) {
	bin, err := program(ctx, dir)
	if err != nil {
		return nil, err
	}
	return []string{bin, "serve", "--listen", "{listen}", "--config", "{data}/sluice.yaml", "--admin", "{admin}"}, nil
}

func program(ctx context.Context, dir string) (string, error) {
	if bin := os.Getenv("SLUICE_BIN"); bin != "" {
		return bin, nil
	}
	module, err := ModuleDir(ctx)
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "sluice")
	build := exec.CommandContext(ctx, "go", "build", "-o", bin, "./cmd/sluice")
	build.Dir = filepath.Dir(module)
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/sluice: %w\n%s", err, out)
	}
	return bin, nil
}

// ModuleDir is the folder of this module, in which the caller works.
func ModuleDir(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	mod := strings.TrimSpace(string(out))
	if filepath.Base(mod) != "go.mod" {
		return "", errors.New("server: not in a folder of the integration module")
	}
	return filepath.Dir(mod), nil
}
