package intake

import (
	"context"
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

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/internal/store/observed"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

var (
	primary1 = netip.MustParseAddrPort("192.0.2.1:53")
	primary2 = netip.MustParseAddrPort("192.0.2.2:53")
	stranger = netip.MustParseAddrPort("203.0.113.66:53")
	testKey  = skein.TransferKey{Name: "xfr", Algorithm: "hmac-sha256", Secret: "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="}
	errAway  = fmt.Errorf("%w: connection timed out", xfr.ErrUnreachable)
)

const (
	com zone.Name = "example.com."
	net zone.Name = "example.net."
)

// parsed is contents of zone text relative to a name.
func parsed(name zone.Name, text string) zone.Contents {
	sets, _, err := zone.Parse(strings.NewReader("$TTL 300\n"+text), zone.Options{Origin: name})
	if err != nil {
		panic(err)
	}
	c, err := zone.NewContents(name, sets)
	if err != nil {
		panic(err)
	}
	return c
}

// contents is a zone with refresh 1 h, retry 10 min, expire 1 d.
func contents(name zone.Name, serial uint32) zone.Contents {
	return parsed(name, fmt.Sprintf("@ SOA ns1.example.net. hostmaster.example.net. %d 3600 600 86400 300\n@ NS ns1.example.net.\nserial TXT \"%[1]d\"\n", serial))
}

// catalogOf is a catalog with these records beyond its frame.
func catalogOf(name zone.Name, serial uint32, records ...string) zone.Contents {
	return parsed(name, fmt.Sprintf("@ SOA invalid. invalid. %d 3600 600 86400 0\n@ NS invalid.\nversion TXT 2\n%s\n", serial, strings.Join(records, "\n")))
}

// server is a primary.
type server struct {
	zones   map[zone.Name]zone.Contents
	err     error  // what it does instead of answering
	serials int    // questions
	kinds   string // of transfers: A, I or =
}

// world is an intake with primaries, a gate, and a nameserver around it. It is
// used in a synctest bubble.
type world struct {
	t      *testing.T
	log    strings.Builder
	intake *Intake
	end    func()

	mu       sync.Mutex // owns the rest
	servers  map[netip.AddrPort]*server
	sources  map[string]control.NewSource
	rows     map[secondary.Ref]skein.TransferZone
	zones    map[zone.Name]held
	refuse   func(action string, name zone.Name) error // of the gate
	overlays bool
	puts     []string
	heard    map[string]int
	expired  map[zone.Name]bool
	kept     map[secondary.Ref][]byte // what was observed
	saves    int
}

// held is a zone behind the gate.
type held struct {
	origin   string
	contents zone.Contents
	changed  time.Time
}

func begin(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, servers: map[netip.AddrPort]*server{}, sources: map[string]control.NewSource{}, rows: map[secondary.Ref]skein.TransferZone{},
		zones: map[zone.Name]held{}, heard: map[string]int{}, expired: map[zone.Name]bool{}, kept: map[secondary.Ref][]byte{},
	}
	for _, addr := range []netip.AddrPort{primary1, primary2} {
		w.servers[addr] = &server{zones: map[zone.Name]zone.Contents{}}
	}
	w.start()
	t.Cleanup(func() {
		w.stop()
		if t.Failed() {
			t.Logf("the log:\n%s", w.log.String())
		}
	})
	return w
}

