package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Of members whose serials are their own: what the loop does by itself costs
// calls of an API that has limits.
const (
	ownGap     = time.Second     // between zones that an audit asks for, or that are looked at again now and then
	ownFirst   = time.Second     // till the second look after a zone was told, if one is needed
	ownStalled = 2 * time.Minute // a driver's call without progress: it may be made to wait
	ownWindow  = checkBatch      // questions in flight for bulk, and as many more for single changes
	auditBatch = 4               // zones that an audit asks for in one call: it keeps others waiting
)

// asker asks the driver of a member whose serials are its own what it has. It
// has a driver of its own: a long call of the worker's is not in the way.
type asker struct {
	w      *worker
	driver member.Driver
	calls  sync.Mutex // of the driver, one after the other

	mu     sync.Mutex // owns the two; a leaf
	queue  []question
	audits []question // wait for all others
	some   chan struct{}
}

type question struct {
	name zone.Name
	done func(answer)
}

func newAsker(w *worker, d member.Driver) *asker {
	return &asker{w: w, driver: d, some: make(chan struct{}, 1)}
}

// ask calls done once, from another goroutine, unless the worker ends before.
func (a *asker) ask(name zone.Name, done func(answer)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.queue = append(a.queue, question{name, done})
	poke(a.some)
}

// audit is ask for what can wait.
func (a *asker) audit(name zone.Name, done func(answer)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.audits = append(a.audits, question{name, done})
	poke(a.some)
}

// next takes the questions of the next call.
func (a *asker) next() []question {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.queue) > 0 {
		return cut(&a.queue, checkBatch)
	}
	return cut(&a.audits, auditBatch)
}

func cut(queue *[]question, most int) (some []question) {
	n := min(most, len(*queue))
	some, *queue = (*queue)[:n:n], (*queue)[n:]
	return some
}

// rest takes all questions there are.
func (a *asker) rest() []question {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := append(a.queue, a.audits...)
	a.queue, a.audits = nil, nil
	return all
}

func (a *asker) idle() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.queue)+len(a.audits) == 0
}

func (a *asker) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.some:
		}
		for some := a.next(); len(some) > 0 && ctx.Err() == nil; some = a.next() {
			a.answer(ctx, some)
		}
	}
}

// answer asks for some zones together. Where that fails, one of them may be to
// blame: then they are asked for in halves.
func (a *asker) answer(ctx context.Context, some []question) {
	names := make([]zone.Name, len(some))
	for i, q := range some {
		names[i] = q.name
	}
	a.calls.Lock()
	answers, err := a.w.presence(ctx, a.driver, names)
	a.calls.Unlock()
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, member.ErrAway), errors.Is(err, member.ErrDenied):
		a.w.lostSight(err)
		for _, q := range append(some, a.rest()...) {
			q.done(answer{lost: true})
		}
	case err != nil && len(some) > 1:
		a.answer(ctx, some[:len(some)/2])
		a.answer(ctx, some[len(some)/2:])
	case err != nil:
		some[0].done(answer{err: err})
	default:
		a.w.inSight()
		for i, q := range some {
			q.done(answers[i])
		}
	}
}

// presence asks a driver what there is under names. A serial is that of what was
// published before it compared: what is published meanwhile the member may have, too.
func (w *worker) presence(ctx context.Context, d member.Driver, names []zone.Name) ([]answer, error) {
	answers := make([]answer, len(names))
	published := make([]bool, len(names))
	for i, name := range names {
		answers[i].serial, published[i] = w.loop.cfg.Announcer.Serial(name)
	}
	there, err := w.has(ctx, d, names)
	if err != nil {
		return nil, err
	}
	for i, p := range there {
		switch a := &answers[i]; {
		case p.Pending:
			*a = answer{text: "has taken it, and still is putting it into force"}
		case !p.Present:
			*a = answer{look: Absent}
		case !p.Ours:
			*a = answer{look: Foreign}
		case !p.Current || !published[i]:
			*a = answer{look: Other}
		default:
			a.look, a.lacks = Serves, lacking(p.Lacks)
		}
	}
	return answers, nil
}

// A zone is kept with a few of the records that its member cannot hold.
const (
	someLacks  = 2
	lackOctets = 200 // of each
)

// lacking tells of records that cannot be held; "" if there are none.
func lacking(all []string) string {
	if len(all) == 0 {
		return ""
	}
	some := slices.Clone(all[:min(someLacks, len(all))])
	for i, text := range some {
		if len(text) > lackOctets {
			some[i] = strings.ToValidUTF8(text[:lackOctets], "") + "…"
		}
	}
	text := strings.Join(some, "; ")
	switch {
	case len(all) == 1:
		return "1 record: " + text
	case len(all) > someLacks:
		text += "; …"
	}
	return fmt.Sprintf("%d records: %s", len(all), text)
}

// lostSight: the member did not tell what it has. Nothing is asked, or told,
// until it gives a sign of life.
func (w *worker) lostSight(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lost = jobLook; !w.away {
		w.goAway(err, w.now())
	}
	w.wake()
}

// inSight: the member tells what it has.
func (w *worker) inSight() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lastSeen = w.now()
	if w.lost == jobLook {
		w.recovered(w.lastSeen)
	}
}

// round is how long an audit of all zones takes at least.
func (w *worker) round() time.Duration {
	if w.caps.Own {
		return max(w.loop.cfg.AuditPeriod, time.Duration(w.zones())*ownGap)
	}
	return w.loop.cfg.AuditPeriod
}

// seldom is how often what stays as it is is looked at.
func (w *worker) seldom() time.Duration {
	if w.caps.Own {
		return max(rarely, w.round())
	}
	return rarely
}

// longest is how long a zone that fails again and again is put off.
func (w *worker) longest() time.Duration {
	if w.caps.Own { // each try costs calls of an API
		return w.seldom()
	}
	return longest
}

// status asks for a sign of life.
func (w *worker) status(ctx context.Context) (string, error) {
	if w.driver != nil {
		return w.driver.Status(ctx)
	}
	w.asker.calls.Lock() // it is watched only
	defer w.asker.calls.Unlock()
	return w.asker.driver.Status(ctx)
}
