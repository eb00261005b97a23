package control_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// stocked is a library with zones in every relation to what members have.
func stocked(t testing.TB) *library {
	l := newLibrary(t)
	for _, name := range []zone.Name{"same.example.", "older.example.", "newer.example.", "missing.example."} {
		l.put(plesk1, name, 7, "www A 192.0.2.1\n")
	}
	for member, newer := range map[string]uint32{"web1": 9, "panel": 8} {
		l.has(member, l.contents("same.example.", 7, "www A 192.0.2.1\n"))
		l.has(member, l.contents("older.example.", 6, "www A 192.0.2.2\n"))
		l.has(member, l.contents("newer.example.", newer, "www A 192.0.2.3\n"))
		l.has(member, l.contents(zone.Name("only-on-"+member+".example."), 5, "www A 192.0.2.4\n"))
	}
	l.has("ns2", l.contents("same.example.", 7, "www A 192.0.2.1\n"))
	l.has("ns2", l.contents("older.example.", 6, "www A 192.0.2.2\n"))
	return l
}

// syncs carries a synchronisation out, to its end.
func (l *library) syncs(in skein.SyncRequest) skein.SyncJob {
	l.t.Helper()
	return l.syncsAs(anna, in)
}

func (l *library) syncsAs(actor skein.Actor, in skein.SyncRequest) skein.SyncJob {
	l.t.Helper()
	job, err := l.Sync(l.ctx(), actor, in)
	l.must(err)
	if job.ID == "" || job.By != actor.Name {
		l.t.Errorf("%+v", job)
	}
	return l.ended(actor, job.ID)
}

// ended waits until a synchronisation has come to its end.
func (l *library) ended(actor skein.Actor, id string) (job skein.SyncJob) {
	l.t.Helper()
	l.until(func() (is bool) {
		var err error
		job, err = l.SyncJob(l.ctx(), actor, id)
		l.must(err)
		return job.State != skein.SyncRunning
	})
	if job.Ended.IsZero() || job.Total != job.Done {
		l.t.Errorf("at its end: %+v", job)
	}
	return job
}

// counts are a job's.
func counts(j skein.SyncJob) string {
	return fmt.Sprintf("%s: %d done, %d created, %d replaced, %d told, %d same, %d conflicts, %d failed",
		j.State, j.Done, j.Created, j.Replaced, j.Told, j.Same, j.Conflicts, j.Failed)
}

// planned are a plan's, as "zone member action", in order.
func planned(j skein.SyncJob) (all []string) {
	for _, s := range j.Steps {
		all = append(all, fmt.Sprintf("%s %s %s", s.Zone, s.Member, s.Action))
	}
	slices.Sort(all)
	return all
}