// start does what a node does when it starts.
func (w *world) start() {
	w.t.Helper()
	var err error
	w.intake, err = New(w.t.Context(), Options{
		Service: w, States: w, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
		Secondary: secondary.Options{Fetch: w.fetch, Serial: w.serial, Random: func() float64 { return 0.5 }},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range w.sources {
		w.must(w.intake.SetSource(s.Source, s.Secrets))
	}
	for _, row := range w.rows {
		w.must(w.intake.SetZone(row))
	}
	w.must(w.intake.Start(w.t.Context(), w))
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	in := w.intake
	go func() { done <- in.Run(ctx) }()
	w.end = func() {
		cancel()
		w.must(<-done)
	}
	synctest.Wait()
}

func (w *world) stop() { w.end(); w.end = func() {} }

func (w *world) restart() { w.stop(); w.start() }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// source adds or changes a source that is kept from primaries.
func (w *world) source(name string, change func(*skein.Source), primaries ...netip.AddrPort) {
	w.t.Helper()
	s := control.NewSource{Source: skein.Source{Name: name, Door: skein.DoorTransfer, Transfer: &skein.TransferSetup{}}, Secrets: skein.SourceSecrets{Keys: []skein.TransferKey{testKey}}}
	for _, at := range primaries {
		s.Source.Transfer.Primaries = append(s.Source.Transfer.Primaries, skein.TransferPrimary{Address: at, Key: testKey.Name})
	}
	if change != nil {
		change(&s.Source)
	}
	w.mu.Lock()
	w.sources[name] = s
	w.mu.Unlock()
	w.must(w.intake.SetSource(s.Source, s.Secrets))
	synctest.Wait()
}

// asks has a source ask for zones.
func (w *world) asks(source string, names ...zone.Name) {
	w.t.Helper()
	for _, name := range names {
		_, err := w.AddTransferZones(w.t.Context(), actorOf(source), []skein.TransferZone{{Name: name, Source: source}})
		w.must(err)
	}
	synctest.Wait()
}

func (w *world) on(addr netip.AddrPort, change func(s *server)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w.servers[addr])
}

func (w *world) all(change func(s *server)) {
	w.on(primary1, change)
	w.on(primary2, change)
}

func (w *world) has(addr netip.AddrPort, contents ...zone.Contents) {
	w.on(addr, func(s *server) {
		for _, c := range contents {
			s.zones[c.Origin()] = c
		}
	})
}

func (w *world) lacks(addr netip.AddrPort, names ...zone.Name) {
	w.on(addr, func(s *server) {
		for _, name := range names {
			delete(s.zones, name)
		}
	})
}

// asked demands how often a primary was asked since the last time.
func (w *world) asked(addr netip.AddrPort, serials int, kinds string) {
	w.t.Helper()
	synctest.Wait()
	w.on(addr, func(s *server) {
		if s.serials != serials || s.kinds != kinds {
			w.t.Fatalf("%s was asked for %d serials, and transferred %q; want %d and %q", addr, s.serials, s.kinds, serials, kinds)
		}
		s.serials, s.kinds = 0, ""
	})
}

// holds demands what is behind the gate: zone, serial, origin, SERVFAIL.
func (w *world) holds(want ...string) {
	w.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	var got []string
	for name, h := range w.zones {
		soa, _ := h.contents.SOA()
		line := fmt.Sprintf("%s %d of %s", name, soa.Serial, h.origin)
		if w.expired[name] {
			line += ", SERVFAIL"
		}
		got = append(got, line)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		w.t.Fatalf("behind the gate is %q; want %q", got, want)
	}
}

// problem demands a part of what is said of a zone; "" that nothing is.
func (w *world) problem(name zone.Name, source, want string) {
	w.t.Helper()
	synctest.Wait()
	t, is := w.intake.TransferStatus(name, source)
	if !is || want == "" && t.Problem != "" || !strings.Contains(t.Problem, want) {
		w.t.Fatalf("of %s is said %+v (%v); want %q", name, t, is, want)
	}
}

// behind looks at or changes what is behind the gate, under its lock.
func (w *world) behind(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
}

// refuses makes the gate refuse; nil takes everything.
func (w *world) refuses(why func(action string, name zone.Name) error) {
	w.behind(func() { w.refuse = why })
}

func after(d time.Duration) { time.Sleep(d); synctest.Wait() }

// The primaries.

func (w *world) answer(r xfr.Request, note func(*server)) (zone.Contents, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.servers[r.Server]
	note(s)
	c, ok := s.zones[r.Zone]
	switch {
	case s.err != nil:
		return zone.Contents{}, s.err
	case r.Key == nil || r.Key.Name != testKey.Name:
		return zone.Contents{}, fmt.Errorf("%w: no key", xfr.ErrRefused)
	case !ok:
		return zone.Contents{}, fmt.Errorf("%w: REFUSED", xfr.ErrRefused)
	}
	return c, nil
}

func (w *world) serial(_ context.Context, r xfr.Request) (uint32, error) {
	c, err := w.answer(r, func(s *server) { s.serials++ })
	soa, _ := c.SOA()
	return soa.Serial, err
}

func (w *world) fetch(_ context.Context, r xfr.Request) (zone.Contents, xfr.Kind, error) {
	c, err := w.answer(r, func(*server) {})
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
		default:
			if c, err = r.Have.Apply(zone.Diff(r.Have, c)); err != nil { // so that pages are shared
				return c, "", err
			}
		}
	}
	w.on(r.Server, func(s *server) { s.kinds += letter })
	return c, kind, nil
}

// The gate.

func (w *world) said(action string, name zone.Name) error {
	if w.refuse == nil {
		return nil
	}
	return w.refuse(action, name)
}

