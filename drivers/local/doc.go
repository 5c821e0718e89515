// Package local serves a folder as buckets: each sub-folder is a bucket, each object a plain file under its own name.
//
//	disk:
//	  type: local
//	  config:
//	    dir: /srv/objects
//	    durability: fsync # or none
//
// A person can look into the folder, and a folder that already has files can be served: they are objects, whose ETag is
// made up of their inode, size and time. Only regular files are; symbolic links are never followed, and nothing outside
// of the folder can be reached.
//
// Every key works. A name that cannot be a file's is escaped (codec.go); the object "a" moves into the folder "a" when
// "a/b" comes to live beside it (move.go). What S3 keeps with an object is in an extended attribute of its file, or in
// a side file where that cannot be (attrstore.go). All that is the driver's own is in the folder .sluice (session.go).
//
// Writes are atomic, and durable when they return (staged.go). Several processes may use one folder.
//
// A listing needs the names of a folder in order, which no file system gives: the folder is read as a whole, a second or two
// for a million names, and kept in memory until it changes, up to 64 MiB of names in all. Of a folder with more than that, two
// to three million names, only a part is kept: one after the other the quarters of that limit that a listing comes to
// (readfolder.go). So a page never takes more than 300 MiB, and large folders are read one at a time; but a listing
// from end to end reads such a folder once for every half a million names, and a folder that changes all the time once for
// every page. Keys with a few slashes in them are the better choice.
package local
