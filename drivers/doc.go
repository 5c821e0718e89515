// Package drivers is the contract between the S3 gateway and the stores behind it.
//
// Two nouns, as in S3: a [Driver] is a set of buckets, a [Bucket] a set of objects. A leaf speaks to one store (a folder,
// a cloud); a policy is a Driver over other Drivers, so anything composes with anything.
//
// What every Driver keeps, and drivers/drivertest proves:
//
//   - Put is atomic and reads its body once. A body that fails, or a cancelled context, stores nothing, and that very
//     error comes back (errors.Is holds). A body fails before io.EOF when anything is wrong with it (length, signature,
//     digest), so no driver ever checks a digest that a client sent.
//   - A read that starts after a Put, Delete or Complete returned sees its effect, in Get, Head and List alike.
//   - Keys are UTF-8 of 1 to 1,024 bytes, any of them: "a" beside "a/b" and "a/", "a//b", "..", a trailing "/".
//   - Listings come in the order of the keys' bytes. Deleting a key that is not there succeeds.
//   - The ETag is the one S3 would show (MD5, or MD5-of-MD5s-N) and agrees in Put, Head, Get and List.
//   - Ranges and conditions are judged by the same call that reads or writes, never by a call before it.
//   - Arguments are neither kept nor changed. Whoever gets a Body closes it.
//   - Errors are sentinels of errors.go inside [*Error]; context errors and body errors pass through unchanged.
//
// An ability that not every store has is a small interface plus one function of this package with a fallback, as in
// io/fs: [Copier] and [Copy], [Multipart] and [Multiparts], [Tagger] and [Tags], [BatchDeleter] and [DeleteAll],
// [Checker] and [Check]. A store without multipart uploads gets them by [Staging]. Only this package asserts the
// interfaces; everyone else, wrappers too, calls the functions. Wrappers of one child are made of [Intercept], which
// passes every ability on. What a store cannot do, or only at a price, its driver declares ([Limited]) and `sluice check`
// prints.
package drivers
