package reconcile

import (
	"context"
	"slices"
	"sync"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

const (
	planExamples = 20   // of each action
	mostNames    = 1000 // at once
)

// Plan tells what writing to a member would do now, whatever its state. It
// looks at every zone, a page of the feed at a time, and keeps a few examples.
func (l *Loop) Plan(ctx context.Context, m skein.Member, s skein.MemberSecrets) (skein.MemberPlan, error) {
	plan := skein.MemberPlan{Member: m.Name}
	v, err := l.newSurvey(m, s)
	if err != nil {
		return plan, err
	}
	defer v.close()
	var cursor store.Cursor
	for {
		entries, next, err := l.cfg.Feed.Entries(ctx, cursor, feedPage)
		if err != nil {
			return plan, err
		}
		if err := v.page(ctx, entries, &plan); err != nil {
			return plan, err
		}
		if len(entries) < feedPage {
			return plan, nil
		}
		cursor = next
	}
}

// Compare tells how these zones on a member, at most 1000, differ from what is
// wanted: a step for each that does, and none where all is as wanted.
func (l *Loop) Compare(ctx context.Context, name string, names []zone.Name) ([]skein.PlanStep, error) {
	w, err := l.known(name, names)
	if err != nil {
		return nil, err
	}
	v, err := l.newSurvey(w.member, w.secrets)
	if err != nil {
		return nil, err
	}
	defer v.close()
	var wanted []Wanted
	for _, n := range names {
		want, err := w.wants(ctx, n)
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, want)
	}
	found, err := v.look(ctx, wanted)
	if err != nil {
		return nil, err
	}
	var steps []skein.PlanStep
	for _, f := range found {
		if !f.Settled {
			steps = append(steps, f.step())
		}
	}
	return steps, nil
}

// survey looks at zones of one member, beside its worker and with a connection
// of its own.
type survey struct {
	w      *worker // never started: its settings alone
	driver member.Driver
	parted map[zone.Name]Seen // what the member's worker knows besides serials
}

func (l *Loop) newSurvey(m skein.Member, s skein.MemberSecrets) (*survey, error) {
	driver, err := l.cfg.Driver(m, s)
	if err != nil {
		return nil, &skein.Error{Kind: skein.KindUnavailable, Cause: err,
			What: "member " + m.Name + " cannot be asked what it has: " + err.Error(), Mend: "correct the member's settings"}
	}
	v := &survey{driver: driver}
	l.mu.Lock()
	v.w = newWorker(l, m, s, stance{mode: working})
	running := l.members[m.Name]
	l.mu.Unlock()
	v.w.caps = driver.Can()
	if running != nil {
		v.parted, v.w.left = running.parted()
	}
	return v, nil
}

func (v *survey) close() { _ = v.driver.Close() }

// parted is what is known of zones whose serials tell nothing, and of pools
// whose zones may still be there.
func (w *worker) parted() (parted map[zone.Name]Seen, left []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	parted = map[zone.Name]Seen{}
	for name, it := range w.items {
		if it.seen.Parted {
			parted[name] = Seen{Parted: true, Differ: it.seen.Differ}
		}
	}
	return parted, w.left
}

// page adds a page of the feed to a plan.
func (v *survey) page(ctx context.Context, entries []store.Entry, plan *skein.MemberPlan) error {
	var wanted []Wanted
	v.w.mu.Lock()
	for _, e := range entries {
		if m, ours := v.w.caught(e); ours {
			wanted = append(wanted, m.want)
		}
	}
	v.w.mu.Unlock()
	found, err := v.look(ctx, wanted)
	for _, f := range found {
		f.add(plan)
	}
	return err
}

// look asks over DNS what there is of each zone, the driver whose it is, and
// the planner what is to be done.
func (v *survey) look(ctx context.Context, wanted []Wanted) ([]finding, error) {
	found, err := v.find(ctx, wanted)
	if err != nil {
		return nil, &skein.Error{Kind: skein.KindUnavailable, Cause: err,
			What: "member " + v.w.member.Name + " was asked whose its zones are, and did not tell",
			Mend: "see that `skein member test " + v.w.member.Name + "` passes"}
	}
	rules := v.w.rules(v.w.now())
	for i := range found {
		found[i].Decision = rules.Decide(found[i].want, found[i].seen)
	}
	return found, ctx.Err()
}

func (v *survey) find(ctx context.Context, wanted []Wanted) ([]finding, error) {
	if v.w.caps.Own {
		return v.told(ctx, wanted)
	}
	found := v.ask(wanted)
	return found, v.owners(ctx, found)
}

// told asks the driver what there is, where that is the only way.
func (v *survey) told(ctx context.Context, wanted []Wanted) (found []finding, err error) {
	for some := range slices.Chunk(wanted, checkBatch) {
		names := make([]zone.Name, len(some))
		for i, want := range some {
			names[i] = want.Zone
		}
		answers, err := v.w.presence(ctx, v.driver, names)
		if err != nil {
			return nil, err
		}
		for i, a := range answers {
			found = append(found, finding{want: some[i], seen: Seen{Look: a.look, Serial: a.serial, Lacks: a.lacks}})
		}
	}
	return found, nil
}

func (v *survey) ask(wanted []Wanted) []finding {
	found := make([]finding, len(wanted))
	var answers sync.WaitGroup
	slots := make(chan struct{}, window)
	for i, want := range wanted {
		slots <- struct{}{}
		answers.Add(1)
		v.w.ask(want.Zone, func(a answer) {
			seen := v.parted[want.Zone]
			seen.Look, seen.Serial = a.look, a.serial
			found[i] = finding{want: want, seen: seen}
			<-slots
			answers.Done()
		})
	}
	answers.Wait()
	return found
}

// owners finds out of which zones the member has are Skein's.
func (v *survey) owners(ctx context.Context, found []finding) error {
	var there []*finding
	for i := range found {
		if look := found[i].seen.Look; look == Serves || look == NotLoaded {
			there = append(there, &found[i])
		}
	}
	for some := range slices.Chunk(there, checkBatch) {
		names := make([]zone.Name, len(some))
		for i, f := range some {
			names[i] = f.want.Zone
		}
		presence, err := v.w.has(ctx, v.driver, names)
		if err != nil {
			return err
		}
		for i, p := range presence {
			some[i].seen = some[i].seen.asked(p, v.w.caps)
		}
	}
	return nil
}
