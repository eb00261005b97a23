package control_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// spying is a store in which something may happen just before a commit.
type spying struct {
	store.Store

	mu       sync.Mutex // owns what follows
	before   func()     // a commit
	reading  func()     // contents or nodes, once
	contents int        // whole contents that were read
	fails    error      // of every commit
	done     bool       // and yet it is done
	full     error      // of keeping what waits
	small    trouble    // with the small tables
}

// trouble is what happens to writes of members, settings, tenants and the log of
// what has no revision.
type trouble struct {
	member, setting, refused, tenant error
	done                             bool  // and yet it is done
	reading                          error // of settings
}

func (s *spying) set(t trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.small = t
}

// troubled does a write, unless it is to fail.
func (s *spying) troubled(of func(trouble) error, write func() error) error {
	s.mu.Lock()
	now := s.small
	s.mu.Unlock()
	fails := of(now)
	if fails == nil || now.done {
		if err := write(); err != nil {
			return err
		}
	}
	return fails
}

func (s *spying) PutMember(ctx context.Context, m store.MemberRow, create bool) error {
	return s.troubled(func(t trouble) error { return t.member }, func() error { return s.Store.PutMember(ctx, m, create) })
}

func (s *spying) PutSetting(ctx context.Context, key string, value []byte) error {
	return s.troubled(func(t trouble) error { return t.setting }, func() error { return s.Store.PutSetting(ctx, key, value) })
}

func (s *spying) PutTenant(ctx context.Context, in skein.Tenant, create bool) error {
	return s.troubled(func(t trouble) error { return t.tenant }, func() error { return s.Store.PutTenant(ctx, in, create) })
}

func (s *spying) Refused(ctx context.Context, c skein.Change) error {
	return s.troubled(func(t trouble) error { return t.refused }, func() error { return s.Store.Refused(ctx, c) })
}

func (s *spying) Setting(ctx context.Context, key string) ([]byte, error) {
	s.mu.Lock()
	fails := s.small.reading
	s.mu.Unlock()
	if fails != nil {
		return nil, fails
	}
	return s.Store.Setting(ctx, key)
}

// keepFails makes it fail to keep what waits.
func (s *spying) keepFails(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = err
}

func (s *spying) PutWaiting(ctx context.Context, w store.WaitingRow) (int64, error) {
	s.mu.Lock()
	full := s.full
	s.mu.Unlock()
	if full != nil {
		return 0, full
	}
	return s.Store.PutWaiting(ctx, w)
}

// fail makes commits fail, before or after they are done; nil ends that.
func (s *spying) fail(err error, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails, s.done = err, done
}

func (s *spying) Commit(ctx context.Context, write store.Write) (store.Commit, error) {
	s.mu.Lock()
	before, fails, done := s.before, s.fails, s.done
	s.mu.Unlock()
	if before != nil {
		before()
	}
	if fails != nil && done {
		if _, err := s.Store.Commit(ctx, write); err != nil {
			return store.Commit{}, err
		}
	}
	if fails != nil {
		return store.Commit{}, fails
	}
	return s.Store.Commit(ctx, write)
}

func (s *spying) Contents(ctx context.Context, id skein.ZoneID) (zone.Contents, skein.Revision, error) {
	s.mu.Lock()
	s.contents++
	s.mu.Unlock()
	s.read()
	return s.Store.Contents(ctx, id)
}

func (s *spying) Nodes(ctx context.Context, id skein.ZoneID, names []zone.Name) ([]zone.RRset, skein.Revision, error) {
	s.read()
	return s.Store.Nodes(ctx, id, names)
}

func (s *spying) read() {
	s.mu.Lock()
	reading := s.reading
	s.reading = nil
	s.mu.Unlock()
	if reading != nil {
		reading()
	}
}

// meanwhile does something n times, each just before a commit.
func (s *spying) meanwhile(n int, do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = func() {
		s.mu.Lock()
		again := n > 0
		n--
		s.mu.Unlock()
		if again {
			do()
		}
	}
}

// cluster is a fake of the part that keeps members in step.
type cluster struct {
	mu      sync.Mutex // owns the group
	members map[string]fakeMember
	test    func(skein.Member, skein.MemberSecrets) []skein.Check
	fails   error // of SetMember
	removal func(name string, clean bool) (int, error)
	waited  skein.Zone
	plan    skein.MemberPlan
	status  skein.MemberStatus
	told    []string // of the whole, in order

	certificate string // that members show
	vouched     bool   // an authority vouches for it
	trusted     []fakeTrust
	distrusts   error // of every Trust

	astray map[string]zonesIn // by member, what is not as it should be

	held  map[zone.Name]fakeHeld // that members have
	taken []zone.Name
}

// fakeHeld is a zone on a member.
type fakeHeld struct {
	contents zone.Contents
	ours     bool
	unread   error // why its contents cannot be had
	kept     error // why it is not handed over
}

func (c *cluster) ZonesOf(_ context.Context, _ skein.Member, _ skein.MemberSecrets, each func(skein.ListedZone) error) error {
	for _, name := range slices.Sorted(maps.Keys(c.held)) {
		soa, _ := c.held[name].contents.SOA()
		if err := each(skein.ListedZone{Held: skein.Held{Zone: name, Serial: soa.Serial}, Ours: c.held[name].ours}); err != nil {
			return err
		}
	}
	return nil
}

