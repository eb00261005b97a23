package zonedir_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/zonedir"
	"github.com/skein-dns/skein/zone"
)

// served is what a nameserver would serve.
type served struct {
	mu    sync.Mutex // owns the rest
	zones map[zone.Name]zone.Contents
	fails map[zone.Name]bool
	ready bool
	told  chan struct{} // closed and made anew at each call
}

func (s *served) do(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.told)
	s.told = make(chan struct{})
}

func (s *served) Put(c zone.Contents) {
	s.do(func() { s.zones[c.Origin().Canonical()] = c; delete(s.fails, c.Origin().Canonical()) })
}

func (s *served) Drop(name zone.Name) {
	s.do(func() { delete(s.zones, name.Canonical()); delete(s.fails, name.Canonical()) })
}

func (s *served) Fail(name zone.Name) { s.do(func() { s.fails[name.Canonical()] = true }) }

func (s *served) Current(name zone.Name) (zone.Contents, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.zones[name.Canonical()]
	return c, ok
}

func (s *served) SetAccess(nameserver.Access) {}

func (s *served) Ready() { s.do(func() { s.ready = true }) }

// changed is closed at the next call.
func (s *served) changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told
}

func (s *served) isReady() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ready
}

// state is every zone with its serial, or SERVFAIL, one a line.
func (s *served) state() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := map[zone.Name]string{}
	for name, c := range s.zones {
		soa, _ := c.SOA()
		lines[name] = fmt.Sprintf("%s %d\n", name, soa.Serial)
	}
	for name := range s.fails {
		lines[name] = fmt.Sprintf("%s SERVFAIL\n", name)
	}
	return strings.Join(slices.Sorted(maps.Values(lines)), "")
}

// folder is a Dir at work in a test.
type folder struct {
	t      testing.TB
	path   string
	events chan zonedir.Event
	served *served
	dir    *zonedir.Dir
	log    strings.Builder
}

// open runs a Dir on files. Within synctest; events are what the test says.
func open(t *testing.T, files map[string]string) *folder {
	t.Helper()
	f := prepare(t, files)
	f.run(func(string) (<-chan zonedir.Event, func(), error) { return f.events, func() {}, nil })
	synctest.Wait()
	return f
}

func prepare(t testing.TB, files map[string]string) *folder {
	t.Helper()
	f := &folder{t: t, path: t.TempDir(), events: make(chan zonedir.Event), served: &served{
		zones: map[zone.Name]zone.Contents{}, fails: map[zone.Name]bool{}, told: make(chan struct{}),
	}}
	for name, text := range files {
		f.write(name, text)
	}
	return f
}

func (f *folder) run(watch func(string) (<-chan zonedir.Event, func(), error)) {
	f.t.Helper()
	var err error
	f.dir, err = zonedir.Open(f.path, zonedir.Options{Log: slog.New(slog.NewTextHandler(&f.log, nil)), Watch: watch})
	if err != nil {
		f.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(f.t.Context())
	done := make(chan error, 1)
	go func() { done <- f.dir.Run(ctx, f.served) }()
	f.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			f.t.Error(err)
		}
		if f.t.Failed() {
			f.t.Logf("the log:\n%s", f.log.String())
		}
	})
}

func (f *folder) file(name string) string { return filepath.Join(f.path, name) }

func (f *folder) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) write(name, text string) {
	f.t.Helper()
	f.must(os.WriteFile(f.file(name), []byte(text), 0o600))
}

// tell passes an event on and waits until nothing more follows from it now.
func (f *folder) tell(e zonedir.Event) {
	f.t.Helper()
	f.events <- e
	synctest.Wait()
}

// serves demands what is served now: lines of zone and serial.
func (f *folder) serves(want ...string) {
	f.t.Helper()
	if got := f.served.state(); got != strings.Join(append(want, ""), "\n") {
		f.t.Fatalf("served is\n%swant\n%s", got, strings.Join(want, "\n"))
	}
}