// WHM's four choices, with and without zones that are not configured here: the
// plan says what is done, and it is done.
func TestTheChoicesOfSynchronising(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		in    skein.SyncRequest
		plan  []string
		done  string   // counts
		told  []string // members, of zones
		comes []zone.Name
		waits []string
	}{
		"one zone, to this cluster": {
			in:    skein.SyncRequest{Zone: "newer.example."},
			plan:  []string{"newer.example. panel conflict", "newer.example. web1 conflict"},
			done:  "done: 2 done, 0 created, 0 replaced, 0 told, 0 same, 2 conflicts, 0 failed",
			waits: []string{"newer.example. member panel 8", "newer.example. member web1 9"},
		},
		"one zone that is not here": {
			in:    skein.SyncRequest{Zone: "only-on-web1.example."},
			plan:  []string{"only-on-web1.example. panel leave", "only-on-web1.example. web1 create"},
			done:  "done: 2 done, 1 created, 0 replaced, 0 told, 1 same, 0 conflicts, 0 failed",
			comes: []zone.Name{"only-on-web1.example."},
		},
		"all zones, to this cluster": {
			in: skein.SyncRequest{},
			plan: []string{"newer.example. panel conflict", "newer.example. web1 conflict", "older.example. panel leave", "older.example. web1 tell",
				"only-on-panel.example. panel leave", "only-on-web1.example. web1 leave"},
			done:  "done: 8 done, 0 created, 0 replaced, 1 told, 5 same, 2 conflicts, 0 failed",
			waits: []string{"newer.example. member panel 8", "newer.example. member web1 9"},
		},
		"all zones, with those that are not configured here": {
			in: skein.SyncRequest{Unconfigured: true},
			plan: []string{"newer.example. panel conflict", "newer.example. web1 conflict", "older.example. panel leave", "older.example. web1 tell",
				"only-on-panel.example. panel create", "only-on-web1.example. web1 create"},
			done:  "done: 8 done, 2 created, 0 replaced, 1 told, 3 same, 2 conflicts, 0 failed",
			comes: []zone.Name{"only-on-panel.example.", "only-on-web1.example."},
			waits: []string{"newer.example. member panel 8", "newer.example. member web1 9"},
		},
		"all zones, from one member": {
			in:    skein.SyncRequest{From: []string{"panel"}, Unconfigured: true},
			plan:  []string{"newer.example. panel conflict", "older.example. panel leave", "only-on-panel.example. panel create"},
			done:  "done: 4 done, 1 created, 0 replaced, 0 told, 2 same, 1 conflicts, 0 failed",
			comes: []zone.Name{"only-on-panel.example."},
			waits: []string{"newer.example. member panel 8"},
		},
		"one zone, to all members": {
			in: skein.SyncRequest{Zone: "older.example.", ToAll: true},
			plan: []string{"older.example. ns2 tell", "older.example. panel leave",
				"older.example. web1 tell", "older.example. web1 tell"}, // it is older, and then told
			done: "done: 4 done, 0 created, 0 replaced, 3 told, 1 same, 0 conflicts, 0 failed",
			told: []string{"ns2 older.example.", "web1 older.example."},
		},
		"all zones, to one member": {
			in:   skein.SyncRequest{To: []string{"ns2"}},
			plan: []string{"missing.example. ns2 create", "newer.example. ns2 create", "older.example. ns2 tell"},
			done: "done: 4 done, 2 created, 0 replaced, 1 told, 1 same, 0 conflicts, 0 failed",
			told: []string{"ns2 missing.example.", "ns2 newer.example.", "ns2 older.example."},
		},
		"all zones, to one member that is ahead": {
			in:   skein.SyncRequest{To: []string{"web1"}},
			plan: []string{"missing.example. web1 create", "newer.example. web1 conflict", "older.example. web1 tell"},
			done: "done: 4 done, 1 created, 0 replaced, 1 told, 1 same, 1 conflicts, 0 failed",
			told: []string{"web1 missing.example.", "web1 older.example."},
		},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			l := stocked(t)
			l.background(l.RunSync)
			before := l.everything()
			plan := row.in
			plan.DryRun = true
			job, err := l.Sync(l.ctx(), anna, plan)
			l.must(err)
			if got := planned(job); !slices.Equal(got, row.plan) {
				t.Errorf("the plan is\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(row.plan, "\n\t"))
			}
			if got := counts(job); got != row.done || job.ID != "" {
				t.Errorf("the plan counts %s, want %s", got, row.done)
			}
			if after := l.everything(); after != before || len(l.told) > 0 {
				t.Errorf("the plan changed\n%s\nto\n%s, told %q", before, after, l.told)
			}
			job = l.syncs(row.in)
			if got := counts(job); got != row.done || len(job.Steps) > 0 {
				t.Errorf("%s, %d steps, want %s", got, len(job.Steps), row.done)
			}
			slices.Sort(l.told)
			if !slices.Equal(l.told, row.told) {
				t.Errorf("told %q, want %q", l.told, row.told)
			}
			for _, name := range row.comes {
				if z := l.holds(name, "www A 192.0.2.4"); z.Serial != 5 {
					t.Errorf("%+v", z)
				}
			}
			l.conflicts(row.waits...)
			if again := l.syncs(row.in); again.Created > job.Created || again.Replaced > 0 || again.Failed > 0 {
				t.Errorf("the second time: %s", counts(again))
			}
		})
	}
}

