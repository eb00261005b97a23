package control_test

import (
	"context"
	"net/netip"
	"slices"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// A trace is of a zone that one may read. Strangers have nobody asked inside of
// the hoster's network but members of the zone's pool.
func TestTrace(t *testing.T) {
	t.Parallel()
	var asked zone.Name
	var held []zone.Name
	var may func(netip.Addr) bool
	w := newWorldWith(t, func(c *control.Config) {
		c.Trace = func(_ context.Context, name zone.Name, h []zone.Name, m func(netip.Addr) bool) skein.Trace {
			asked, held, may = name, h, m
			return skein.Trace{Zone: name}
		}
	})
	w.put(plesk1, example, 1, "")
	_, err := w.AddMember(w.ctx(), anna, control.NewMember{Member: skein.Member{Name: "ns2.example.net", Address: netip.MustParseAddr("10.0.0.2")}})
	w.must(err)
	addrs := map[string]bool{ // whether a stranger has it asked
		"9.9.9.9": true, "2620:fe::fe": true, "10.0.0.2": true, "::ffff:9.9.9.9": true,
		"10.0.0.3": false, "127.0.0.1": false, "169.254.169.254": false, "100.64.0.1": false, "192.0.2.1": false, "0.0.0.0": false,
		"255.255.255.255": false, "::1": false, "fe80::1": false, "fd00::1": false, "::ffff:10.0.0.3": false, "64:ff9b::a00:3": false, "2002:a00:3::1": false,
	}
	for who, actor := range map[string]skein.Actor{"root": anna, "a panel": plesk1} {
		found, err := w.Trace(w.ctx(), actor, example)
		if err != nil || found.Zone != example || asked != example || !slices.Equal(held, []zone.Name{"ns1.example.net.", "ns2.example.net."}) {
			t.Errorf("%s: %+v, %v; asked for %s, which names %q", who, found, err, asked, held)
		}
		for addr, public := range addrs {
			if got := may(netip.MustParseAddr(addr)); got != (public || who == "root") {
				t.Errorf("%s: %s is asked: %t", who, addr, got)
			}
		}
	}
	for situation, row := range map[string]struct {
		actor skein.Actor
		name  zone.Name
	}{"another's": {plesk2, example}, "no zone": {anna, "www.example.com."}, "none": {anna, "example.net."}} {
		if _, err := w.Trace(w.ctx(), row.actor, row.name); skein.KindOf(err) != skein.KindNotFound {
			t.Errorf("%s: %v", situation, err)
		}
	}
}
