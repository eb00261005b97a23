package control_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// lookups is a resolver: names and their addresses.
type lookups map[zone.Name]string

func (l lookups) resolve(_ context.Context, name zone.Name) (found []netip.Addr, err error) {
	if l[name] == "" {
		return nil, errors.New("no such host")
	}
	for a := range strings.FieldsSeq(l[name]) {
		found = append(found, netip.MustParseAddr(a))
	}
	return found, nil
}

// One server is one member, and this node is none, whatever the names are.
func TestAServerIsOneMember(t *testing.T) {
	t.Parallel()
	names := lookups{
		"ns2.example.net.":   "192.0.2.53 2001:db8::53",
		"alias.example.net.": "::ffff:192.0.2.53",
		"six.example.net.":   "2001:db8::53",
		"ns1.example.net.":   "192.0.2.1",
		"lo.example.net.":    "127.0.0.1",
		"other.example.net.": "192.0.2.77",
	}
	for what, row := range map[string]struct {
		name, address string
		change        func(*skein.Member)
		words         string // of the refusal; "" for none
	}{
		"the same address":                    {"nsx.example.net", "192.0.2.53", nil, "ns2.example.net is at 192.0.2.53:53"},
		"the same address, written as of v6":  {"nsx.example.net", "::ffff:192.0.2.53", nil, "ns2.example.net is at"},
		"a name that leads there":             {"alias.example.net", "192.0.2.99", nil, "ns2.example.net is at 192.0.2.53:53"},
		"a name that leads to its other one":  {"six.example.net", "192.0.2.99", nil, "ns2.example.net is at [2001:db8::53]:53"},
		"its other address":                   {"nsx.example.net", "2001:db8::53", nil, "ns2.example.net is at [2001:db8::53]:53"},
		"another server of the address":       {"nsx.example.net", "192.0.2.53", func(m *skein.Member) { m.Port, m.RNDCPort = 5353, 9953 }, ""},
		"which takes its commands there":      {"nsx.example.net", "192.0.2.53", func(m *skein.Member) { m.Port = 5353 }, "rndc commands at 192.0.2.53:953 already"},
		"for another view":                    {"nsx.example.net", "192.0.2.54", func(m *skein.Member) { m.RNDCAddr, m.View = netip.MustParseAddr("192.0.2.53"), "inside" }, ""},
		"this node":                           {"nsx.example.net", "192.0.2.1", nil, "own"},
		"this node, over loopback":            {"nsx.example.net", "127.0.0.1", nil, "own"},
		"a name that leads to this node":      {"ns1.example.net", "192.0.2.99", nil, "ns1.example.net leads to 192.0.2.1:53, which is this node's own"},
		"a name that leads to it as loopback": {"lo.example.net", "192.0.2.99", nil, "own"},
		"the rndc port of this node":          {"nsx.example.net", "192.0.2.99", func(m *skein.Member) { m.RNDCAddr, m.RNDCPort = netip.MustParseAddr("192.0.2.1"), 9530 }, "192.0.2.1:9530 is this node's own"},
		"a named beside this node":            {"nsx.example.net", "192.0.2.1", func(m *skein.Member) { m.Port = 5353 }, ""},
		"a name that nobody knows":            {"nsx.example.net", "192.0.2.99", nil, ""},
		"a name that leads elsewhere":         {"other.example.net", "192.0.2.99", nil, ""},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorldWith(t, func(c *control.Config) {
				c.Resolve = names.resolve
				c.Own = func(at netip.AddrPort) bool {
					return at.Port() == 53 && (at.Addr().IsLoopback() || at.Addr() == netip.MustParseAddr("192.0.2.1")) || at.String() == "192.0.2.1:9530"
				}
			})
			w.enabled(described("ns2.example.net", "192.0.2.53"))
			w.enabled(described("plain", "192.0.2.150"))
			in := described(row.name, row.address)
			edit := control.EditMember{Name: "plain", Address: &in.Member.Address}
			if row.change != nil {
				row.change(&in.Member)
				edit.Port, edit.RNDCAddr, edit.RNDCPort, edit.View = &in.Member.Port, &in.Member.RNDCAddr, &in.Member.RNDCPort, &in.Member.View
			}
			add := func() error { _, err := w.AddMember(w.ctx(), anna, in); return err }
			if row.words == "" {
				w.must(add())
				return
			}
			w.refused(anna, "member.add", add, skein.KindConflict, row.words)
			w.refused(anna, "member.config", func() error { _, err := w.ConfigMember(w.ctx(), anna, in); return err }, skein.KindConflict, row.words)
			if row.name == "nsx.example.net" {
				w.refused(anna, "member.edit", func() error { _, err := w.EditMember(w.ctx(), anna, edit); return err }, skein.KindConflict, row.words)
			}
		})
	}
}
