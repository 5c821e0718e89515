package server

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"testing"
)

// TestMain is also the program that starts a server and then waits to be killed.
func TestMain(m *testing.M) {
	if bin := os.Getenv("SERVER_TEST_PARENT_OF"); bin != "" {
		c := Config{Command: []string{bin, "-listen", "{listen}", "-data", "{data}"}, Data: os.Getenv("SERVER_TEST_DATA"), Log: os.Stdout}
		if _, err := Start(context.Background(), c); err != nil {
			panic(err)
		}
		os.Stdout.WriteString("started\n")
		select {}
	}
	os.Exit(m.Run())
}

func TestServerEndsWithTheProcessThatStartedIt(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "SERVER_TEST_PARENT_OF="+limit(t), "SERVER_TEST_DATA="+t.TempDir())
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != "started\n" {
		t.Errorf("%q, %v", line, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// Both hold the pipe: it ends when the last of them has.
	if _, err := io.Copy(io.Discard, lines); err != nil {
		t.Error(err)
	}
	_ = parent.Wait() // it was killed
}
