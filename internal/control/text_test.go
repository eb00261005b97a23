package control_test

import (
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

// file is a zone file as a panel writes it.
func file(serial, rest string) string {
	return "; cPanel first:11 latest:11\n$TTL 300\n@ 86400 IN SOA ns1.example.net. hostmaster.example.net. (\n\t" + serial + " ; serial\n\t10800 3600 1209600 600 )\n@ NS ns1.example.net.\n@ NS ns2.example.net.\n" + rest
}

// gives puts a zone with the file that it was read from.
func (w *world) gives(actor skein.Actor, text string) control.Result {
	w.t.Helper()
	r, err := w.PutZone(w.ctx(), actor, control.PutZone{Name: example, Sets: w.sets(example, text), Tolerant: true, Text: []byte(text), Ahead: true})
	w.must(err)
	return r
}

// givesBack wants the text of the zone to be this one as it was given, or if it is
// "" one that was printed.
func (w *world) givesBack(what, want string) {
	w.t.Helper()
	z, text, given, err := w.ZoneText(w.ctx(), anna, example)
	w.must(err)
	if given != (want != "") || given && string(text) != want {
		w.t.Errorf("%s: the text (given %v) is\n%s\nwant\n%s", what, given, text, want)
	}
	_, contents, err := w.Contents(w.ctx(), anna, example)
	w.must(err)
	sets := w.sets(example, string(text))
	all := 0
	for range contents.All() {
		all++
	}
	soa, _ := contents.SOA()
	if len(sets) != all || soa.Serial != z.Serial {
		w.t.Errorf("%s: the text has %d sets, the zone %d; serial %d and %d", what, len(sets), all, soa.Serial, z.Serial)
	}
}

// A panel gets back what it gave, comments and all, while that is what is published.
func TestTheTextOfAZone(t *testing.T) {
	t.Parallel()
	const www, ftp = "www 300 A 192.0.2.1 ; the web\n", "ftp 300 A 192.0.2.1\n"
	w := newWorld(t)
	w.gives(plesk1, file("2026030100", www))
	w.givesBack("as it was given", file("2026030100", www))
	w.reopen()
	w.givesBack("after a restart", file("2026030100", www))

	made := w.gives(plesk1, file("2026030100", www))
	if made.Changed {
		t.Errorf("the same again is a change: %+v", made)
	}
	// The same contents, said otherwise.
	again := w.gives(plesk1, file("2026030100", "; mended\n"+www))
	if !again.Changed || !again.Delta.IsZero() || again.Zone.Serial != 2026030100 {
		t.Errorf("another text of the same contents: %+v", again)
	}
	w.givesBack("the newer text", file("2026030100", "; mended\n"+www))

	// Other contents under a serial that is not ahead: ours alone is raised.
	w.gives(plesk1, file("2026030100", www+ftp))
	w.givesBack("raised", file("2026030101", www+ftp))

	// An edit elsewhere ends it, and so does a text of what is not served.
	w.edit(plesk1, example, "set mail A 192.0.2.9")
	w.givesBack("edited", "")
	w.gives(plesk1, file("2026030105", www))
	w.givesBack("given anew", file("2026030105", www))
	w.pool(hosting)
	w.givesBack("with the pool's nameservers", "")
	w.gives(plesk1, file("2026030106", www))
	w.givesBack("with the pool's nameservers still", "")
}

// A text that is too long is not kept, and the zone is.
func TestATextThatIsTooLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text := file("7", "www 300 A 192.0.2.1\n")
	w.gives(plesk1, text+strings.Repeat(";", control.MaxText-len(text)))
	if _, _, given, err := w.ZoneText(w.ctx(), anna, example); err != nil || !given {
		t.Errorf("one that is just as long as may be: given %v, %v", given, err)
	}
	w.gives(plesk1, file("8", "ftp 300 A 192.0.2.1\n")+strings.Repeat(";", control.MaxText))
	w.givesBack("longer", "")
}

// Whose serial is ahead says that something changed, whatever it was.
func TestASerialThatIsAheadIsAChange(t *testing.T) {
	t.Parallel()
	const www = "www 300 A 192.0.2.1\n"
	for what, row := range map[string]struct {
		before func(*world)
		given  string
		want   uint32
	}{
		"ahead":                              {func(*world) {}, "200", 200},
		"the same":                           {func(*world) {}, "100", 100},
		"behind":                             {func(*world) {}, "50", 100},
		"ahead of what it sent, not of ours": {func(w *world) { w.edit(anna, example, "set note TXT x") }, "101", 101},
		"ahead, with a pool's apex over it":  {func(w *world) { w.pool(hosting) }, "200", 200},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.gives(plesk1, file("100", www))
			row.before(w)
			before, err := w.Zone(w.ctx(), anna, example)
			w.must(err)
			r := w.gives(plesk1, file(row.given, www))
			if r.Zone.Serial != row.want || r.Zone.Serial == before.Serial && !r.Delta.IsZero() {
				t.Errorf("from serial %d: %+v", before.Serial, r)
			}
			z, contents, err := w.Contents(w.ctx(), anna, example)
			w.must(err)
			if soa, _ := contents.SOA(); z.Serial != row.want || soa.Serial != row.want || row.want != before.Serial && z.Published != z.Revision {
				t.Errorf("published is %+v, in the SOA %d; want %d", z, soa.Serial, row.want)
			}
			if w.gives(plesk1, file(row.given, www)).Changed {
				t.Error("the same again is a change")
			}
		})
	}
}
