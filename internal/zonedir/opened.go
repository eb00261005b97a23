package zonedir

import (
	"errors"
	"hash/maphash"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// openedFile is a file that is read: at once, or in pieces. Then it sums up its
// octets, and says how many are left. An os.File would ask the system some more
// for each.
type openedFile struct {
	fd     int    // -1: it is closed
	buf    []byte // to read it into, if that is enough
	leased bool   // nobody can write it
	sum    maphash.Hash
	left   int64
}

// readAtOnce is how many octets a file may have that is read at once.
const readAtOnce = 64 << 10

// open opens a file without waiting: what is found may be a pipe by now. Where
// it may, it does not have the system note that the file was read, which is to
// write something for each.
func (f *openedFile) open(path string) error {
	flags := unix.O_RDONLY | unix.O_NONBLOCK | unix.O_CLOEXEC | unix.O_NOATIME
	for {
		fd, err := unix.Open(path, flags, 0)
		switch {
		case err == nil:
			*f = openedFile{fd: fd, buf: f.buf}
			return nil
		case err == unix.EINTR:
		case err == unix.EPERM && flags&unix.O_NOATIME != 0: // it is somebody else's
			flags &^= unix.O_NOATIME
		default:
			return &fs.PathError{Op: "open", Path: path, Err: err}
		}
	}
}

// close closes it, which gives the lease back.
func (f *openedFile) close() {
	if f.fd >= 0 {
		_ = unix.Close(f.fd)
	}
	f.fd = -1
}

// lease reports whether anybody has the file open for writing: a read lease is
// given only where nobody has (fcntl(2), F_SETLEASE), and who wants to has to
// wait until it is given back. Where leases cannot be had, on the files of others
// or on a network, the pause of settle has to do.
func (f *openedFile) lease() (written bool) {
	err := setLease(f.fd, unix.F_RDLCK)
	f.leased = err == nil
	return errors.Is(err, unix.EAGAIN)
}

// release gives the lease back.
func (f *openedFile) release() {
	if f.leased {
		_ = setLease(f.fd, unix.F_UNLCK)
	}
	f.leased = false
}

func setLease(fd, kind int) error {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_SETLEASE, kind)
	return err
}

// openForWriting reports whether anybody has a file open for writing.
func openForWriting(fd int) bool {
	f := openedFile{fd: fd}
	defer f.release()
	return f.lease()
}

// whole reads a file of so many octets that has a lease, and closes it; ok is
// false, and nothing is read, if it has none or is too large.
func (f *openedFile) whole(size int64) (octets []byte, ok bool, err error) {
	if !f.leased || size >= int64(len(f.buf)) {
		f.release()
		return nil, false, nil
	}
	n, err := f.read(f.buf)
	if err != nil {
		return nil, false, err
	}
	if int64(n) != size { // a file system that does not say what there is
		f.release()
		return nil, false, f.again()
	}
	f.close()
	return f.buf[:n], true, nil
}

// again begins anew.
func (f *openedFile) again() error {
	f.sum.Reset()
	_, err := unix.Seek(f.fd, 0, io.SeekStart)
	return os.NewSyscallError("lseek", err)
}

func (f *openedFile) read(b []byte) (n int, err error) {
	for n, err = unix.Read(f.fd, b); err == unix.EINTR; n, err = unix.Read(f.fd, b) {
	}
	return max(n, 0), os.NewSyscallError("read", err)
}

// Read reads a piece.
func (f *openedFile) Read(b []byte) (int, error) {
	n, err := f.read(b)
	switch {
	case err != nil:
		return 0, err
	case n == 0 && len(b) > 0:
		return 0, io.EOF
	}
	f.sum.Write(b[:n])
	f.left -= int64(n)
	return n, nil
}

// Len spares the parser a large buffer for a small file.
func (f *openedFile) Len() int { return int(max(f.left, 0)) }
