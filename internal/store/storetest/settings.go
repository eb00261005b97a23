package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

func imports(t *testing.T, w *world) {
	const n = 2500
	writes := func(yield func(store.Write) bool) {
		for i := range n {
			name := zone.Name(fmt.Sprintf("z%d.example.", i))
			if !yield(creation(name, uint32(i), a("www."+name, "192.0.2.1"))) {
				return
			}
		}
	}
	var done []store.Commit
	w.must(w.Import(w.ctx(), writes, func(c store.Commit) { done = append(done, c) }))
	w.reopen()
	entries, _ := w.follow("", 1000)
	if len(done) != n || len(entries) != n {
		t.Fatalf("%d done, %d in the feed, want %d", len(done), len(entries), n)
	}
	for i, c := range done {
		if entries[i].Zone != c.Zone || entries[i].Revision != c.Revision {
			t.Fatalf("zone %d: %+v, done said %+v", i, entries[i], c)
		}
	}
	last := done[n-1].Zone
	wantHead(t, last, "z2499.example.", 2499, start, start)
	w.holds(last, "www.z2499.example. A 192.0.2.1")
	if changes, err := w.History(w.ctx(), last.Name, 0); err != nil || len(changes) != 1 {
		t.Errorf("history %v, %v", changes, err)
	}
	w.holds(w.commit(edit(last, remove(a("www.z2499.example.", "192.0.2.1")))))
}

func importStops(t *testing.T, w *world) {
	there := w.commit(creation("z1500.example.", 1))
	for name, bad := range map[string]store.Write{
		"exists":         creation("z1500.example.", 2),
		"no new zone":    edit(there, zone.Delta{}),
		"does not apply": {Zone: skein.Zone{Name: "y.example."}, Delta: remove(a("y.example.", "192.0.2.1"))},
	} {
		var sequence iter.Seq[store.Write] = func(yield func(store.Write) bool) {
			for i := range 20 {
				write := creation(zone.Name(fmt.Sprintf("z%d.%d.example.", i, len(name))), 1)
				if i == 15 {
					write = bad
				}
				if !yield(write) {
					return
				}
			}
		}
		done := 0
		err := w.Import(w.ctx(), sequence, func(c store.Commit) {
			done++
			if _, err := w.Zone(w.ctx(), c.Zone.Name); err != nil {
				t.Errorf("%s: %s is said to be done: %v", name, c.Zone.Name, err)
			}
		})
		if err == nil || done != 15 {
			t.Errorf("%s: %d done, %v; want 15 and an error", name, done, err)
		}
		if _, err := w.Zone(w.ctx(), zone.Name(fmt.Sprintf("z16.%d.example.", len(name)))); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: it went on after the error: %v", name, err)
		}
	}
}

func members(t *testing.T, w *world) {
	ns2 := store.MemberRow{Sealed: []byte{0, 1, 2}, Member: skein.Member{
		Name: "ns2.example.net", Driver: "bind", Role: skein.RoleWriteOnly, State: skein.MemberPending,
		Username: "skein", Pool: "hosting", Shares: []skein.Share{{Pool: "default", Role: skein.RoleSynchronize}}, Debug: true, Version: 7,
		DisabledBy: "bert", DisabledAt: start, DisabledWhy: "too slow", Address: netip.MustParseAddr("2001:db8::2"), Port: 53, RNDCPort: 953, View: "external", Created: start,
		Primaries: []skein.Primary{{Address: netip.MustParseAddr("192.0.2.1"), Port: 5353}}, TSIGKey: "skein-ns2", Algorithm: "hmac-sha256"}}
	ns1 := store.MemberRow{Member: skein.Member{Name: "ns1.example.net", State: skein.MemberEnabled}}
	w.must(w.PutMember(w.ctx(), ns2, true))
	w.must(w.PutMember(w.ctx(), ns1, false))
	wantError(t, w.PutMember(w.ctx(), ns2, true), skein.KindConflict, store.ErrExists)
	ns2.Member.State, ns2.Sealed = skein.MemberEnabled, []byte("new")
	observed := ns2
	observed.Member.Status = &skein.MemberStatus{Reachable: true}
	w.must(w.PutMember(w.ctx(), observed, false))
	w.reopen()
	got, err := w.Members(w.ctx())
	w.must(err)
	if len(got) != 2 || got[0].Member.Name != "ns1.example.net" || !reflect.DeepEqual(got[1], ns2) {
		t.Errorf("members %+v, want ns1 and %+v", got, ns2)
	}
	w.must(w.DeleteMember(w.ctx(), "ns1.example.net"))
	wantError(t, w.DeleteMember(w.ctx(), "ns1.example.net"), skein.KindNotFound, store.ErrNotFound)
	if got, err := w.Members(w.ctx()); err != nil || len(got) != 1 {
		t.Errorf("after deleting ns1: %+v, %v", got, err)
	}
}

