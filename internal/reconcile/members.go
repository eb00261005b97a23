package reconcile

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// SetMember starts, changes or stops keeping a member in step. A new member,
// or one whose setup changed, has every zone checked once.
func (l *Loop) SetMember(m skein.Member, s skein.MemberSecrets) error {
	defer l.turns.take(m.Name)()
	return l.set(m, s)
}

// set replaces the worker of a member, whose turn it is.
func (l *Loop) set(m skein.Member, s skein.MemberSecrets) error {
	m.Status = nil
	l.mu.Lock()
	old := l.members[m.Name]
	l.mu.Unlock()
	takesPart := m.State == skein.MemberEnabled || m.State == skein.MemberUnreachable
	if old != nil && old.takesPart() && takesPart && old.secrets == s && old.member.AuditKey == m.AuditKey && setupOf(old.member) == setupOf(m) {
		return nil
	}
	w := newWorker(l, m, s)
	if takesPart {
		driver, err := l.cfg.Driver(m, s)
		if err != nil {
			return fmt.Errorf("setting up the driver of member %s: %w", m.Name, err)
		}
		w.driver, w.caps = driver, driver.Can()
	}
	if old != nil {
		old.stop() // and keeps what it observed, for w to load
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.members[m.Name] = w
	if l.ctx != nil {
		w.start(l.ctx)
	}
	l.watch.touchAll()
	return nil
}

// RemoveMember stops keeping a member in step; with clean it first deletes
// our zones on it, and tells how many. If that fails the member stays.
func (l *Loop) RemoveMember(ctx context.Context, name string, clean bool) (removed int, err error) {
	defer l.turns.take(name)()
	l.mu.Lock()
	w := l.members[name]
	delete(l.members, name)
	l.mu.Unlock()
	if w != nil {
		w.stop()
		if clean {
			if removed, err = l.clean(ctx, w); err != nil {
				return removed, errors.Join(err, l.set(w.member, w.secrets))
			}
		}
	}
	l.watch.touchAll()
	if l.cfg.Observed != nil {
		err = l.cfg.Observed.Forget(ctx, name)
	}
	return removed, err
}

// clean deletes what is ours on the member, whose worker has stopped, page by
// page of the feed; the tombstones in it cover zones that the member was not
// yet told to delete.
func (l *Loop) clean(ctx context.Context, w *worker) (removed int, err error) {
	defer func() {
		if err != nil {
			err = &skein.Error{Kind: skein.KindUnavailable, Cause: err,
				What: fmt.Sprintf("cleaning member %s stopped after %d zones", w.member.Name, removed),
				Mend: "make the member reachable and try again, or remove it without cleaning"}
		}
	}()
	driver, err := l.cfg.Driver(w.member, w.secrets)
	if err != nil {
		return 0, err
	}
	defer func() { _ = driver.Close() }()
	var cursor store.Cursor
	for {
		entries, next, err := l.cfg.Feed.Entries(ctx, cursor, feedPage)
		if err != nil {
			return removed, err
		}
		for some := range slices.Chunk(entries, checkBatch) {
			n, err := w.deleteOurs(ctx, driver, some)
			removed += n
			if err != nil {
				return removed, err
			}
		}
		if len(entries) < feedPage {
			return removed, nil
		}
		cursor = next
	}
}

func (w *worker) deleteOurs(ctx context.Context, d member.Driver, entries []store.Entry) (removed int, err error) {
	names := make([]zone.Name, len(entries))
	for i, e := range entries {
		names[i] = e.Zone.Name
	}
	var there []member.Presence
	err = w.watched(ctx, func(ctx context.Context, _ func()) (err error) {
		there, err = d.Has(ctx, names)
		return err
	})
	if err != nil {
		return 0, err
	}
	var steps []member.Step
	for i, p := range there {
		if p.Present && p.Ours {
			steps = append(steps, member.Step{Action: member.ActionDelete, Zone: names[i], Reason: "the member is removed"})
		}
	}
	if len(steps) == 0 {
		return 0, nil
	}
	var failed error
	err = w.watched(ctx, func(ctx context.Context, alive func()) error {
		return d.Apply(ctx, steps, func(i int, err error) {
			alive()
			switch {
			case err == nil:
				removed++
			case failed == nil:
				failed = fmt.Errorf("deleting %s: %w", steps[i].Zone, err)
			}
		})
	})
	return removed, errors.Join(err, failed)
}

// Test runs the member's own test; the member need not be known.
func (l *Loop) Test(ctx context.Context, m skein.Member, s skein.MemberSecrets) []skein.Check {
	d, err := l.cfg.Driver(m, s)
	if err != nil {
		return []skein.Check{{Name: "driver", Text: err.Error(), Mend: "correct the member's settings"}}
	}
	defer func() { _ = d.Close() }()
	return d.Test(ctx, l.cfg.SelfTest)
}

// Served returns what a member really serves of a zone.
func (l *Loop) Served(ctx context.Context, name string, z zone.Name) (zone.Contents, error) {
	l.mu.Lock()
	w := l.members[name]
	l.mu.Unlock()
	if w == nil {
		return zone.Contents{}, &skein.Error{Kind: skein.KindNotFound, What: "there is no member " + name}
	}
	key := probe.Key{Name: w.member.AuditKey, Algorithm: w.member.Algorithm, Secret: w.secrets.Audit}
	c, err := l.cfg.Prober.Served(ctx, w.member.DNS(), z, key)
	if err != nil {
		return zone.Contents{}, &skein.Error{Kind: skein.KindUnavailable, Cause: err,
			What: fmt.Sprintf("cannot transfer %s from member %s", z, name),
			Mend: "see that the member allows transfers to the audit key, as its printed configuration does"}
	}
	return c, nil
}

// isLocal asks the system whether an address is one of this machine's.
func isLocal(a netip.Addr) bool {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, addr := range addrs {
		if p, err := netip.ParsePrefix(addr.String()); err == nil && p.Addr().Unmap() == a.Unmap() {
			return true
		}
	}
	return false
}
