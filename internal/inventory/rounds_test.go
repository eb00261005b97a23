package inventory_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/inventory"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// lister is a member of one zone, or one that hangs.
type lister struct {
	member.Driver // nothing else is called
	hangs         bool
	note          func()
}

func (l lister) Close() error { return nil }

func (l lister) Inventory(ctx context.Context, each func(skein.Held) error) error {
	l.note()
	if l.hangs {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return each(skein.Held{Zone: "a.example.", Serial: 1})
}

func (l lister) Read(_ context.Context, names []zone.Name, each func(int, zone.Contents, error)) error {
	for i := range names {
		each(i, zone.Contents{}, member.ErrAbsent) // it went in between
	}
	return nil
}

// gate wants everything.
type gate struct{}

func (gate) Newer(_ context.Context, _ string, page []skein.Held) (names []zone.Name, err error) {
	for _, h := range page {
		names = append(names, h.Zone)
	}
	return names, nil
}

func (gate) TakeIn(context.Context, string, zone.Contents) (skein.SyncStep, error) {
	return skein.SyncStep{}, nil
}

func (gate) SettleConflicts(context.Context, string) error { return nil }

// Members are read every five minutes, each by itself: one that hangs is left
// after a minute, and delays no other. Those whose role does not say so, and
// those that are disabled, are not read.
func TestRoundsOfMembers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		rounds := map[string]int{}
		i, err := inventory.New(inventory.Config{Rand: func() float64 { return 1 },
			Driver: func(m skein.Member, _ skein.MemberSecrets) (member.Driver, error) {
				return lister{hangs: m.Name == "hangs", note: func() {
					mu.Lock()
					defer mu.Unlock()
					rounds[m.Name]++
				}}, nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		set := func(name string, role skein.Role, state skein.MemberState) {
			i.SetMember(skein.Member{Name: name, Role: role, State: state}, skein.MemberSecrets{})
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error)
		go func() { ended <- i.Run(ctx, gate{}) }()
		set("web1", skein.RoleSynchronize, skein.MemberEnabled)
		set("panel", skein.RoleStandalone, skein.MemberEnabled)
		set("hangs", skein.RoleSynchronize, skein.MemberEnabled)
		set("ns2", skein.RoleWriteOnly, skein.MemberEnabled)
		set("off", skein.RoleSynchronize, skein.MemberDisabled)
		i.SetMember(skein.Member{Name: "shared", Role: skein.RoleWriteOnly, State: skein.MemberEnabled,
			Shares: []skein.Share{{Pool: "other", Role: skein.RoleStandalone}}}, skein.MemberSecrets{})

		want := func(counts map[string]int) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			for _, name := range []string{"web1", "panel", "hangs", "ns2", "off", "shared"} {
				if rounds[name] != counts[name] {
					t.Errorf("%s was read %d times, want %d", name, rounds[name], counts[name])
				}
			}
		}
		time.Sleep(5*time.Minute - time.Second)
		want(nil)
		time.Sleep(2 * time.Second)
		want(map[string]int{"web1": 1, "panel": 1, "hangs": 1, "shared": 1})
		time.Sleep(5 * time.Minute)
		want(map[string]int{"web1": 2, "panel": 2, "hangs": 1, "shared": 2}) // its next one is five minutes after it was given up
		set("panel", skein.RoleWriteOnly, skein.MemberEnabled)
		i.RemoveMember("shared")
		time.Sleep(5 * time.Minute)
		want(map[string]int{"web1": 3, "panel": 2, "hangs": 2, "shared": 2})
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
	})
}