// pause is longer than a file has to stay unchanged.
func pause() { time.Sleep(time.Second); synctest.Wait() }

// text is a small zone file.
func text(serial int) string {
	return fmt.Sprintf("$TTL 300\n@ SOA ns1.example.net. hostmaster.example.net. %d 3600 600 86400 300\n@ NS ns1.example.net.\nwww A 192.0.2.1\n", serial)
}

func TestFolderAtTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := prepare(t, map[string]string{
			"example.com.zone":                  text(1),
			"ROOT.zone":                         text(2),
			"bücher.example.zone":               text(3),
			`0\04725.2.0.192.in-addr.arpa.zone`: text(4),
			"UPPER.example.zone":                text(5),
			"upper.example.zone":                text(6), // the same zone; sorts after
			"syntax.example.zone":               text(7) + "www A 192.0.2.300\n",
			"nosoa.example.zone":                "www 300 A 192.0.2.1\n",
			"empty.example.zone":                "",
			"include.example.zone":              text(8) + "$INCLUDE /etc/passwd\n",
			"outside.example.zone":              text(9) + "www.other.example. A 192.0.2.66\n",
			"a..example.zone":                   text(10),
			"\xff\xfe.example.zone":             text(11),
			".example.com.zone":                 "an editor's",
			"example.com.zone~":                 "an editor's",
			"readme.txt":                        "no zone",
			".zone":                             "no name",
		})
		f.must(os.Mkdir(f.file("folder.example.zone"), 0o700))
		f.must(os.Symlink(f.file("nowhere"), f.file("dangling.example.zone")))
		f.must(os.Symlink(f.file("example.com.zone"), f.file("linked.example.zone")))
		f.must(syscall.Mkfifo(f.file("pipe.example.zone"), 0o600))
		f.run(func(string) (<-chan zonedir.Event, func(), error) { return f.events, func() {}, nil })
		pause()
		f.serves(
			". 2", "0/25.2.0.192.in-addr.arpa. 4", "dangling.example. SERVFAIL", "empty.example. SERVFAIL", "example.com. 1",
			"folder.example. SERVFAIL", "include.example. SERVFAIL", "linked.example. 1", "nosoa.example. SERVFAIL",
			"outside.example. 9", "pipe.example. SERVFAIL", "syntax.example. SERVFAIL", "upper.example. 5", "xn--bcher-kva.example. 3",
		)
		if !f.served.isReady() {
			t.Error("not ready, though all was looked at")
		}
		if c := f.served.zones["outside.example."]; c.IsZero() {
			t.Error("nothing of outside.example")
		} else if _, there := c.Get("www.other.example.", zone.TypeA); there {
			t.Error("another zone's record is served")
		}
		n, broken := f.dir.Report()
		if served, bad := f.dir.Counts(); served != n || bad != len(broken) {
			t.Errorf("the counts are %d and %d", served, bad)
		}
		if n != 7 || len(broken) != 10 {
			t.Errorf("%d zones are served and %d files broken: %s", n, len(broken), strings.Join(broken, "\n"))
		}
		for _, says := range []string{
			"syntax.example.zone:5: ", "include.example.zone:5: $INCLUDE \"/etc/passwd\": openat", "nosoa.example.zone: ", "folder.example.zone: it is no regular file",
			"upper.example.zone: the zone upper.example. is served from UPPER.example.zone", "a..example.zone: ", "empty label", "pipe.example.zone: it is no regular file", `"\xff\xfe.example.zone": bad domain name`,
		} {
			if !strings.Contains(strings.Join(broken, "\n"), says) {
				t.Errorf("the report does not say %q:\n%s", says, strings.Join(broken, "\n"))
			}
		}
	})
}

