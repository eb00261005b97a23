package zonedir_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/skein-dns/skein/internal/image"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/zonedir"
	"github.com/skein-dns/skein/zone"
)

// restarts is a folder that one nameserver after the other serves, with one image.
type restarts struct {
	*folder
	image  string
	broken string // of the last start, what it said of files
}

// reading counts the zones that came from files.
type reading struct {
	*nameserver.Server
	mu   sync.Mutex
	from []string
}

func (r *reading) Put(c zone.Contents) {
	r.Server.Put(c)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.from = append(r.from, string(c.Origin()))
}

// start runs a nameserver until all is loaded, ends it, and returns what it
// then served and which zones it had read the files of, in order.
func (r *restarts) start() (serves, read []string) {
	r.t.Helper()
	var log bytes.Buffer
	server := &reading{Server: nameserver.New(nameserver.Options{})}
	dir, err := zonedir.Open(r.path, zonedir.Options{Log: slog.New(slog.NewTextHandler(&log, nil)), ImagePath: r.image, Image: server.Server})
	r.must(err)
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- dir.Run(ctx, server) }()
	<-server.Loaded()
	for _, name := range []zone.Name{"a.example.", "b.example.", "c.example.", "large.example."} {
		if c, answers := server.Current(name); answers {
			soa, _ := c.SOA()
			_, records := c.Len()
			serves = append(serves, fmt.Sprintf("%s %d %d", name, soa.Serial, records))
		}
	}
	_, broken := dir.Report()
	r.broken = strings.Join(broken, "\n")
	cancel()
	r.must(<-ended)
	if r.t.Failed() {
		r.t.Log(log.String())
	}
	slices.Sort(server.from)
	return serves, server.from
}

// old writes a file that was not written just now.
func (r *restarts) old(name, text string) {
	r.t.Helper()
	r.write(name, text)
	before := time.Now().Add(-time.Hour)
	r.must(os.Chtimes(r.file(name), before, before))
}

func small(serial int) string {
	return fmt.Sprintf("$TTL 60\n@ SOA ns.example. hostmaster.example. %d 3600 600 86400 60\n@ NS ns.example.\nwww A 192.0.2.1\n", serial)
}

