//go:build unix

package local

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// ownFolder holds all that is the driver's: nothing of it is in the buckets.
//
//	.sluice/format            what the folder looks like inside, and how names are written
//	.sluice/tmp/<session>/    what one process has in the making
//	.sluice/uploads/<bucket>/ unfinished multipart uploads
//	.sluice/attrs/            side files
//	.sluice/locks/            locks between processes; what is in one tells of a move (move.go)
const ownFolder = ".sluice"

// format is the document .sluice/format.
type format struct {
	Version int `json:"version"`
	// Portable names are written where the file system folds letter case or normalizes Unicode.
	Portable bool `json:"portable_names"`
}

const formatVersion = 1

// open opens the folders of the driver, and makes those that are missing.
func (d *Driver) open(path string) (err error) {
	if d.root, err = openRoot(path); err != nil {
		return err
	}
	if d.own, err = d.root.ensureDir(ownFolder); err != nil {
		return err
	}
	if d.uploads, err = d.own.ensureDir("uploads"); err != nil {
		return err
	}
	if d.sides, err = d.own.ensureDir("attrs"); err != nil {
		return err
	}
	if d.locks.folder, err = d.own.ensureDir("locks"); err != nil {
		return err
	}
	d.locks.finish = d.finishMove
	return d.openSession()
}

// ensureDir opens a folder and makes it where it is missing.
func (d dir) ensureDir(name string) (dir, error) {
	if err := d.mkdir(name); err != nil && err != unix.EEXIST {
		return dir{}, err
	}
	return d.openDir(name)
}

// openSession makes the folder of this process and locks it: whoever can lock a session's folder knows that its process
// has ended, and may delete it.
func (d *Driver) openSession() error {
	tmp, err := d.own.ensureDir("tmp")
	if err != nil {
		return err
	}
	defer tmp.close()
	for range 100 {
		name := rand.Text()
		if d.session, err = tmp.ensureDir(name); err != nil {
			continue // swept before it was open
		}
		if err := file(d.session).lock(true, true); err != nil {
			return err
		}
		if _, err := tmp.stat(name); err == nil {
			d.sessionName, d.commits.marker = name, file(d.session)
			return nil
		}
		d.session.close() // swept before it was locked
		d.session = dir{}
	}
	return errors.Join(errors.New("no folder for temporary files"), err)
}

// closeSession deletes the folder of this process.
func (d *Driver) closeSession() {
	if d.sessionName == "" {
		return
	}
	_ = d.own.removeAll("tmp/" + d.sessionName)
}

func (d *Driver) closeFolders() {
	for _, f := range []dir{d.root, d.own, d.uploads, d.sides, d.session} {
		if f.fd > 0 {
			f.close()
		}
	}
	if d.locks.folder.fd > 0 {
		d.locks.close()
	}
}

// removeAll deletes a file or a folder with all that is in it. The last element of path is the one that goes.
func (d dir) removeAll(path string) error {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		parent, err := d.openDir(path[:i])
		if err != nil {
			return err
		}
		defer parent.close()
		return parent.removeAll(path[i+1:])
	}
	sub, err := d.openDir(path)
	if absent(err) {
		return d.remove(path)
	}
	if err != nil {
		return err
	}
	defer sub.close()
	for {
		var names []string
		if err := sub.entries(func(name []byte, _, _ bool) bool {
			names = append(names, string(name))
			return true
		}); err != nil {
			return err
		}
		for _, name := range names {
			if err := sub.removeAll(name); err != nil && err != unix.ENOENT {
				return err
			}
		}
		err := d.removeDir(path)
		if len(names) == 0 || err != unix.ENOTEMPTY && err != unix.EEXIST { // else someone has just added a file
			return err
		}
	}
}

// probe finds out what the file system can do.
func (d *Driver) probe(o Options) error {
	name := "Probe-\u00e9" // as NFC; upper case and not
	f, err := d.session.create(name)
	if err != nil {
		return err
	}
	defer f.close()
	defer func() { _ = d.session.remove(name) }()
	if err := d.probeNames(name, o.portable); err != nil {
		return err
	}
	d.ordered = d.session.orderedJournal() && !o.cautious
	if d.fsync && !d.ordered { // the folders of open
		if err := errors.Join(d.own.sync(), d.root.sync()); err != nil {
			return err
		}
	}
	d.sideFiles = o.sideFiles || f.setAttr(sideMark) != nil
	d.unnamed = d.probeUnnamed()
	d.exchanges = !o.noSwaps && d.probeExchange(name)
	return nil
}

// probeNames reads the format, or finds out how names must be written and keeps it: a folder that moves to another file
// system keeps its names.
func (d *Driver) probeNames(name string, portable bool) error {
	b, err := d.own.readFile("format")
	if err == nil {
		var f format
		if err := json.Unmarshal(b, &f); err != nil {
			return fmt.Errorf("%s/format: %w", ownFolder, err)
		}
		if f.Version != formatVersion {
			return fmt.Errorf("%s/format: version %d is of a later release", ownFolder, f.Version)
		}
		d.codec.portable = f.Portable
		return nil
	}
	if err != unix.ENOENT {
		return err
	}
	_, folded := d.session.stat(strings.ToLower(name))
	_, normalized := d.session.stat("Probe-e\u0301") // the same as NFD
	d.codec.portable = portable || folded == nil || normalized == nil
	b, err = json.Marshal(format{Version: formatVersion, Portable: d.codec.portable})
	if err != nil {
		return err
	}
	return d.writeFile(d.own, "format", append(b, '\n'))
}

func (d *Driver) probeUnnamed() bool {
	f, err := d.session.createUnnamed()
	if err != nil {
		return false
	}
	defer f.close()
	temp := d.tempName()
	if linkUnnamed(f, d.session, temp) != nil {
		return false
	}
	return d.session.remove(temp) == nil
}

func (d *Driver) probeExchange(name string) bool {
	temp := d.tempName()
	if d.session.mkdir(temp) != nil {
		return false
	}
	ok := true
	for range 2 { // there and back
		ok = ok && d.session.exchange(temp, d.session, name) == nil
	}
	_ = d.session.removeDir(temp)
	return ok
}