func TestAChangeIsServed(t *testing.T) {
	t.Parallel()
	for situation, story := range map[string]func(f *folder){
		"a file renamed into place is served at once": func(f *folder) {
			f.write("new", text(2))
			f.must(os.Rename(f.file("new"), f.file("example.com.zone")))
			f.tell(zonedir.Event{Name: "example.com.zone", Whole: true})
			f.serves("example.com. 2")
		},
		"a file written in place is served when it has settled": func(f *folder) {
			f.write("example.com.zone", text(2))
			f.tell(zonedir.Event{Name: "example.com.zone"})
			f.serves("example.com. 1")
			pause()
			f.serves("example.com. 2")
		},
		"a file that goes on changing is served when that ends": func(f *folder) {
			f.write("example.com.zone", text(2))
			f.tell(zonedir.Event{Name: "example.com.zone"})
			time.Sleep(150 * time.Millisecond)
			f.write("example.com.zone", text(3)) // an event of this one got lost
			time.Sleep(150 * time.Millisecond)
			synctest.Wait()
			f.serves("example.com. 1")
			pause()
			f.serves("example.com. 3")
		},
		"a file that somebody has open for writing is not read": func(f *folder) {
			half, err := os.OpenFile(f.file("example.com.zone"), os.O_WRONLY|os.O_TRUNC, 0)
			f.must(err)
			_, err = half.WriteString(text(2))
			f.must(err)
			f.tell(zonedir.Event{Name: "example.com.zone"})
			time.Sleep(time.Minute)
			synctest.Wait()
			f.serves("example.com. 1")
			if n := strings.Count(f.log.String(), "open for writing"); n != 1 {
				f.t.Errorf("that was said %d times", n)
			}
			_, err = half.WriteString("more A 192.0.2.2\n")
			f.must(err)
			f.must(half.Close())
			f.tell(zonedir.Event{Name: "example.com.zone"})
			pause()
			f.serves("example.com. 2")
			if _, there := f.served.zones["example.com."].Get("more.example.com.", zone.TypeA); !there {
				f.t.Error("the second half is missing")
			}
		},
		"a file that appears": func(f *folder) {
			f.write("new.example.zone", text(7))
			f.tell(zonedir.Event{Name: "new.example.zone"})
			f.serves("example.com. 1")
			pause()
			f.serves("example.com. 1", "new.example. 7")
		},
		"a file that goes": func(f *folder) {
			f.must(os.Remove(f.file("example.com.zone")))
			f.tell(zonedir.Event{Name: "example.com.zone"})
			f.serves("example.com. 1")
			pause()
			f.serves()
		},
		"an editor that moves the old file away first": func(f *folder) {
			f.must(os.Rename(f.file("example.com.zone"), f.file("example.com.zone~")))
			f.tell(zonedir.Event{Name: "example.com.zone"})
			f.write("example.com.zone", text(2))
			f.tell(zonedir.Event{Name: "example.com.zone"})
			f.serves("example.com. 1")
			pause()
			f.serves("example.com. 2")
		},
		"a broken change leaves the last good contents": func(f *folder) {
			f.write("example.com.zone", text(2)+"oops\n")
			f.tell(zonedir.Event{Name: "example.com.zone"})
			pause()
			f.serves("example.com. 1")
			if _, broken := f.dir.Report(); len(broken) != 1 || !strings.HasPrefix(broken[0], "example.com.zone:5: ") {
				f.t.Errorf("the report is %q", broken)
			}
			if !strings.Contains(f.log.String(), "what was read before stays served") {
				f.t.Error("the log does not say what becomes of the zone")
			}
			f.write("example.com.zone", text(3))
			f.tell(zonedir.Event{Name: "example.com.zone"})
			pause()
			f.serves("example.com. 3")
			if _, broken := f.dir.Report(); len(broken) != 0 {
				f.t.Errorf("it is mended, and the report is %q", broken)
			}
			if served, bad := f.dir.Counts(); served != 1 || bad != 0 {
				f.t.Errorf("the counts are %d and %d", served, bad)
			}
		},
		"a zone that was never good is served once it is": func(f *folder) {
			f.write("new.example.zone", "oops\n")
			f.tell(zonedir.Event{Name: "new.example.zone"})
			pause()
			f.serves("example.com. 1", "new.example. SERVFAIL")
			f.write("new.example.zone", text(2))
			f.tell(zonedir.Event{Name: "new.example.zone"})
			pause()
			f.serves("example.com. 1", "new.example. 2")
			f.must(os.Remove(f.file("new.example.zone")))
			f.tell(zonedir.Event{Name: "new.example.zone"})
			pause()
			f.serves("example.com. 1")
		},
		"a change without a higher serial is served, with a warning": func(f *folder) {
			f.write("example.com.zone", text(1)+"more A 192.0.2.2\n")
			f.tell(zonedir.Event{Name: "example.com.zone"})
			pause()
			if _, there := f.served.zones["example.com."].Get("more.example.com.", zone.TypeA); !there {
				f.t.Error("the change is not served")
			}
			if !strings.Contains(f.log.String(), "its serial did not rise") {
				f.t.Error("there is no warning")
			}
		},
		"the second file of a zone takes over when the first goes": func(f *folder) {
			f.write("EXAMPLE.com.zone", text(9))
			f.tell(zonedir.Event{Name: "EXAMPLE.com.zone"})
			pause()
			f.serves("example.com. 1")
			f.must(os.Remove(f.file("example.com.zone")))
			f.tell(zonedir.Event{Name: "example.com.zone"})
			pause()
			pause()
			f.serves("example.com. 9")
		},
		"events that got lost are made up for": func(f *folder) {
			f.write("example.com.zone", text(2))
			f.write("new.example.zone", text(7))
			f.tell(zonedir.Event{Lost: true})
			pause()
			f.serves("example.com. 2", "new.example. 7")
		},
		"a change that no event told of is found by the slow look": func(f *folder) {
			f.write("example.com.zone", text(2))
			time.Sleep(10 * time.Second)
			synctest.Wait()
			f.serves("example.com. 2")
		},
		"a file that becomes unreadable stays served": func(f *folder) {
			f.must(os.Remove(f.file("example.com.zone")))
			f.must(os.Symlink("example.com.zone", f.file("example.com.zone"))) // leads to itself
			f.tell(zonedir.Event{Name: "example.com.zone"})
			pause()
			f.serves("example.com. 1")
		},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := open(t, map[string]string{"example.com.zone": text(1)})
				pause()
				f.serves("example.com. 1")
				story(f)
			})
		})
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	for situation, story := range map[string]func(f *folder){
		"at once, without waiting for the file to settle": func(f *folder) {
			f.write("example.com.zone", text(2))
			f.dir.Reload()
			synctest.Wait()
			f.serves("example.com. 2")
		},
		"a change that hides its time": func(f *folder) {
			before, err := os.Stat(f.file("example.com.zone"))
			f.must(err)
			f.write("example.com.zone", text(2))
			f.must(os.Chtimes(f.file("example.com.zone"), before.ModTime(), before.ModTime()))
			f.dir.Reload()
			synctest.Wait()
			f.serves("example.com. 2")
		},
		"the same file does not undo an update": func(f *folder) {
			updated := f.served.zones["example.com."].WithSerial(50)
			f.served.Put(updated)
			f.dir.Reload()
			synctest.Wait()
			f.serves("example.com. 50")
		},
		"a broken file is reported again": func(f *folder) {
			f.write("example.com.zone", "oops\n")
			f.dir.Reload()
			synctest.Wait()
			first := strings.Count(f.log.String(), "is broken")
			f.dir.Reload()
			synctest.Wait()
			if again := strings.Count(f.log.String(), "is broken"); first != 1 || again != 2 {
				f.t.Errorf("it was reported %d times, then %d", first, again)
			}
		},
		"a file that went": func(f *folder) {
			f.must(os.Remove(f.file("example.com.zone")))
			f.dir.Reload()
			pause()
			f.serves()
		},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := open(t, map[string]string{"example.com.zone": text(1)})
				pause()
				story(f)
			})
		})
	}
}

