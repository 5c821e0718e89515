// Package gcstest is a Google Cloud Storage in memory, for tests: as much of the JSON API, and of the XML API's downloads, as the
// driver uses. It follows the documentation also where emulators do not: preconditions of reads, deletes, patches, composes and
// rewrites (https://cloud.google.com/storage/docs/request-preconditions), what compose takes and gives
// (https://cloud.google.com/storage/docs/composite-objects), names (https://cloud.google.com/storage/docs/objects#naming), and the
// limit of metadata (https://cloud.google.com/storage/quotas#objects). It counts requests, and fails them where a test wants that.
//
//	server := gcstest.New()
//	defer server.Close()
//	d, err := gcs.New(server.Client(), gcs.Options{Project: "p", Endpoint: server.URL})
package gcstest
