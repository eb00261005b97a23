package control

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// maxBelow bounds how many zones below a new one are looked at.
const maxBelow = 1000

// needsApproval says why a source's new zone waits for a person; nil if it
// does not.
func (c *Control) needsApproval(ctx context.Context, k auth.Known, actor skein.Actor, z skein.Zone) (*skein.Error, error) {
	reason, inside, err := c.inTheWay(ctx, k, actor, actor, z)
	if reason != nil || err != nil || inside {
		return reason, err
	}
	return c.remoteDomain(ctx, z)
}

// inTheWay tells a reader what is here that an actor's new zone would be in the
// way of; nil if nothing is. Inside says that the zone lies in one of the same
// hands. Its cost follows the labels of the name and the zones below it.
func (c *Control) inTheWay(ctx context.Context, k auth.Known, reader, actor skein.Actor, z skein.Zone) (reason *skein.Error, inside bool, err error) {
	if isPublicSuffix(z.Name) {
		return approval(z.Name, "everybody may register names below it (it is a public suffix)"), false, nil
	}
	if ns, above := c.aboveNameserver(z.Name); above {
		return approval(z.Name, fmt.Sprintf("the nameserver %s has its name there", ns)), false, nil
	}
	for name := z.Name; name != zone.Root && !inside; {
		name = name.Parent()
		above, err := c.Store.Zone(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		if !sameHands(k, actor, above, z) {
			return approval(z.Name, "it would hide a part of "+whose(k, reader, above)), false, nil
		}
		inside = true // who may have a zone there was asked when that one was made
	}
	reason, err = c.aboveOthers(ctx, k, reader, actor, z)
	return reason, inside, err
}

// aboveOthers looks at the zones below a new one, which follow it in order.
func (c *Control) aboveOthers(ctx context.Context, k auth.Known, reader, actor skein.Actor, z skein.Zone) (*skein.Error, error) {
	after := z.Name
	limit := 1 // nearly always the next one is elsewhere
	for seen := 0; seen < maxBelow; {
		list, err := c.Store.List(ctx, store.ListQuery{After: after, Limit: limit})
		if err != nil {
			return nil, err
		}
		for _, below := range list {
			if !below.Name.IsSubdomainOf(z.Name) {
				return nil, nil
			}
			if !sameHands(k, actor, below, z) {
				return approval(z.Name, "below it is "+whose(k, reader, below)), nil
			}
			after = below.Name
		}
		if len(list) < limit {
			return nil, nil
		}
		seen += len(list)
		limit = defaultLimit
	}
	return approval(z.Name, fmt.Sprintf("more than %d zones are below it", maxBelow)), nil
}

// sameHands reports whether a zone that is there is of those who make a new one.
func sameHands(k auth.Known, actor skein.Actor, z, made skein.Zone) bool {
	return z.Origin == made.Origin || k.Reaches(actor, z.Owner)
}

// whose names a zone and its source, to whom may know of it.
func whose(k auth.Known, reader skein.Actor, z skein.Zone) string {
	if !k.Hears(reader, z) {
		return "a zone of somebody else"
	}
	return fmt.Sprintf("%s, which belongs to the source %q", z.Name, z.Origin)
}

// isPublicSuffix reports whether a name is one below which others register
// names: a listed one, or a whole top-level domain.
func isPublicSuffix(name zone.Name) bool {
	plain := strings.TrimSuffix(string(name.Canonical()), ".")
	suffix, _ := publicsuffix.PublicSuffix(plain)
	return suffix == plain
}

// aboveNameserver returns a nameserver of a pool whose name is at or below a zone's.
func (c *Control) aboveNameserver(z zone.Name) (zone.Name, bool) {
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	for _, row := range c.pools.rows {
		for _, ns := range row.Pool.Nameservers {
			if ns.Name.IsSubdomainOf(z) {
				return ns.Name, true
			}
		}
	}
	return "", false
}

func approval(name zone.Name, why string) *skein.Error {
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("a zone %s needs approval: %s", name, why),
		Mend: "an administrator approves it: skein hold release NUMBER"}
}