// What happens to the folder itself never empties a nameserver by accident.
func TestFolderItself(t *testing.T) {
	t.Parallel()
	move := func(f *folder) {
		f.must(os.Rename(f.path, f.path+".old"))
		f.t.Cleanup(func() { os.RemoveAll(f.path + ".old") })
	}
	for situation, story := range map[string]func(f *folder){
		"it goes": func(f *folder) {
			move(f)
			f.tell(zonedir.Event{Lost: true})
			time.Sleep(time.Minute)
			f.serves("example.com. 1")
		},
		"an empty one takes its place, as when a file system is not mounted": func(f *folder) {
			move(f)
			f.must(os.Mkdir(f.path, 0o700))
			f.tell(zonedir.Event{Lost: true})
			time.Sleep(time.Minute)
			f.serves("example.com. 1")
			f.dir.Reload() // but the operator's word counts
			pause()
			f.serves()
		},
		"another one takes its place, and nobody tells": func(f *folder) {
			move(f)
			f.must(os.Mkdir(f.path, 0o700))
			f.write("new.example.zone", text(2))
			time.Sleep(time.Minute)
			f.serves("new.example. 2")
		},
		"its last zone is removed": func(f *folder) {
			f.must(os.Remove(f.file("example.com.zone")))
			time.Sleep(time.Minute)
			f.serves()
		},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := open(t, map[string]string{"example.com.zone": text(1)})
				pause()
				story(f)
			})
		})
	}
}

