// Package route is the policy that says which bucket lives where. The section "buckets" of a config is one:
//
//	buckets:
//	  photos: {driver: aws, bucket: acme-photos-eu}          # another name at the store
//	  archive: {driver: cold, read_only: true}
//	  team-a: {driver: aws, bucket: acme-shared, prefix: a/} # two buckets that share one at the store
//	  team-b: {driver: aws, bucket: acme-shared, prefix: b/}
//	  pictures: {alias: photos}                              # a second name, on purpose
//	  "logs-*": {driver: disk}                               # all that begin with logs-
//	  "*": {driver: disk2}                                   # all others
//
// A name counts before a pattern. A pattern has one "*", which stands for any characters or none; of several patterns that fit,
// the one with the most other characters counts, and of two as long the one with more of them ahead of the "*".
//
// # One way to a bucket
//
// A bucket at a store that a route names is reached by that route alone, never by a pattern too, and two routes cannot name the
// same one, or overlapping prefixes of it: a second name would be a way around the rules of the first. Where that is meant, an
// alias says so. An alias leads where another name does; it may be read_only, and is so where the other is. It neither makes
// nor deletes the bucket, which is done by its own name; its owner and settings in the gateway are its own.
//
// Nodes that wrap one other (limit, retry) are seen through for that. A route node inside of another is not, nor are two nodes
// of their own for one store: their buckets must be kept apart by who writes the config.
//
// # Prefixes
//
// With a prefix, which ends with "/", a bucket is a part of the one at the store: the objects whose keys begin with it. They keep
// their place and their readable names there; a key has so much less room within S3's 1,024 bytes. Making such a bucket makes
// the one at the store, where it is missing, and an empty object whose key is the prefix, as consoles do for a folder. It is
// there while anything lies under the prefix, that object too; but the calls for objects do not ask for that, since it would
// double their requests: they work as long as the bucket at the store is there. Deleting it, when no object is left, drops its
// unfinished uploads and the empty object. The bucket at the store goes with it only where it has no name of its own ("bucket")
// and no other route, and is empty.
//
// # Buckets without a route
//
// What has no route does not exist, and cannot be made. ListBuckets shows the named buckets that exist and all that patterns
// lead to; it asks for each named bucket by itself, so a store need not allow its buckets to be listed.
//
// The bucket that the store returned is handed on as it is, so routing costs a map look-up and takes no ability away. One with a
// prefix, or read-only, has a wrapper (drivers.Prefix, drivers.ReadOnly).
package route
