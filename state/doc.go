// Package state keeps what Sluice must remember beside the objects themselves: who owns a bucket, what was set on it
// (tags, CORS rules, policies: documents by name), and a few values of the gateway's own, as a generated key.
//
//	state: {engine: embedded, dir: /var/lib/sluice}
//
// Engine "embedded" is a SQLite database, state.db, in dir; "memory" forgets everything at the end and is for tests.
//
// A driver, not this package, says which buckets exist. A bucket without a record (a folder that was there before) belongs
// to the default account.
//
// # What holds
//
// A write is on the disk when its call returns (WAL, synchronous=FULL), so it survives a crash of the process or of the
// machine. Several processes may use one database on one machine; the folder must be on a local file system, as WAL needs
// shared memory. One connection writes, others read beside it.
//
// Every request needs its bucket's record, so records are kept in memory. A write by this process is seen at once; a
// write by another process is seen after at most [Staleness].
package state
