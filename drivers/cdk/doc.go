// Package cdk serves buckets that gocloud.dev/blob can open: a folder, memory, and whatever store a program links in. It is for
// stores that have no driver of their own here, and for folders that programs of the Go CDK share. AWS S3, Google Cloud Storage,
// Azure and plain folders have drivers that do more, and at less cost: s3, gcs, azure, local.
//
//	scratch: {type: cdk, config: {url: "mem://"}}
//	shared: {type: cdk, config: {url: "file:///srv/objects?create_dir=true"}}
//	other:
//	  type: cdk
//	  config:
//	    buckets: # the buckets there are, each by its URL
//	      photos: "file:///srv/photos"
//	      drafts: "mem://"
//	    temp_dir: /var/tmp # where large bodies wait; the system's own if absent
//	    upstream: {attempts: 4} # of stores across a network; see package upstream
//
// With url, clients make and delete buckets: each is memory of its own, or a sub-folder. With buckets, the config names all that
// there are, and clients make and delete none. URLs are those of the Go CDK (https://gocloud.dev/concepts/urls/), with the prefix
// parameter, so that several buckets can share one of the store's.
//
// # Other stores
//
// This program links the schemes mem and file. One file more in cmd/sluice links another, and with it that store's library:
//
//	package main
//
//	import _ "gocloud.dev/blob/s3blob" // s3://
//
// # What is kept, and how
//
// An object lies under its own key, with its own content type and so on. What a store has no place for is metadata of the object
// (drivers/attrs), which the Go CDK sends before the body: so a body of more than drivers.SmallBody whose ETag is not known yet waits
// in a file without a name, on disk, until it is. A key that some driver of the Go CDK would escape, and so list out of order, is
// refused by this package, and kept under another name by drivers.Staging. The Go CDK knows no conditions but "if there is none", so
// that others are judged under a lock of this process. `sluice check` prints all this, and what more is true of a store (limits.go).
package cdk
