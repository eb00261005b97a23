package membertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

func (t *suite) comesChangesAndGoes() {
	d := t.driver()
	const name zone.Name = "life.example."
	t.put(name)
	t.has(d, absent, name)
	t.must(d, member.ActionAdd, name)
	t.has(d, current, name)
	t.serves(d, name, 1)
	t.s.Put(t.T, name, 2)
	t.must(d, member.ActionRetransfer, name)
	t.serves(d, name, 2)
	t.s.Put(t.T, name, 1) // restored from a backup elsewhere: the whole zone is fetched all the same
	t.must(d, member.ActionRetransfer, name)
	t.serves(d, name, 1)
	t.must(d, member.ActionDelete, name)
	t.has(d, absent, name)
	t.servesNot(name)
	t.must(d, member.ActionAdd, name) // and comes back
	t.serves(d, name, 1)
	t.must(d, member.ActionDelete, name)
	t.servesNot(name)
}

// prompted: a prompt that comes amid a transfer may be overheard, as a NOTIFY
// may, so that there are some.
func (t *suite) prompted() {
	d := t.driver()
	const name zone.Name = "prompted.example."
	t.put(name)
	t.must(d, member.ActionAdd, name)
	t.serves(d, name, 1)
	t.s.Put(t.T, name, 2)
	var again time.Time
	t.eventually(func(ctx context.Context) error {
		if time.Now().After(again) {
			again = time.Now().Add(time.Second)
			if err := d.(member.Prompter).Prompt(ctx, name); err != nil {
				t.Fatal(err)
			}
		}
		serial, err := t.s.Serial(ctx, name)
		if err == nil && serial != 2 {
			err = fmt.Errorf("it serves serial %d", serial)
		}
		return err
	})
	t.must(d, member.ActionDelete, name)
}

// tooEarly: the first transfer fails. A server may wait long before it tries
// by itself; a retransfer makes it.
func (t *suite) tooEarly() {
	d := t.driver()
	const name zone.Name = "early.example."
	t.must(d, member.ActionAdd, name)
	if !t.s.Hides {
		t.has(d, current, name)
	}
	t.put(name)
	t.must(d, member.ActionRetransfer, name)
	t.serves(d, name, 1)
	t.must(d, member.ActionDelete, name)
}

// nothingYet: a member that is given contents is given none that there are not.
func (t *suite) nothingYet() {
	d := t.driver()
	const name zone.Name = "early.example."
	if err := t.apply(d, member.ActionAdd, name)[0]; err == nil {
		t.Error("a zone was made of nothing")
	}
	t.has(d, absent, name)
	t.put(name)
	t.must(d, member.ActionAdd, name)
	t.has(d, current, name)
	t.serves(d, name, 1)
	t.must(d, member.ActionDelete, name)
}

func (t *suite) secondRound() {
	d := t.driver()
	const name zone.Name = "twice.example."
	t.put(name)
	t.must(d, member.ActionAdd, name)
	t.serves(d, name, 1)
	t.must(d, member.ActionAdd, name)
	t.has(d, current, name)
	t.must(t.driver(), member.ActionAdd, name) // nor by another that knows nothing of the first
	t.serves(d, name, 1)
	t.must(d, member.ActionDelete, name)
	t.must(d, member.ActionDelete, name)
	t.has(d, absent, name)
	t.must(d, member.ActionRetransfer, name) // what is not there is made
	t.serves(d, name, 1)
	t.must(d, member.ActionDelete, name)
}

func (t *suite) many() {
	d := t.driver()
	var names []zone.Name
	for i := range 50 {
		names = append(names, zone.Name(fmt.Sprintf("z%d.many.example.", i)))
	}
	t.put(names...)
	t.must(d, member.ActionAdd, names...)
	t.has(d, current, names...)
	for _, name := range names {
		t.serves(d, name, 1)
	}
	t.must(d, member.ActionDelete, names...)
	t.has(d, absent, names...)
}

func (t *suite) foreign() {
	d := t.driver()
	for how, name := range t.s.Foreign {
		t.serves(d, name, 1)
		t.has(d, foreign, name)
		for _, action := range []member.Action{member.ActionAdd, member.ActionDelete} {
			err := t.apply(d, action, name)[0]
			if action == member.ActionDelete && t.s.Follows != nil && err == nil {
				continue
			}
			if !errors.Is(err, member.ErrForeign) {
				t.Errorf("%s a zone %s: %v", action, how, err)
			}
		}
		t.has(d, foreign, name)
		if serial, err := t.s.Serial(t.Context(), name); err != nil || serial != 1 {
			t.Errorf("the zone %s is served with serial %d, %v", how, serial, err)
		}
	}
}

