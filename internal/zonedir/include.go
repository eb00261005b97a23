package zonedir

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// errMoving says that a file that is included is being written.
var errMoving = errors.New("it is being written")

// includes are the files that a zone file includes, and the state that each
// was read in; none if it was not there. Only what lies in the folder is
// included, wherever links lead.
type includes struct {
	folder string
	read   map[string]stamp
	moving bool // one of them was being written
}

// open opens a file that $INCLUDE names, relative to the folder.
func (x *includes) open(name string) (io.ReadCloser, error) {
	if filepath.IsAbs(name) {
		folder, err := filepath.Abs(x.folder)
		if err != nil {
			return nil, err
		}
		if name, err = filepath.Rel(folder, name); err != nil {
			return nil, err
		}
	}
	if x.read == nil {
		x.read = map[string]stamp{}
	}
	f, at, err := x.admit(name)
	if before, twice := x.read[name]; err == nil && twice && before != at {
		f.Close()
		err = errMoving
	}
	x.read[name] = at
	x.moving = x.moving || err == errMoving
	if err != nil {
		return nil, err
	}
	return f, nil
}

// admit opens a file and looks at it before it is read.
func (x *includes) admit(name string) (*os.File, stamp, error) {
	root, err := os.OpenRoot(x.folder)
	if err != nil {
		return nil, stamp{}, err
	}
	defer root.Close()
	f, err := root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0) // not blocking: it may be a pipe
	if err != nil {
		return nil, stamp{}, err
	}
	var st unix.Stat_t
	if err = unix.Fstat(int(f.Fd()), &st); err == nil {
		switch {
		case st.Mode&unix.S_IFMT != unix.S_IFREG:
			err = errors.New("it is no regular file")
		case fresh(newStamp(&st)) || openForWriting(int(f.Fd())):
			err = errMoving
		}
	}
	if err != nil {
		f.Close()
	}
	return f, newStamp(&st), err
}

// changed reports whether a file that was included is another one by now.
func (x *includes) changed() bool {
	if len(x.read) == 0 {
		return false
	}
	root, err := os.OpenRoot(x.folder)
	if err != nil {
		return false // the scan of the folder says so
	}
	defer root.Close()
	for name, at := range x.read {
		var now stamp // one that is not there has none
		if info, err := root.Stat(name); err == nil {
			if st, ok := info.Sys().(*syscall.Stat_t); ok {
				now = stamp{st.Dev, st.Ino, st.Size, st.Mtim.Nano(), st.Ctim.Nano()}
			}
		}
		if now != at {
			return true
		}
	}
	return false
}
