package membertest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// The stories of drivers whose members are read.
var readerStories = []story{
	{"an inventory has every zone once, whoever made it", (*suite).inventory},
	{"zones are read as they are there", (*suite).contents},
	{"an inventory that its reader ends", (*suite).enough},
	{"wrong credentials read nothing", (*suite).readByStranger},
	{"an answer that breaks off is none", (*suite).readCut},
	{"a server that is away is not read", (*suite).readAway},
}

func (t *suite) reader() member.Reader { return t.driver().(member.Reader) }

// held returns the inventory; a zone that is told of twice fails the test.
func (t *suite) held(r member.Reader) (map[string]uint32, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	all := map[string]uint32{}
	err := r.Inventory(ctx, func(h skein.Held) error {
		if _, twice := all[h.Zone.Key()]; twice {
			t.Errorf("%s is told of twice", h.Zone)
		}
		all[h.Zone.Key()] = h.Serial
		return nil
	})
	return all, err
}

func (t *suite) inventory() {
	d := t.driver()
	var names []zone.Name
	for _, text := range oddNames {
		name, err := zone.ParseName(text)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	before, err := t.held(t.reader())
	if err != nil {
		t.Fatal(err)
	}
	ours := t.put("ours.inventory.example.")
	t.must(d, member.ActionAdd, ours...)
	t.serves(d, ours[0], 1)
	for i, name := range names {
		t.s.Made(t.T, name, uint32(i)+4_294_967_290) // over the end
	}
	all, err := t.held(t.reader())
	if err != nil || len(all) != len(before)+len(names)+1 {
		t.Fatalf("%d zones are told of after %d, %v", len(all), len(before), err)
	}
	told := func(name zone.Name, want uint32) {
		t.Helper()
		if serial, is := all[name.Key()]; !is || serial != want && serial != 0 {
			t.Errorf("%s: told of %v, with serial %d, not %d", name, is, serial, want)
		}
	}
	told(ours[0], 1)
	for i, name := range names {
		told(name, uint32(i)+4_294_967_290)
	}
	t.must(d, member.ActionDelete, append(names, ours...)...)
	if all, err := t.held(t.reader()); err != nil || len(all) != len(before) {
		t.Errorf("%d zones are told of, %d are there, %v", len(all), len(before), err)
	}
}

func (t *suite) contents() {
	d := t.driver()
	t.s.Made(t.T, "one.read.example.", 7)
	t.s.Made(t.T, "two.read.example.", 8)
	names := []zone.Name{"two.read.example.", "nowhere.read.example.", "ONE.read.example."}
	want := []uint32{8, 0, 7}
	told := make([]bool, len(names))
	err := t.reader().Read(t.Context(), names, func(i int, c zone.Contents, err error) {
		if told[i] {
			t.Errorf("%s is told of twice", names[i])
		}
		told[i] = true
		if want[i] == 0 {
			if !errors.Is(err, member.ErrAbsent) {
				t.Errorf("%s: %v", names[i], err)
			}
			return
		}
		soa, is := c.SOA()
		_, ns := c.Get(names[i], zone.TypeNS)
		if err != nil || !c.Origin().Equal(names[i]) || !is || soa.Serial != want[i] || !ns {
			t.Errorf("%s: serial %d, nameservers %v, %v", c.Origin(), soa.Serial, ns, err)
		}
	})
	if err != nil || !told[0] || !told[1] || !told[2] {
		t.Errorf("told of %v, %v", told, err)
	}
	t.must(d, member.ActionDelete, "one.read.example.", "two.read.example.")
}

func (t *suite) enough() {
	d := t.driver()
	for i := range 3 {
		t.s.Made(t.T, zone.Name(fmt.Sprintf("z%d.enough.example.", i)), 1)
	}
	enough, told := errors.New("enough"), 0
	err := t.reader().Inventory(t.Context(), func(skein.Held) error {
		told++
		return enough
	})
	if !errors.Is(err, enough) || told != 1 {
		t.Errorf("it went on for %d zones, and ended with %v", told, err)
	}
	for i := range 3 {
		t.must(d, member.ActionDelete, zone.Name(fmt.Sprintf("z%d.enough.example.", i)))
	}
}

func (t *suite) readByStranger() {
	t.s.Made(t.T, "secret.example.", 1)
	r := t.s.Stranger(t.T).(member.Reader)
	if all, err := t.held(r); err == nil || len(all) > 0 {
		t.Errorf("the inventory has %d zones, %v", len(all), err)
	}
	err := r.Read(t.Context(), []zone.Name{"secret.example."}, func(int, zone.Contents, error) { t.Error("it is told of") })
	if err == nil {
		t.Error("Read with wrong credentials worked")
	}
	t.must(t.driver(), member.ActionDelete, "secret.example.")
}

// readCut loses the answer, whole and from its middle on.
func (t *suite) readCut() {
	p := newProxy(t.T, t.s.Control)
	t.s.Made(t.T, "cut.example.", 1)
	r := t.s.Driver(t.T, p.addr).(member.Reader)
	for _, what := range []direction{commands, answers} {
		p.cutAfter(what, 0)
		if _, err := t.held(r); !errors.Is(err, member.ErrAway) {
			t.Errorf("an inventory without %s: %v", what, err)
		}
		err := r.Read(t.Context(), []zone.Name{"cut.example."}, func(int, zone.Contents, error) { t.Error("it is told of") })
		if !errors.Is(err, member.ErrAway) {
			t.Errorf("contents without %s: %v", what, err)
		}
		p.heal()
	}
	if _, err := t.held(r); err != nil {
		t.Errorf("once nothing is lost: %v", err)
	}
	t.must(t.driver(), member.ActionDelete, "cut.example.")
}

func (t *suite) readAway() {
	r := t.reader()
	t.s.Stop(t.T)
	if _, err := t.held(r); !errors.Is(err, member.ErrAway) {
		t.Errorf("an inventory: %v", err)
	}
	if err := r.Read(t.Context(), []zone.Name{"a.example."}, func(int, zone.Contents, error) {}); !errors.Is(err, member.ErrAway) {
		t.Errorf("contents: %v", err)
	}
	t.s.Start(t.T)
	t.s.Pause(t.T)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err := r.Inventory(ctx, func(skein.Held) error { return nil })
	t.s.Resume(t.T)
	if !errors.Is(err, member.ErrAway) {
		t.Errorf("an inventory of a server that does not answer: %v", err)
	}
	if _, err := t.held(r); err != nil {
		t.Errorf("once it is back: %v", err)
	}
}