// Where no member is read, to bring members in step is all that
// synchronising can mean.
func TestSynchronisingWhereNoneIsRead(t *testing.T) {
	t.Parallel()
	l := stocked(t)
	l.background(l.RunSync)
	for _, name := range []string{"web1", "panel"} {
		_, err := l.SetMemberState(l.ctx(), anna, control.SetMemberState{Name: name, State: skein.MemberDisabled})
		l.must(err)
	}
	if got, want := counts(l.syncs(skein.SyncRequest{Zone: "older.example."})), "done: 1 done, 0 created, 0 replaced, 1 told, 0 same, 0 conflicts, 0 failed"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	_, err := l.SetMemberState(l.ctx(), anna, control.SetMemberState{Name: "ns2", State: skein.MemberDisabled})
	l.must(err)
	if _, err := l.Sync(l.ctx(), anna, skein.SyncRequest{}); skein.KindOf(err) != skein.KindConflict {
		t.Errorf("where none is enabled: %v", err)
	}
}

// Ours is put above every newer copy, and what waited is decided with it.
func TestForcingOursOverTheirs(t *testing.T) {
	t.Parallel()
	for situation, in := range map[string]skein.SyncRequest{
		"one zone":                {Zone: "newer.example.", Force: true},
		"all zones":               {Force: true},
		"one zone, to one member": {Zone: "newer.example.", To: []string{"web1"}, Force: true},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			l := stocked(t)
			l.takes("panel", skein.SyncConflict, l.contents("newer.example.", 8, "www A 192.0.2.3\n"))
			l.background(l.RunSync)
			job := l.syncs(in)
			if z := l.holds("newer.example.", "www A 192.0.2.1"); z.Serial != 10 || job.Failed > 0 || job.Conflicts > 0 {
				t.Errorf("%+v, %s", z, counts(job))
			}
			l.conflicts()
		})
	}
}

// What cannot be done is refused with the reason, and nothing begins.
func TestSynchronisingThatIsRefused(t *testing.T) {
	t.Parallel()
	l := stocked(t)
	for words, row := range map[string]struct {
		actor skein.Actor
		in    skein.SyncRequest
		kind  skein.Kind
	}{
		"needs the permission clustering":          {plesk1, skein.SyncRequest{}, skein.KindForbidden},
		`no member "ns9"`:                          {anna, skein.SyncRequest{To: []string{"ns9"}}, skein.KindNotFound},
		"panel is standalone: it is never written": {anna, skein.SyncRequest{To: []string{"panel"}}, skein.KindConflict},
		"ns2 is write-only: it is never read":      {anna, skein.SyncRequest{From: []string{"ns2"}}, skein.KindConflict},
		"overwritten at the same time":             {anna, skein.SyncRequest{From: []string{"web1"}, Force: true}, skein.KindInvalid},
		"all members were named, and single":       {anna, skein.SyncRequest{To: []string{"ns2"}, ToAll: true}, skein.KindInvalid},
	} {
		for _, dry := range []bool{true, false} {
			row.in.DryRun = dry
			_, err := l.Sync(l.ctx(), row.actor, row.in)
			l.wants(err, row.kind, words)
		}
	}
	jobs, err := l.SyncJobs(l.ctx(), anna)
	l.must(err)
	if len(jobs) > 0 {
		t.Errorf("%+v", jobs)
	}
	_, err = l.SyncJob(l.ctx(), anna, "guessed")
	l.wants(err, skein.KindNotFound, "no synchronisation")
	_, err = l.CancelSync(l.ctx(), anna, "guessed")
	l.wants(err, skein.KindNotFound, "no synchronisation")
	_, err = l.SyncJob(l.ctx(), plesk1, "guessed")
	l.wants(err, skein.KindForbidden, "")
}

