package server

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestStartTellsWhyTheProcessEnded(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Config{Command: []string{"sh", "-c", "exit 3"}})
	if err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v", err)
	}
	if _, err := Start(t.Context(), Config{}); err == nil {
		t.Error("no command was not refused")
	}
}

func TestServerRunsAgainAfterAKillOnTheSameAddress(t *testing.T) {
	t.Parallel()
	c := Config{Command: []string{limit(t), "-listen", "{listen}", "-data", "{data}"}, Data: t.TempDir()}
	for range 2 {
		s, err := Start(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		c.Listen = s.Listen
		if err := s.ResetPeakRSS(); err != nil {
			t.Error(err)
		}
		peak, err := s.PeakRSS()
		if err != nil || peak < 1<<20 {
			t.Errorf("peak memory %d, %v", peak, err)
		}
		if _, err := s.CPUTime(); err != nil {
			t.Error(err)
		}
		if err := s.Kill(); err != nil {
			t.Error(err)
		}
	}
}

// limit builds the smallest server that there is here.
func limit(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "limit")
	if out, err := exec.Command("go", "build", "-o", bin, "../bench/limit").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}
