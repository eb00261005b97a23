package control_test

import (
	"context"
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
}

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

func (c *cluster) Status(name string) *skein.MemberStatus {
	if _, ok := c.member(name); !ok {
		return nil
	}
	return &skein.MemberStatus{Version: "fake"}
}

func (c *cluster) Test(_ context.Context, m skein.Member, s skein.MemberSecrets) []skein.Check {
	if c.test == nil {
		return []skein.Check{{Name: "rndc", OK: true}}
	}
	return c.test(m, s)
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

func (c *cluster) Subscribe() (<-chan skein.Event, func()) {
	return make(chan skein.Event), func() {}
}
