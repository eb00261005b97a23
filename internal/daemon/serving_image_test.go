package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/internal/store/sqlite"
	"github.com/skein-dns/skein/zone"
)

// restarts is a store that one nameserver after the other serves, with one image.
type restarts struct {
	*stage
	image string

	horizon horizon
	lost    skein.ZoneID // cannot be read

	mu   sync.Mutex // owns read
	read []string   // zones whose contents came from the store
}

func newRestarts(t *testing.T) *restarts {
	t.Helper()
	r := &restarts{stage: newStage(t), image: filepath.Join(t.TempDir(), "image")}
	r.db.fault = func(id skein.ZoneID) error {
		z, err := r.db.ZoneByID(context.WithoutCancel(t.Context()), id)
		if err != nil {
			return err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.read = append(r.read, string(z.Name))
		if id == r.lost {
			return errors.New("a page is torn")
		}
		return nil
	}
	return r
}

// start runs a nameserver until all is loaded, and ends it. It returns which
// zones it read from the store, in order.
func (r *restarts) start(look func(*nameserver.Server)) (read []string) {
	r.t.Helper()
	r.read = nil
	s := newServing(r.db, newAccess(), slog.New(slog.DiscardHandler))
	s.keeping.path, s.horizon = r.image, r.horizon
	server := nameserver.New(nameserver.Options{})
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, newService(server)) }()
	<-server.Loaded()
	look(server)
	cancel()
	if err := <-ended; err != nil {
		r.t.Error(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.Sort(r.read)
	return slices.Compact(r.read)
}

// serves demands that what is stored is served, and that what went is not.
func (r *restarts) serves(server *nameserver.Server) {
	r.t.Helper()
	for name := range r.has {
		authored, _, err := r.db.Store.Contents(r.t.Context(), r.heads[name].ID)
		if err != nil {
			r.t.Fatal(err)
		}
		if have, ok := server.Current(name); !ok || !have.Equal(publish.Contents(authored, r.heads[name].Serial)) {
			r.t.Errorf("%s is not served as it is stored (served at all: %v)", name, ok)
		}
	}
	for name := range r.heads {
		if _, served := server.Serial(name); served && r.has[name] == 0 {
			r.t.Errorf("%s is served and not there", name)
		}
	}
}

func (r *restarts) file(change func([]byte) []byte) {
	r.t.Helper()
	b, err := os.ReadFile(r.image)
	if err == nil {
		err = os.WriteFile(r.image, change(b), 0o600)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// What the image has of a zone that stayed as it was is not read again; and
// whatever happened to store and image meanwhile, what is served is what the
// store says.
func TestARestartReadsWhatChanged(t *testing.T) {
	t.Parallel()
	const a, b, c zone.Name = "a.example.", "b.example.", "c.example."
	all := []string{"a.example.", "b.example."}
	for name, row := range map[string]struct {
		meanwhile func(*restarts)
		reads     []string
	}{
		"nothing happened":           {func(*restarts) {}, nil},
		"a zone changed":             {func(r *restarts) { r.put(a, 7) }, nil}, // what changed is read, no more
		"a zone came":                {func(r *restarts) { r.put(c, 1) }, []string{"c.example."}},
		"a zone went":                {func(r *restarts) { r.remove(a) }, nil},
		"a zone went and came again": {func(r *restarts) { r.remove(a); r.put(a, 9) }, []string{"a.example."}},
		"a zone went without a trace": {func(r *restarts) {
			r.remove(a)
			if err := r.db.Purge(r.t.Context(), time.Now().Add(time.Hour)); err != nil {
				r.t.Fatal(err)
			}
		}, []string{"b.example."}},
		"it is another store": {func(r *restarts) {
			other := newStage(r.t)
			r.db.Store, r.heads, r.has = other.db.Store, other.heads, other.has
			r.put(b, 3)
			r.put(a, 3)
		}, all},
		"there is no image": {func(r *restarts) {
			if err := os.Remove(r.image); err != nil {
				r.t.Fatal(err)
			}
		}, all},
		"the image is of another program": {func(r *restarts) { r.file(func(b []byte) []byte { b[20] ^= 1; return b }) }, all},
		"the place in the feed is damaged": {func(r *restarts) {
			r.file(func(b []byte) []byte { b[16+32+8] ^= 1; return b })
		}, all},
		"a zone in the image is damaged": {func(r *restarts) { r.file(func(b []byte) []byte { b[len(b)-20] ^= 1; return b }) }, all},
		"the image was cut off":          {func(r *restarts) { r.file(func(b []byte) []byte { return b[:len(b)-8] }) }, all},
		"others may write the image": {func(r *restarts) {
			if err := os.Chmod(r.image, 0o666); err != nil {
				r.t.Fatal(err)
			}
		}, all},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRestarts(t)
			r.put(a, 1)
			r.put(b, 1)
			if read := r.start(r.serves); !slices.Equal(read, all) {
				t.Fatalf("the first start read %q", read)
			}
			row.meanwhile(r)
			if read := r.start(r.serves); !slices.Equal(read, row.reads) {
				t.Errorf("read were %q, want %q", read, row.reads)
			}
			if read := r.start(r.serves); len(read) > 0 {
				t.Errorf("one more start read %q", read)
			}
		})
	}
}

// What could not be served when the image was written is read at the next start.
func TestWhatFailedIsNotLostWithTheImage(t *testing.T) {
	t.Parallel()
	r := newRestarts(t)
	r.put("a.example.", 1)
	r.put("b.example.", 1)
	r.lost = r.heads["a.example."].ID
	r.start(func(server *nameserver.Server) {
		if _, served := server.Serial("a.example."); served {
			t.Error("what cannot be read is served")
		}
	})
	r.lost = ""
	if read := r.start(r.serves); !slices.Equal(read, []string{"a.example."}) {
		t.Errorf("read were %q", read)
	}
}

// A zone too large for a block is read at each start.
func TestALargeZoneIsInNoImage(t *testing.T) {
	t.Parallel()
	r := newRestarts(t)
	r.put("a.example.", 1)
	var many []zone.RRset
	for i := range 5000 {
		many = append(many, zone.RRset{Name: zone.Name(fmt.Sprintf("host%d.a.example.", i)), Type: zone.TypeA, TTL: 60, Data: []zone.Rdata{"\xc0\x00\x02\x01"}})
	}
	r.commit("put", store.Write{Zone: skein.Zone{Name: "a.example."}, Delta: zone.Delta{Add: many}})
	r.put("b.example.", 1)
	r.start(r.serves)
	if read := r.start(r.serves); !slices.Equal(read, []string{"a.example."}) {
		t.Errorf("read were %q", read)
	}
}

// Where the nameserver is kept at a time that is before the image's, it serves
// what there was then.
func TestAnImageBehindTheHorizon(t *testing.T) {
	t.Parallel()
	r := newRestarts(t)
	r.put("a.example.", 1)
	then := r.heads["a.example."].Revision
	r.put("a.example.", 2)
	r.put("b.example.", 1)
	r.start(r.serves)
	r.horizon = horizon{ends: true, at: then, changes: 1}
	r.start(func(server *nameserver.Server) {
		serial, _ := server.Serial("a.example.")
		if _, b := server.Serial("b.example."); serial != 1 || b {
			t.Errorf("served is serial %d, and what came later: %v", serial, b)
		}
	})
}

// While zones change without pause, what is written is of one moment each.
func TestAnImageIsWrittenWhileZonesChange(t *testing.T) {
	t.Parallel()
	r := newRestarts(t)
	for i := range 50 {
		r.put(zone.Name(fmt.Sprintf("z%d.example.", i)), 1)
	}
	s := newServing(r.db, newAccess(), slog.New(slog.DiscardHandler))
	s.keeping.path = r.image
	server := newService(nameserver.New(nameserver.Options{}))
	cursor, err := s.follow(t.Context(), server, "")
	if err != nil {
		t.Fatal(err)
	}
	s.keep(server, cursor, false)
	for address := byte(2); address < 6; address++ {
		for i := range 50 {
			r.put(zone.Name(fmt.Sprintf("z%d.example.", i)), address)
		}
		if cursor, err = s.follow(t.Context(), server, cursor); err != nil {
			t.Fatal(err)
		}
	}
	<-s.keeping.keeper.Written()
	r.start(r.serves)
}

func FuzzImageKey(f *testing.F) {
	key := appendImageKey(nil, "a.example.", version{id: "id", revision: 7, pool: versionOf(skein.Zone{}, 0).pool})
	f.Add(key)
	f.Add(key[:len(key)-1])
	f.Fuzz(func(t *testing.T, b []byte) {
		if name, v, ok := parseImageKey(b); ok {
			again, v2, ok := parseImageKey(appendImageKey(nil, name, v))
			if !ok || again != name || v2 != v {
				t.Errorf("%q is read as %v %v, and that as %v %v", b, name, v, again, v2)
			}
		}
	})
}

// BenchmarkStart measures how long the embedded nameserver of b.N zones takes to
// load them: from the store, and from the image that the one before left.
func BenchmarkStart(b *testing.B) {
	path := filepath.Join(b.TempDir(), "skein.db")
	db, err := sqlite.Open(b.Context(), path, sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	writes := func(yield func(store.Write) bool) {
		for i := range b.N {
			if !yield(hostedZone(b, i)) {
				return
			}
		}
	}
	if err := db.Import(b.Context(), writes, func(store.Commit) {}); err != nil {
		b.Fatal(err)
	}
	for _, from := range []string{"store", "image"} {
		s := newServing(db, newAccess(), slog.New(slog.DiscardHandler))
		s.keeping.path = filepath.Join(filepath.Dir(path), "image")
		server := nameserver.New(nameserver.Options{})
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		began := time.Now()
		go func() { ended <- s.Run(ctx, newService(server)) }()
		<-server.Loaded()
		b.ReportMetric(float64(time.Since(began).Microseconds())/float64(b.N), from+"-µs/zone")
		cancel()
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
}

// hostedZone is a zone as hosters have them.
func hostedZone(b *testing.B, i int) store.Write {
	name := zone.Name(fmt.Sprintf("zone%d.example.", i))
	text := fmt.Sprintf(`$TTL 14400
@ SOA ns1.hoster.example. hostmaster.hoster.example. 1 10800 3600 1209600 3600
@ NS ns1.hoster.example.
@ NS ns2.hoster.example.
@ A 192.0.2.1
www A 192.0.2.1
mail A 192.0.2.1
ftp CNAME @
@ MX 10 mail
@ TXT "v=spf1 a mx ip4:192.0.2.1 -all"
default._domainkey TXT "v=DKIM1; k=rsa; p=%0216d"
@ AAAA 2001:db8::1
@ CAA 0 issue "ca.example.net"
`, i)
	sets, _, err := zone.Parse(bytes.NewBufferString(text), zone.Options{Origin: name})
	if err != nil {
		b.Fatal(err)
	}
	return store.Write{
		Zone: skein.Zone{Name: name, Pool: "default", Created: time.Now()}, Serial: 1, Delta: zone.Delta{Add: sets},
		Change: skein.Change{ID: fmt.Sprint("import", i), At: time.Now(), Action: "import"},
	}
}
