// Package emulators knows how the servers start that stand in for the clouds: Azurite for Azure Blob Storage,
// fake-gcs-server for Google Cloud Storage, versitygw and MinIO for S3. They are run as programs of their own, on the
// loopback interface, and nothing here is linked with them:
//
//	c, err := emulators.Azurite(ctx, t.TempDir())
//	s, err := server.Start(ctx, c) // then s.Listen; s.Kill() ends it
//
// What each gets wrong is written down where it matters: in package trees, beside the drivers' tests. The versions are
// pinned in azurite/package.json (MIT), tools/go.mod (fake-gcs-server: BSD-2-Clause, versitygw: Apache-2.0) and
// minio/go.mod (AGPL-3.0). The integration folder's setup installs or builds them, but for MinIO, which takes minutes to
// build and is only for who asks for it.
package emulators

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"sluice/integration/server"
)

// Emulator describes how a server starts that works in the folder dir.
type Emulator func(ctx context.Context, dir string) (server.Config, error)

// Credentials of every emulator of S3.
const (
	AccessKey = "emulatoraccesskey"
	SecretKey = "emulator-secret-key"
)

// The account that Azurite has from the start, and its key, which is the same everywhere and no secret.
const (
	AzureAccount = "devstoreaccount1"
	AzureKey     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// Azurite emulates Azure Blob Storage and keeps everything in memory, which grows with all that was ever stored: to be
// started anew for each suite. The account's URL is http://{listen}/devstoreaccount1.
func Azurite(ctx context.Context, dir string) (server.Config, error) {
	module, err := server.ModuleDir(ctx)
	if err != nil {
		return server.Config{}, err
	}
	script := filepath.Join(module, "emulators", "azurite", "node_modules", ".bin", "azurite-blob")
	if _, err := os.Stat(script); err != nil {
		return server.Config{}, fmt.Errorf("emulators: run integration/setup: %w", err)
	}
	return server.Config{Data: dir, Command: []string{"node", script, "--blobHost", "127.0.0.1", "--blobPort", "{port}",
		"--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck"}}, nil
}

// FakeGCS emulates Google Cloud Storage's JSON API in memory, at http://{listen}/storage/v1/.
func FakeGCS(ctx context.Context, dir string) (server.Config, error) {
	bin, err := tool(ctx, "tools", "fake-gcs-server")
	return server.Config{Data: dir, Command: []string{bin, "-scheme", "http", "-host", "127.0.0.1", "-port", "{port}", "-backend", "memory",
		"-public-host", "{listen}", "-external-url", "http://{listen}", "-log-level", "warn"}}, err
}

// VersityGW serves S3 from the folder {data}.
func VersityGW(ctx context.Context, dir string) (server.Config, error) {
	bin, err := tool(ctx, "tools", "versitygw")
	return server.Config{
		Data:    dir,
		Command: []string{bin, "--port", "{listen}", "--quiet", "posix", "{data}"},
		Env:     []string{"ROOT_ACCESS_KEY=" + AccessKey, "ROOT_SECRET_KEY=" + SecretKey, "AWS_CA_BUNDLE="},
	}, err
}

// MinIO serves S3 from the folder {data}.
func MinIO(ctx context.Context, dir string) (server.Config, error) {
	bin, err := tool(ctx, "minio", "minio")
	return server.Config{
		Data:    dir,
		Command: []string{bin, "server", "--quiet", "--address", "{listen}", "{data}"},
		Env: []string{"MINIO_ROOT_USER=" + AccessKey, "MINIO_ROOT_PASSWORD=" + SecretKey,
			"MINIO_BROWSER=off", "MINIO_UPDATE=off", "MINIO_CALLHOME_ENABLE=off"},
	}, err
}

// Sluice serves S3 through the gateway itself, from a folder.
func Sluice(ctx context.Context, dir string) (server.Config, error) {
	command, err := server.Gateway(ctx, dir)
	if err != nil {
		return server.Config{}, err
	}
	data := filepath.Join(dir, "data")
	return server.Config{
		Data:    data,
		Command: command,
		Env:     []string{"SLUICE_ACCESS_KEY=" + AccessKey, "SLUICE_SECRET_KEY=" + SecretKey},
	}, os.MkdirAll(data, 0o700)
}

// tool returns the program of a tool of the module in the folder; the go command builds it where its cache has it not.
func tool(ctx context.Context, folder, name string) (string, error) {
	module, err := server.ModuleDir(ctx)
	if err != nil {
		return "", err
	}
	list := exec.CommandContext(ctx, "go", "tool", "-n", name)
	list.Dir = filepath.Join(module, "emulators", folder)
	out, err := list.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("emulators: go tool -n %s: %w\n%s", name, err, exit.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}
