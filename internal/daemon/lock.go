package daemon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/skein-dns/skein"
)

// lockData makes the data directory, readable by its user alone, and takes its
// lock, which the kernel gives back however the process ends.
func lockData(dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &skein.Error{Kind: skein.KindUnavailable, What: "the data directory " + dir + " cannot be made", Mend: "name one that this user may write to with --data DIR", Cause: err}
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, &skein.Error{Kind: skein.KindUnavailable, What: "the data directory " + dir + " cannot be written to", Mend: "run as its user, or name another with --data DIR", Cause: err}
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder := make([]byte, 16)
		n, _ := f.ReadAt(holder, 0) // only for the message
		f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("locking %s: %w", dir, err)
		}
		return nil, &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("another node runs on the data directory %s (process %s)", dir, holder[:n]), Mend: "stop it first, or name another directory with --data DIR"}
	}
	// The number is for the message above alone; a full disk may keep it out.
	_ = f.Truncate(0)
	_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	return func() error {
		// A process that is being started has the file too, until it is its own program.
		return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
	}, nil
}
