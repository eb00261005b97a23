package whm

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/member"
	driver "github.com/skein-dns/skein/internal/member/whm"
	"github.com/skein-dns/skein/zone"
)

// near is another Skein, whose driver calls the door of the world: what it
// publishes, and the ids that its own door noted.
type near struct {
	*world
	texts map[zone.Name]string
	ids   *dnsadmin.Ids
}

func newNear(w *world) *near {
	return &near{world: w, texts: map[zone.Name]string{}, ids: dnsadmin.NewIds(1000, time.Hour, time.Now)}
}

func (n *near) publish(name string, serial int, address string) zone.Name {
	z := zone.Name(name + ".")
	n.texts[z] = zoneText(name, serial, address)
	return z
}

// driver makes one with a token of the door. Without a nameserver in the world,
// control tells the serials.
func (n *near) driver(token string, change ...func(*skein.Member)) *driver.Driver {
	n.Helper()
	m := skein.Member{Name: "far", Role: skein.RoleSynchronize, Address: netip.MustParseAddr("127.0.0.1"),
		Endpoint: n.server.Listener.Addr().String(), Pin: dnsadmin.Pin(n.server.Certificate())}
	for _, c := range change {
		c(&m)
	}
	d, err := driver.New(m, skein.MemberSecrets{Token: token}, driver.Options{Ids: n.ids,
		Published: func(_ context.Context, name zone.Name) ([]byte, uint32, bool) {
			text, is := n.texts[name]
			sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: name})
			serial, _ := serialOf(name, sets)
			return []byte(text), serial, is && (err == nil || strings.Contains(text, "broken"))
		},
		Serials: func(ctx context.Context, _ netip.AddrPort, names []zone.Name, each func(zone.Name, uint32)) {
			for _, name := range names {
				if z, err := n.control.Zone(ctx, root, name); err == nil {
					each(name, z.Serial)
				}
			}
		}})
	if err != nil {
		n.Fatal(err)
	}
	n.Cleanup(func() { d.Close() })
	return d
}

func (n *near) apply(d member.Driver, action member.Action, names ...zone.Name) []error {
	n.Helper()
	steps := make([]member.Step, len(names))
	for i, name := range names {
		steps[i] = member.Step{Action: action, Zone: name}
	}
	var told []error
	if err := d.Apply(n.Context(), steps, func(_ int, err error) { told = append(told, err) }); err != nil || len(told) != len(names) {
		n.Fatalf("%s: %d of %d, %v", action, len(told), len(names), err)
	}
	return told
}

func (n *near) must(d member.Driver, action member.Action, names ...zone.Name) {
	n.Helper()
	for i, err := range n.apply(d, action, names...) {
		if err != nil {
			n.Errorf("%s %s: %v", action, names[i], err)
		}
	}
}

// Our driver and our door: what one Skein gives another is there, to the octet,
// under the id that it came under; and is found, read and taken away again.
func TestDriverAtTheDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := newNear(w)
	d := n.driver(w.tokens["cpanel-1"])
	names := []zone.Name{n.publish("example.com", 2026010101, "192.0.2.1"), n.publish("files.example.db", 2026010101, "192.0.2.2"), n.publish("0/25.2.0.192.in-addr.arpa", 7, "192.0.2.3")}
	n.ids.Mark("example.com", 2026010101, "fromElsewhere")

	if version, err := d.Status(t.Context()); err != nil || version != "cPanel "+dnsadmin.Spoken {
		t.Errorf("%s, %v", version, err)
	}
	n.must(d, member.ActionAdd, names...)
	for _, name := range names {
		if _, text, given, err := w.control.ZoneText(t.Context(), root, name); err != nil || !given || string(text) != n.texts[name] {
			t.Errorf("%s is there as %q, %v", name, text, err)
		}
	}
	if id := w.ids.Of("example.com", 2026010101); id != "fromElsewhere" {
		t.Errorf("it came under the id %q", id)
	}
	if n.ids.First("far", dnsadmin.ActionSave, "files.example.db", w.ids.Of("files.example.db", 2026010101)) {
		t.Error("what was passed on would be taken when it comes back")
	}

	there, err := d.Has(t.Context(), append(names, "other.example."))
	if want := []bool{true, true, true, false}; err != nil || !slices.EqualFunc(there, want, func(p member.Presence, is bool) bool { return p.Present == is && p.Ours == is }) {
		t.Errorf("%+v, %v", there, err)
	}
	held := map[zone.Name]uint32{}
	if err := d.Inventory(t.Context(), func(h skein.Held) error { held[h.Zone] = h.Serial; return nil }); err != nil || len(held) != 3 || held["example.com."] != 2026010101 {
		t.Errorf("%v, %v", held, err)
	}
	err = d.Read(t.Context(), append(names, "other.example."), func(i int, c zone.Contents, err error) {
		if i == 3 {
			if !errors.Is(err, member.ErrAbsent) {
				t.Errorf("a zone that is not there: %v", err)
			}
			return
		}
		if soa, _ := c.SOA(); err != nil || soa.Serial != held[names[i]] {
			t.Errorf("%s: serial %d, %v", names[i], soa.Serial, err)
		}
	})
	if err != nil {
		t.Error(err)
	}

	n.must(d, member.ActionDelete, names[0], "other.example.", names[1], names[2])
	if list := w.get("cpanel-1", "getzonelist_local?dnsuniqid=end"); list != "" {
		t.Errorf("left over: %q", list)
	}
}

