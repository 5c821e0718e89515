package cdk

import "sluice/drivers"

// Limits tells what is true of every store behind the Go CDK, and then of the one that is served.
func (d *driver) Limits() []drivers.Limit {
	where := d.tempDir
	if where == "" {
		where = "the system's temporary folder"
	}
	return append([]drivers.Limit{
		{Name: "large bodies", How: "more than 1 MiB waits in " + where + " until its ETag is known, then goes to the store"},
		{Name: "multipart", How: "parts go through this process again when an upload is completed"},
		{Name: "tags", How: "a change of tags writes the object again"},
		{Name: "storage class", How: "kept and shown, and of no effect"},
	}, d.buckets.limits()...)
}

// remoteLimits are those of stores of which nothing is known.
func remoteLimits() []drivers.Limit {
	return []drivers.Limit{
		{Name: "time-outs", How: "writes have those of the store's own library; a change of tags has response_timeout and stall_timeout"},
		{Name: "requests", How: "two for a Get and three in the object's first minute; one more for each object of a listing"},
		{Name: "conditions", How: "atomic among all processes for If-None-Match: *, and within this process for others"},
		{Name: "listing", How: "one that begins in the middle without the store's token reads all before it"},
		{Name: "keys", How: "one that a driver of the Go CDK would escape is kept as .sluice/keys/ and its hexadecimal, if not longer than 505 bytes"},
		{Name: "metadata", How: "7 KiB of the user's, and 8 KiB with tags and checksums; s3: 1,700 bytes in all"},
	}
}

// folderLimits are those of fileblob.
func folderLimits() []drivers.Limit {
	return []drivers.Limit{
		{Name: "durability", How: "no fsync: a loss of power may take what was acknowledged; the driver local syncs"},
		{Name: "conditions", How: "atomic within this process only"},
		{Name: "processes", How: "one writes at a time: fileblob replaces an object and its attributes in two steps"},
		{Name: "overwrites", How: "one that fails in the middle may leave the old content without its attributes"},
		{Name: "keys", How: "a and a/b exclude each other; names of over 200 bytes, //, .. and the like are kept as .sluice/keys/ " +
			"and the key's hexadecimal, if the key is not longer than 505 bytes; a file system that folds case takes a and A for one"},
		{Name: "listing", How: "each page reads the folders that it touches whole"},
	}
}

func memoryLimits() []drivers.Limit {
	return []drivers.Limit{
		{Name: "durability", How: "objects end with the process, and with a reload of the config"},
		{Name: "listing", How: "each page sorts all keys of the bucket"},
	}
}

func (m *memory) limits() []drivers.Limit { return memoryLimits() }

func (f *folders) limits() []drivers.Limit { return folderLimits() }

func (f fixed) limits() []drivers.Limit {
	limits := []drivers.Limit{{Name: "buckets", How: "those of the config; clients make and delete none"}}
	seen := map[kind]bool{}
	for _, s := range f {
		seen[s.kind] = true
	}
	for _, k := range []struct {
		kind   kind
		limits func() []drivers.Limit
	}{{remote, remoteLimits}, {inFolder, folderLimits}, {inMemory, memoryLimits}} {
		if seen[k.kind] {
			limits = append(limits, k.limits()...)
		}
	}
	return limits
}
