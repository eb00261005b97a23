package control

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// The actions of the audit log. Those of members and tokens are followed by a
// space and whom they were about.
const (
	zoneCreate   = "zone.create"
	zoneReplace  = "zone.replace"
	zoneDelete   = "zone.delete"
	zoneRestore  = "zone.restore"
	zoneUndelete = "zone.undelete"
	zoneTransfer = "zone.transfer" // replaced by what a primary sent
	zoneTakeover = "zone.takeover" // whatever else changed with it
	zoneOwner    = "zone.owner"    // handed over to another tenant
	overlayDrop  = "overlay.drop"
	overlayAdopt = "overlay.adopt"
	recordSet    = "record.set"
	recordAdd    = "record.add"
	recordDel    = "record.delete"
	recordEdit   = "record.edit" // several of them at once
)

const (
	// tries bounds how often a change is worked out anew because another
	// node was faster. Within one node changes of a zone take turns.
	tries = 5
	// maxChangeID is the length of a change id in octets.
	maxChangeID = 200
)

// errMoved: the zone changed while a change was being worked out.
var errMoved = errors.New("the zone changed meanwhile")

// mutation is one change of one zone on its way through the gate.
type mutation struct {
	change skein.Change // as the audit log will have it
	dryRun bool
	// released marks a change that waited: another person than its actor asks
	// for it, who was let in already and records what comes of it.
	released bool
	// propose works the change out for the zone as it is now, and completes
	// change with what it learned. It commits nothing.
	propose func(context.Context, *skein.Change) (proposal, error)
}

// proposal is what a change comes to in one state of the zone.
type proposal struct {
	write  store.Write // looked at only if result.Changed
	result Result      // as it is once committed, but for what the store decides
	drop   []int64     // what waits and is outdated by it

	keep   *store.WaitingRow // the change waits for a person instead,
	reason *skein.Error      // for this reason
}

// mutate is the gate: authorise, whose zone is it, is it valid (these are
// propose), commit, audit.
func (c *Control) mutate(ctx context.Context, m mutation) (Result, error) {
	known := m.change.ID != "" && !m.dryRun
	if m.change.ID == "" {
		m.change.ID = rand.Text()
	}
	number := c.poolsNumber()
	result, err := c.pass(ctx, &m, known)
	if (result.moved || c.poolsNumber() != number) && err == nil && result.Changed && !m.dryRun {
		// It is another's by now, and in its pool; or a pool changed meanwhile, and
		// may have come past here already.
		if _, err := c.applyTo(context.WithoutCancel(ctx), m.change.Actor, m.change.Zone); err != nil {
			c.Log.Warn("giving a zone the nameservers of the pool", "zone", m.change.Zone, "err", err)
		}
	}
	if err != nil && !m.dryRun && !m.released {
		c.refuse(ctx, m.change, err)
	}
	return result, err
}

func (c *Control) pass(ctx context.Context, m *mutation, known bool) (Result, error) {
	if !m.released {
		if err := c.let(ctx, m.change); err != nil {
			return Result{}, err
		}
		c.Heard(m.change.Actor.Source)
	}
	if m.change.Zone == "" || len(m.change.ID) > maxChangeID {
		return Result{}, invalid("a change needs the name of a zone, and an id of at most 200 octets", "correct the call")
	}
	c.mark(ctx, &m.change)
	done, err := c.turns.take(ctx, m.change.Zone.Key())
	if err != nil {
		return Result{}, busy(m.change.Zone, err)
	}
	defer done()
	if m.change.Action == zoneDelete { // they are counted, and so come one after the other
		done, err := c.deleting.take(ctx, "")
		if err != nil {
			return Result{}, busy(m.change.Zone, err)
		}
		defer done()
	}
	if known {
		if result, found, err := c.repeated(ctx, m.change); found || err != nil {
			return result, err
		}
	}
	for range tries {
		m.change.At = c.Now()
		p, err := m.propose(ctx, &m.change)
		switch {
		case errors.Is(err, errMoved):
			continue
		case err != nil:
			return p.result, err
		case p.keep != nil && m.dryRun:
			return Result{}, p.reason
		case p.keep != nil:
			return Result{}, c.keep(ctx, p)
		case m.dryRun:
			return p.result, nil
		case !p.result.Changed:
			return p.result, c.dropAll(ctx, p.drop)
		}
		p.write.Change = m.change
		p.write.Change.Diff = nil // it is in the history of the zone
		if len(p.drop) > 0 && p.write.Waiting == 0 {
			p.write.Waiting, p.drop = p.drop[0], p.drop[1:]
		}
		commit, err := c.Store.Commit(ctx, p.write)
		switch {
		case err == nil && commit.Repeated: // by another node
			result, _, err := c.repeated(ctx, m.change)
			return result, err
		case err == nil:
			p.result.Zone = commit.Zone
			if err := c.dropAll(context.WithoutCancel(ctx), p.drop); err != nil { // the next change tries again
				c.Log.Error("dropping what waited and is outdated", "zone", m.change.Zone, "err", err)
			}
			return p.result, nil
		case !overtaken(err):
			return Result{}, err
		}
	}
	return Result{}, &skein.Error{Kind: skein.KindUnavailable,
		What: fmt.Sprintf("zone %s is being changed by others all the time; nothing was changed", m.change.Zone), Mend: "try again"}
}

