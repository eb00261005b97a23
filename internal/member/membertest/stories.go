package membertest

import (
	"errors"
	"fmt"

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

// tooEarly: the first transfer fails. A server may wait long before it tries
// by itself; a retransfer makes it.
func (t *suite) tooEarly() {
	d := t.driver()
	const name zone.Name = "early.example."
	t.must(d, member.ActionAdd, name)
	t.has(d, current, name)
	t.put(name)
	t.must(d, member.ActionRetransfer, name)
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
	for i := range 100 {
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
			if err := t.apply(d, action, name)[0]; !errors.Is(err, member.ErrForeign) {
				t.Errorf("%s a zone %s: %v", action, how, err)
			}
		}
		t.has(d, foreign, name)
		if serial, err := t.s.Serial(t.Context(), name); err != nil || serial != 1 {
			t.Errorf("the zone %s is served with serial %d, %v", how, serial, err)
		}
	}
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

func (t *suite) oneBadStep() {
	d := t.driver()
	names := t.put("first.example.", "last.example.")
	var foreign zone.Name
	for _, foreign = range t.s.Foreign {
		break
	}
	told := t.apply(d, member.ActionAdd, names[0], foreign, names[1])
	if told[0] != nil || !errors.Is(told[1], member.ErrForeign) || told[2] != nil {
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
		told, err := t.try(t.Context(), wrong, action, name)
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

func (t *suite) restart() {
	d := t.driver()
	names := t.put("stays.example.", "new.example.")
	t.must(d, member.ActionAdd, names[0])
	t.serves(d, names[0], 1)
	t.s.Stop(t.T)
	t.s.Start(t.T)
	t.has(d, current, names[0]) // by the driver that was there before
	t.serves(d, names[0], 1)
	t.must(d, member.ActionAdd, names[1])
	t.serves(d, names[1], 1)
	t.must(d, member.ActionDelete, names...)
	t.s.Stop(t.T)
	t.s.Start(t.T)
	t.has(d, absent, names...)
}
