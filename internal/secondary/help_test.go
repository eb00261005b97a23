package secondary

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

var (
	primary1 = netip.MustParseAddrPort("192.0.2.1:53")
	primary2 = netip.MustParseAddrPort("192.0.2.2:53")
	stranger = netip.MustParseAddrPort("203.0.113.66:53")
	testKey  = xfr.Key{Name: "transfer.example", Algorithm: "hmac-sha256", Secret: "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="}
)

// at is the setup of a zone that is kept from these primaries, without keys.
func at(primaries ...netip.AddrPort) Setup {
	var s Setup
	for _, p := range primaries {
		s.Primaries = append(s.Primaries, Primary{Addr: p})
	}
	return s
}

// signed is at, with the test key.
func signed(primaries ...netip.AddrPort) Setup {
	s := at(primaries...)
	for i := range s.Primaries {
		s.Primaries[i].Key = testKey.Name
	}
	return s
}

// contents is a zone with refresh 1 h, retry 10 min, expire 1 d.
func contents(name zone.Name, serial uint32) zone.Contents {
	text := fmt.Sprintf("$TTL 300\n@ SOA ns1.example.net. hostmaster.example.net. %d 3600 600 86400 300\n@ NS ns1.example.net.\nserial TXT \"%[1]d\"\n", serial)
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: name})
	if err != nil {
		panic(err)
	}
	c, err := zone.NewContents(name, sets)
	if err != nil {
		panic(err)
	}
	return c
}

// server is a primary.
type server struct {
	zones   map[zone.Name]zone.Contents
	err     error         // what it does instead of answering
	takes   time.Duration // an answer
	serials int           // questions
	fetches int
	kinds   string // of transfers: A, I or =
	running int
	most    int // running at once
}

// world is a Set with primaries and a nameserver around it.
type world struct {
	t   *testing.T
	dir string
	log strings.Builder
	set *Folder

	followed []zone.Name // catalogs of the first primary

	mu      sync.Mutex // owns the rest
	servers map[netip.AddrPort]*server
	served  map[zone.Name]zone.Contents
	fails   map[zone.Name]bool
	ready   bool
	running int
	most    int // attempts at once
	end     func()
}

// begin makes a world and runs a Set in it. Within synctest.
func begin(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), servers: map[netip.AddrPort]*server{}}
	for _, addr := range []netip.AddrPort{primary1, primary2} {
		w.servers[addr] = &server{zones: map[zone.Name]zone.Contents{}}
	}
	w.start(nil)
	t.Cleanup(func() {
		w.stop()
		if t.Failed() {
			t.Logf("the log:\n%s", w.log.String())
		}
	})
	return w
}

func (w *world) start(change func(o *Options)) {
	w.t.Helper()
	w.served, w.fails, w.ready = map[zone.Name]zone.Contents{}, map[zone.Name]bool{}, false
	o := FolderOptions{Dir: w.dir, Keys: []xfr.Key{testKey}, Options: Options{Log: slog.New(slog.NewTextHandler(&w.log, nil)), Fetch: w.fetch, Serial: w.serial, Random: func() float64 { return 0.5 }}}
	if len(w.followed) > 0 {
		o.Catalogs, o.Primaries = w.followed, signed(primary1).Primaries
	}
	if change != nil {
		change(&o.Options)
	}
	var err error
	if w.set, err = Open(o); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	set := w.set
	go func() { done <- set.Run(ctx, w) }()
	w.end = func() {
		cancel()
		if err := errors.Join(<-done, set.Close()); err != nil {
			w.t.Error(err)
		}
	}
	synctest.Wait()
}

func (w *world) stop() { w.end(); w.end = func() {} }

func (w *world) restart() { w.stop(); w.start(nil) }

// on runs a change of the world under its lock.
func (w *world) on(addr netip.AddrPort, change func(s *server)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w.servers[addr])
}

// all is on, for every primary.
func (w *world) all(change func(s *server)) {
	w.on(primary1, change)
	w.on(primary2, change)
}

// has gives a primary contents.
func (w *world) has(addr netip.AddrPort, contents ...zone.Contents) {
	w.on(addr, func(s *server) {
		for _, c := range contents {
			s.zones[c.Origin()] = c
		}
	})
}

