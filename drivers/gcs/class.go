package gcs

// The storage classes of the store, https://cloud.google.com/storage/docs/storage-classes. All answer at once; what is colder
// costs less to keep, more to read, and something to delete early.
const (
	standard = "STANDARD"
	nearline = "NEARLINE"
	coldline = "COLDLINE"
	archive  = "ARCHIVE"
)

// nativeClasses are the store's classes for S3's; "" is the bucket's default.
var nativeClasses = map[string]string{
	"":             "",
	"STANDARD":     "",
	"STANDARD_IA":  nearline,
	"ONEZONE_IA":   nearline,
	"GLACIER_IR":   coldline,
	"GLACIER":      archive,
	"DEEP_ARCHIVE": archive,
}

// nativeClass returns the store's class for one of S3; those that the table does not have are standard.
func nativeClass(class string) string {
	if native, ok := nativeClasses[class]; ok {
		return native
	}
	return standard
}

// shownClass returns S3's class of an object: the one that was asked for, as long as the object is where that belongs. S3 clients
// would not read what is called GLACIER before they restored it, so what others archived is not called so.
func shownClass(native, asked string) string {
	if asked != "" && nativeClass(asked) == native {
		return asked
	}
	switch native {
	case nearline:
		return "STANDARD_IA"
	case coldline, archive:
		return "GLACIER_IR"
	}
	return ""
}