// let says whether a change of this kind, and of a zone of this name, is taken
// from its actor: whether there is such a zone is not looked at.
func (c *Control) let(ctx context.Context, change skein.Change) error {
	k, err := c.admit(ctx, change.Actor)
	if err != nil {
		return err
	}
	if err := k.Permit(change.Actor, permissionOf(change.Action)); err != nil {
		return err
	}
	return auth.InScope(change.Actor, change.Zone)
}

// permissionOf is the permission that a change of a zone needs.
func permissionOf(action string) skein.Permission {
	switch action {
	case zoneTakeover, zoneOwner:
		return skein.PermitSources
	case poolApply:
		return skein.PermitClustering
	case overlayDrop, overlayAdopt:
		return skein.PermitRecords
	}
	if kindOf(action) == "record" {
		return skein.PermitRecords
	}
	return skein.PermitZones
}

func busy(name zone.Name, cause error) error {
	return &skein.Error{Kind: skein.KindUnavailable, Cause: cause,
		What: fmt.Sprintf("other changes of zone %s did not end in time; nothing was changed", name), Mend: "try again"}
}

// present returns the zone that a change is about, which must be there for its
// actor, and notes in the change which one it is.
func (c *Control) present(ctx context.Context, change *skein.Change) (auth.Known, skein.Zone, error) {
	k, err := c.known(ctx)
	if err != nil {
		return k, skein.Zone{}, err
	}
	z, err := c.Store.Zone(ctx, change.Zone)
	if errors.Is(err, store.ErrNotFound) || err == nil && strange(k, change.Actor, z) {
		return k, skein.Zone{}, noZone(change.Zone)
	}
	change.ZoneID = z.ID
	return k, z, err
}

// strange reports whether a zone is one that does not exist for an actor, and
// that it may not change either, by a standing rule.
func strange(k auth.Known, actor skein.Actor, z skein.Zone) bool {
	return !k.Hears(actor, z) && k.WayOf(actor, z) == auth.Nohow
}

// overtaken reports whether a commit failed because the zone is not any more
// what the change was worked out for. Worked out anew it succeeds, or is
// refused for the right reason.
func overtaken(err error) bool {
	return errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrNotFound)
}

// refuse records a refusal: what a person or program was told it may not or
// cannot do. Trouble of our own (a full disk) is in the log, not there.
func (c *Control) refuse(ctx context.Context, change skein.Change, err error) {
	switch skein.KindOf(err) {
	case skein.KindInvalid, skein.KindForbidden, skein.KindUnknown, skein.KindNotFound, skein.KindConflict:
	default:
		return
	}
	change.Refused = reason(err)
	if change.At.IsZero() {
		change.At = c.Now()
	}
	c.mark(ctx, &change)
	// Who hangs up does not get around the log.
	if err := c.Store.Refused(context.WithoutCancel(ctx), change); err != nil {
		c.Log.Error("recording a refusal", "action", change.Action, "zone", change.Zone, "actor", change.Actor.Name, "err", err)
	}
}

// maxReason bounds the text of a refusal in the log, in octets.
const maxReason = 500

// reason is an error's sentence and its first finding. Causes stay out: they
// are for the log, and may hold what was sent.
func reason(err error) string {
	text := err.Error()
	var e *skein.Error
	if errors.As(err, &e) {
		text = e.What
		if len(e.Problems) > 0 {
			text += ": " + e.Problems[0].Text
		}
	}
	return shortened(text)
}

func shortened(text string) string { return bounded(text, maxReason) }

// expected is the compare of compare and set. nil takes the zone as it is.
func expected(z skein.Zone, expect *skein.Revision) error {
	if expect == nil || *expect == z.Revision {
		return nil
	}
	return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrChanged,
		What: fmt.Sprintf("zone %s is at revision %d, not %d", z.Name, z.Revision, *expect),
		Mend: "look at the zone as it is now and make the change again"}
}

// noZone is the same for a zone that does not exist and for one that the
// reader may not see.
func noZone(name zone.Name) error {
	return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
		What: fmt.Sprintf("there is no zone %s", name), Mend: "skein zone list shows those that there are"}
}

func invalid(what, mend string) error {
	return &skein.Error{Kind: skein.KindInvalid, What: what, Mend: mend}
}