func (w *world) answer(ctx context.Context, r xfr.Request, note func(s *server)) (c zone.Contents, err error) {
	w.mu.Lock()
	s := w.servers[r.Server]
	note(s)
	s.running++
	w.running++
	s.most, w.most = max(s.most, s.running), max(w.most, w.running)
	takes := s.takes
	w.mu.Unlock()
	if takes > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(takes):
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s.running--
	w.running--
	if ctx.Err() != nil {
		return c, ctx.Err()
	}
	if s.err != nil {
		return c, s.err
	}
	c, ok := s.zones[r.Zone]
	if !ok {
		return c, fmt.Errorf("%w: no such zone", xfr.ErrRefused)
	}
	return c, nil
}

func (w *world) serial(ctx context.Context, r xfr.Request) (uint32, error) {
	c, err := w.answer(ctx, r, func(s *server) { s.serials++ })
	soa, _ := c.SOA()
	return soa.Serial, err
}

func (w *world) fetch(ctx context.Context, r xfr.Request) (zone.Contents, xfr.Kind, error) {
	c, err := w.answer(ctx, r, func(s *server) { s.fetches++ })
	if err != nil {
		return c, "", err
	}
	kind, letter := xfr.AXFR, "A"
	if mine, ok := r.Have.SOA(); ok {
		theirs, _ := c.SOA()
		switch kind, letter = xfr.IXFR, "I"; {
		case theirs.Serial == mine.Serial:
			c, kind, letter = r.Have, xfr.Current, "="
		case zone.SerialLess(theirs.Serial, mine.Serial):
			return zone.Contents{}, "", xfr.ErrBackwards
		}
	}
	w.on(r.Server, func(s *server) { s.kinds += letter })
	return c, kind, nil
}

// The nameserver.

func (w *world) Put(c zone.Contents) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.served[c.Origin()] = c
	delete(w.fails, c.Origin())
}

func (w *world) Drop(name zone.Name) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.served, name)
	delete(w.fails, name)
}

func (w *world) Fail(name zone.Name) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fails[name] = true
}

func (w *world) Current(name zone.Name) (zone.Contents, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.served[name]
	return c, ok && !w.fails[name]
}

func (w *world) SetAccess(nameserver.Access) {}

func (w *world) Ready() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ready = true
}

// serves demands what is served now: lines of zone and serial, or SERVFAIL.
func (w *world) serves(want ...string) {
	w.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	lines := map[zone.Name]string{}
	for name, c := range w.served {
		soa, _ := c.SOA()
		lines[name] = fmt.Sprintf("%s %d", name, soa.Serial)
		if !c.Equal(contents(name, soa.Serial)) {
			w.t.Errorf("%s is served with other contents than serial %d has", name, soa.Serial)
		}
	}
	for name := range w.fails {
		lines[name] = fmt.Sprintf("%s SERVFAIL", name)
	}
	if got := slices.Sorted(maps.Values(lines)); !slices.Equal(got, want) {
		w.t.Fatalf("served is %q; want %q", got, want)
	}
}

// failing is the lines of the zones that answer SERVFAIL, as serves wants them.
func (w *world) failing() (lines []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name := range w.fails {
		lines = append(lines, fmt.Sprintf("%s SERVFAIL", name))
	}
	slices.Sort(lines)
	return lines
}

// asked demands how often a primary was asked since the last time.
func (w *world) asked(addr netip.AddrPort, serials int, kinds string) {
	w.t.Helper()
	synctest.Wait()
	w.on(addr, func(s *server) {
		if s.serials != serials || s.kinds != kinds {
			w.t.Fatalf("%s was asked for %d serials, and transferred %q; want %d and %q", addr, s.serials, s.kinds, serials, kinds)
		}
		s.serials, s.fetches, s.kinds = 0, 0, ""
	})
}

func (w *world) add(name zone.Name, s Setup) {
	w.t.Helper()
	if added, err := w.set.Add(name, s); err != nil || !added {
		w.t.Fatalf("adding %s: %v, %v", name, added, err)
	}
	synctest.Wait()
}

// after lets time pass.
func after(d time.Duration) { time.Sleep(d); synctest.Wait() }
