package state

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Staleness bounds how long a write by another process on the same database may stay unseen here.
const Staleness = 100 * time.Millisecond

// The engines of [Config].
const (
	EngineEmbedded = "embedded" // SQLite in Config.Dir
	EngineMemory   = "memory"   // nothing outlives the Store
)

var (
	// ErrNotFound is returned for a bucket without a record.
	ErrNotFound = errors.New("state: no such record")
	// ErrCorrupt is inside the error of Open for a database that is damaged, or is none.
	ErrCorrupt = errors.New("database is corrupt")
	// ErrNewer is inside the error of Open for a database of a later version of Sluice.
	ErrNewer = errors.New("database was written by a newer version")
)

// Config says where state is kept.
type Config struct {
	Engine string `yaml:"engine" jsonschema:"embedded (SQLite) or memory (forgets everything at the end)" enum:"embedded,memory"`
	Dir    string `yaml:"dir" jsonschema:"folder of the database, on a local file system"`
}

// Bucket is the record of a bucket that was made through Sluice.
type Bucket struct {
	Name    string
	Account string    // the owner's account
	Created time.Time // UTC
}

// Store keeps records, durably once a call returns. Its methods may be called concurrently.
type Store interface {
	// Bucket returns a bucket's record, or ErrNotFound. It costs no I/O where the record is in memory.
	Bucket(ctx context.Context, name string) (Bucket, error)
	// PutBucket records a bucket that was just created. Settings that an earlier bucket of that name left are dropped.
	PutBucket(ctx context.Context, b Bucket) error
	// DeleteBucket forgets a bucket and its settings. One that is not there is a success.
	DeleteBucket(ctx context.Context, name string) error
	// Buckets returns all records in the order of their names' bytes.
	Buckets(ctx context.Context) ([]Bucket, error)

	// Setting returns the document that was set on a bucket under a name ("tagging", "cors"), and whether there is one.
	// The bucket needs no record. The document is shared: nobody changes it. It costs no I/O where it is in memory.
	Setting(ctx context.Context, bucket, name string) (document []byte, ok bool, err error)
	// PutSetting sets a document, in place of any earlier one.
	PutSetting(ctx context.Context, bucket, name string, document []byte) error
	// DeleteSetting removes a document. One that is not there is a success.
	DeleteSetting(ctx context.Context, bucket, name string) error

	// Value returns one of the gateway's own values, and whether it is set. It is read from the disk.
	Value(ctx context.Context, name string) (value []byte, ok bool, err error)
	// AddValue sets a value unless it is set, and returns what is then set: of several processes that start at once, all
	// get the same.
	AddValue(ctx context.Context, name string, value []byte) (current []byte, err error)

	// Close releases the store. No other method may be called after it.
	Close() error
}

// Open opens the store that c describes; the folder and the database are made where they are missing.
func Open(ctx context.Context, c Config) (Store, error) {
	switch c.Engine {
	case EngineEmbedded, "":
		if c.Dir == "" {
			return nil, errors.New("state: dir is missing")
		}
		return openFile(ctx, c.Dir)
	case EngineMemory:
		return openMemory(ctx)
	}
	return nil, fmt.Errorf("state: engine %q is unknown; there are %s and %s", c.Engine, EngineEmbedded, EngineMemory)
}
