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

// record adds a part. A line begins and ends with a line break, so that what a crash left of one does no harm to the
// next. Appends of several processes do not mix: each is one write.
func (u *upload) record(r partRecord) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := u.at.openAppend(logFile)
	if err != nil {
		return err
	}
	defer f.close()
	n, err := unix.Write(f.fd, fmt.Appendf(nil, "\n%s\n", line))
	if err == nil && n < len(line)+2 {
		err = unix.ENOSPC
	}
	if err == nil && u.b.d.fsync {
		err = f.sync()
	}
	if err == nil && u.b.d.fsync && !u.b.d.ordered {
		err = u.at.sync()
	}
	if err != nil {
		return err
	}
	return u.alive()
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
