package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// unfinished is what the name of a file begins with until it is whole.
const unfinished = ".new-"

// writeDurably writes a file that is either whole and on disk, or not there.
func writeDurably(path string, parts ...[]byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), unfinished+"*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	for _, part := range parts {
		if _, err := f.Write(part); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err := errors.Join(handOver(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// makeDir makes a folder, and what is missing above it. Each is on disk before
// anything is put into it, or a power cut could take all of it away.
func makeDir(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeDir(filepath.Dir(dir)); err != nil {
			return err
		}
		err = os.Mkdir(dir, 0o700)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	made, err := os.OpenFile(dir, syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	return errors.Join(handOver(made), made.Close(), syncDir(filepath.Dir(dir)))
}

// handOver gives what root has just made to the owner of the folder that it is
// in: the node on this machine, which may run as a user of its own, delivers
// from the spool too. It goes by the open file, so that no link is followed.
func handOver(f *os.File) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(filepath.Dir(f.Name()))
	if err != nil {
		return err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid != 0 {
		return f.Chown(int(owner.Uid), int(owner.Gid))
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// lock takes a lock that the kernel gives back when the process dies.
func (s *Spool) lock(name string, wait bool) (unlock func(), err error) {
	f, err := openLock(filepath.Join(s.dir, name))
	if err != nil {
		return nil, fmt.Errorf("locking the spool: %w", err)
	}
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		return func() {
			// A process that is being started has the file too, until it is its own program.
			_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
			f.Close()
		}, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, ErrBusy
	}
	return nil, fmt.Errorf("locking the spool: %w", err)
}

// openLock opens a lock's file, which is made once and stays.
func openLock(path string) (*os.File, error) {
	const how = os.O_RDWR | syscall.O_NOFOLLOW
	f, err := os.OpenFile(path, how|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return os.OpenFile(path, how, 0)
	}
	if err != nil {
		return nil, err
	}
	if err := handOver(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
