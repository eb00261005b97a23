package membertest

import (
	"context"
	"errors"
	"time"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// lostCommand cuts the connection before each of the messages that an action
// needs, in turn. What was not heard did not happen.
func (t *suite) lostCommand() {
	done, cuts := t.cutAtEach(commands)
	if done > 0 && !t.s.Reloads || done == cuts {
		t.Errorf("%d of %d actions happened though no command arrived", done, cuts)
	}
}

// lostAnswer cuts the connection before each of the answers that an action
// waits for, in turn. One of them is the answer to what changes something;
// unless that came together with what TLS sends by itself, which may be too
// early: so there are several tries.
func (t *suite) lostAnswer() {
	for range 5 {
		if done, _ := t.cutAtEach(answers); done > 0 {
			return
		}
	}
	t.Error("no action was done and failed all the same; the proxy loses nothing")
}

// cutAtEach counts the actions that failed, and those of them that were done all
// the same. Whatever became of one, it can be done again.
func (t *suite) cutAtEach(what direction) (done, cuts int) {
	p := newProxy(t.T, t.s.Control)
	direct := t.driver()
	const name zone.Name = "cut-off.example."
	t.put(name)
	for _, c := range []struct {
		action, undo  member.Action
		before, after member.Presence
	}{
		{member.ActionAdd, member.ActionDelete, absent, current},
		{member.ActionDelete, member.ActionAdd, current, absent},
	} {
		for passed := 0; ; passed++ {
			d := t.s.Driver(t.T, p.addr)
			p.cutAfter(what, passed)
			told, err := t.try(t.Context(), d, c.action, name)
			cut := p.heal()
			if !cut {
				if err != nil || told[0] != nil {
					t.Fatalf("%s, nothing was cut: %v, %v", c.action, told, err)
				}
				break
			}
			cuts++
			if !errors.Is(err, member.ErrAway) || len(told) > 0 {
				t.Errorf("%s, cut after %d %s: %v, %v", c.action, passed, what, told, err)
			}
			there, err := direct.Has(t.Context(), []zone.Name{name})
			switch {
			case err != nil:
				t.Fatal(err)
			case same(there[0], c.after):
				done++
			case same(there[0], dated) && direct.Can().Own: // made or emptied, in a call of its own
			case !same(there[0], c.before):
				t.Errorf("%s, cut after %d %s: left half done, %+v", c.action, passed, what, there[0])
			}
			t.must(d, c.action, name)
			t.has(d, c.after, name)
			t.must(direct, c.undo, name)
			d.Close()
		}
	}
	return done, cuts
}

// silence: the server takes the connection and says nothing. The caller's
// patience decides.
func (t *suite) silence() {
	const name zone.Name = "silent.example."
	t.put(name)
	for _, connected := range []bool{false, true} {
		d := t.driver()
		if connected {
			if _, err := d.Status(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		t.s.Pause(t.T)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		told, err := t.try(ctx, d, member.ActionAdd, name)
		cancel()
		t.s.Resume(t.T)
		if !errors.Is(err, member.ErrAway) || len(told) > 0 {
			t.Errorf("told %v, %v", told, err)
		}
		t.must(d, member.ActionAdd, name) // whatever came of the first
		t.has(d, current, name)
		t.must(d, member.ActionDelete, name)
	}
}

// brokenOff: the caller loses interest in the middle of a call.
func (t *suite) brokenOff() {
	d := t.driver()
	const name zone.Name = "broken-off.example."
	t.put(name)
	if _, err := d.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.s.Pause(t.T)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := t.try(ctx, d, member.ActionAdd, name)
		done <- err
	}()
	cancel()
	err := <-done
	t.s.Resume(t.T)
	if err == nil {
		t.Error("a call that was broken off says that all is done")
	}
	t.must(d, member.ActionAdd, name)
	t.has(d, current, name)
	t.must(d, member.ActionDelete, name)
}
