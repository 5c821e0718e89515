// Package gcs serves the buckets of a Google Cloud Storage project.
//
//	gcp:
//	  type: gcs
//	  config:
//	    project: acme
//	    location: EU                           # of new buckets; where the client says, or US, if absent
//	    credentials_file: /etc/sluice/gcs.json # application default credentials if absent
//	    bucket_prefix: acme-                   # the store has one space of names for all its users
//	    bucket_names: {photos: acme-photos-2019}
//
// An emulator is asked without credentials, as the environment variable STORAGE_EMULATOR_HOST has it too:
//
//	fake:
//	  type: gcs
//	  config: {project: test, endpoint: "http://127.0.0.1:4443", anonymous: true}
//
// An object is an object of the store under its own name, with the store's own Content-Type and so on, user metadata, and MD5.
// What else S3 keeps with it is one more entry of its metadata (drivers/attrs, info.go). An object that other tools wrote is
// served like any other. Keys that the store forbids have names beside where they would be (name.go).
//
// The driver speaks Google's generated client for the JSON API, and by itself the two requests that move content: an upload is one
// multipart request of known length (upload.go), a download one request of the XML API, whose headers say all that S3's do
// (download.go, header.go). So one request of S3 is one of the store, but for these. A large Put whose checksum is known only at
// the end goes to a hidden object that is then composed to its own name (put.go), for no reader may see it without. An ETag as
// condition of a write is looked up first, and the write then made under the generation that had it (condition.go). A copy, a part
// of an object and a change of tags begin with a look at the object.
//
// S3's storage classes are kept as asked for, and choose the store's (class.go). All objects that are joined to one have a single
// class, so one of another class than its parts is moved there by the store after it was joined (join.go).
package gcs