func (w *world) PutZone(ctx context.Context, a skein.Actor, in control.PutZone) (control.Result, error) {
	if err := ctx.Err(); err != nil {
		return control.Result{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := zone.NewContents(in.Name, in.Sets)
	if err != nil {
		return control.Result{}, err
	}
	soa, _ := c.SOA()
	w.puts = append(w.puts, fmt.Sprintf("%s %d", in.Name, soa.Serial))
	if err := w.said("put", in.Name); err != nil {
		return control.Result{}, err
	}
	z, there := w.zones[in.Name]
	old, _ := z.contents.SOA()
	switch {
	case !in.Exact && !in.MustExist || !in.Tolerant:
		return control.Result{}, fmt.Errorf("put as %+v", in)
	case !there && in.MustExist:
		return control.Result{}, &skein.Error{Kind: skein.KindNotFound, What: "no such zone"}
	case there && z.origin != a.Source:
		return control.Result{}, &skein.Error{Kind: skein.KindConflict, What: "it belongs to " + z.origin}
	case there && zone.SerialLess(soa.Serial, old.Serial):
		return control.Result{}, &skein.Error{Kind: skein.KindConflict, What: "the serial goes back"}
	}
	w.zones[in.Name] = held{a.Source, c, time.Now()}
	return control.Result{}, nil
}

func (w *world) Zone(_ context.Context, a skein.Actor, name zone.Name) (skein.Zone, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	z, there := w.zones[name]
	if !there || !a.Admin && z.origin != a.Source {
		return skein.Zone{}, &skein.Error{Kind: skein.KindNotFound, What: "no such zone"}
	}
	soa, _ := z.contents.SOA()
	return skein.Zone{Name: name, Origin: z.origin, Serial: soa.Serial, Changed: z.changed}, nil
}

func (w *world) Contents(ctx context.Context, a skein.Actor, name zone.Name) (skein.Zone, zone.Contents, error) {
	z, err := w.Zone(ctx, a, name)
	w.mu.Lock()
	defer w.mu.Unlock()
	return z, w.zones[name].contents, err
}

func (w *world) Overlays(context.Context, skein.Actor, zone.Name) ([]skein.Overlay, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.overlays {
		return []skein.Overlay{{Name: "_acme-challenge"}}, nil
	}
	return nil, nil
}

func (w *world) TakeOver(_ context.Context, a skein.Actor, in control.TakeOver) (control.Result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	z, there := w.zones[in.Name]
	if !there || !a.Admin {
		return control.Result{}, &skein.Error{Kind: skein.KindForbidden, What: "not by you"}
	}
	z.origin = in.To
	w.zones[in.Name] = z
	return control.Result{}, nil
}

func (w *world) AddTransferZones(_ context.Context, a skein.Actor, rows []skein.TransferZone) (int, error) {
	w.mu.Lock()
	for _, row := range rows {
		if err := w.said("add", row.Name); err != nil {
			w.mu.Unlock()
			return 0, err
		}
	}
	for _, row := range rows {
		if row.Source != a.Source {
			w.t.Errorf("%s asks for a zone of %s", a.Source, row.Source)
		}
		w.rows[secondary.Ref{Name: row.Name.Canonical(), Source: row.Source}] = row
	}
	w.mu.Unlock()
	for _, row := range rows {
		if err := w.intake.SetZone(row); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

func (w *world) DeleteTransferZone(_ context.Context, a skein.Actor, name zone.Name) error {
	w.mu.Lock()
	if err := w.said("delete", name); err != nil {
		w.mu.Unlock()
		return err
	}
	ref := secondary.Ref{Name: name, Source: a.Source}
	if w.zones[name].origin == a.Source {
		delete(w.zones, name)
	}
	delete(w.rows, ref)
	w.mu.Unlock()
	return w.intake.RemoveZone(name, a.Source)
}

func (w *world) TransferZones(_ context.Context, a skein.Actor, q control.TransferQuery) (rows []skein.TransferZone, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ref, row := range w.rows {
		if ref.Source == a.Source && row.Catalog == q.Catalog && (q.After.Name == "" || row.Name.Compare(q.After.Name) > 0) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b skein.TransferZone) int { return a.Name.Compare(b.Name) })
	return rows[:min(len(rows), q.Limit)], nil
}

func (w *world) Heard(source string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard[source]++
}

// The nameserver.

func (w *world) Expire(name zone.Name) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expired[name] = true
}

func (w *world) Revive(name zone.Name) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.expired, name)
}

// What was observed.

func (w *world) LoadTransfers(_ context.Context, yield func(observed.Transfer)) error {
	w.mu.Lock()
	kept := maps.Clone(w.kept)
	w.mu.Unlock()
	for ref, data := range kept {
		yield(observed.Transfer{Source: ref.Source, Zone: string(ref.Name), Data: data})
	}
	return nil
}

func (w *world) SaveTransfers(_ context.Context, all []observed.Transfer) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.saves++
	for _, t := range all {
		ref := secondary.Ref{Name: zone.Name(t.Zone), Source: t.Source}
		if t.Data == nil {
			delete(w.kept, ref)
		} else {
			w.kept[ref] = t.Data
		}
	}
	return nil
}

// stories run each in a world of their own, by a clock of their own.
func stories(t *testing.T, all map[string]func(t *testing.T, w *world)) {
	t.Helper()
	for situation, story := range all {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { story(t, begin(t)) })
		})
	}
}

// waits is what the gate says of a change that a person has to look at.
func waits(number int64) error {
	return &skein.Error{Kind: skein.KindConflict, Waiting: number, What: fmt.Sprintf("it waits as number %d", number)}
}