func (c *cluster) Examine(_ context.Context, _ skein.Member, _ skein.MemberSecrets, names []zone.Name, each func(int, skein.ListedZone, zone.Contents, error)) error {
	for i, name := range names {
		h, is := c.held[name]
		soa, _ := h.contents.SOA()
		if !is {
			h.unread = errors.New("the member has no such zone")
		}
		each(i, skein.ListedZone{Held: skein.Held{Zone: name, Serial: soa.Serial}, Ours: h.ours}, h.contents, h.unread)
	}
	return nil
}

func (c *cluster) TakeZones(_ context.Context, _ skein.Member, _ skein.MemberSecrets, names []zone.Name, done func(int, error)) error {
	for i, name := range names {
		err := c.held[name].kept
		if err == nil {
			c.taken = append(c.taken, name)
		}
		done(i, err)
	}
	return nil
}

// fakeTrust is what a member was asked to sign in with here.
type fakeTrust struct{ member, user, host, token string }

type fakeMember struct {
	skein.Member
	secrets skein.MemberSecrets
}

func newCluster() *cluster { return &cluster{members: map[string]fakeMember{}} }

func (c *cluster) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := ""
	for _, name := range slices.Sorted(maps.Keys(c.members)) {
		text += fmt.Sprintf("%+v\n", c.members[name])
	}
	return text
}

func (c *cluster) member(name string) (fakeMember, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, ok := c.members[name]
	return m, ok
}

func (c *cluster) Receipt(z skein.Zone) skein.Receipt {
	return skein.Receipt{Zone: z.Name, Revision: z.Revision, Serial: z.Serial, Deleted: z.Deleted}
}

func (c *cluster) Wait(_ context.Context, z skein.Zone, _ string) (skein.Receipt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waited = z
	return c.Receipt(z), nil
}

func (c *cluster) Propagation() skein.Propagation { return skein.Propagation{} }

func (c *cluster) Status(name string) *skein.MemberStatus {
	if _, ok := c.member(name); !ok {
		return nil
	}
	status := c.status
	status.Version = "fake"
	return &status
}

func (c *cluster) Test(_ context.Context, m skein.Member, s skein.MemberSecrets) []skein.Check {
	if c.test == nil {
		return []skein.Check{{Name: "rndc", OK: true}}
	}
	return c.test(m, s)
}

func (c *cluster) Certificate(context.Context, skein.Member, skein.MemberSecrets) (string, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.certificate, c.vouched, nil
}

func (c *cluster) Trust(_ context.Context, m skein.Member, _ skein.MemberSecrets, user, host, token string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trusted = append(c.trusted, fakeTrust{m.Name, user, host, token})
	return c.distrusts
}

func (c *cluster) SetMember(m skein.Member, s skein.MemberSecrets) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fails != nil {
		return c.fails
	}
	c.members[m.Name] = fakeMember{m, s}
	return nil
}

func (c *cluster) RemoveMember(_ context.Context, name string, clean bool) (int, error) {
	n, err := 0, error(nil)
	if c.removal != nil {
		n, err = c.removal(name, clean)
	}
	if err != nil {
		return n, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.members, name)
	return n, nil
}

func (c *cluster) Served(_ context.Context, member string, name zone.Name) (zone.Contents, error) {
	if _, ok := c.member(member); !ok {
		return zone.Contents{}, &skein.Error{Kind: skein.KindNotFound, What: "there is no member " + member}
	}
	return zone.NewContents(name, nil)
}

func (c *cluster) Lookup(_ context.Context, member string, name zone.Name, of zone.Type) skein.LookupAnswer {
	return skein.LookupAnswer{Member: member, Outcome: skein.LookupAnswers, Answer: []string{fmt.Sprintf("%s of %s", of, name)}}
}

func (c *cluster) SetPaused(paused bool) { c.note("paused %v", paused) }

func (c *cluster) SetThreshold(failures int, automatic bool) {
	c.note("threshold %d, automatic %v", failures, automatic)
}

func (c *cluster) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = append(c.told, fmt.Sprintf(format, args...))
}

// takeTold returns what it was told since the last time.
func (c *cluster) takeTold() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	told := c.told
	c.told = nil
	return told
}

func (c *cluster) Plan(_ context.Context, m skein.Member, _ skein.MemberSecrets) (skein.MemberPlan, error) {
	plan := c.plan
	plan.Member = m.Name
	return plan, nil
}

func (c *cluster) Compare(context.Context, string, []zone.Name) ([]skein.PlanStep, error) {
	return nil, nil
}

// zonesIn are zones in a state, in canonical order.
type zonesIn map[skein.ZoneState][]zone.Name

func (c *cluster) InState(members []string, state skein.ZoneState, after zone.Name, limit int) (names []zone.Name) {
	for _, m := range members {
		for of, in := range c.astray[m] {
			if of == state || state == skein.StateBehind {
				names = append(names, in...)
			}
		}
	}
	slices.SortFunc(names, zone.Name.Compare)
	names = slices.DeleteFunc(slices.Compact(names), func(n zone.Name) bool { return after != "" && n.Compare(after) <= 0 })
	return names[:min(limit, len(names))]
}

func (c *cluster) Recheck(_ context.Context, member string, names []zone.Name) error {
	c.note("recheck %s %v", member, names)
	return nil
}

func (c *cluster) Subscribe() (<-chan skein.Event, func()) {
	return make(chan skein.Event), func() {}
}
