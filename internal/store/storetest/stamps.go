package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// stamp says that a set is of source; hidden is what the origin has there.
func stamp(set zone.RRset, source string, hidden ...zone.RRset) store.Stamp {
	st := store.Stamp{Name: set.Name, Type: set.Type, Source: source}
	if len(hidden) > 0 {
		st.Hidden = &hidden[0]
	}
	return st
}

func with(w store.Write, stamps ...store.Stamp) store.Write {
	w.Stamps = stamps
	return w
}

// show prints stamps shortly: "www.a.example. A acme (covers www.a.example. A 192.0.2.1)".
func show(stamps []store.Stamp) (out []string) {
	for _, st := range stamps {
		s := fmt.Sprintf("%s %s %s", st.Name, st.Type, st.Source)
		if st.Hidden != nil {
			s += fmt.Sprintf(" (covers %s)", lines(*st.Hidden)[0])
		}
		out = append(out, s)
	}
	return out
}

// stamped compares the stamps of a whole zone.
func (w *world) stamped(id skein.ZoneID, want ...string) {
	w.t.Helper()
	all, err := w.Owners(w.ctx(), id, nil, 0)
	w.must(err)
	if got := show(all); !slices.Equal(got, want) {
		w.t.Errorf("stamps %q, want %q", got, want)
	}
}

func stamps(t *testing.T, w *world) {
	const apex = zone.Name("a.example.")
	www, mail, acme := a("www.a.example.", "192.0.2.1"), a("mail.a.example.", "192.0.2.2"), txt("_acme.a.example.", "token")
	over := a("WWW.a.example.", "192.0.2.9")
	z := w.commit(with(creation(apex, 1, www, mail, acme), stamp(acme, "certs")))
	w.stamped(z.ID, "_acme.a.example. TXT certs")

	// An overlay covers one set of the origin's, and says that another is not to be there.
	z = w.commit(with(edit(z, zone.Delta{Del: []zone.RRset{www, mail}, Add: []zone.RRset{over}}),
		stamp(over, "admin", www), stamp(mail, "admin", mail)))
	w.reopen()
	all := []string{"_acme.a.example. TXT certs", "mail.a.example. A admin (covers mail.a.example. A 192.0.2.2)", "WWW.a.example. A admin (covers www.a.example. A 192.0.2.1)"}
	w.stamped(z.ID, all...)

	for name, test := range map[string]struct {
		names []zone.Name
		limit int
		want  []string
	}{
		"no names":           {[]zone.Name{}, 0, nil},
		"one, in small":      {[]zone.Name{"www.A.example."}, 0, all[2:]},
		"two, in any order":  {[]zone.Name{"www.a.example.", "mail.a.example."}, 0, all[1:]},
		"of two the first":   {[]zone.Name{"www.a.example.", "mail.a.example."}, 1, all[1:2]},
		"the zone's first":   {nil, 1, all[:1]},
		"a name without any": {[]zone.Name{apex, "x.a.example."}, 0, nil},
	} {
		got, err := w.Owners(w.ctx(), z.ID, test.names, test.limit)
		if err != nil || !slices.Equal(show(got), test.want) {
			t.Errorf("%s: %q, %v; want %q", name, show(got), err, test.want)
		}
	}

	// What is not named stays as it is, also where the set itself goes.
	z = w.commit(with(edit(z, zone.Delta{Del: []zone.RRset{acme, over}, Add: []zone.RRset{www}}), stamp(www, "")))
	w.stamped(z.ID, all[:2]...)
	z = w.commit(with(edit(z, zone.Delta{}), stamp(acme, ""), stamp(mail, "other")))
	w.stamped(z.ID, "mail.a.example. A other")
	w.commit(deletion(z))
	w.stamped(z.ID, "mail.a.example. A other")
	z = w.commit(creation(apex, z.Serial+1, www))
	w.stamped(z.ID)
}

