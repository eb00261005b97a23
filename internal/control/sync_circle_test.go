package control_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// parted is a library in which a reseller has a pool with the member mine, and
// root's web1 is shared with it. Mine has newer copies of zones of others too.
func parted(t *testing.T) *library {
	l := newLibrary(t)
	l.tenant(skein.Tenant{Name: "hosting", Clustering: true})
	l.tenant(skein.Tenant{Name: "other", Clustering: true})
	l.tenant(skein.Tenant{Name: "shop", Parent: "hosting"})
	l.put(henry, "elsewhere.example.", 7, "") // it stays in root's pool: nothing moves it
	_, err := l.AddPool(l.ctx(), henry, skein.NewPool{})
	l.must(err)
	r, err := l.AddMember(l.ctx(), henry, control.NewMember{Member: skein.Member{Name: "mine", Role: skein.RoleSynchronize, Address: netip.MustParseAddr("192.0.2.14")}})
	l.must(err)
	if r.Member.Pool != "hosting" || r.Member.State != skein.MemberEnabled {
		t.Fatalf("%+v", r.Member)
	}
	_, err = l.ShareMember(l.ctx(), anna, control.ShareMember{Member: "web1", Pool: "hosting", Role: skein.RoleWriteOnly})
	l.must(err)
	_, err = l.MoveTenant(l.ctx(), henry, "hosting", "hosting", nil)
	l.must(err)
	for name, who := range map[zone.Name]skein.Actor{"older.example.": henry, "shop.example.": sam, "olgas.example.": olga, "roots.example.": plesk1} {
		l.put(who, name, 7, "www A 192.0.2.1\n")
	}
	l.has("mine", l.contents("older.example.", 6, "www A 192.0.2.2\n"))
	l.has("mine", l.contents("shop.example.", 7, "www A 192.0.2.1\n"))
	l.has("mine", l.contents("only.example.", 5, "www A 192.0.2.4\n"))
	for _, foreign := range []zone.Name{"olgas.example.", "roots.example."} {
		l.has("mine", l.contents(foreign, 9, "www A 192.0.2.3\n"))
	}
	return l
}

// A reseller synchronises its zones and those of its customers with the members
// of its pool, and nothing of others.
func TestAResellerSynchronisesWhatIsItsOwn(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		in   skein.SyncRequest
		plan []string
		done string   // counts
		told []string // members, of zones
	}{
		"all zones, to this cluster": {
			in:   skein.SyncRequest{Unconfigured: true},
			plan: []string{"older.example. mine tell", "only.example. mine create"},
			done: "done: 3 done, 1 created, 0 replaced, 1 told, 1 same, 0 conflicts, 0 failed",
		},
		"all zones, to all members": {
			in:   skein.SyncRequest{To: []string{"web1", "mine"}},
			plan: []string{"older.example. mine tell", "older.example. web1 create", "shop.example. web1 create"},
			done: "done: 4 done, 2 created, 0 replaced, 1 told, 1 same, 0 conflicts, 0 failed",
			told: []string{"mine older.example.", "web1 older.example.", "web1 shop.example."},
		},
		"all zones, ours over theirs": {
			in:   skein.SyncRequest{Force: true},
			plan: []string{"older.example. mine tell", "older.example. web1 create", "shop.example. web1 create"},
			done: "done: 4 done, 2 created, 0 replaced, 1 told, 1 same, 0 conflicts, 0 failed",
			told: []string{"mine older.example.", "web1 older.example.", "web1 shop.example."},
		},
		"a customer's zone, to one that is shared": {
			in:   skein.SyncRequest{Zone: "shop.example.", To: []string{"web1"}},
			plan: []string{"shop.example. web1 create"},
			done: "done: 1 done, 1 created, 0 replaced, 0 told, 0 same, 0 conflicts, 0 failed",
			told: []string{"web1 shop.example."},
		},
		"another's zone, from its own member": {
			in:   skein.SyncRequest{Zone: "olgas.example.", From: []string{"mine"}},
			done: "done: 0 done, 0 created, 0 replaced, 0 told, 0 same, 0 conflicts, 0 failed",
		},
		"a zone that is in root's pool, to one that is shared": {
			in:   skein.SyncRequest{Zone: "elsewhere.example.", To: []string{"web1"}},
			done: "done: 0 done, 0 created, 0 replaced, 0 told, 0 same, 0 conflicts, 0 failed",
		},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			l := parted(t)
			plan := row.in
			plan.DryRun = true
			job, err := l.Sync(l.ctx(), henry, plan)
			l.must(err)
			if got := planned(job); !slices.Equal(got, row.plan) {
				t.Errorf("the plan is %q, want %q", got, row.plan)
			}
			if said := fmt.Sprintf("%+v", job); row.in.Zone == "" && (strings.Contains(said, "olgas") || strings.Contains(said, "roots")) {
				t.Errorf("the plan says %s", said)
			}
			job, err = l.Sync(l.ctx(), henry, row.in)
			l.must(err)
			if job.Total > 6 {
				t.Errorf("it counts zones of others: %+v", job)
			}
			l.reopen() // nobody carried it out yet
			l.background(l.RunSync)
			if job = l.ended(henry, job.ID); counts(job) != row.done {
				t.Errorf("%s, want %s", counts(job), row.done)
			}
			slices.Sort(l.told)
			if !slices.Equal(l.told, row.told) {
				t.Errorf("told %q, want %q", l.told, row.told)
			}
			for _, foreign := range []zone.Name{"olgas.example.", "roots.example."} {
				if z := l.holds(foreign, "www A 192.0.2.1"); z.Serial != 7 {
					t.Errorf("%+v", z)
				}
			}
			if row.in.Unconfigured {
				if z := l.holds("only.example.", "www A 192.0.2.4"); z.Owner != "hosting" || z.Pool != "hosting" {
					t.Errorf("%+v", z)
				}
			}
			l.conflicts()
		})
	}
}

