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
// "a/b" comes to live beside it (publish.go). What S3 keeps with an object is in an extended attribute of its file, or in
// a side file where that cannot be (attrstore.go). All that is the driver's own is in the folder .sluice (session.go).
//
// Writes are atomic, and durable when they return (staged.go). Several processes may use one folder.
package local
