//go:build unix

package local

import (
	"bytes"
	"encoding/json"
	"fmt"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// partRecord is a line of an upload's log of parts. The line is written after the part's bytes are complete, and
// durable where that is asked for.
type partRecord struct {
	Part drivers.Part
	File string // the part's own file; "" is its slot in the data file
}

// record adds a part. begun tells whether the log may hold its line, also after an error: then the place that it names
// must stay as it is. Where the journal keeps no order the names in the folder, which the line relies on, are made
// durable before it.
//
// A line begins and ends with a line break, so that what a crash left of one does no harm to the
// next. Appends of several processes do not mix: each is one write.
func (u *upload) record(r partRecord) (begun bool, err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return false, err
	}
	f, err := u.at.openAppend(logFile)
	if err != nil {
		return false, err
	}
	defer f.close()
	if err := u.syncNames(); err != nil {
		return false, err
	}
	n, err := unix.Write(f.fd, fmt.Appendf(nil, "\n%s\n", line))
	if err == nil && n < len(line)+2 {
		err = unix.ENOSPC
	}
	if err == nil && u.b.d.fsync {
		err = f.sync()
	}
	if err != nil {
		return true, err
	}
	return true, u.alive()
}

// records returns the parts that have arrived, by number.
func (u *upload) records() (map[int]partRecord, error) {
	text, err := u.at.readFile(logFile)
	if err == unix.ENOENT {
		return nil, u.alive()
	}
	if err != nil {
		return nil, err
	}
	records := make(map[int]partRecord)
	for line := range bytes.Lines(text) {
		var r partRecord
		if len(line) > 1 && json.Unmarshal(line, &r) == nil && r.Part.Number > 0 {
			records[r.Part.Number] = r
		}
	}
	return records, nil
}
