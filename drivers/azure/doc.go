// Package azure keeps objects in Azure Blob Storage: a bucket is a container, an object a block blob of its own name.
//
//	az:
//	  type: azure
//	  config:
//	    account: acme
//	    account_key: "${env:AZURE_STORAGE_KEY}"      # or sas, or connection_string with all in one; without any, the environment
//	    endpoint: https://acme.blob.core.windows.net # as here if absent
//	    bucket_prefix: prod-                         # bucket photos is container prod-photos
//	    bucket_names: {reports: finance-reports}     # and this one is another
//	    upstream: {attempts: 4}                      # see drivers/upstream
//
// Without account_key, sas and connection_string, the SDK's default chain says who is asking: environment variables, workload
// identity, managed identity, the az command. It must be allowed to read and write blobs ("Storage Blob Data Contributor").
//
// What becomes of an object, so that other tools see it as theirs: content type, encoding, language, disposition, cache control and
// MD5 are properties of the blob; user metadata is metadata of the blob where the name is an identifier and the value printable
// ASCII. The rest (ETag, checksum, tags, parts, storage class, Expires, other user metadata) is one entry "sluice" of the metadata;
// see drivers/attrs. A blob that other tools wrote is read as an object; its ETag is its MD5 in hexadecimal, where the service has one,
// and else 32 digits made of the service's ETag and "-1", a form that no client takes for an MD5.
//
// # What costs what
//
// Head, Get, Put of up to 8 MiB, Delete and a page of a listing are one request, deletes of many one for 256. A larger Put is staged as
// blocks and committed: two requests, three above 4000 MiB, one for each 4 MiB where the length is not known. Reading the last n bytes,
// or a part by number, is two. Conditions by S3 ETag on writes are two: the service knows its own ETags only, so that one is looked up,
// judged, and pinned by If-Match. "If-None-Match: *" is native. Changing tags is two. A copy within the account is two where it is not
// above 256 MiB, else one for each 256 MiB, one to check and one to commit; so is completing an upload, with one for each part at least.
//
// # Writes that meet
//
// A commit of a blob drops all blocks of it that are not committed. So a large Put that is overtaken by another write of its key may find
// its blocks gone. Nothing is lost by that: the one write came after the other, which S3 allows for writes that overlap, and both are
// acknowledged. Under conditions it is drivers.ErrConflict, as in S3. Blocks that another tool has left unfinished under a key, and
// whose IDs have another length, keep large writes of that key away (drivers.ErrConflict); they lapse within a week, and a small write
// drops them.
//
// A container is deleted with all that is in it, so DeleteBucket looks first, and keeps this process from publishing anything
// meanwhile. Another process can still lose an object that it writes in between. For half a minute or longer after it, the name of a
// deleted container cannot be had again: drivers.ErrConflict.
//
// # Limits
//
// Names that the service breaks or sorts unlike S3 are kept under others by drivers.Staging: see takes. Blobs of other tools with such
// names are not shown. Metadata, tags and checksums have 8 KiB together; parts that do not fit go to a hidden blob. Accounts with a
// hierarchical namespace are refused at the start: there a name is a path, and "a" cannot be beside "a/b". Page and append blobs are
// read, and not written. Versions and leases are left alone: a blob under a lease is not written.
//
// Azure itself has not been asked yet: the driver was held against its documentation, a service made after it (drivers/azure/azuretest)
// and Azurite. A service that cannot start a listing from a name, which Azure can since version 2026-02-06, needs one request for each
// 1,000 names or so before the place of a listing that has no marker.
package azure
