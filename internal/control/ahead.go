package control

import (
	"context"
	"errors"
	"sync"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// maxAhead bounds how many zones that members have newer are waiting to be
// looked at. Who looks at the members finds those beyond again.
const maxAhead = 10_000

// aheads is what was heard of members that have newer copies than ours, until
// it is looked at. The zero value is not ready.
type aheads struct {
	mu    sync.Mutex // owns heard
	heard map[aheadKey]aheadNews
	wake  chan struct{}
}

type aheadKey struct {
	member string
	zone   zone.Name
}

type aheadNews struct {
	serial uint32
	over   bool
}

// Ahead notes that a member serves a serial of a zone beyond all that we ever
// published or, with over, that it does not any more. It does not wait.
func (c *Control) Ahead(member string, name zone.Name, serial uint32, over bool) {
	a := &c.aheads
	a.mu.Lock()
	key := aheadKey{member, name.Canonical()}
	if _, there := a.heard[key]; there || len(a.heard) < maxAhead {
		a.heard[key] = aheadNews{serial, over}
	}
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// FollowAhead looks at what members have newer than we, until ctx ends.
func (c *Control) FollowAhead(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.aheads.wake:
		}
		for {
			key, news, some := c.aheads.next()
			if !some || ctx.Err() != nil {
				break
			}
			if err := c.lookAhead(ctx, key.member, key.zone, news); err != nil && ctx.Err() == nil {
				c.Log.Warn("looking at a newer copy on a member", "member", key.member, "zone", key.zone, "err", err)
			}
		}
	}
}

func (a *aheads) next() (key aheadKey, news aheadNews, some bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key, news = range a.heard {
		delete(a.heard, key)
		return key, news, true
	}
	return key, news, false
}

// lookAhead looks at one zone on one member: of one that is read the copy is
// taken in or waits, of others it waits, with the contents where they can be had.
func (c *Control) lookAhead(ctx context.Context, member string, name zone.Name, news aheadNews) error {
	if news.over {
		return c.dropConflict(ctx, member, name)
	}
	row, err := c.row(ctx, member)
	if err != nil {
		return err
	}
	z, err := c.Store.Zone(ctx, name)
	if err != nil {
		return err
	}
	m := row.Member
	if Reads(roleIn(m, z.Pool)) {
		if c.Inventory == nil || m.State != skein.MemberEnabled {
			return nil
		}
		return c.Inventory.Read(ctx, m.Name, []zone.Name{name}, c.tookIn(m.Name))
	}
	contents, err := c.Cluster.Served(ctx, m.Name, name)
	if err != nil { // the conflict is one all the same
		c.Log.Info("what a member has cannot be had", "member", m.Name, "zone", name, "err", err)
		contents = zone.Contents{}
	}
	if soa, ok := contents.SOA(); ok {
		news.serial = soa.Serial
	}
	return c.keepAhead(ctx, m, name, news.serial, contents)
}

// tookIn returns what takes in each zone that is read of a member. What the
// gate refuses is recorded there.
func (c *Control) tookIn(member string) func(context.Context, zone.Name, zone.Contents, error) error {
	return func(ctx context.Context, _ zone.Name, contents zone.Contents, err error) error {
		if err != nil {
			return nil
		}
		_, err = c.TakeIn(ctx, member, contents)
		return Trouble(err)
	}
}

// Trouble returns an error if it is our own, and not a decision of the gate.
func Trouble(err error) error {
	switch skein.KindOf(err) {
	case skein.KindInternal, skein.KindUnavailable, skein.KindTimeout:
		return err
	}
	return nil
}

// keepAhead keeps the newer copy of a member that is not read for a person.
func (c *Control) keepAhead(ctx context.Context, m skein.Member, name zone.Name, theirs uint32, contents zone.Contents) error {
	_, err := c.mutate(ctx, mutation{change: skein.Change{Actor: memberActor(m.Name), Action: zoneTransfer, Zone: name},
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			z, err := c.Store.Zone(ctx, name)
			if errors.Is(err, store.ErrNotFound) {
				return proposal{}, nil // it went meanwhile
			}
			if err != nil {
				return proposal{}, err
			}
			change.ZoneID = z.ID
			kept, err := c.keptOf(ctx, name, m.Name, theirs, !contents.IsZero())
			if kept || err != nil || !newer(theirs, z.Serial) {
				return proposal{result: Result{Zone: z}}, err
			}
			if !contents.IsZero() {
				if p, agreed, err := c.proposeAgreed(ctx, change, z, contents); agreed || err != nil {
					return p, err
				}
			}
			return ahead(*change, m, z, theirs, contents), nil
		},
	})
	return Trouble(err)
}
