package zonedir

import (
	"bytes"
	"encoding/binary"
	"os"

	"golang.org/x/sys/unix"
)

// Event is something that happened in the folder.
type Event struct {
	Name  string // file name
	Whole bool   // the file was renamed into place
	Lost  bool   // events were lost, or the folder itself went: look at everything
}

const watched = unix.IN_CLOSE_WRITE | unix.IN_MOVED_TO | unix.IN_MOVED_FROM | unix.IN_DELETE | unix.IN_CREATE |
	unix.IN_ATTRIB | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_ONLYDIR

// Watch tells by inotify(7) what happens in a folder. The channel is closed
// when that ends by itself; the function ends it.
func Watch(path string) (<-chan Event, func(), error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, nil, os.NewSyscallError("inotify_init1", err)
	}
	if _, err := unix.InotifyAddWatch(fd, path, watched); err != nil {
		unix.Close(fd)
		return nil, nil, os.NewSyscallError("inotify_add_watch", err)
	}
	f := os.NewFile(uintptr(fd), "inotify")
	events, done := make(chan Event), make(chan struct{})
	go func() {
		defer close(events)
		defer f.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := f.Read(buf)
			if err != nil {
				return
			}
			for e := range parseEvents(buf[:n]) {
				select {
				case events <- e:
				case <-done:
					return
				}
			}
		}
	}()
	return events, func() { close(done); f.Close() }, nil
}

// parseEvents reads the events of one read.
func parseEvents(b []byte) func(yield func(Event) bool) {
	return func(yield func(Event) bool) {
		for len(b) >= unix.SizeofInotifyEvent {
			mask := binary.NativeEndian.Uint32(b[4:])
			size := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(b[12:]))
			name, _, _ := bytes.Cut(b[unix.SizeofInotifyEvent:size], []byte{0})
			b = b[size:]
			e := Event{Name: string(name), Whole: mask&unix.IN_MOVED_TO != 0}
			e.Lost = mask&(unix.IN_Q_OVERFLOW|unix.IN_IGNORED|unix.IN_DELETE_SELF|unix.IN_MOVE_SELF|unix.IN_UNMOUNT) != 0
			if (e.Lost || e.Name != "") && !yield(e) {
				return
			}
		}
	}
}
