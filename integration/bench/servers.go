package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"sluice/integration/server"
	"sluice/integration/trees"
)

// Credentials of every server.
const (
	accessKey = "benchaccesskey"
	secretKey = "benchsecretkey123"
)

// candidate is a server to measure.
type candidate struct {
	name    string
	command []string
	env     []string
	lists   bool        // whether it knows ListObjectsV2
	tree    *trees.Tree // what the gateway stands on, nil for a folder
}

// candidates finds the servers by name. What is built is built into dir; other
// servers are looked up in the folder peers.
func candidates(ctx context.Context, names []string, dir, peers string) ([]candidate, error) {
	var all []candidate
	for _, name := range names {
		c, err := find(ctx, name, dir, peers)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, c)
	}
	return all, nil
}

func find(ctx context.Context, name, dir, peers string) (candidate, error) {
	c := candidate{name: name, lists: true}
	var err error
	switch name {
	case "limit", "limit-fsync":
		c.lists = false
		bin := filepath.Join(dir, "limit")
		c.command = []string{bin, "-listen", "{listen}", "-data", "{data}"}
		if name == "limit-fsync" {
			c.command = append(c.command, "-fsync")
		}
		var out []byte
		if out, err = exec.CommandContext(ctx, "go", "build", "-o", bin, "./bench/limit").CombinedOutput(); err != nil {
			err = fmt.Errorf("%w\n%s", err, out)
		}
	case "sluice":
		c.command, err = server.Gateway(ctx, dir)
		c.env = []string{"SLUICE_ACCESS_KEY=" + accessKey, "SLUICE_SECRET_KEY=" + secretKey}
	case "versitygw":
		c.command = []string{filepath.Join(peers, name), "--quiet", "--port", "{listen}",
			"--access", accessKey, "--secret", secretKey, "posix", "{data}"}
	case "minio":
		c.command = []string{filepath.Join(peers, name), "server", "--quiet", "--address", "{listen}", "{data}"}
		c.env = []string{"MINIO_ROOT_USER=" + accessKey, "MINIO_ROOT_PASSWORD=" + secretKey,
			"MINIO_BROWSER=off", "MINIO_UPDATE=off", "MINIO_CALLHOME_ENABLE=off"}
	case "rclone":
		c.command = []string{filepath.Join(peers, name), "serve", "s3", "--addr", "{listen}",
			"--auth-key", accessKey + "," + secretKey, "--log-level", "ERROR", "{data}"}
	default:
		// tree:NAME is the gateway in front of another server.
		if tree, ok := strings.CutPrefix(name, "tree:"); ok {
			return gatewayOn(ctx, tree, dir)
		}
		// NAME=COMMAND, with placeholders, measures anything else.
		label, command, ok := strings.Cut(name, "=")
		if !ok {
			return c, fmt.Errorf("no such server; give name=command with {listen} and {data}")
		}
		c.name, c.command = label, strings.Fields(command)
		c.env = []string{"SLUICE_ACCESS_KEY=" + accessKey, "SLUICE_SECRET_KEY=" + secretKey}
	}
	return c, err
}

// gatewayOn is the gateway on a tree of the integration tests, by its name.
func gatewayOn(ctx context.Context, name, dir string) (candidate, error) {
	tree, err := trees.Named(name)
	if err != nil {
		return candidate{}, err
	}
	command, err := server.Configured(ctx, dir)
	return candidate{name: "tree:" + name, command: command, lists: true, tree: &tree}, err
}

// start runs the candidate on an empty folder below disk. The returned function
// stops it, and what it stands on, and removes the folder.
func (c candidate) start(ctx context.Context, disk string) (_ *server.Server, stop func(), err error) {
	data, err := os.MkdirTemp(disk, "bench-")
	if err != nil {
		return nil, nil, err
	}
	undo := []func(){func() { os.RemoveAll(data) }}
	stop = func() {
		for _, f := range slices.Backward(undo) {
			f()
		}
	}
	defer func() {
		if err != nil {
			stop()
		}
	}()
	config := server.Config{Command: c.command, Env: c.env, Data: data}
	if c.tree != nil {
		store, err := c.tree.Start(ctx, data, os.Stderr)
		if err != nil {
			return nil, nil, err
		}
		undo = append(undo, func() { c.report(store.Stop(context.WithoutCancel(ctx))) })
		if config, err = store.Gateway(c.command, data, accessKey, secretKey); err != nil {
			return nil, nil, err
		}
	}
	config.Log = os.Stderr
	s, err := server.Start(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	undo = append(undo, func() { c.report(s.Stop()) })
	return s, stop, nil
}

// report tells how the gateway has ended; how others do says nothing.
func (c candidate) report(err error) {
	if err != nil && (c.name == "sluice" || c.tree != nil) {
		fmt.Fprintf(os.Stderr, "%s: %v\n", c.name, err)
	}
}