// What an image has of a file that stayed as it was is not read again; and
// whatever happened to folder and image meanwhile, what is served is what the
// files say.
func TestARestartReadsWhatChanged(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&many, "host%d A 192.0.2.1\n", i)
	}
	large := small(7) + many.String()
	all := []string{"a.example.", "b.example.", "large.example."}
	flip := func(at int) func(*restarts) {
		return func(r *restarts) {
			b, err := os.ReadFile(r.image)
			r.must(err)
			b[(at+len(b))%len(b)] ^= 1
			r.must(os.WriteFile(r.image, b, 0o600))
		}
	}
	for name, row := range map[string]struct {
		meanwhile func(*restarts)
		serves    []string
		reads     []string // a zone too large for an image always
		broken    string
	}{
		"nothing happened": {
			func(*restarts) {}, []string{"a.example. 1 3", "b.example. 1 3", "large.example. 7 3003"}, []string{"large.example."}, ""},
		"a file changed": {
			func(r *restarts) { r.old("a.example.zone", small(2)) },
			[]string{"a.example. 2 3", "b.example. 1 3", "large.example. 7 3003"}, []string{"a.example.", "large.example."}, ""},
		"a file changed, and its time and size did not": {
			func(r *restarts) {
				info, err := os.Stat(r.file("a.example.zone"))
				r.must(err)
				r.write("a.example.zone", small(3))
				r.must(os.Chtimes(r.file("a.example.zone"), info.ModTime(), info.ModTime()))
			},
			[]string{"a.example. 3 3", "b.example. 1 3", "large.example. 7 3003"}, []string{"a.example.", "large.example."}, ""},
		"a file came": {
			func(r *restarts) { r.old("c.example.zone", small(5)) },
			[]string{"a.example. 1 3", "b.example. 1 3", "c.example. 5 3", "large.example. 7 3003"}, []string{"c.example.", "large.example."}, ""},
		"a file went": {
			func(r *restarts) { r.must(os.Remove(r.file("a.example.zone"))) },
			[]string{"b.example. 1 3", "large.example. 7 3003"}, []string{"large.example."}, ""},
		"a file broke": {
			func(r *restarts) { r.old("a.example.zone", "@ SOA") },
			[]string{"b.example. 1 3", "large.example. 7 3003"}, []string{"large.example."}, "a.example.zone:1: "},
		"a second file of a zone came, and is before the other": {
			func(r *restarts) { r.old("A.example.zone", small(9)) },
			[]string{"a.example. 9 3", "b.example. 1 3", "large.example. 7 3003"}, []string{"A.example.", "large.example."}, "a.example.zone: the zone a.example. is served from A.example.zone; remove one of the two"},
		"there is no image": {
			func(r *restarts) { r.must(os.Remove(r.image)) },
			[]string{"a.example. 1 3", "b.example. 1 3", "large.example. 7 3003"}, all, ""},
		"the image is of another program": {
			flip(20), []string{"a.example. 1 3", "b.example. 1 3", "large.example. 7 3003"}, all, ""},
		"a zone in the image is damaged": {
			flip(-20), []string{"a.example. 1 3", "b.example. 1 3", "large.example. 7 3003"}, all, ""},
		"the end of the image is damaged, behind all zones": {
			flip(-1), []string{"a.example. 1 3", "b.example. 1 3", "large.example. 7 3003"}, []string{"large.example."}, ""},
		"the image was cut off": {
			func(r *restarts) {
				info, err := os.Stat(r.image)
				r.must(err)
				r.must(os.Truncate(r.image, info.Size()-20))
			},
			[]string{"a.example. 1 3", "b.example. 1 3", "large.example. 7 3003"}, all, ""},
		"others may write the image": {
			func(r *restarts) { r.must(os.Chmod(r.image, 0o666)) },
			[]string{"a.example. 1 3", "b.example. 1 3", "large.example. 7 3003"}, all, ""},
		"the image is a link": {
			func(r *restarts) {
				r.must(os.Rename(r.image, r.image+".real"))
				r.must(os.Symlink(r.image+".real", r.image))
			},
			[]string{"a.example. 1 3", "b.example. 1 3", "large.example. 7 3003"}, all, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &restarts{folder: prepare(t, nil), image: filepath.Join(t.TempDir(), "image")}
			r.old("a.example.zone", small(1))
			r.old("b.example.zone", small(1))
			r.old("large.example.zone", large)
			if _, read := r.start(); !slices.Equal(read, all) {
				t.Fatalf("the first start read %q", read)
			}
			row.meanwhile(r)
			serves, read := r.start()
			if !slices.Equal(serves, row.serves) {
				t.Errorf("served is %q, want %q", serves, row.serves)
			}
			if !slices.Equal(read, row.reads) {
				t.Errorf("read were the files of %q, want %q", read, row.reads)
			}
			if r.broken != row.broken && (row.broken == "" || !strings.HasPrefix(r.broken, row.broken)) {
				t.Errorf("broken is\n%s\nwant\n%s", r.broken, row.broken)
			}
			if again, _ := r.start(); !slices.Equal(again, serves) {
				t.Errorf("one more start serves %q, the one before %q", again, serves)
			}
		})
	}
}

// What is made of several files is read, since one of those may have changed.
func TestZonesThatIncludeFilesAreInNoImage(t *testing.T) {
	t.Parallel()
	r := &restarts{folder: prepare(t, nil), image: filepath.Join(t.TempDir(), "image")}
	r.old("a.example.zone", small(1)+"$INCLUDE more.inc\n")
	r.old("more.inc", "mail A 192.0.2.2\n")
	r.old("b.example.zone", small(1))
	if serves, _ := r.start(); !slices.Equal(serves, []string{"a.example. 1 4", "b.example. 1 3"}) {
		t.Fatalf("served is %q", serves)
	}
	r.old("more.inc", "mail A 192.0.2.2\nftp A 192.0.2.3\n")
	serves, read := r.start()
	if !slices.Equal(serves, []string{"a.example. 1 5", "b.example. 1 3"}) || !slices.Equal(read, []string{"a.example."}) {
		t.Errorf("served is %q, and read were %q", serves, read)
	}
}

// The image asks for files in the order of their inodes.
func TestAnImageIsInTheOrderOfInodes(t *testing.T) {
	t.Parallel()
	r := &restarts{folder: prepare(t, nil), image: filepath.Join(t.TempDir(), "image")}
	for i := range 100 {
		r.old(fmt.Sprintf("zone%d.example.zone", i), small(1))
	}
	r.start()
	in, err := image.Open(r.image)
	r.must(err)
	defer in.Close()
	var inodes []uint64
	r.must(in.Each(1, func(records []image.Record) {
		for _, z := range records {
			var st unix.Stat_t
			r.must(unix.Stat(r.file(string(z.Key[8:])), &st))
			inodes = append(inodes, st.Ino)
		}
	}))
	if len(inodes) != 100 || !slices.IsSorted(inodes) {
		t.Errorf("it has the inodes %d", inodes)
	}
}
