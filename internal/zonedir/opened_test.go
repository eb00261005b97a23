package zonedir_test

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/skein-dns/skein/internal/zonedir"
)

// A file that may be read, but is somebody else's, is read all the same: the
// system lets its owner alone ask that the reading is not noted.
func TestAFileOfSomebodyElseIsRead(t *testing.T) {
	t.Parallel()
	const path = "/etc/passwd" // root's
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan error, 1)
	var got []byte
	go func() {
		runtime.LockOSThread() // and the thread ends with us, who are nobody
		if _, err := unix.SetfsuidRetUid(65534); err != nil {
			read <- err
			return
		}
		if fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOATIME, 0); err != unix.EPERM {
			t.Errorf("the system had %d, %v to say; the story is of one that is refused", fd, err)
		}
		var err error
		got, err = zonedir.ReadFile(path)
		read <- err
	}()
	if err := <-read; err != nil || string(got) != string(want) {
		t.Errorf("%d octets of %d, %v", len(got), len(want), err)
	}
}
