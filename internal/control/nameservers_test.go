package control_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// A panel is told where its zones are served: by the pool's set, with the
// addresses that are written down or can be found, else by the pool's members.
func TestNameservers(t *testing.T) {
	t.Parallel()
	w := newLibrary(t)
	says := func(when, want string) {
		t.Helper()
		list, err := w.Nameservers(w.ctx(), plesk1)
		if got := fmt.Sprint(list); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", when, got, err, want)
		}
	}
	says("no set", "[{ns2. [192.0.2.13]} {web1. [192.0.2.11]}]") // nothing is written to panel
	w.put(anna, "hoster.example.", 1, "ns2 A 198.51.100.2\n")
	w.pool(skein.EditPool{Rule: skein.PoolKeep, Nameservers: []skein.PoolNameserver{
		{Name: "ns1.hoster.example.", Addresses: []netip.Addr{netip.MustParseAddr("2001:db8::1")}}, {Name: "ns2.hoster.example."}}})
	says("a set", "[{ns1.hoster.example. [2001:db8::1]} {ns2.hoster.example. [198.51.100.2]}]")
	if _, err := w.Nameservers(w.ctx(), skein.Actor{}); skein.KindOf(err) != skein.KindForbidden {
		t.Errorf("nobody: %v", err)
	}
}

// A name is taken whoever has the zone; what is outside of a token's scope is
// not told.
func TestTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, "example.com.", 1, "")
	scoped := plesk2
	scoped.Scope.Zones = []zone.Name{"other.example."}
	for situation, c := range map[string]struct {
		actor skein.Actor
		name  zone.Name
		want  bool
	}{
		"one's own":          {plesk1, "EXAMPLE.com.", true},
		"another's":          {plesk2, "example.com.", true},
		"nobody's":           {plesk2, "free.example.", false},
		"outside of a scope": {scoped, "example.com.", false},
	} {
		if got, err := w.Taken(w.ctx(), c.actor, c.name); got != c.want || err != nil {
			t.Errorf("%s: %v, %v", situation, got, err)
		}
	}
	if _, err := w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: "example.com."}); err != nil {
		t.Fatal(err)
	}
	if got, _ := w.Taken(w.ctx(), plesk2, "example.com."); got {
		t.Error("a zone that was deleted")
	}
}
