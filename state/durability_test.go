package state

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// childDir names the variable that makes the test binary a writer to be killed.
const childDir = "STATE_TEST_WRITE_TO"

// writeForever records one bucket after the other and tells of each that was acknowledged.
func writeForever(dir string) error {
	ctx := context.Background()
	s, err := Open(ctx, Config{Engine: EngineEmbedded, Dir: dir})
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		name := fmt.Sprintf("%d-%d", os.Getpid(), i)
		if err := s.PutBucket(ctx, bucket(name)); err != nil {
			return err
		}
		fmt.Println(name)
	}
}

// writer starts a child that writes to dir, and returns what it acknowledged once it has been killed after n names.
func writer(t *testing.T, dir string, n int) []string {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Error(err)
		return nil
	}
	if err := cmd.Start(); err != nil {
		t.Error(err)
		return nil
	}
	var names []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		names = append(names, lines.Text())
		if len(names) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	_ = cmd.Wait() // it was killed
	if len(names) < n {
		t.Errorf("the writer ended after %d names", len(names))
		return nil
	}
	return names[:n] // a line after these may be torn
}

func TestAcknowledgedWritesSurviveAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acked := make(chan []string)
	for range 2 { // two processes on one database, made by both at once
		go func() { acked <- writer(t, dir, 30) }()
	}
	names := append(<-acked, <-acked...)
	s := open(t, Config{Engine: EngineEmbedded, Dir: dir})
	for _, name := range names {
		if _, err := s.Bucket(t.Context(), name); err != nil {
			t.Errorf("bucket %s was acknowledged: %v", name, err)
		}
	}
}

func TestDatabaseIsForItsUserOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	s := open(t, Config{Dir: dir})
	must(t, s.PutBucket(t.Context(), bucket("photos")))
	for _, name := range []string{"", fileName, fileName + "-wal", fileName + "-shm"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestOlderSchemaIsMigrated(t *testing.T) {
	t.Parallel()
	for version := range len(migrations()) {
		dir := t.TempDir()
		db, err := sql.Open("sqlite", filepath.Join(dir, fileName))
		must(t, err)
		for _, step := range migrations()[:version] {
			_, err := db.Exec(step)
			must(t, err)
		}
		if version > 0 {
			_, err = db.Exec("INSERT INTO buckets VALUES ('old', 'acme', 7)")
			must(t, err)
		}
		_, err = db.Exec(fmt.Sprintf("PRAGMA user_version = %d", version))
		must(t, err)
		must(t, db.Close())
		s := open(t, Config{Dir: dir})
		must(t, s.PutSetting(t.Context(), "old", "cors", []byte("doc")))
		_, err = s.AddValue(t.Context(), "key", nil)
		must(t, err)
		if b, err := s.Bucket(t.Context(), "old"); version > 0 && (err != nil || b.Created.UnixNano() != 7) {
			t.Errorf("from version %d: %v, %v", version, b, err)
		}
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, fileName))
	must(t, err)
	_, err = db.Exec("PRAGMA user_version = 1000")
	must(t, err)
	must(t, db.Close())
	if _, err := Open(t.Context(), Config{Dir: dir}); !errors.Is(err, ErrNewer) {
		t.Errorf("Open: %v, want ErrNewer", err)
	}
}

func TestDamagedDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := Open(t.Context(), Config{Dir: dir})
	must(t, err)
	for i := range 300 {
		must(t, s.PutSetting(t.Context(), fmt.Sprint(i), "doc", []byte(strings.Repeat("x", 100))))
	}
	must(t, s.Close())
	path := filepath.Join(dir, fileName)
	whole, err := os.ReadFile(path)
	must(t, err)
	for name, damage := range map[string]func(b []byte) []byte{
		"not a database": func(b []byte) []byte { return []byte(strings.Repeat("text, not a database\n", 400)) },
		"cut short":      func(b []byte) []byte { return b[:len(b)/2] },
		"page zeroed":    func(b []byte) []byte { clear(b[4*4096 : 5*4096]); return b },
	} {
		must(t, os.WriteFile(path, damage([]byte(string(whole))), 0o600))
		s, err := Open(t.Context(), Config{Dir: dir})
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: Open: %v, want ErrCorrupt", name, err)
		} else if !strings.Contains(err.Error(), path) {
			t.Errorf("%s: the error does not name the file: %v", name, err)
		}
		if err == nil {
			must(t, s.Close())
		}
	}
}

func TestUnusableConfigIsRefused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for _, c := range []Config{{}, {Engine: "oracle"}, {Dir: filepath.Join(file, "state")}} {
		if s, err := Open(t.Context(), c); err == nil || s != nil {
			t.Errorf("Open(%+v) = %v, %v", c, s, err)
		}
	}
}
