package zone_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein/zone"
)

// Nothing panics; refusals say where; what is read can be printed, stored and
// read again as the same; what the tolerant profile mends is right then.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		options := zone.Options{Origin: "example.com.", MaxRecords: 2000}
		sets, warnings, err := zone.Parse(strings.NewReader(text), options)
		for _, p := range slices.Concat(warnings, problemsIn(t, err)) {
			if p.Line < 1 || p.Line > strings.Count(text, "\n")+1 || p.Text == "" || len(p.Text) > 3000 {
				t.Errorf("a finding in line %d of %d octets", p.Line, len(p.Text))
			}
		}
		if err != nil {
			if sets != nil || len(problemsIn(t, err)) == 0 {
				t.Error("sets came with a refusal, or a refusal without a reason")
			}
			return
		}
		inside := slices.DeleteFunc(sets, func(s zone.RRset) bool { return !s.Name.IsSubdomainOf("example.com.") })
		c, err := zone.NewContents("example.com.", inside)
		if err != nil {
			t.Fatalf("what was read is not well formed: %v", err)
		}
		again, _, err := zone.Parse(strings.NewReader(printed(t, c)), zone.Options{})
		if err != nil {
			t.Fatalf("%v in\n%s", err, printed(t, c))
		}
		if d, err := zone.NewContents("example.com.", again); err != nil || !d.Equal(c) {
			t.Fatalf("printed and read again it is\n%s%v, not\n%s", records(d), err, records(c))
		}
		if back, err := zone.DecodeRRsets(zone.EncodeRRsets(nil, setsOf(c))); err != nil || !same(back, setsOf(c)) {
			t.Fatalf("stored and read again it is %v, %v", back, err)
		}
		mended, _, err := zone.Read(strings.NewReader(text), "example.com.", options, zone.Tolerant)
		if err != nil {
			return
		}
		twice, _, err := zone.Validate(mended, zone.Tolerant)
		if err != nil || !twice.Equal(mended) {
			t.Fatalf("mended twice it is another: %v", err)
		}
		if _, err := zone.ValidateNames(mended, namesOf(mended), zone.Tolerant); err != nil {
			t.Fatalf("name by name it is refused: %v", err)
		}
	})
}

func namesOf(c zone.Contents) (names []zone.Name) {
	for node := range c.NodesFrom("") {
		names = append(names, node.Name)
	}
	return names
}

func FuzzParseRdata(f *testing.F) {
	f.Fuzz(func(t *testing.T, code uint16, text string) {
		rrtype := zone.Type(code)
		d, err := zone.ParseRdata(rrtype, text, "example.com.")
		if err != nil {
			if d != "" || len(err.Error()) > 3000 {
				t.Errorf("data came with a refusal of %d octets", len(err.Error()))
			}
			return
		}
		if _, err := zone.ParseType(rrtype.String()); err != nil {
			return // a type for questions
		}
		set := zone.RRset{Name: "a.example.com.", Type: rrtype, TTL: 1, Data: []zone.Rdata{d}}
		c, err := zone.NewContents("example.com.", []zone.RRset{set})
		if err != nil {
			t.Fatalf("what was read is not well formed: %v", err)
		}
		if back, err := zone.ParseRdata(rrtype, d.Text(rrtype), zone.Root); err != nil || back != d {
			t.Fatalf("%x is written as %s and read as %x, %v", string(d), d.Text(rrtype), string(back), err)
		}
		if canonical := d.Canonical(rrtype); canonical.Canonical(rrtype) != canonical || len(canonical) != len(d) {
			t.Fatalf("%x has the canonical form %x", string(d), string(canonical))
		}
		if target, ok := d.Target(rrtype); ok {
			mustName(t, string(target))
		}
		_, _, _ = zone.Validate(c, zone.Strict) // looks into all data
		if len(d) < 60000 {
			overTheWire(t, rrtype, d)
		}
	})
}

func FuzzName(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		for _, read := range []func() (zone.Name, error){
			func() (zone.Name, error) { return zone.ParseName(text) },
			func() (zone.Name, error) { return zone.NameFromWire([]byte(text)) },
		} {
			n, err := read()
			if err != nil {
				if n != "" || !errors.Is(err, zone.ErrName) || len(err.Error()) > 3000 {
					t.Errorf("%q, and a refusal of %d octets", n, len(err.Error()))
				}
				continue
			}
			wire := n.AppendWire(nil)
			if back, err := zone.NameFromWire(wire); err != nil || back != n || len(wire) > 255 {
				t.Errorf("%q on the wire is %x, and from it %q, %v", n, wire, back, err)
			}
			for _, form := range []string{string(n), n.Unicode(), strings.TrimSuffix(string(n), ".")} {
				if strings.HasSuffix(form, `\`) || form == "" {
					continue // the dot that went was not the final one's
				}
				if back, err := zone.ParseName(form); err != nil || !back.Equal(n) {
					t.Errorf("%q is read from %q as %q, %v", n, form, back, err)
				}
			}
			if n.Key() != string(zone.AppendKey(nil, wire)) || n.Key() != n.Canonical().Key() {
				t.Errorf("%q has the key %q", n, n.Key())
			}
			if labels := n.Labels(); n != zone.Root && strings.Join(labels, ".")+"." != string(n) {
				t.Errorf("%q has the labels %q", n, labels)
			}
			if up := n.Parent(); !n.IsSubdomainOf(up) || n != zone.Root && up.Compare(n) >= 0 {
				t.Errorf("%q has the parent %q", n, up)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Fuzz(func(t *testing.T, stored []byte) {
		if sets, err := zone.DecodeRRsets(stored); err == nil {
			if back, err := zone.DecodeRRsets(zone.EncodeRRsets(nil, sets)); err != nil || !same(back, sets) {
				t.Errorf("what was read comes back as %v, %v", back, err)
			}
			if c, err := zone.NewContents(zone.Root, sets); err == nil { // all octets are data of their types
				_, _, _ = zone.Validate(c, zone.Tolerant)
				printed(t, c)
			}
		} else if sets != nil || !errors.Is(err, zone.ErrCodec) {
			t.Errorf("sets came with %v", err)
		}
		d, err := zone.DecodeDelta(stored)
		if err == nil {
			back, err := zone.DecodeDelta(zone.EncodeDelta(nil, d))
			if err != nil || !same(back.Del, d.Del) || !same(back.Add, d.Add) {
				t.Errorf("the delta comes back as %v, %v", back, err)
			}
		} else if !d.IsZero() || !errors.Is(err, zone.ErrCodec) {
			t.Errorf("a delta came with %v", err)
		}
	})
}
