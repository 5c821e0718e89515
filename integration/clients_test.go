package integration

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// clientLimit is how long one client's script may take.
const clientLimit = 10 * time.Minute

// testClient runs each client that is not a Go library through what its users
// do. A script under clients/ ends with status 0 when all of it held.
func testClient(t *testing.T, g *gateway) {
	for _, c := range []struct {
		name   string
		needs  string // a program that must be there
		script []string
	}{
		{"awscli", "aws", []string{"bash", "awscli/suite.sh"}},
		{"boto3", "python3", []string{"python3", "boto3/suite.py"}},
		{"js", "node", []string{"node", "js/suite.mjs"}},
		{"rclone", "rclone", []string{"bash", "rclone/suite.sh"}},
		{"restic", "restic", []string{"bash", "restic/suite.sh"}},
		{"s3cmd", "s3cmd", []string{"bash", "s3cmd/suite.sh"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			only(t, c.name)
			if _, err := exec.LookPath(c.needs); err != nil {
				t.Fatalf("%v: run integration/setup, or name other clients in SLUICE_CLIENTS", err)
			}
			script, err := filepath.Abs(filepath.Join("clients", c.script[1]))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), clientLimit)
			defer cancel()
			cmd := exec.CommandContext(ctx, c.script[0], script)
			cmd.Dir = t.TempDir()
			cmd.Env = clientEnv(t, g, c.name)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", c.script[1], err, out[max(0, len(out)-4096):])
			}
		})
	}
}

// only leaves out a client that SLUICE_CLIENTS, a list with commas, does not
// name.
func only(t *testing.T, client string) {
	t.Helper()
	if list := os.Getenv("SLUICE_CLIENTS"); list != "" && !slices.Contains(strings.Split(list, ","), client) {
		t.Skipf("SLUICE_CLIENTS is %s", list)
	}
}

// clientEnv is the whole environment of a client: nothing of the user's own
// settings, and nothing that would make it look for a cloud.
func clientEnv(t *testing.T, g *gateway, name string) []string {
	t.Helper()
	path := "/usr/local/bin:/usr/bin:/bin"
	if front := os.Getenv("SLUICE_CLIENT_PATH"); front != "" {
		path = front + ":" + path
	}
	return []string{
		"PATH=" + path,
		"HOME=" + t.TempDir(),
		"TMPDIR=" + os.TempDir(),
		"LC_ALL=C.UTF-8",
		"AWS_ACCESS_KEY_ID=" + accessKey,
		"AWS_SECRET_ACCESS_KEY=" + secretKey,
		"AWS_DEFAULT_REGION=" + region,
		"AWS_REGION=" + region,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_PAGER=",
		"S3_ENDPOINT=" + g.Endpoint(),
		"S3_HOST=" + g.Listen,
		"BUCKET=" + name + "-suite",
	}
}
