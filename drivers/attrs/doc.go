// Package attrs keeps what S3 keeps with an object in the metadata of a store that knows nothing of S3: its ETag, checksum,
// tags, the sizes of its parts, headers that have no place in the store, and user metadata of any form.
//
// User metadata stays an entry of its own, under its own name, wherever the store takes name and value, so that the store's own
// tools show it. All the rest is one entry, [Entry], a line of JSON that a person can read. Both are written in the very request that
// publishes the object. Drivers of stores share the package; what a store takes, its [Format] says.
//
//	var format = attrs.Format{Limit: 8 << 10, Name: isIdentifier, Value: isASCII, ASCII: true}
//
//	enc, err := format.Encode(attrs.Attrs{Size: size, Digest: o.Digest(), Header: rest, Tags: o.Tags})
//	// enc.Metadata goes with the object; enc.Overflow, rarely, into a hidden object of its own, first
//	a, err := format.Decode(metadata, attrs.Content{Size: size, MD5: md5})
//
// An object that other tools wrote has no such entry, and one that they wrote over may have an old one: [Format.Decode] holds it
// against the content's size, and its MD5 where the store tells, and believes only what fits.
package attrs
