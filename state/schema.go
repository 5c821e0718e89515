package state

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations lead from each schema to the next; a database's user_version counts those it has had. They are only ever
// added to. Later features need none: what is set on a bucket is a document in bucket_settings.
func migrations() []string {
	return []string{
		`CREATE TABLE buckets (
			name    TEXT PRIMARY KEY,
			account TEXT NOT NULL,
			created INTEGER NOT NULL -- nanoseconds since 1970
		) STRICT, WITHOUT ROWID`,
		// No reference to buckets: a bucket without a record has settings too.
		`CREATE TABLE bucket_settings (
			bucket   TEXT NOT NULL,
			name     TEXT NOT NULL,
			document BLOB NOT NULL,
			PRIMARY KEY (bucket, name)
		) STRICT, WITHOUT ROWID`,
		`CREATE TABLE gateway_values (
			name  TEXT PRIMARY KEY,
			value BLOB NOT NULL
		) STRICT, WITHOUT ROWID`,
	}
}

// migrate brings a database to the newest schema, in one transaction.
func migrate(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing; otherwise the first error counts
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	steps := migrations()
	if version > len(steps) || version < 0 {
		return fmt.Errorf("%w of Sluice (schema %d, this one knows %d)", ErrNewer, version, len(steps))
	}
	if version == len(steps) {
		return nil
	}
	for _, step := range steps[version:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("migrating the schema: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(steps))); err != nil {
		return err
	}
	return tx.Commit()
}
