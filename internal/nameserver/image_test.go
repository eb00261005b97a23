package nameserver

import (
	"slices"
	"testing"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// What one server exports another one of the same program serves, of several
// zones at once; what is wrong with one of them is said, and harms no other.
func TestZonesAreServedFromWhatWasExported(t *testing.T) {
	t.Parallel()
	before, after := New(Options{}), serve(t, Options{})
	var zones []Exported
	for _, name := range []zone.Name{"a.", "Mixed.Example.", "cut.", "other.", "b."} {
		before.Put(contents(t, name, updatable))
		octets, ok := before.Export(nil, name)
		if !ok {
			t.Fatalf("%s is not exported", name)
		}
		zones = append(zones, Exported{Name: name, Octets: octets})
	}
	zones[2].Octets = zones[2].Octets[:len(zones[2].Octets)-8]
	zones[3].Octets = zones[0].Octets // of another zone
	zones = append(zones, Exported{Name: "none.", Served: true})
	after.Put(contents(t, "b.", "@ 3600 SOA ns host 1 3600 600 86400 300\n@ 3600 NS ns.other.\n")) // gives way
	after.Import(zones)

	var served []zone.Name
	for _, z := range zones {
		q, via := query(t, "www."+string(z.Name)+" A")
		answers := ask(t, after, q, via).Rcode == dns.RcodeSuccess
		if answers != z.Served {
			t.Errorf("%s: served, it says: %v; it answers: %v", z.Name, z.Served, answers)
		}
		if z.Served {
			served = append(served, z.Name)
		}
	}
	if want := []zone.Name{"a.", "Mixed.Example.", "b."}; !slices.Equal(served, want) {
		t.Errorf("served are %q, want %q", served, want)
	}
}