// What the door refuses is an error of that zone alone, with the door's reason.
func TestDriverIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := newNear(w)
	d := n.driver(w.tokens["cpanel-1"])
	taken := n.publish("taken.example", 1, "192.0.2.9")
	if got := w.post("cpanel-2", "savezone_local", saving("taken.example", zoneText("taken.example", 5, "192.0.2.5"), "a")); !strings.Contains(got, "saved") {
		t.Fatal(got)
	}
	broken := n.publish("broken.example", 1, "this is broken")
	var names []zone.Name
	for i := range 150 {
		names = append(names, n.publish(fmt.Sprintf("z%d.example", i), 1, "192.0.2.1"))
	}
	names[20], names[120] = taken, broken
	for i, err := range n.apply(d, member.ActionAdd, names...) {
		switch bad := names[i] == taken || names[i] == broken; {
		case (err != nil) != bad:
			t.Errorf("%s: %v", names[i], err)
		case names[i] == broken && !strings.Contains(err.Error(), "line"):
			t.Errorf("%s: %v", names[i], err)
		}
	}
	n.must(d, member.ActionDelete, taken, names[0]) // to who may not see it, it is not there
	if got := w.records("taken.example."); got != "5 www A 192.0.2.5" {
		t.Errorf("the zone of another is %s", got)
	}
}

// Who is not let in is told so, and a door that is another is not called.
func TestDriverIsNotLetIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := newNear(w)
	name := n.publish("example.com", 1, "192.0.2.1")
	strange := n.driver("0123456789ABCDEFGHIJKLMNOPQRSTUV")
	if told := n.apply(strange, member.ActionAdd, name); !errors.Is(told[0], member.ErrDenied) {
		t.Errorf("a wrong token: %v", told)
	}
	checks := strange.Test(t.Context(), "test.invalid.")
	if last := checks[len(checks)-1]; last.Name != "token" || last.OK {
		t.Errorf("its test ends with %+v", last)
	}
	unpinned := n.driver(w.tokens["cpanel-1"], func(m *skein.Member) { m.Pin = "" })
	if told := n.apply(unpinned, member.ActionAdd, name); !errors.Is(told[0], member.ErrDenied) {
		t.Errorf("without a pin: %v", told)
	}
	pin, trusted, err := unpinned.Certificate(t.Context())
	if err != nil || trusted {
		t.Fatalf("%s, %v, %v", pin, trusted, err)
	}
	n.must(n.driver(w.tokens["cpanel-1"], func(m *skein.Member) { m.Pin = pin }), member.ActionAdd, name)
}

// An action that went round a circle of three ends where it began.
func TestDriverInACircle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := newNear(w)
	first := n.driver(w.tokens["cpanel-1"])
	name := n.publish("example.com", 1, "192.0.2.1")
	n.ids.Mark("example.com", 1, "round")
	n.must(first, member.ActionAdd, name)

	n.publish("example.com", 1, "192.0.2.99") // had it changed on the way, it would be told
	other := newNear(w)
	other.texts, other.ids = n.texts, dnsadmin.NewIds(1000, time.Hour, time.Now)
	other.ids.Mark("example.com", 1, "round")
	n.must(other.driver(w.tokens["cpanel-2"]), member.ActionAdd, name)
	if got := w.records(name); got != "1 www A 192.0.2.1" {
		t.Errorf("it was taken again: %s", got)
	}
}