// Members, zones and synchronisations of others do not exist for a reseller.
func TestSynchronisationsOfOthers(t *testing.T) {
	t.Parallel()
	l := parted(t)
	roots, err := l.Sync(l.ctx(), anna, skein.SyncRequest{})
	l.must(err)
	own, err := l.Sync(l.ctx(), henry, skein.SyncRequest{})
	l.must(err)
	if own.ID == roots.ID {
		t.Errorf("it is given root's: %+v", own)
	}
	begin := func(in skein.SyncRequest) error { _, err := l.Sync(l.ctx(), henry, in); return err }
	l.refused(henry, "sync.start", func() error { return begin(skein.SyncRequest{From: []string{"web1"}}) }, skein.KindForbidden, "web1 is shared with your pool")
	for what, row := range map[string]struct {
		theirs, none string
		do           func(name string) error
	}{
		"to a member":   {"ns2", "never", func(name string) error { return begin(skein.SyncRequest{To: []string{name}}) }},
		"from a member": {"panel", "never", func(name string) error { return begin(skein.SyncRequest{From: []string{name}}) }},
		"of a zone": {"olgas.example.", "never.example.", func(name string) error {
			return begin(skein.SyncRequest{Zone: zone.Name(name), To: []string{"mine"}})
		}},
		"a job":          {roots.ID, "GUESSED", func(id string) error { _, err := l.SyncJob(l.ctx(), henry, id); return err }},
		"a job's ending": {roots.ID, "GUESSED", func(id string) error { _, err := l.CancelSync(l.ctx(), henry, id); return err }},
	} {
		theirs, none := row.do(row.theirs), row.do(row.none)
		l.wants(none, skein.KindNotFound, "there is no")
		if theirs == nil || strings.ReplaceAll(theirs.Error(), row.theirs, row.none) != none.Error() {
			t.Errorf("%s: %v for another's, %v for none", what, theirs, none)
		}
	}
	for _, who := range []skein.Actor{sam, plesk1} {
		_, err := l.SyncJob(l.ctx(), who, own.ID)
		l.wants(err, skein.KindForbidden, "permission clustering")
		_, err = l.SyncJobs(l.ctx(), who)
		l.wants(err, skein.KindForbidden, "permission clustering")
	}
	l.refused(guest, "sync.cancel", func() error { _, err := l.CancelSync(l.ctx(), guest, own.ID); return err }, skein.KindForbidden, "may look")
	for who, want := range map[*skein.Actor][]string{&anna: {own.ID, roots.ID}, &henry: {own.ID}, &guest: {own.ID}, &olga: nil} {
		jobs, err := l.SyncJobs(l.ctx(), *who)
		l.must(err)
		var got []string
		for _, job := range jobs {
			got = append(got, job.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s sees %q, want %q", who.Name, got, want)
		}
	}
	cancelled, err := l.CancelSync(l.ctx(), anna, own.ID)
	if err != nil || cancelled.State != skein.SyncCancelled {
		t.Errorf("root ends it: %+v, %v", cancelled, err)
	}
	if still, err := l.SyncJob(l.ctx(), anna, roots.ID); err != nil || still.State != skein.SyncRunning {
		t.Errorf("root's: %+v, %v", still, err)
	}
}

// Who may not synchronise any more does not go on with what waited, and who
// lost a member says nothing to it.
func TestSynchronisingThatIsAllowedNoMore(t *testing.T) {
	t.Parallel()
	for words, stop := range map[string]func(*library) error{
		"permission clustering": func(l *library) error {
			_, err := l.EditTenant(l.ctx(), anna, control.EditTenant{Name: "hosting", Clustering: ptr(false)})
			return err
		},
		`there is no member "web1"`: func(l *library) error {
			_, err := l.UnshareMember(l.ctx(), anna, control.ShareMember{Member: "web1", Pool: "hosting"})
			return err
		},
	} {
		l := parted(t)
		job, err := l.Sync(l.ctx(), henry, skein.SyncRequest{To: []string{"web1"}})
		l.must(err)
		l.must(stop(l))
		l.background(l.RunSync)
		l.until(func() bool {
			job, err = l.SyncJob(l.ctx(), anna, job.ID)
			l.must(err)
			return job.State != skein.SyncRunning
		})
		if job.State != skein.SyncFailed || !strings.Contains(job.Last, words) || len(l.told) > 0 {
			t.Errorf("%+v, told %q; want %s", job, l.told, words)
		}
	}
}
