package trees

import "sluice/drivers/drivertest"

// withoutVersityGW leaves out what versitygw 1.8.0 does otherwise than S3: it is no fault of the driver, which keeps all of it
// on the other stores that speak S3.
func withoutVersityGW() []drivertest.Option {
	return without("versitygw", map[string][]string{
		"objects are files at their keys, and a key that ends with / has no content": {
			"Key/long ones", "Key/names that look internal", "Key/spaces and dots at the ends", "Key/control characters", "Key/dots",
			"Key/slashes anywhere", "Key/an object beside what looks like its folder", "Copy/to and from odd keys", "Upload/odd keys",
			"List/a cursor anywhere in common prefixes", "List/prefix, delimiter, cursor and limit as in the model",
			"Upload/what is not complete is not seen",
		},
		"it knows no version null":                                            {"Get/the version null is the current one, others are none"},
		"writes take no If-Match *":                                           {"Conditions/of Put", "Conditions/of Copy", "Conditions/of CompleteUpload"},
		"a copy's source is compared with fractions of seconds":               {"Conditions/of a copy's source"},
		"conditional deletes are not atomic":                                  {"Race/of many conditional deletes one wins"},
		"who makes a bucket that is being made gets a 500":                    {"Race/of many creators of a bucket one wins"},
		"a bucket can be deleted while an object is put into it":              {"Race/a bucket goes only without what was put"},
		"a copy keeps no storage class, and headers that were to be replaced": {"Copy/onto itself changes the header", "Copy/replaces header and tags where asked"},
		"an object does not show the checksums of its parts":                  {"Upload/composite checksums", "Upload/checksums of the full object"},
		"markers of uploads must be those of uploads that are still there":    {"Upload/uploads are listed by prefix and delimiter", "Upload/uploads are listed in pages"},
		"some of what is done with an upload that is gone succeeds":           {"Upload/one that is not there", "Upload/an abort leaves the object alone"},
		"an abort that meets a part is a 500, and leaves it":                  {"Upload/parts race with an abort"},
		"parts that are too small are told before parts out of order":         {"Upload/a bad list leaves the upload as it is"},
	})
}

// withoutFakeGCS leaves out what fake-gcs-server 1.56.1 does otherwise than Google Cloud Storage. The tests beside the driver
// hold it against a server of their own that judges all preconditions.
func withoutFakeGCS() []drivertest.Option {
	return without("fake-gcs-server", map[string][]string{
		"preconditions of compose, rewrite and delete are ignored": {
			"Conditions/of Copy", "Conditions/of CompleteUpload", "Conditions/of Delete", "Upload/a bad list leaves the upload as it is",
			"Race/of first writers by Put and CompleteUpload one wins",
		},
		"a rewrite keeps headers that were to be replaced, and the metadata": {
			"Copy/onto itself changes the header", "Copy/replaces header and tags where asked",
		},
	})
}

// without leaves out checks, by what the server does.
func without(server string, checks map[string][]string) (options []drivertest.Option) {
	for why, names := range checks {
		for _, name := range names {
			options = append(options, drivertest.Without(name, server+": "+why))
		}
	}
	return options
}
