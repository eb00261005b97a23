package control_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

const edited = "www A 192.0.2.1\nwww A 192.0.2.2\n@ MX 10 mail\nmail 60 A 192.0.2.3\n_x TXT a\n_x AAAA 2001:db8::1\n"

func TestEdits(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		edits []string
		want  string // the delta
	}{
		"set what is new":              {[]string{"set ftp A 192.0.2.9"}, "+ftp A 192.0.2.9"},
		"set what is there":            {[]string{"set www 300 A 192.0.2.2"}, "-www A 192.0.2.1"},
		"set it to the same":           {[]string{"set mail 60 A 192.0.2.3"}, ""},
		"set another TTL":              {[]string{"set mail 90 A 192.0.2.3"}, "-mail A 192.0.2.3 +mail A 192.0.2.3"},
		"set in another case":          {[]string{"set WWW 300 A 192.0.2.2"}, "-www A 192.0.2.1"},
		"add to what is there":         {[]string{"add www 300 A 192.0.2.4"}, "+www A 192.0.2.4"},
		"add what is there":            {[]string{"add www 300 A 192.0.2.2"}, ""},
		"add with another TTL":         {[]string{"add mail 90 A 192.0.2.4"}, "-mail A 192.0.2.3 +mail A 192.0.2.3 +mail A 192.0.2.4"},
		"add what is new":              {[]string{"add new A 192.0.2.4"}, "+new A 192.0.2.4"},
		"delete a record":              {[]string{"delete www 300 A 192.0.2.1"}, "-www A 192.0.2.1"},
		"delete it whatever its TTL":   {[]string{"delete mail 7 A 192.0.2.3"}, "-mail A 192.0.2.3"},
		"delete an RRset":              {[]string{"delete www A"}, "-www A 192.0.2.1 -www A 192.0.2.2"},
		"delete a name":                {[]string{"delete _x"}, "-_x AAAA 2001:db8::1 -_x TXT \"a\""},
		"delete, then set":             {[]string{"delete www A", "set www CNAME mail"}, "-www A 192.0.2.1 -www A 192.0.2.2 +www CNAME mail.example.com."},
		"there and back":               {[]string{"set ftp A 192.0.2.9", "delete ftp A"}, ""},
		"several of one set":           {[]string{"add www 300 A 192.0.2.5", "delete www 300 A 192.0.2.1", "add www 300 A 192.0.2.6"}, "-www A 192.0.2.1 +www A 192.0.2.5 +www A 192.0.2.6"},
		"a nameserver more":            {[]string{"add @ 300 NS ns3.example.net."}, "+@ NS ns3.example.net."},
		"a nameserver less":            {[]string{"delete @ 300 NS ns2.example.net."}, "-@ NS ns2.example.net."},
		"a type that nobody knows":     {[]string{`set www TYPE65280 \# 3 010203`}, `+www TYPE65280 \# 3 010203`},
		"a DNAME with nothing below":   {[]string{"set sub DNAME example.net."}, "+sub DNAME example.net."},
		"a wildcard, and a delegation": {[]string{"set * A 192.0.2.9", "set sub NS ns.example.net."}, "+* A 192.0.2.9 +sub NS ns.example.net."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			z := w.put(plesk1, example, 5, edited).Zone
			r := w.edit(plesk1, example, row.edits...)
			if got := delta(r.Delta); got != row.want || r.Changed != (row.want != "") || r.Created {
				t.Errorf("the delta is %q, want %q; changed: %v", got, row.want, r.Changed)
			}
			if want := z.Revision; r.Changed && r.Zone.Revision != want+1 || !r.Changed && r.Zone.Revision != want {
				t.Errorf("revision %d", r.Zone.Revision)
			}
			// And the store agrees.
			_, c, err := w.Contents(w.ctx(), anna, example)
			w.must(err)
			before, err := w.ContentsAt(w.ctx(), anna, example, z.Revision)
			w.must(err)
			if got := delta(zone.Diff(before, c).Without(example, zone.TypeSOA)); got != row.want {
				t.Errorf("the stored delta is %q, want %q", got, row.want)
			}
		})
	}
}

func TestEditsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	z := w.put(plesk1, example, 5, edited+"dn DNAME example.net.\nd2.x A 192.0.2.1\n").Zone
	stale := z.Revision + 1
	set := func(name zone.Name, t zone.Type, data ...zone.Rdata) []control.Edit {
		return []control.Edit{{Op: control.OpSet, Set: zone.RRset{Name: name, Type: t, TTL: 60, Data: data}}}
	}
	for name, row := range map[string]struct {
		edit   control.EditRecords
		lines  []string
		action string
		kind   skein.Kind
		words  string
		cause  error
	}{
		"no such zone":                {control.EditRecords{Zone: "nosuch.example."}, []string{"set www.nosuch.example. A 192.0.2.1"}, "record.set", skein.KindNotFound, "nosuch.example.", store.ErrNotFound},
		"stale":                       {control.EditRecords{Expect: &stale}, []string{"set www A 192.0.2.1"}, "record.set", skein.KindConflict, "revision", store.ErrChanged},
		"nothing to do":               {control.EditRecords{}, nil, "record.edit", skein.KindInvalid, "0 edits", nil},
		"another zone's name":         {control.EditRecords{}, []string{"set www.example.org. A 192.0.2.1"}, "record.set", skein.KindInvalid, "www.example.org.", nil},
		"CNAME beside other data":     {control.EditRecords{}, []string{"set www CNAME mail"}, "record.set", skein.KindInvalid, "CNAME", nil},
		"second CNAME":                {control.EditRecords{}, []string{"set c CNAME a", "add c CNAME b"}, "record.edit", skein.KindInvalid, "CNAME", nil},
		"below a DNAME":               {control.EditRecords{}, []string{"set a.b.dn A 192.0.2.1"}, "record.set", skein.KindInvalid, "DNAME", nil},
		"a DNAME above records":       {control.EditRecords{}, []string{"set x DNAME example.net."}, "record.set", skein.KindInvalid, "DNAME", nil},
		"SOA deleted":                 {control.EditRecords{}, []string{"delete @ SOA"}, "record.delete", skein.KindInvalid, "SOA", nil},
		"NS deleted":                  {control.EditRecords{}, []string{"delete @ NS"}, "record.delete", skein.KindInvalid, "NS", nil},
		"the apex deleted":            {control.EditRecords{}, []string{"delete @"}, "record.delete", skein.KindInvalid, "SOA", nil},
		"second SOA":                  {control.EditRecords{}, []string{"add @ SOA a. b. 1 2 3 4 5"}, "record.add", skein.KindInvalid, "SOA", nil},
		"SOA below the apex":          {control.EditRecords{}, []string{"set sub SOA a. b. 1 2 3 4 5"}, "record.set", skein.KindInvalid, "SOA", nil},
		"deletes a type not there":    {control.EditRecords{}, []string{"delete www AAAA"}, "record.delete", skein.KindNotFound, "AAAA records at www.example.com.", store.ErrNotFound},
		"deletes a name not there":    {control.EditRecords{}, []string{"delete nosuch"}, "record.delete", skein.KindNotFound, "nosuch.example.com.", store.ErrNotFound},
		"deletes a record not there":  {control.EditRecords{}, []string{"delete www A 192.0.2.77"}, "record.delete", skein.KindNotFound, "192.0.2.77", store.ErrNotFound},
		"one good, one bad":           {control.EditRecords{}, []string{"set new A 192.0.2.1", "delete nosuch"}, "record.edit", skein.KindNotFound, "nosuch", store.ErrNotFound},
		"RRset of 70,000 octets":      {control.EditRecords{Edits: []control.Edit{{Op: control.OpSet, Set: bigSet(300)[0]}}}, nil, "record.set", skein.KindInvalid, "65535", nil},
		"an RRset that grows to that": {control.EditRecords{Edits: []control.Edit{{Op: control.OpAdd, Set: bigSet(200)[0]}, {Op: control.OpAdd, Set: bigSet(300)[0]}}}, nil, "record.add", skein.KindInvalid, "65535", nil},
		"a set that grows for ever":   {control.EditRecords{Edits: growing(10_000)}, nil, "record.add", skein.KindInvalid, "65535", nil},
		"no data to set":              {control.EditRecords{Edits: set("a.example.com.", zone.TypeA)}, nil, "record.set", skein.KindInvalid, "no data", nil},
		"no type to set":              {control.EditRecords{Edits: set("a.example.com.", 0, "x")}, nil, "record.set", skein.KindInvalid, "no type", nil},
		"no name to set":              {control.EditRecords{Edits: set("", zone.TypeA, "x")}, nil, "record.set", skein.KindInvalid, "not in zone", nil},
		"an edit that there is not":   {control.EditRecords{Edits: []control.Edit{{Op: "replace", Set: zone.RRset{Name: example, Type: zone.TypeA}}}}, nil, "record.edit", skein.KindInvalid, "replace", nil},
		"data to delete, but no type": {control.EditRecords{Edits: []control.Edit{{Op: control.OpDelete, Set: zone.RRset{Name: example, Data: []zone.Rdata{"x"}}}}}, nil, "record.delete", skein.KindInvalid, "no type", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			if row.edit.Zone == "" {
				row.edit.Zone = example
			}
			if row.edit.Edits == nil {
				row.edit.Edits = w.edits(row.edit.Zone, row.lines...)
			}
			do := func() error { _, err := w.EditRecords(w.ctx(), plesk1, row.edit); return err }
			if row.cause != nil {
				w.refused(plesk1, row.action, do, row.kind, row.words, row.cause)
			} else {
				w.refused(plesk1, row.action, do, row.kind, row.words)
			}
		})
	}
	// Nothing of all that was done.
	w.t = t
	w.holds(example, "@ MX 10 mail.example.com.", "_x TXT \"a\"", "_x AAAA 2001:db8::1", "dn DNAME example.net.",
		"mail A 192.0.2.3", "www A 192.0.2.1", "www A 192.0.2.2", "d2.x A 192.0.2.1")
}

