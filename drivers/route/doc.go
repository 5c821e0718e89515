// Package route is the policy that says which bucket lives where: buckets by name, and "*" for all others. The section
// "buckets" of a config is one:
//
//	buckets:
//	  photos: {driver: aws, bucket: acme-photos-eu}
//	  archive: {driver: cold, read_only: true}
//	  "*": {driver: disk}
//
// A bucket's name at its store may differ ("bucket"). A bucket at a store that a route names is reached by that route alone,
// never by "*" too, and two routes cannot name the same one: a second name would be a way around the rules of the first. Nodes
// that wrap one other (limit, retry) are seen through for that. A route node inside of another is not, nor are two nodes of
// their own for one store: their buckets must be kept apart by who writes the config.
//
// What has no route does not exist, and cannot be made. ListBuckets shows the named buckets that exist and all that "*" has;
// it asks for each named bucket by itself, so a store need not allow its buckets to be listed.
//
// The bucket that the store returned is handed on as it is, so routing costs a map look-up and takes no ability away; only
// one that is read-only has a wrapper, which fails every change with ErrReadOnly.
package route
