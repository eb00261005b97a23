package control

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// maxBelow bounds how many zones below a new one are looked at.
const maxBelow = 1000

// needsApproval says why a source's new zone waits for a person; nil if it
// does not. Its cost follows the labels of the name and the zones below it.
func (c *Control) needsApproval(ctx context.Context, z skein.Zone) (*skein.Error, error) {
	if isPublicSuffix(z.Name) {
		return approval(z.Name, "everybody may register names below it (it is a public suffix)"), nil
	}
	pool, _ := c.pool()
	if ns, above := aboveOneOf(z.Name, pool.Nameservers); above {
		return approval(z.Name, fmt.Sprintf("the nameserver %s has its name there", ns)), nil
	}
	for name := z.Name; name != zone.Root; {
		name = name.Parent()
		above, err := c.Store.Zone(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !sameHands(above, z) {
			return approval(z.Name, fmt.Sprintf("it would hide a part of %s, which belongs to the source %q", above.Name, above.Origin)), nil
		}
		break // who may have a zone there was asked when that one was made
	}
	return c.aboveOthers(ctx, z)
}

// aboveOthers looks at the zones below a new one, which follow it in order.
func (c *Control) aboveOthers(ctx context.Context, z skein.Zone) (*skein.Error, error) {
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
			if !sameHands(below, z) {
				return approval(z.Name, fmt.Sprintf("%s below it belongs to the source %q", below.Name, below.Origin)), nil
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

func sameHands(a, b skein.Zone) bool { return a.Origin == b.Origin && a.Owner == b.Owner }

// isPublicSuffix reports whether a name is one below which others register
// names: a listed one, or a whole top-level domain.
func isPublicSuffix(name zone.Name) bool {
	plain := strings.TrimSuffix(string(name.Canonical()), ".")
	suffix, _ := publicsuffix.PublicSuffix(plain)
	return suffix == plain
}

// aboveOneOf returns the first nameserver whose name is at or below a zone's.
func aboveOneOf(z zone.Name, nameservers []skein.PoolNameserver) (zone.Name, bool) {
	for _, ns := range nameservers {
		if ns.Name.IsSubdomainOf(z) {
			return ns.Name, true
		}
	}
	return "", false
}

func approval(name zone.Name, why string) *skein.Error {
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("a zone %s needs approval: %s", name, why),
		Mend: "an administrator approves it: skein hold release NUMBER"}
}
