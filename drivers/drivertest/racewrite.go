package drivertest

import (
	"fmt"
	"strings"
	"sync/atomic"

	"sluice/drivers"
)

func raceWriteChecks(l *limits) []check {
	all := []check{
		{"Race/of many creators of a bucket one wins", raceCreateBucket},
		{"Race/a bucket goes only without what was put", raceDeleteBucket},
		{"Race/a copy is of one whole version", raceCopy},
	}
	if l.withoutMultipart {
		return all
	}
	return append(all,
		check{"Race/of first writers by Put and CompleteUpload one wins", raceFirstOfUploads},
		check{"Race/one part sent many times is one of them", racePart},
	)
}

func raceCreateBucket(e *env) {
	e.must(e.d.DeleteBucket(e.Context(), e.bucket))
	var wins atomic.Int32
	race(func(int) {
		err := e.d.CreateBucket(e.Context(), e.bucket, drivers.CreateBucketOptions{})
		if e.is(err, nil, drivers.ErrBucketExists, drivers.ErrConflict) && err == nil {
			wins.Add(1)
		}
	})
	if !e.limits.speaksS3 || wins.Load() == 0 {
		same(e, "creators that won", wins.Load(), 1)
	}
}

func raceDeleteBucket(e *env) {
	for round := range 5 {
		name, b := e.newBucket()
		var kept, gone atomic.Int32
		race(func(i int) {
			if i%8 == 7 {
				err := e.d.DeleteBucket(e.Context(), name)
				if e.is(err, nil, drivers.ErrNotEmpty, drivers.ErrNoBucket, drivers.ErrConflict) && err == nil {
					gone.Add(1)
				}
				return
			}
			_, err := b.Put(e.Context(), fmt.Sprintf("dir%d/key%d", i%3, i), strings.NewReader("x"), drivers.PutOptions{Size: 1})
			if e.is(err, nil, drivers.ErrNoBucket) && err == nil {
				kept.Add(1)
			}
		})
		if gone.Load() > 1 || gone.Load() == 1 && kept.Load() > 0 {
			e.Fatalf("round %d: the bucket went %d times, with %d objects in it", round, gone.Load(), kept.Load())
		}
		page, err := b.List(e.Context(), drivers.ListOptions{})
		if gone.Load() == 1 {
			e.is(err, drivers.ErrNoBucket)
			continue
		}
		e.must(err)
		if !page.More {
			same(e, "objects", len(page.Objects), int(kept.Load()))
		}
	}
}

func raceCopy(e *env) {
	version := func(i int) string { return strings.Repeat(fmt.Sprintf("version %02d.", i), 3000) }
	e.put("source", version(0), drivers.PutOptions{})
	race(func(i int) {
		if i%2 == 0 {
			body := version(i)
			_, err := e.b.Put(e.Context(), "source", strings.NewReader(body), drivers.PutOptions{Size: int64(len(body))})
			e.ok(err)
			return
		}
		// A streamed copy may lose its source, which is an error then, but not mix two.
		_, _ = drivers.Copy(e.Context(), e.b, fmt.Sprint("copy", i), e.b, "source", drivers.CopyOptions{})
	})
	for _, key := range e.list(drivers.ListOptions{Prefix: "copy"}) {
		body, info := e.get(key)
		if same(e, "ETag", info.ETag, md5hex(body)); len(body) != 33000 || strings.Count(body, body[:11]) != 3000 {
			e.Errorf("%s holds %d bytes of more than one version", key, len(body))
		}
	}
}

func raceFirstOfUploads(e *env) {
	var ids [racers]drivers.Upload
	var parts [racers]drivers.Part
	for i := range ids {
		if i%4 == 0 {
			ids[i] = e.begin("key", drivers.CreateUploadOptions{})
			parts[i] = e.putPart(ids[i], 1, fmt.Sprint("writer ", i))
		}
	}
	first := drivers.Conditions{IfNoneMatch: []string{"*"}}
	var wins, winner atomic.Int32
	race(func(i int) {
		var err error
		if i%4 == 0 {
			_, err = e.m.CompleteUpload(e.Context(), "key", ids[i].ID, list(parts[i]), drivers.CompleteOptions{Conditions: first})
		} else {
			body := fmt.Sprint("writer ", i)
			_, err = e.b.Put(e.Context(), "key", strings.NewReader(body), drivers.PutOptions{Size: int64(len(body)), Conditions: first})
		}
		if e.is(err, nil, drivers.ErrPrecondition, drivers.ErrConflict) && err == nil {
			wins.Add(1)
			winner.Store(int32(i))
		}
	})
	same(e, "writers that won", wins.Load(), 1)
	body, _ := e.get("key")
	same(e, "the body", body, fmt.Sprint("writer ", winner.Load()))
}

func racePart(e *env) {
	u := e.begin("key", drivers.CreateUploadOptions{})
	sent := func(i int) string { return strings.Repeat(fmt.Sprintf("part %02d.", i), 2000+i) }
	race(func(i int) {
		_, err := e.m.PutPart(e.Context(), "key", u.ID, 7, strings.NewReader(sent(i)), drivers.PutPartOptions{Size: -1})
		e.ok(err)
	})
	page, err := e.m.ListParts(e.Context(), "key", u.ID, drivers.ListPartsOptions{})
	e.must(err)
	if len(page.Parts) != 1 {
		e.Fatalf("parts: %+v", page.Parts)
	}
	_, err = e.m.CompleteUpload(e.Context(), "key", u.ID, list(page.Parts...), drivers.CompleteOptions{})
	e.must(err)
	body, info := e.get("key")
	same(e, "Size", info.Size, page.Parts[0].Size)
	same(e, "ETag of the part that was listed", page.Parts[0].ETag, md5hex(body))
}