// One of a scope runs at a time; what is interrupted by a restart is gone on
// with, and what is cancelled is not.
func TestSynchronisingOverARestart(t *testing.T) {
	t.Parallel()
	l := stocked(t)
	first, err := l.Sync(l.ctx(), anna, skein.SyncRequest{Unconfigured: true}) // nobody carries it out yet
	l.must(err)
	again, err := l.Sync(l.ctx(), anna, skein.SyncRequest{Unconfigured: true})
	l.must(err)
	if again.ID != first.ID {
		t.Errorf("the same request is another job: %+v", again)
	}
	_, err = l.Sync(l.ctx(), anna, skein.SyncRequest{})
	l.wants(err, skein.KindConflict, "under way as "+first.ID)
	one, err := l.Sync(l.ctx(), anna, skein.SyncRequest{Zone: "newer.example."})
	l.must(err)
	cancelled, err := l.CancelSync(l.ctx(), anna, one.ID)
	l.must(err)
	if cancelled.State != skein.SyncCancelled || cancelled.Ended.IsZero() {
		t.Errorf("%+v", cancelled)
	}
	l.reopen()
	l.background(l.RunSync)
	l.until(func() bool {
		first, err = l.SyncJob(l.ctx(), anna, first.ID)
		l.must(err)
		return first.State == skein.SyncDone
	})
	if first.Created != 2 {
		t.Errorf("%s", counts(first))
	}
	one, err = l.SyncJob(l.ctx(), anna, one.ID)
	l.must(err)
	if one.State != skein.SyncCancelled || one.Done > 0 {
		t.Errorf("%+v", one)
	}
	jobs, err := l.SyncJobs(l.ctx(), anna)
	l.must(err)
	if len(jobs) != 2 || jobs[0].ID != one.ID {
		t.Errorf("the newest is not first: %+v", jobs)
	}
}

// Zones that cannot be taken in keep none from the others, and each is named.
func TestSynchronisingWithZonesThatCannotBeTakenIn(t *testing.T) {
	t.Parallel()
	l := stocked(t)
	for _, name := range []zone.Name{"bad.example.", "worse.example."} {
		c, err := zone.NewContents(name, nil)
		l.must(err)
		l.has("web1", c)
	}
	l.background(l.RunSync)
	job := l.syncs(skein.SyncRequest{Unconfigured: true, From: []string{"web1"}})
	var failed []string
	for _, s := range job.Steps {
		failed = append(failed, string(s.Zone))
		if s.Action != skein.SyncFail || !strings.Contains(s.Reason, "no SOA record") {
			t.Errorf("%+v", s)
		}
	}
	slices.Sort(failed)
	if job.Failed != 2 || job.Created == 0 || !slices.Equal(failed, []string{"bad.example.", "worse.example."}) {
		t.Errorf("%s: %q", counts(job), failed)
	}
}

// A member that cannot be read keeps none from the others, and the job says so.
func TestSynchronisingWithAMemberThatIsAway(t *testing.T) {
	t.Parallel()
	l := stocked(t)
	l.away["panel"] = true
	l.background(l.RunSync)
	job := l.syncs(skein.SyncRequest{Unconfigured: true})
	if job.State != skein.SyncFailed || job.Failed != 1 || job.Created != 1 || !strings.Contains(job.Last, "reading member panel broke off") {
		t.Errorf("%s: %s", counts(job), job.Last)
	}
	l.away["panel"] = false
	if job := l.syncs(skein.SyncRequest{Unconfigured: true}); job.State != skein.SyncDone || job.Created != 1 {
		t.Errorf("once it is back: %s: %s", counts(job), job.Last)
	}
}

// A store that fails ends the job, whatever it has done stays, and the next one
// does the rest.
func TestSynchronisingWhileTheStoreFails(t *testing.T) {
	t.Parallel()
	for _, done := range []bool{false, true} {
		l := stocked(t)
		l.background(l.RunSync)
		full := &skein.Error{Kind: skein.KindUnavailable, What: "the disk is full", Mend: "make room", Cause: errors.New("ENOSPC")}
		l.store.fail(full, done)
		job := l.syncs(skein.SyncRequest{Unconfigured: true, From: []string{"web1"}})
		if job.State != skein.SyncFailed || !strings.Contains(job.Last, "the disk is full") {
			t.Errorf("%s: %s", counts(job), job.Last)
		}
		l.store.fail(nil, false)
		job = l.syncs(skein.SyncRequest{Unconfigured: true, From: []string{"web1"}})
		if job.State != skein.SyncDone {
			t.Errorf("%s: %s", counts(job), job.Last)
		}
		l.holds("only-on-web1.example.", "www A 192.0.2.4")
	}
}
