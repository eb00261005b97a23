package control_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// shelf is what members have, as control reads it.
type shelf struct {
	mu    sync.Mutex // owns the rest
	zones map[string]map[zone.Name]zone.Contents
	away  map[string]bool
	going map[string]zone.Name // what a member is still to delete
	told  []string             // zones that members were told of, as "member zone"
	ours  func(zone.Name) uint32
}

func (s *shelf) has(member string, c zone.Contents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.zones[member] == nil {
		s.zones[member] = map[zone.Name]zone.Contents{}
	}
	s.zones[member][c.Origin()] = c
}

func (s *shelf) held(member string) (all []skein.Held, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away[member] {
		return nil, &skein.Error{Kind: skein.KindUnavailable, What: "reading member " + member + " broke off", Mend: "try again"}
	}
	for name, c := range s.zones[member] {
		soa, _ := c.SOA()
		all = append(all, skein.Held{Zone: name, Serial: soa.Serial})
	}
	return all, nil
}

// Walk implements control.Inventory, in pages of two.
func (s *shelf) Walk(ctx context.Context, member string, pick func(context.Context, []skein.Held) ([]zone.Name, error), take func(context.Context, zone.Name, zone.Contents, error) error) error {
	all, err := s.held(member)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b skein.Held) int { return b.Zone.Compare(a.Zone) })
	for page := range slices.Chunk(all, 2) {
		names, err := pick(ctx, slices.Clone(page))
		if err != nil {
			return err
		}
		if err := s.Read(ctx, member, names, take); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Read implements control.Inventory.
func (s *shelf) Read(ctx context.Context, member string, names []zone.Name, take func(context.Context, zone.Name, zone.Contents, error) error) error {
	if _, err := s.held(member); err != nil {
		return err
	}
	for _, name := range names {
		s.mu.Lock()
		c, is := s.zones[member][name]
		s.mu.Unlock()
		var err error
		if !is {
			err = &skein.Error{Kind: skein.KindNotFound, What: "member " + member + " has no zone " + string(name), Mend: "name another"}
		}
		if err := take(ctx, name, c, err); err != nil {
			return err
		}
	}
	return nil
}

// shelved is the part that keeps members in step, as far as it is asked what
// they have.
type shelved struct {
	control.Cluster
	*shelf
}

// Receipt tells that members are absent but for those that are still to delete.
func (s shelved) Receipt(z skein.Zone) skein.Receipt {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := skein.Receipt{Zone: z.Name, Revision: z.Revision, Deleted: z.Deleted}
	for member := range s.zones {
		state := skein.StateAbsent
		if s.going[member] == z.Name {
			state = skein.StatePending
		}
		r.Members = append(r.Members, skein.MemberZone{Member: member, State: state})
	}
	return r
}

// Served returns what a member has, as by a transfer.
func (s shelved) Served(_ context.Context, member string, name zone.Name) (zone.Contents, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, is := s.zones[member][name]
	if !is {
		return c, &skein.Error{Kind: skein.KindUnavailable, What: "cannot transfer " + string(name), Mend: "allow it"}
	}
	return c, nil
}

// Compare says how a member differs from what is wanted.
func (s shelved) Compare(ctx context.Context, member string, names []zone.Name) (steps []skein.PlanStep, err error) {
	if _, err := s.held(member); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		step := skein.PlanStep{Zone: name, Action: skein.PlanReplace, Ours: s.ours(name)}
		c, is := s.zones[member][name]
		soa, _ := c.SOA()
		step.Theirs = soa.Serial
		switch {
		case !is:
			step.Action = skein.PlanAdd
		case step.Ours == step.Theirs:
			continue
		case !zone.SerialLess(step.Theirs, step.Ours):
			step.Action = skein.PlanLeave
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// Recheck notes which zones a member is told of.
func (s shelved) Recheck(_ context.Context, member string, names []zone.Name) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		s.told = append(s.told, member+" "+string(name))
	}
	return nil
}

// library is a world with members that are read.
type library struct {
	*world
	*shelf
}

// newLibrary has the members web1 (synchronize), panel (standalone) and ns2
// (write-only), all enabled.
func newLibrary(t testing.TB) *library {
	l := &library{shelf: &shelf{zones: map[string]map[zone.Name]zone.Contents{}, away: map[string]bool{}, going: map[string]zone.Name{}}}
	l.world = newWorldWith(t, func(c *control.Config) {
		c.Inventory = l.shelf
		c.Drivers = []control.Driver{{Name: "fake", Roles: []skein.Role{skein.RoleSynchronize, skein.RoleStandalone, skein.RoleWriteOnly}, Needs: control.Needs{RNDC: true, Transfer: true}}}
		c.Cluster = shelved{c.Cluster, l.shelf}
	})
	l.ours = func(name zone.Name) uint32 {
		z, err := l.store.Zone(l.ctx(), name)
		l.must(err)
		return z.Serial
	}
	l.member("web1", skein.RoleSynchronize, 11)
	l.member("panel", skein.RoleStandalone, 12)
	l.member("ns2", skein.RoleWriteOnly, 13)
	return l
}

func (l *library) member(name string, role skein.Role, at byte) {
	l.t.Helper()
	r, err := l.AddMember(l.ctx(), anna, control.NewMember{Member: skein.Member{Name: name, Role: role, Address: netip.AddrFrom4([4]byte{192, 0, 2, at})}})
	l.must(err)
	if r.Member.State != skein.MemberEnabled || r.Member.Role != role {
		l.t.Fatalf("member %s is %s and %s: %+v", name, r.Member.State, r.Member.Role, r.Checks)
	}
}

// highestSerial has the highest serial count, as in WHM.
func (l *library) highestSerial() {
	l.t.Helper()
	rule := skein.ConflictsHighest
	_, err := l.EditCluster(l.ctx(), anna, skein.EditCluster{Conflicts: &rule}, nil)
	l.must(err)
}

// contents are an apex and more records, as a member has them.
func (w *world) contents(name zone.Name, serial uint32, records string) zone.Contents {
	w.t.Helper()
	c, err := zone.NewContents(name, w.sets(name, apex(serial)+records))
	w.must(err)
	return c
}

// takes has a member's copy taken in and wants that to come of it.
func (l *library) takes(member, action string, c zone.Contents) skein.SyncStep {
	l.t.Helper()
	step, err := l.TakeIn(l.ctx(), member, c)
	if (err != nil) != (action == skein.SyncFail) || step.Action != action {
		l.t.Fatalf("%s from %s: %+v, %v; want %s", c.Origin(), member, step, err, action)
	}
	return step
}

// conflicts wants these to wait, as "zone source serial".
func (l *library) conflicts(want ...string) (rows []skein.Waiting) {
	l.t.Helper()
	rows, err := l.Waiting(l.ctx(), anna, control.WaitingQuery{Kinds: []string{skein.WaitingConflict}})
	l.must(err)
	var got []string
	for _, w := range rows {
		got = append(got, fmt.Sprintf("%s %s %d", w.Zone, w.Source, w.Serial))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		l.t.Fatalf("conflicts %q, want %q", got, want)
	}
	return rows
}

// follow has control look at what members are ahead with, until the test ends.
func (w *world) follow() { w.background(w.FollowAhead) }

func (w *world) background(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { _ = run(ctx) })
	w.t.Cleanup(func() { cancel(); done.Wait() })
}

// until waits for something that another goroutine does.
func (w *world) until(is func() bool) {
	w.t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatal("it does not come")
		}
	}
}