// growing is n edits that each add an address to one set.
func growing(n int) (edits []control.Edit) {
	for i := range n {
		edits = append(edits, control.Edit{Op: control.OpAdd, Set: zone.RRset{
			Name: "grow.example.com.", Type: zone.TypeA, TTL: 60, Data: []zone.Rdata{zone.Rdata([]byte{10, 0, byte(i >> 8), byte(i)})},
		}})
	}
	return edits
}

// A TTL that is not given is that of the set, else the minimum of the SOA.
func TestATTLThatIsNotGiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(anna, example, 5, edited)
	edits := w.edits(example, "set mail 7 A 192.0.2.9", "add new 7 A 192.0.2.9", "add www 7 A 192.0.2.9")
	for i := range edits {
		edits[i].KeepTTL = true
	}
	_, err := w.EditRecords(w.ctx(), anna, control.EditRecords{Zone: example, Edits: edits})
	w.must(err)
	_, c, err := w.Contents(w.ctx(), anna, example)
	w.must(err)
	for name, want := range map[zone.Name]uint32{"mail.example.com.": 60, "new.example.com.": 600, "www.example.com.": 300} {
		if set, _ := c.Get(name, zone.TypeA); set.TTL != want {
			t.Errorf("%s has TTL %d, want %d", name, set.TTL, want)
		}
	}
}

func TestToleratedEditsWarn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, edited)
	edits := w.edits(example, "set far A 192.0.2.1", "set @ MX 10 192.0.2.1.")
	edits[0].Set.TTL = 3155760000
	r, err := w.EditRecords(w.ctx(), plesk1, control.EditRecords{Zone: example, Edits: edits, Tolerant: true})
	w.must(err)
	if len(r.Warnings) != 2 || !strings.Contains(r.Warnings[0].Text, "TTL") || !strings.Contains(r.Warnings[1].Text, "address") {
		t.Errorf("warnings %v", r.Warnings)
	}
	if set, _ := mustContents(w, example).Get("far.example.com.", zone.TypeA); set.TTL != 1<<31-1 {
		t.Errorf("TTL %d", set.TTL)
	}
	// What an edit points to is looked at, too.
	w.edit(plesk1, example, "set alias CNAME mail")
	r = w.edit(plesk1, example, "set @ MX 10 alias")
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0].Text, "alias.example.com.") {
		t.Errorf("warnings %v", r.Warnings)
	}
}

// The cost of an edit follows the edit, also in a large zone.
func TestAnEditDoesNotReadTheZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var text strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&text, "h%d A 192.0.2.1\n", i)
	}
	w.put(anna, example, 5, text.String())
	w.store.contents = 0
	w.edit(anna, example, "set h17 A 192.0.2.2", "add @ MX 10 h18", "delete h19", "set a.b.c.d.e A 192.0.2.3", "delete h20 A")
	if w.store.contents != 0 {
		t.Errorf("the edit read the whole zone %d times", w.store.contents)
	}
	if z := mustZone(w, example); z.Records != 3+5000-2+2 {
		t.Errorf("%d records", z.Records)
	}
}

func mustZone(w *world, name zone.Name) skein.Zone {
	w.t.Helper()
	z, err := w.Zone(w.ctx(), anna, name)
	w.must(err)
	return z
}
