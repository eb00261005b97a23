package secondary

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein/zone"
)

const (
	catalog1 zone.Name = "one.catalog.invalid."
	catalog2 zone.Name = "two.catalog.invalid."
)

// listing is a catalog. Its members are lines "LABEL ZONE" or "LABEL ZONE OWNER".
func listing(t *testing.T, name zone.Name, serial uint32, members ...string) zone.Contents {
	t.Helper()
	text := fmt.Sprintf("@ 0 SOA invalid. invalid. %d 3600 600 2147483646 0\n@ 0 NS invalid.\nversion 0 TXT 2\n", serial)
	for _, m := range members {
		words := strings.Fields(m)
		text += fmt.Sprintf("%s.zones 0 PTR %s\n", words[0], words[1])
		if len(words) > 2 {
			text += fmt.Sprintf("coo.%s.zones 0 PTR %s\n", words[0], words[2])
		}
	}
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: name})
	if err != nil {
		t.Fatal(err)
	}
	c, err := zone.NewContents(name, sets)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// following is a world whose folder follows two catalogs of its first primary,
// which has the zones a, b and c.
func following(t *testing.T, w *world) {
	w.followed = []zone.Name{catalog1, catalog2}
	w.has(primary1, contents("a.example.", 1), contents("b.example.", 1), contents("c.example.", 1), listing(t, catalog1, 1, "1 a.example.", "2 B.example."), listing(t, catalog2, 1))
	w.restart()
	w.serves("a.example. 1", "b.example. 1")
}

// says has the primary serve another version of a catalog, and tell of it.
func (w *world) says(c zone.Contents) {
	w.t.Helper()
	w.has(primary1, c)
	soa, _ := c.SOA()
	if !w.set.Notified(c.Origin(), primary1, testKey.Name, soa.Serial, true) {
		w.t.Errorf("nobody knows the catalog %s", c.Origin())
	}
	after(time.Second)
}

func TestFollowingCatalogs(t *testing.T) {
	t.Parallel()
	stories(t, map[string]func(t *testing.T, w *world){
		"zones come and go with what is listed": func(t *testing.T, w *world) {
			following(t, w)
			w.says(listing(t, catalog1, 2, "2 b.example.", "3 c.example."))
			w.serves("b.example. 1", "c.example. 1")
			w.says(listing(t, catalog1, 3))
			w.serves()
		},
		"a restart serves what was listed, and asks for no more than the serials": func(t *testing.T, w *world) {
			following(t, w)
			w.asked(primary1, 0, "AAAA")
			w.restart()
			w.serves("a.example. 1", "b.example. 1")
			after(time.Second)
			w.asked(primary1, 4, "")
			w.says(listing(t, catalog1, 2, "2 b.example."))
			w.serves("b.example. 1")
		},
		"what changed while it was down": func(t *testing.T, w *world) {
			following(t, w)
			w.stop()
			w.has(primary1, listing(t, catalog1, 5, "3 c.example.", "1 a.example."))
			w.start(nil)
			after(time.Minute)
			w.serves("a.example. 1", "c.example. 1")
		},
		"an older version is not taken, also after a restart": func(t *testing.T, w *world) {
			following(t, w)
			w.has(primary1, listing(t, catalog1, 0))
			w.restart()
			after(2 * time.Hour)
			w.serves("a.example. 1", "b.example. 1")
		},
		"a broken one changes nothing": func(t *testing.T, w *world) {
			following(t, w)
			w.says(listing(t, catalog1, 2, "1 a.example.", "2 a.example."))
			w.says(contents(catalog1, 3))
			w.serves("a.example. 1", "b.example. 1")
			w.says(listing(t, catalog1, 4, "1 a.example."))
			w.serves("a.example. 1")
		},
		"an expired one changes nothing": func(t *testing.T, w *world) {
			following(t, w)
			w.on(primary1, func(s *server) { s.err = errAway })
			after(23 * time.Hour)
			w.serves("a.example. 1", "b.example. 1")
		},
		"another label begins a zone anew": func(t *testing.T, w *world) {
			following(t, w)
			w.has(primary1, contents("a.example.", 0)) // older, as of a zone that was made again
			w.says(listing(t, catalog1, 2, "9 a.example.", "2 b.example."))
			w.serves("a.example. 0", "b.example. 1")
		},
		"a zone that was added by other means stays what it is": func(t *testing.T, w *world) {
			following(t, w)
			w.has(primary2, contents("c.example.", 7))
			w.add("c.example.", at(primary2))
			w.says(listing(t, catalog1, 2, "1 a.example.", "3 c.example."))
			w.serves("a.example. 1", "c.example. 7")
			if there, err := w.set.Delete("c.example."); !there || err != nil {
				t.Fatal(there, err)
			}
			after(time.Second)
			w.serves("a.example. 1", "c.example. 1") // and then is the catalog's
		},
		"commands for what is listed are refused": func(t *testing.T, w *world) {
			following(t, w)
			_, change := w.set.Change("a.example.", at(primary2))
			_, end := w.set.Delete("a.example.")
			for _, err := range []error{change, end} {
				if err == nil || !strings.Contains(err.Error(), "the catalog one.catalog.invalid. lists a.example.") {
					t.Errorf("%v", err)
				}
			}
			w.serves("a.example. 1", "b.example. 1")
		},
		"two catalogs list a zone": func(t *testing.T, w *world) {
			following(t, w)
			w.says(listing(t, catalog2, 2, "1 a.example."))
			w.asked(primary1, 0, "AAAAI")
			w.says(listing(t, catalog1, 2, "2 b.example.")) // it stays the other one's, and is not fetched for that
			w.serves("a.example. 1", "b.example. 1")
			w.asked(primary1, 0, "I")
			w.says(listing(t, catalog2, 3))
			w.serves("b.example. 1")
		},
		"one catalog gives a zone to another": func(t *testing.T, w *world) {
			following(t, w)
			w.says(listing(t, catalog1, 2, "1 a.example. "+string(catalog2), "2 b.example."))
			w.says(listing(t, catalog2, 2, "1 a.example."))
			w.says(listing(t, catalog1, 3, "2 b.example."))
			w.serves("a.example. 1", "b.example. 1")
			w.asked(primary1, 0, "AAAAIII")
		},
		"a catalog lists another": func(t *testing.T, w *world) {
			following(t, w)
			w.says(listing(t, catalog1, 2, "1 a.example.", "3 "+string(catalog2)))
			w.serves("a.example. 1")
		},
		"a catalog is not followed any more": func(t *testing.T, w *world) {
			following(t, w)
			w.says(listing(t, catalog2, 2, "3 c.example."))
			w.followed = []zone.Name{catalog2}
			w.restart()
			w.serves("c.example. 1")
		},
		"more zones than go on the list at once": func(t *testing.T, w *world) {
			following(t, w)
			var members, want []string
			for i := range followAtOnce + 1 {
				name := zone.Name(fmt.Sprintf("z%04d.example.", i))
				w.has(primary1, contents(name, 1))
				members, want = append(members, fmt.Sprintf("z%d %s", i, name)), append(want, string(name)+" 1")
			}
			w.says(listing(t, catalog1, 2, members...))
			w.serves(want...)
			w.restart()
			w.serves(want...)
		},
		"no primary to follow from": func(t *testing.T, w *world) {
			if f, err := Open(FolderOptions{Dir: t.TempDir(), Catalogs: []zone.Name{catalog1}}); err == nil || !strings.Contains(err.Error(), "no primaries") {
				t.Error(f, err)
			}
		},
	})
}
