package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite" // also registers the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// fileName is the database's name in Config.Dir.
const fileName = "state.db"

// maxReaders is enough readers for a cache that answers nearly everything.
const maxReaders = 4

// openFile opens the database in dir. It is only for the user that runs Sluice: it may hold a generated key.
func openFile(ctx context.Context, dir string) (_ Store, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	path, err := filepath.Abs(filepath.Join(dir, fileName))
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	// SQLite would make it readable for all; its -wal and -shm files take the mode of this one.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	s := &sqliteStore{}
	defer func() {
		if err != nil {
			err = fmt.Errorf("state: %s: %w", path, classify(err))
			err = errors.Join(err, s.Close())
		}
	}()
	if s.writer, err = connect(path, 1, url.Values{"_txlock": {"immediate"}}); err != nil {
		return nil, err
	}
	if err := prepare(ctx, s.writer); err != nil {
		return nil, err
	}
	readOnly := url.Values{"_query_only": {"1"}}
	if s.reader, err = connect(path, maxReaders, readOnly); err != nil {
		return nil, err
	}
	// data_version tells of other connections' commits, so the one that asks must stay the same.
	if s.watch, err = connect(path, 1, readOnly); err != nil {
		return nil, err
	}
	s.cache = newCache(s.load, s.dataVersion)
	return s, nil
}

func openMemory(ctx context.Context) (Store, error) {
	db, err := connect(":memory:", 1, url.Values{"_txlock": {"immediate"}})
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	if err := prepare(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("state: %w", err), db.Close())
	}
	s := &sqliteStore{writer: db, reader: db}
	s.cache = newCache(s.load, nil)
	return s, nil
}

func connect(path string, conns int, options url.Values) (*sql.DB, error) {
	options.Set("_busy_timeout", "10000") // ms: how long to wait for another process's write
	options.Set("_journal_mode", "WAL")
	options.Set("_synchronous", "FULL")
	name := url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// prepare refuses a damaged database before anything relies on it, and brings it to the newest schema.
func prepare(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrCorrupt, verdict)
	}
	return migrate(ctx, db)
}

// classify marks SQLite's own words for a damaged database.
func classify(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff { // without the extended part
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}