func TestOpenRefusesWhatIsNoFolder(t *testing.T) {
	t.Parallel()
	for _, path := range []string{filepath.Join(t.TempDir(), "nosuch"), os.DevNull} {
		if _, err := zonedir.Open(path, zonedir.Options{}); err == nil {
			t.Errorf("%s was opened", path)
		}
	}
}

// The same with inotify itself.
func TestWatchTellsOfChanges(t *testing.T) {
	t.Parallel()
	f := prepare(t, map[string]string{"example.com.zone": text(1), "gone.example.zone": text(1)})
	f.run(nil)
	f.until("example.com. 1", "gone.example. 1")
	f.write("example.com.zone", text(2))
	f.must(os.Remove(f.file("gone.example.zone")))
	f.write("new", text(3))
	f.must(os.Rename(f.file("new"), f.file("new.example.zone")))
	f.until("example.com. 2", "new.example. 3")
	f.must(os.Chmod(f.file("example.com.zone"), 0o640))
	f.must(os.Link(f.file("new.example.zone"), f.file("linked.example.zone")))
	f.until("example.com. 2", "linked.example. 3", "new.example. 3")
}

func TestWatchOfAFolderThatGoes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "zones")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	events, stop, err := zonedir.Watch(path)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if e := <-events; !e.Lost {
		t.Errorf("the event is %+v", e)
	}
	if _, _, err := zonedir.Watch(path); err == nil {
		t.Error("a folder that is not there is watched")
	}
}

// until waits for what is to be served.
func (f *folder) until(want ...string) {
	f.t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		told := f.served.changed()
		if f.served.state() == strings.Join(append(want, ""), "\n") {
			return
		}
		select {
		case <-told:
		case <-deadline:
			f.serves(want...)
		}
	}
}

// A file name comes from whoever may write into the folder.
func FuzzFileName(f *testing.F) {
	f.Fuzz(func(t *testing.T, name string) {
		if !fs.ValidPath(name) || strings.Contains(name, "/") || strings.Contains(name, "\x00") || len(name) > 255 {
			t.Skip("no system has such a file name")
		}
		origin, ours, err := zonedir.OriginOf(name)
		if !ours || err != nil {
			return
		}
		if again, err := zone.ParseName(string(origin)); err != nil || again != origin {
			t.Errorf("%q is zone %q, which is no name of ours: %v", name, origin, err)
		}
		if origin == zone.Root && name != "ROOT.zone" && name != "..zone" {
			t.Errorf("%q is the root zone", name)
		}
	})
}
