package integration

import (
	"os"
	"testing"

	"sluice/integration/trees"
)

// alone are the tests that have a gateway and a store of their own, and the machine.
var alone = []struct {
	name string
	run  func(*testing.T, trees.Tree)
	kept bool // the store must outlive the gateway
}{
	{"LargeObjectByTransferManagerInBoundedMemory", testLargeObjectByTransferManagerInBoundedMemory, false},
	{"LargeObjectBySinglePutInBoundedMemory", testLargeObjectBySinglePutInBoundedMemory, false},
	{"ManyKeysListedCompleteAndInOrder", testManyKeysListedCompleteAndInOrder, false},
	{"CrashKeepsWhatWasAcknowledged", testCrashKeepsWhatWasAcknowledged, true},
}

// together are the tests that share a gateway, each with buckets of its own.
var together = []struct {
	name string
	run  func(*testing.T, *gateway)
}{
	{"Client", testClient},
	{"AWSSDKTransferManagerRoundTrip", testAWSSDKTransferManagerRoundTrip},
	{"AWSSDKTrailingChecksumsBehindTLS", testAWSSDKTrailingChecksumsBehindTLS},
	{"AWSSDKErrorsAreTold", testAWSSDKErrorsAreTold},
	{"AWSSDKUploadOfPartsListedCopiedAndAborted", testAWSSDKUploadOfPartsListedCopiedAndAborted},
	{"AWSSDKPresignedRequests", testAWSSDKPresignedRequests},
	{"MinioPutObjectRoundTrip", testMinioPutObjectRoundTrip},
	{"MinioFilesCopiesAndComposition", testMinioFilesCopiesAndComposition},
	{"MinioAttributesOfAnUploadOfParts", testMinioAttributesOfAnUploadOfParts},
	{"MinioListingAndRemoval", testMinioListingAndRemoval},
	{"MinioTagsAndConditions", testMinioTagsAndConditions},
	{"OperationsAreAsThePageSays", testOperationsAreAsThePageSays},
	{"OneKeyOneOfManyCreatorsWins", testOneKeyOneOfManyCreatorsWins},
	{"OneKeyCompareAndSwapLosesNothing", testOneKeyCompareAndSwapLosesNothing},
	{"OneKeyInterleavedUploads", testOneKeyInterleavedUploads},
	{"OneKeyUploadsCompletedAtOnce", testOneKeyUploadsCompletedAtOnce},
	{"OneKeyAbortLeavesTheObject", testOneKeyAbortLeavesTheObject},
}

// TestTree runs everything on each store, one store after the other: an emulator's memory grows with what it was given, and it
// is gone before the next one starts.
func TestTree(t *testing.T) {
	for _, tree := range selected(t) {
		t.Run(tree.Name, func(t *testing.T) {
			for _, c := range alone {
				if !c.kept || !tree.InMemory {
					t.Run(c.name, func(t *testing.T) { c.run(t, tree) })
				}
			}
			g := start(t, tree)
			for _, c := range together {
				if c.name == "Client" && tree.Second && os.Getenv("SLUICE_TREES") == "" {
					continue // half a minute of processor time and more for each; where the tree is named they run
				}
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.run(t, g)
				})
			}
		})
	}
}

// selected are the trees to run; another server than the gateway has no stores that we know of.
func selected(t *testing.T) []trees.Tree {
	t.Helper()
	if os.Getenv("SLUICE_CMD") != "" {
		return []trees.Tree{{Name: "other"}}
	}
	selected, err := trees.Selected()
	if err != nil {
		t.Fatal(err)
	}
	return selected
}
