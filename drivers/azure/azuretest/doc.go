// Package azuretest is a Blob service in memory, made after the REST documentation, for tests of what emulators get wrong or cannot do
// at will: commits that drop others' blocks, the forms of failed conditions, empty pages, markers that cross partitions, copies from
// URLs, and faults.
//
//	s := azuretest.New()
//	server := httptest.NewServer(s)
//	d, err := azure.New(azure.Config{Account: "acme", AccountKey: azuretest.Key, Endpoint: server.URL + "/acme"}, client, "az")
//	s.Before = func(op string, r *http.Request) *azuretest.Fault { ... }
//	s.Count("PutBlob")
//
// It checks no signatures, only that requests and the sources of copies have one. What it does, and the pages that say so:
//
//   - Put Block, Put Block List, Put Blob, Get Block List: https://learn.microsoft.com/rest/api/storageservices/put-block-list says
//     that a Put Blob, too, drops the blocks that are not committed
//   - Put Block From URL, Put Blob From URL: https://learn.microsoft.com/rest/api/storageservices/put-block-from-url
//   - List Blobs: https://learn.microsoft.com/rest/api/storageservices/list-blobs
//   - Blob Batch: https://learn.microsoft.com/rest/api/storageservices/blob-batch
//   - conditions: https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations
//   - error codes: https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
package azuretest