// Stamps are on disk together with the contents, or neither is.
func stampsAllOrNothing(t *testing.T, w *world) {
	www, mail := a("www.a.example.", "192.0.2.1"), a("mail.a.example.", "192.0.2.2")
	z := w.commit(with(creation("a.example.", 1, www), stamp(www, "certs")))
	mine := stamp(mail, "certs")
	for name, bad := range map[string]struct {
		write store.Write
		kind  skein.Kind
	}{
		"the delta does not fit": {with(edit(z, remove(mail)), mine), skein.KindConflict},
		"the zone has moved on":  {store.Write{Change: change("record.set"), Zone: z, Expect: z.Revision + 1, Serial: 2, Delta: add(mail), Stamps: []store.Stamp{mine}}, skein.KindConflict},
		"nothing waits":          {store.Write{Change: change("record.set"), Zone: z, Expect: z.Revision, Serial: 2, Delta: add(mail), Stamps: []store.Stamp{mine}, Waiting: 7}, skein.KindNotFound},
		"outside of the zone":    {with(edit(z, add(mail)), stamp(a("b.example."), "certs")), skein.KindInvalid},
		"of no type":             {with(edit(z, add(mail)), store.Stamp{Name: mail.Name, Source: "certs"}), skein.KindInvalid},
		"twice":                  {with(edit(z, add(mail)), mine, stamp(a("MAIL.a.example."), "other")), skein.KindInvalid},
		"covers another name":    {with(edit(z, add(mail)), stamp(mail, "certs", www)), skein.KindInvalid},
		"covers nothing":         {with(edit(z, add(mail)), stamp(mail, "certs", a(mail.Name))), skein.KindInvalid},
		"with a deletion":        {with(deletion(z), mine), skein.KindInvalid},
	} {
		t.Run(name, func(*testing.T) {
			w.refused(bad.write, bad.kind, nil)
			w.holds(z, "www.a.example. A 192.0.2.1")
			w.stamped(z.ID, "www.a.example. A certs")
		})
	}
	w.reopen()
	w.stamped(z.ID, "www.a.example. A certs")
}

// Whose RRsets were whose is known again when a zone comes back.
func revived(t *testing.T, w *world) {
	host := txt("7.a.example.", "mine")
	z := w.commit(creation("a.example.", 1))
	z = w.commit(with(edit(z, add(host)), stamp(host, "certs", txt(host.Name, "yours"))))
	other := w.commit(creation("other.example.", 1))
	w.commit(deletion(z))
	w.commit(deletion(other))

	again := creation("a.example.", z.Serial+1, host)
	again.Revive = other.ID // of another name: nothing comes along
	stranger := w.commit(again)
	w.stamped(stranger.ID)
	w.commit(deletion(stranger))
	again = with(creation("a.example.", z.Serial+2, host, a("x.a.example.", "192.0.2.1")), stamp(a("x.a.example."), "late"))
	again.Revive = z.ID
	back := w.commit(again)
	w.reopen()
	w.stamped(back.ID, "7.a.example. TXT certs (covers 7.a.example. TXT \"yours\")", "x.a.example. A late")

	// What comes again as it was may have the serial that it had.
	w.commit(deletion(back))
	same := creation("a.example.", back.Serial, host)
	if _, err := w.Commit(w.ctx(), same); !errors.Is(err, store.ErrChanged) {
		t.Errorf("the serial of a deleted zone: %v", err)
	}
	same.Revive = back.ID
	if z := w.commit(same); z.Serial != back.Serial {
		t.Errorf("revived with serial %d, want %d", z.Serial, back.Serial)
	}
}

// What a source has put into the zones of others is found, a page at a time.
func stampsOfASource(t *testing.T, w *world) {
	var zones []skein.Zone
	for _, apex := range []zone.Name{"b.example.", "a.example.", "c.example."} {
		one, two, theirs := txt("1."+apex, "x"), txt("2."+apex, "x"), txt("3."+apex, "x")
		zones = append(zones, w.commit(with(creation(apex, 1, one, two, theirs),
			stamp(two, "certs", txt("2."+apex, "y")), stamp(one, "certs"), stamp(theirs, "other"))))
	}
	w.commit(deletion(zones[2]))
	w.reopen()
	var got []string
	for q := (store.StampQuery{Source: "certs", Limit: 3}); ; {
		page, err := w.StampsOf(w.ctx(), q)
		w.must(err)
		for _, st := range page {
			got = append(got, show([]store.Stamp{st.Stamp})...)
			if !st.Name.IsSubdomainOf(st.Zone) || st.ZoneID == "" {
				t.Errorf("%s is said to be in %s (%s)", st.Name, st.Zone, st.ZoneID)
			}
		}
		if len(page) < q.Limit {
			break
		}
		q.After = page[len(page)-1]
	}
	want := []string{"1.b.example. TXT certs", "2.b.example. TXT certs (covers 2.b.example. TXT \"y\")",
		"1.a.example. TXT certs", "2.a.example. TXT certs (covers 2.a.example. TXT \"y\")"}
	if !slices.Equal(got, want) {
		t.Errorf("stamps of certs: %q, want %q", got, want)
	}
}
