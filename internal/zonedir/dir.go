// Package zonedir serves a folder of zone files: a nameserver.Source.
//
// Every <origin>.zone of the folder is a zone (ROOT.zone is the root zone);
// names that begin with a dot and other endings are not looked at. Changed,
// added and removed files are noticed by inotify, and by a slow look at
// everything where that does not reach (network file systems, the target of a
// symbolic link, a folder that was replaced).
//
// A file may include others of the folder ($INCLUDE, relative to it), which
// should have another ending. They are looked at when their zone's file is:
// when it changed, by the slow look, and at SIGHUP.
//
// A file is read once nobody has it open for writing and it has not changed
// for a moment; a file that was renamed into place is read at once. A broken
// file is logged with its line and harms no other zone: what was served of it
// before stays, and a zone of which nothing good was ever read answers SERVFAIL.
package zonedir

import (
	"context"
	"fmt"
	"hash/maphash"
	"io"
	"log/slog"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/image"
	"github.com/skein-dns/skein/internal/nameserver"
)

// Options are what a Dir is made of. The zero value is good.
type Options struct {
	Log *slog.Logger
	// ImagePath is a file for what Image exports, so that the next start need
	// not read the zone files that stayed as they were; "" for none.
	ImagePath string
	Image     Image
	Watch     func(path string) (<-chan Event, func(), error) // inotify by default
}

const (
	settle   = 200 * time.Millisecond // a file is whole when it did not change for so long
	pollMin  = 5 * time.Second        // between looks at the whole folder
	pollCost = 100                    // such a look may take a hundredth of the time

	// headroom is memory that nobody touches, so that there is none of it: the
	// garbage collector waits for as much more. While all files are read, nearly
	// everything becomes garbage at once, and it took a seventh of the time. What
	// became of it is given back when that is over.
	headroom = 32 << 20
)

// Dir is a folder of zone files.
type Dir struct {
	path  string
	log   *slog.Logger
	watch func(string) (<-chan Event, func(), error)
	again chan struct{} // Reload was called
	seed  maphash.Seed

	imagePath string
	image     Image

	plain oddity // of files without one

	// Run's alone, but that Report reads files under mu.
	mu        sync.Mutex
	files     map[string]*file // by file name
	claims    claims
	served    int // zones
	broken    int // files
	into      nameserver.Updater
	now       []waiting
	later     []pending
	looks     chan look // for those who carry them out
	reading   int
	results   chan result
	scans     uint32 // so far
	undecided int    // files of the first scan of which it is not known whether they are good
	watching  stamp  // the folder that is watched
	scanned   stamp  // the folder that was scanned last
	keeper    image.Keeper
}

// Open makes a Dir of a folder that is there.
func Open(path string, o Options) (*Dir, error) {
	if err := readable(path); err != nil {
		return nil, fmt.Errorf("the folder of zone files cannot be read: %w", err)
	}
	d := &Dir{
		path: path, log: o.Log, watch: o.Watch, again: make(chan struct{}, 1), seed: maphash.MakeSeed(),
		imagePath: o.ImagePath, image: o.Image,
		files: map[string]*file{}, claims: claims{},
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.watch == nil {
		d.watch = Watch
	}
	return d, nil
}

// readable reports why a folder cannot be read. It reads one name: there may be a million.
func readable(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	if _, err := folder.Readdirnames(1); err != io.EOF {
		return err
	}
	return nil
}

// Reload looks at every file again, now, and at its bytes whatever its times say.
func (d *Dir) Reload() {
	select {
	case d.again <- struct{}{}:
	default: // one is on its way
	}
}

// Report returns how many zones are served, and what is wrong with files
// whose contents of now are not: file:line: problem.
func (d *Dir) Report() (served int, broken []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken == 0 {
		return d.served, nil
	}
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		if f := d.files[name]; f.problem != "" {
			broken = append(broken, f.problem)
		}
	}
	return d.served, broken
}

// Counts returns how many zones are served, and of how many files the
// contents of now are not.
func (d *Dir) Counts() (served, broken int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.served, d.broken
}

// Run implements nameserver.Source.
func (d *Dir) Run(ctx context.Context, into nameserver.Updater) error {
	d.into = into
	events, unwatch := d.startWatch()
	defer func() { unwatch() }()
	defer d.startLooks()()
	room := make([]byte, headroom)
	cost := d.scanFirst()
	poll := time.NewTimer(pollMin)
	defer poll.Stop()
	for ready := false; ; {
		d.start(time.Now())
		if !ready && d.undecided == 0 {
			ready = true
			runtime.KeepAlive(room)
			room = nil
			into.Ready()
			d.keep(false)
		}
		var due <-chan time.Time
		if len(d.later) > 0 {
			due = time.After(time.Until(d.later[0].at))
		}
		select {
		case <-ctx.Done():
			if ready {
				d.keep(true)
			}
			return nil
		case r := <-d.results:
			d.finish(r)
			d.finishMore()
			continue
		case <-due:
			continue
		case e, open := <-events:
			if open && !e.Lost {
				d.touch(e.Name, e.Whole)
				continue
			}
			unwatch()
			events, unwatch = d.startWatch()
			cost = d.scan(false)
		case <-poll.C:
			if !ready {
				break // everything is yet to be looked at
			}
			if d.replaced() {
				unwatch()
				events, unwatch = d.startWatch()
			}
			cost = d.scan(false)
			d.keep(false)
		case <-d.again:
			cost = d.scan(true)
		}
		poll.Reset(max(pollMin, pollCost*cost))
	}
}

// startWatch watches the folder as it is now. Without a watch the slow look remains.
func (d *Dir) startWatch() (events <-chan Event, unwatch func()) {
	d.watching, _ = stampOf(d.path) // a folder that is not there is found out by scan
	events, unwatch, err := d.watch(d.path)
	if err != nil {
		d.log.Warn("the folder of zone files cannot be watched; changes are noticed later", "folder", d.path, "err", err)
		return nil, func() {}
	}
	return events, unwatch
}

// replaced reports whether path leads to another folder than the one that is watched.
func (d *Dir) replaced() bool {
	now, err := stampOf(d.path)
	return err == nil && !now.same(d.watching)
}