func tokens(t *testing.T, w *world) {
	one := store.Token{ID: "one", Name: "plesk", Source: "plesk1", Tenant: "hosting", Scope: limited, Hash: bytes.Repeat([]byte{1}, 32), Created: start}
	two := store.Token{ID: "two", Name: "anna", Tenant: "root", Role: skein.RoleRoot, Hash: bytes.Repeat([]byte{2}, 32), Created: start.Add(time.Second), Expires: start.AddDate(1, 0, 0), Maker: "anna"}
	w.must(w.PutToken(w.ctx(), two))
	w.must(w.PutToken(w.ctx(), one))
	w.reopen()
	got, err := w.Tokens(w.ctx())
	if err != nil || !reflect.DeepEqual(got, []store.Token{one, two}) {
		t.Errorf("tokens %+v, %v", got, err)
	}
	if k, err := w.TokenByHash(w.ctx(), two.Hash); err != nil || !reflect.DeepEqual(k, two) {
		t.Errorf("by hash: %+v, %v", k, err)
	}
	one.Name, one.Tenant, one.Role, one.Scope = "plesk, renamed", "root", skein.RoleCustomer, skein.Scope{}
	w.must(w.PutToken(w.ctx(), one))
	if k, err := w.TokenByHash(w.ctx(), one.Hash); err != nil || !reflect.DeepEqual(k, one) {
		t.Errorf("renamed: %+v, %v", k, err)
	}
	w.must(w.DeleteToken(w.ctx(), "one"))
	wantError(t, w.DeleteToken(w.ctx(), "one"), skein.KindNotFound, store.ErrNotFound)
	_, err = w.TokenByHash(w.ctx(), one.Hash)
	wantError(t, err, skein.KindNotFound, store.ErrNotFound)
}

func values(t *testing.T, w *world) {
	_, err := w.Setting(w.ctx(), "ca")
	wantError(t, err, skein.KindNotFound, store.ErrNotFound)
	for _, v := range [][]byte{{}, []byte("one"), {0, 255}, nil} {
		w.must(w.PutSetting(w.ctx(), "ca", v))
		w.reopen()
		if got, err := w.Setting(w.ctx(), "ca"); err != nil || !bytes.Equal(got, v) {
			t.Errorf("%v came back as %v, %v", v, got, err)
		}
	}
}

// Many read at once while others write, and some give up in the middle: each
// sees one state, and nobody waits for ever.
func readersAtOnce(t *testing.T, w *world) {
	var sets []zone.RRset
	for i := range 3000 {
		sets = append(sets, a(zone.Name(fmt.Sprintf("h%d.a.example.", i)), "192.0.2.1"))
	}
	z := w.commit(creation("a.example.", 1, sets...))
	var group sync.WaitGroup
	group.Go(func() { // now all records are there, now none
		z := z
		for i := range 20 {
			d := remove(sets...)
			if i%2 == 1 {
				d = d.Invert()
			}
			c, err := w.Commit(w.ctx(), edit(z, d))
			if err != nil {
				t.Error(err)
				return
			}
			z = c.Zone
		}
	})
	for i := range 40 {
		group.Go(func() {
			ctx, cancel := context.WithCancel(w.ctx())
			defer cancel()
			if i%4 == 0 {
				go cancel()
			}
			for range 3 {
				c, at, err := w.Contents(ctx, z.ID)
				if ctx.Err() != nil {
					return
				}
				_, n := c.Len()
				want := 2 + 3000*int(at%2)
				if err != nil || n != want {
					t.Errorf("%d records at revision %d, %v; want %d", n, at, err, want)
				}
				for _, read := range []func() error{
					func() error { _, err := w.Zone(w.ctx(), "a.example."); return err },
					func() error { _, err := w.List(w.ctx(), store.ListQuery{}); return err },
					func() error { _, err := w.History(w.ctx(), "a.example.", 1); return err },
					func() error { _, _, err := w.Entries(w.ctx(), "", 1); return err },
				} {
					if err := read(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	group.Wait()
}

func closed(t *testing.T, w *world) {
	z := w.commit(creation("a.example.", 1))
	w.must(w.Close())
	w.must(w.Close())
	_, err := w.Commit(w.ctx(), edit(z, zone.Delta{}))
	wantError(t, err, skein.KindUnavailable, nil)
	_, err = w.Zone(w.ctx(), "a.example.")
	wantError(t, err, skein.KindUnavailable, nil)
	_, _, err = w.Entries(w.ctx(), "", 1)
	wantError(t, err, skein.KindUnavailable, nil)
	w.open()
}
