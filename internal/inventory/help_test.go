package inventory_test

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/inventory"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/fake"
	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/internal/store/sqlite"
	"github.com/skein-dns/skein/zone"
)

var (
	anna   = skein.Actor{Name: "anna", Door: "cli", Source: "admin", Admin: true}
	plesk1 = skein.Actor{Name: "plesk1", Door: "plesk", Source: "plesk1"}
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is the real gate over the real store, fake servers, and what reads
// them. Nothing happens there by itself: rounds and writes are called for.
type world struct {
	*control.Control
	t       testing.TB
	store   *sqlite.Store
	inv     *inventory.Inventory
	servers map[string]*fake.Server
	drivers map[string]*fake.Driver // that write
}

func newWorld(t testing.TB, roles map[string]skein.Role) *world {
	t.Helper()
	w := &world{t: t, servers: map[string]*fake.Server{}, drivers: map[string]*fake.Driver{}}
	dir := t.TempDir()
	sealer, err := secret.Load(filepath.Join(dir, "key"), true)
	w.must(err)
	now := func() time.Time { return start }
	w.store, err = sqlite.Open(t.Context(), filepath.Join(dir, "skein.db"), sqlite.Options{Now: now})
	w.must(err)
	t.Cleanup(func() { w.store.Close() })
	w.inv, err = inventory.New(inventory.Config{Page: 3, Rand: func() float64 { return 0 },
		Driver: func(m skein.Member, s skein.MemberSecrets) (member.Driver, error) { return w.driver(m.Name), nil }})
	w.must(err)
	w.Control, err = control.New(control.Config{
		Store: w.store, Cluster: &cluster{w: w}, Sealer: sealer, Inventory: w.inv, Now: now, Policy: zone.SerialIncrement,
		Drivers: []control.Driver{{Name: "fake", Roles: fake.Can().Roles, Needs: control.Needs{RNDC: true, Transfer: true}}},
		Primaries: func(netip.Addr) []skein.Primary {
			return []skein.Primary{{Address: netip.MustParseAddr("127.0.0.1"), Port: 53}}
		},
	})
	w.must(err)
	w.must(w.Start(w.ctx()))
	for _, name := range slices.Sorted(keys(roles)) {
		w.member(name, roles[name])
	}
	return w
}

func keys(roles map[string]skein.Role) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range roles {
			if !yield(name) {
				return
			}
		}
	}
}

// member starts a server and adds it.
func (w *world) member(name string, role skein.Role) {
	w.t.Helper()
	n := byte(len(w.servers) + 2)
	at := netip.AddrFrom4([4]byte{127, 0, 0, n})
	s, err := fake.New(servertest.FreeAt(w.t, at), servertest.FreeAt(w.t, at))
	w.must(err)
	w.t.Cleanup(s.Stop)
	w.servers[name] = s
	r, err := w.AddMember(w.ctx(), anna, control.NewMember{Member: skein.Member{Name: name, Role: role,
		Address: s.DNS().Addr(), Port: s.DNS().Port(), RNDCPort: s.Control().Port()}, Secrets: skein.MemberSecrets{RNDC: s.Secret()}})
	w.must(err)
	if r.Member.State != skein.MemberEnabled {
		w.t.Fatalf("%s: %+v", name, r.Checks)
	}
	w.drivers[name] = w.driver(name)
	s.Commands()
}

// driver makes one that brings what we publish.
func (w *world) driver(name string) *fake.Driver {
	s := w.servers[name]
	d, err := fake.NewDriver(skein.Member{Name: name, Address: s.Control().Addr(), RNDCPort: s.Control().Port()}, skein.MemberSecrets{RNDC: s.Secret()},
		func(name zone.Name) (zone.Contents, bool) {
			_, c, err := w.Contents(context.Background(), anna, name)
			return c, err == nil
		})
	w.must(err)
	return d
}

func (w *world) ctx() context.Context { return context.Background() }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// round reads a member once.
func (w *world) round(name string) error { return w.inv.Round(w.ctx(), w, name) }

func (w *world) sets(name zone.Name, serial uint32, data string) []zone.RRset {
	w.t.Helper()
	text := fmt.Sprintf("$TTL 300\n@ SOA ns1.example.net. hostmaster.example.net. %d 10800 3600 1209600 600\n@ NS ns1.example.net.\nnote TXT %q\n", serial, data)
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: name})
	w.must(err)
	return sets
}

func (w *world) contents(name zone.Name, serial uint32, data string) zone.Contents {
	w.t.Helper()
	c, err := zone.NewContents(name, w.sets(name, serial, data))
	w.must(err)
	return c
}

// makes is what somebody does on a member itself.
func (w *world) makes(on string, name zone.Name, serial uint32, data string) {
	w.t.Helper()
	w.servers[on].Put(w.contents(name, serial, data))
}

func (w *world) put(actor skein.Actor, name zone.Name, serial uint32, data string) {
	w.t.Helper()
	_, err := w.PutZone(w.ctx(), actor, control.PutZone{Name: name, Sets: w.sets(name, serial, data), Tolerant: true})
	w.must(err)
}

