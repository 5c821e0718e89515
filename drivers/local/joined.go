//go:build unix

package local

import (
	"golang.org/x/sys/unix"
)

// Publishing an upload moves one file out of its folder: data, or joined. Another file says that it had been there, so
// that an upload whose folder could not go at once is known as published, whatever has become of its object since:
//
//	stride without data
//	joining without joined
//
// Hence "joining" is made after "joined", and goes before it.
const (
	joinedFile  = "joined"
	joiningFile = "joining"
)

// published tells whether the upload's object was published, and only its folder is left.
func (u *upload) published() (bool, error) {
	for _, pair := range [][2]string{{strideFile, dataFile}, {joiningFile, joinedFile}} {
		_, err := u.at.stat(pair[0])
		if err == nil {
			_, err = u.at.stat(pair[1])
			if err == unix.ENOENT {
				return true, nil
			}
		}
		if err != nil && err != unix.ENOENT {
			return false, err
		}
	}
	return false, nil
}

// stageJoined makes the file to join the parts in. The caller holds the upload's lock, and calls dropJoined at the end.
func (u *upload) stageJoined() (*staged, error) {
	if err := u.removeJoined(); err != nil { // of a Complete that a crash ended
		return nil, err
	}
	f, err := u.at.create(joinedFile)
	if err != nil {
		return nil, u.ended(err)
	}
	s := &staged{d: u.b.d, file: f, at: u.at, name: joinedFile}
	if err = u.syncNames(); err == nil {
		var mark file
		if mark, err = u.at.create(joiningFile); err == nil {
			mark.close()
			err = u.syncNames()
		}
	}
	if err != nil {
		u.dropJoined(s)
		return nil, err
	}
	return s, nil
}

// dropJoined closes the file, and removes it where it was not published. Where that fails the next Complete does it.
func (u *upload) dropJoined(s *staged) {
	s.file.close()
	if s.name != "" {
		_ = u.removeJoined()
	}
}

// removeJoined removes a file that was not published, so that at no time it looks like one that was.
func (u *upload) removeJoined() error {
	err := u.at.remove(joiningFile)
	if err == nil {
		err = u.syncNames()
	}
	if err != nil && err != unix.ENOENT {
		return err
	}
	if err := u.at.remove(joinedFile); err != nil && err != unix.ENOENT {
		return err
	}
	return nil
}

// syncNames makes the names in the upload's folder durable where the journal does not keep them in order by itself.
func (u *upload) syncNames() error {
	if !u.b.d.fsync || u.b.d.ordered {
		return nil
	}
	return u.at.sync()
}