// taken: with consent foreign zones become ours, where that can be done safely.
// What cannot be is left alone.
func (t *suite) taken() {
	d := t.driver()
	taker := d.(member.Taker)
	for how, name := range t.s.Foreign {
		t.s.Put(t.T, name, 2)
		err := taker.Take(t.Context(), name)
		if !slices.Contains(t.s.Takes, how) {
			if !errors.Is(err, member.ErrForeign) {
				t.Errorf("a zone %s: %v", how, err)
			}
			t.has(d, foreign, name)
			t.serves(d, name, 1)
			continue
		}
		if err != nil {
			t.Fatalf("a zone %s: %v", how, err)
		}
		t.has(d, current, name)
		t.serves(d, name, 2)
		if err := taker.Take(t.Context(), name); err != nil {
			t.Errorf("a zone %s, a second time: %v", how, err)
		}
		t.must(d, member.ActionDelete, name)
	}
	const absentee zone.Name = "nobodys.example."
	t.put(absentee)
	if err := taker.Take(t.Context(), absentee); err != nil {
		t.Errorf("a zone that is not there: %v", err)
	}
	t.has(d, current, absentee)
	t.must(d, member.ActionDelete, absentee)
	t.s.Stop(t.T) // it starts again with all that was done
	t.s.Start(t.T)
}

func (t *suite) mended() {
	before, after := t.driver(), t.s.Moved(t.T)
	const name zone.Name = "moved.example."
	t.put(name)
	t.must(before, member.ActionAdd, name)
	t.serves(before, name, 1)
	t.has(after, dated, name)
	t.must(after, member.ActionAdd, name)
	if serial, err := t.s.Serial(t.Context(), name); err != nil || serial != 1 {
		t.Errorf("while its setup changes it is served with serial %d, %v", serial, err)
	}
	t.has(after, current, name)
	t.has(before, dated, name)
	t.s.Put(t.T, name, 2)
	t.must(after, member.ActionRetransfer, name)
	t.serves(after, name, 2)
	t.must(after, member.ActionDelete, name)
}

// sameSerial: two people count their versions alike.
func (t *suite) sameSerial() {
	d := t.driver()
	names := t.put("ours.equal.example.", "theirs.equal.example.", "later.equal.example.")
	t.must(d, member.ActionAdd, names[0])
	t.s.Other(t.T, names[1], 1)
	t.s.Other(t.T, names[2], 2) // that one's serial tells
	t.has(d, current, names[0])
	t.has(d, dated, names[1])
	if d.Can().Own { // no serial does
		t.has(d, dated, names[2])
	} else {
		t.has(d, current, names[2])
	}
	t.must(d, member.ActionAdd, names[1])
	t.has(d, current, names[1])
	t.must(d, member.ActionDelete, names...)
}

func (t *suite) oneBadStep() {
	d := t.driver()
	names := t.put("first.example.", "last.example.")
	bad := t.s.Refused
	for _, bad = range t.s.Foreign {
		break
	}
	if bad == t.s.Refused {
		t.put(bad)
	}
	told := t.apply(d, member.ActionAdd, names[0], bad, names[1])
	if told[0] != nil || told[1] == nil || bad != t.s.Refused && !errors.Is(told[1], member.ErrForeign) || told[2] != nil {
		t.Errorf("%v", told)
	}
	told = t.apply(d, "paint", names[0])
	if told[0] == nil || errors.Is(told[0], member.ErrAway) {
		t.Errorf("an action that there is not: %v", told[0])
	}
	t.has(d, current, names...)
	t.must(d, member.ActionDelete, names...)
}

func (t *suite) stranger() {
	d, wrong := t.driver(), t.s.Stranger(t.T)
	names := t.put("kept.example.", "kept-out.example.")
	t.must(d, member.ActionAdd, names[0])
	for action, name := range map[member.Action]zone.Name{member.ActionDelete: names[0], member.ActionAdd: names[1]} {
		told, err := t.tryAlone(t.Context(), wrong, action, name)
		if err == nil && (len(told) != 1 || told[0] == nil) {
			t.Errorf("%s with wrong credentials worked", action)
		}
	}
	if _, err := wrong.Has(t.Context(), names); err == nil {
		t.Error("Has with wrong credentials worked")
	}
	if version, err := wrong.Status(t.Context()); err == nil {
		t.Errorf("Status with wrong credentials gives %q", version)
	}
	t.has(d, current, names[0])
	t.has(d, absent, names[1])
	t.must(d, member.ActionDelete, names[0])
}

// goesAndComesBack: what cannot be reached is said to be away, and works when
// it is back, with all that was done before.
func (t *suite) goesAndComesBack() {
	d := t.driver()
	names := t.put("stays.example.", "new.example.", "newer.example.")
	t.must(d, member.ActionAdd, names[0])
	t.serves(d, names[0], 1)
	t.s.Stop(t.T)
	for _, action := range []member.Action{member.ActionAdd, member.ActionDelete, member.ActionRetransfer} {
		if told, err := t.try(t.Context(), d, action, names[1:]...); !errors.Is(err, member.ErrAway) || len(told) > 0 {
			t.Errorf("%s: told %v, %v", action, told, err)
		}
	}
	if _, err := d.Has(t.Context(), names); !errors.Is(err, member.ErrAway) {
		t.Errorf("Has: %v", err)
	}
	if version, err := d.Status(t.Context()); !errors.Is(err, member.ErrAway) {
		t.Errorf("Status: %q, %v", version, err)
	}
	t.s.Start(t.T)
	t.has(d, current, names[0]) // by the driver that was there before
	t.serves(d, names[0], 1)
	t.must(d, member.ActionAdd, names[1:]...)
	t.has(d, current, names...)
	t.serves(d, names[1], 1)
	t.must(d, member.ActionDelete, names...)
	t.s.Stop(t.T)
	t.s.Start(t.T)
	t.has(d, absent, names...)
}