// what is the text that contents hold, and their serial.
func what(c zone.Contents) string {
	soa, _ := c.SOA()
	set, _ := c.Get("note."+c.Origin(), zone.TypeTXT)
	text := ""
	if len(set.Data) > 0 {
		text = string(set.Data[0][1:])
	}
	return fmt.Sprintf("%d %s", soa.Serial, text)
}

// is wants a zone to be here, as "serial data", with an origin; "" for none.
func (w *world) is(name zone.Name, want, origin string) {
	w.t.Helper()
	z, c, err := w.Contents(w.ctx(), anna, name)
	got := ""
	if err == nil {
		got = what(c)
	} else if skein.KindOf(err) != skein.KindNotFound {
		w.t.Fatal(err)
	}
	if got != want || z.Origin != origin {
		w.t.Errorf("%s is %q of %q, want %q of %q", name, got, z.Origin, want, origin)
	}
}

// has wants a member to have a zone, as "serial data"; "" for none.
func (w *world) has(on string, name zone.Name, want string) {
	w.t.Helper()
	got := ""
	if c, is := w.servers[on].Contents(name); is {
		got = what(c)
	}
	if got != want {
		w.t.Errorf("%s has %s as %q, want %q", on, name, got, want)
	}
}

// reads returns the zones that a member was asked for since the last time, and
// fails the test if it was told anything.
func (w *world) reads(on string) (names []string) {
	w.t.Helper()
	for _, command := range w.servers[on].Commands() {
		words := strings.Fields(command)
		switch words[0] {
		case "read":
			names = append(names, words[1:]...)
		case "save", "register", "remove":
			w.t.Errorf("%s was told to %s", on, command)
		}
	}
	slices.Sort(names)
	return names
}

// write brings a member in step, by what the planner of reconcile decides
// about each zone, and tells control where the member is ahead.
func (w *world) write(on string, role skein.Role) error {
	if role == skein.RoleStandalone {
		return nil
	}
	d := w.drivers[on]
	rules := reconcile.Rules{Caps: fake.Can(), Now: start}
	for _, z := range w.zones() {
		seen := reconcile.Seen{Look: reconcile.Absent}
		if c, is := w.servers[on].Contents(z.Name); is {
			soa, _ := c.SOA()
			seen = reconcile.Seen{Look: reconcile.Serves, Serial: soa.Serial}
		}
		decided := rules.Decide(reconcile.Wanted{Zone: z.Name, Revision: z.Revision, Serial: z.Serial, Deleted: z.Deleted}, seen)
		if decided.Ahead && role == skein.RoleWriteOnly { // others are found ahead when they are read
			w.Ahead(on, z.Name, seen.Serial, false)
		}
		if decided.Step == "" {
			continue
		}
		var failed error
		if err := d.Apply(w.ctx(), []member.Step{{Action: decided.Step, Zone: z.Name}}, func(_ int, err error) { failed = err }); err != nil || failed != nil {
			return fmt.Errorf("telling %s: %w", on, err)
		}
	}
	return nil
}

// zones returns all that live, and what is left of those that do not.
func (w *world) zones() (all []skein.Zone) {
	entries, _, err := w.store.Entries(w.ctx(), "", 1000)
	w.must(err)
	for _, e := range entries {
		all = append(all, e.Zone)
	}
	return all
}

// cluster is the part that keeps members in step, as far as control asks it.
type cluster struct {
	control.Cluster // what is not here is not asked
	w               *world
}

func (c *cluster) SetMember(m skein.Member, s skein.MemberSecrets) error {
	c.w.inv.SetMember(m, s)
	return nil
}

func (c *cluster) Test(context.Context, skein.Member, skein.MemberSecrets) []skein.Check {
	return []skein.Check{{Name: "version", OK: true}}
}

func (c *cluster) Certificate(context.Context, skein.Member, skein.MemberSecrets) (string, bool, error) {
	return "", false, nil
}

func (c *cluster) Status(string) *skein.MemberStatus  { return nil }
func (c *cluster) SetPaused(bool)                     {}
func (c *cluster) SetThreshold(int, bool)             {}
func (c *cluster) Propagation() (p skein.Propagation) { return p }

// Receipt tells which members have a zone.
func (c *cluster) Receipt(z skein.Zone) (r skein.Receipt) {
	for name, s := range c.w.servers {
		state := skein.StateAbsent
		if _, is := s.Contents(z.Name); is {
			state = skein.StatePending
		}
		r.Members = append(r.Members, skein.MemberZone{Member: name, State: state})
	}
	return r
}

// Served is the audit's transfer.
func (c *cluster) Served(_ context.Context, on string, name zone.Name) (zone.Contents, error) {
	contents, is := c.w.servers[on].Contents(name)
	if !is {
		return contents, &skein.Error{Kind: skein.KindUnavailable, What: "it has none"}
	}
	soa, _ := contents.SOA()
	return publish.Contents(contents, soa.Serial), nil
}
