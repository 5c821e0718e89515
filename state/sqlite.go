package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// sqliteStore is a Store in SQLite. In memory, writer and reader are the same and watch is nil.
type sqliteStore struct {
	writer *sql.DB // one connection
	reader *sql.DB
	watch  *sql.DB // one connection, which notices commits
	cache  *cache
}

var _ Store = (*sqliteStore)(nil)

func (s *sqliteStore) Bucket(ctx context.Context, name string) (Bucket, error) {
	r, err := s.cache.get(ctx, name)
	if err != nil {
		return Bucket{}, err
	}
	if !r.recorded {
		return Bucket{}, ErrNotFound
	}
	return r.bucket, nil
}

func (s *sqliteStore) PutBucket(ctx context.Context, b Bucket) error {
	return s.write(ctx, b.Name, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM bucket_settings WHERE bucket = $1", b.Name); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO buckets (name, account, created) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET account = excluded.account, created = excluded.created`,
			b.Name, b.Account, b.Created.UnixNano())
		return err
	})
}

func (s *sqliteStore) DeleteBucket(ctx context.Context, name string) error {
	return s.write(ctx, name, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM bucket_settings WHERE bucket = $1", name); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM buckets WHERE name = $1", name)
		return err
	})
}

func (s *sqliteStore) Buckets(ctx context.Context) ([]Bucket, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT name, account, created FROM buckets ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	defer rows.Close()
	var all []Bucket
	for rows.Next() {
		var b Bucket
		var created int64
		if err := rows.Scan(&b.Name, &b.Account, &created); err != nil {
			return nil, fmt.Errorf("state: %w", err)
		}
		b.Created = time.Unix(0, created).UTC()
		all = append(all, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	return all, nil
}

func (s *sqliteStore) Setting(ctx context.Context, bucket, name string) ([]byte, bool, error) {
	r, err := s.cache.get(ctx, bucket)
	if err != nil {
		return nil, false, err
	}
	document, ok := r.settings[name]
	return document, ok, nil
}

func (s *sqliteStore) PutSetting(ctx context.Context, bucket, name string, document []byte) error {
	return s.write(ctx, bucket, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO bucket_settings (bucket, name, document) VALUES ($1, $2, $3)
			ON CONFLICT (bucket, name) DO UPDATE SET document = excluded.document`, bucket, name, nonNil(document))
		return err
	})
}

func (s *sqliteStore) DeleteSetting(ctx context.Context, bucket, name string) error {
	return s.write(ctx, bucket, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM bucket_settings WHERE bucket = $1 AND name = $2", bucket, name)
		return err
	})
}

func (s *sqliteStore) Value(ctx context.Context, name string) (value []byte, ok bool, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT value FROM gateway_values WHERE name = $1", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("state: %w", err)
	}
	return value, true, nil
}

func (s *sqliteStore) AddValue(ctx context.Context, name string, value []byte) (current []byte, err error) {
	err = s.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO gateway_values (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO NOTHING`, name, nonNil(value))
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT value FROM gateway_values WHERE name = $1", name).Scan(&current)
	})
	return current, err
}

func (s *sqliteStore) Close() error {
	var errs []error
	for i, db := range []*sql.DB{s.watch, s.reader, s.writer} {
		if db != nil && !(i == 1 && db == s.writer) {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// write changes what is kept of one bucket, and makes the cache forget it. It does so after a failure too: a commit
// whose answer was lost may have happened.
func (s *sqliteStore) write(ctx context.Context, bucket string, change func(tx *sql.Tx) error) error {
	defer s.cache.forget(bucket)
	return s.transact(ctx, change)
}

func (s *sqliteStore) transact(ctx context.Context, change func(tx *sql.Tx) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing; otherwise the first error counts
	if err := change(tx); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return nil
}

// load reads all that is kept of one bucket.
func (s *sqliteStore) load(ctx context.Context, name string) (*record, error) {
	r := &record{bucket: Bucket{Name: name}}
	var created int64
	err := s.reader.QueryRowContext(ctx, "SELECT account, created FROM buckets WHERE name = $1", name).
		Scan(&r.bucket.Account, &created)
	switch {
	case err == nil:
		r.recorded, r.bucket.Created = true, time.Unix(0, created).UTC()
	case !errors.Is(err, sql.ErrNoRows):
		return nil, fmt.Errorf("state: %w", err)
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT name, document FROM bucket_settings WHERE bucket = $1", name)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var setting string
		var document []byte
		if err := rows.Scan(&setting, &document); err != nil {
			return nil, fmt.Errorf("state: %w", err)
		}
		if r.settings == nil {
			r.settings = make(map[string][]byte)
		}
		r.settings[setting] = document
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	return r, nil
}

// dataVersion is a number that changes when another connection, of this or another process, commits.
func (s *sqliteStore) dataVersion(ctx context.Context) (version int64, err error) {
	if err := s.watch.QueryRowContext(ctx, "PRAGMA data_version").Scan(&version); err != nil {
		return 0, fmt.Errorf("state: %w", err)
	}
	return version, nil
}

// nonNil keeps an empty document from being stored as NULL.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
