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
	old, stance := l.members[m.Name], l.stanceOf(m)
	w := newWorker(l, m, s, stance)
	l.mu.Unlock()
	if old != nil && old.does(w) {
		return nil
	}
	if stance.mode == working || stance.mode == knocking {
		driver, err := l.cfg.Driver(m, s)
		if err != nil {
			return fmt.Errorf("setting up the driver of member %s: %w", m.Name, err)
		}
		w.driver, w.caps = driver, driver.Can()
		if _, is := driver.(member.Prompter); is {
			w.hurry = make(chan zone.Name, prompts)
		}
	}
	if w.follows() && !w.caps.Transfer {
		driver, err := l.cfg.Driver(m, s)
		if err != nil {
			w.stop()
			return fmt.Errorf("setting up the driver of member %s: %w", m.Name, err)
		}
		if w.caps.Own {
			w.asker = newAsker(w, driver)
		} else {
			w.reader = driver
		}
	}
	if old != nil {
		old.stop() // and keeps what it observed, for w to load
		w.inherit(old)
	}
	l.mu.Lock()
	if l.stanceOf(m) != stance { // clustering was disabled or enabled meanwhile
		l.mu.Unlock()
		w.stop()
		return l.set(m, s)
	}
	defer l.mu.Unlock()
	l.members[m.Name] = w
	if l.ctx != nil {
		w.start(l.ctx)
	}
	l.watch.touchAll()
	return nil
}

// does reports whether the worker does already what another, not yet started,
// would do.
func (w *worker) does(o *worker) bool {
	return w.mode != off && w.stance == o.stance && w.secrets == o.secrets && w.setup() == o.setup() &&
		w.member.AuditKey == o.member.AuditKey && w.member.Repair == o.member.Repair && w.member.Debug == o.member.Debug &&
		w.member.Username == o.member.Username && w.member.Pin == o.member.Pin &&
		slices.Equal(w.pools, o.pools) && slices.EqualFunc(w.member.Shares, o.member.Shares, sameShare)
}

func sameShare(a, b skein.Share) bool { return a == b }

// inherit takes over from the member's last worker, which has stopped, what is
// shown of it. Answers to what that one asked may still come in.
func (w *worker) inherit(old *worker) {
	old.mu.Lock()
	defer old.mu.Unlock()
	w.errs = old.errs
	w.version, w.latency, w.lastSeen, w.pulse = old.version, old.latency, old.lastSeen, old.pulse
	if w.target.Addr == old.target.Addr {
		w.names = old.names
	}
	if w.driver == nil || w.mode == knocking { // what is tried again counts anew
		w.failures, w.lastErr = old.failures, old.lastErr
	}
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
				What: fmt.Sprintf("cleaning member %s stopped after %d zones: %v", w.member.Name, removed, err),
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
		for some := range slices.Chunk(w.mine(entries), checkBatch) {
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

// mine are the names of the entries that the member has, or may have had.
func (w *worker) mine(entries []store.Entry) (names []zone.Name) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range entries {
		if m, ours := w.caught(e); ours {
			names = append(names, m.want.Zone)
		}
	}
	return names
}

func (w *worker) deleteOurs(ctx context.Context, d member.Driver, names []zone.Name) (removed int, err error) {
	there, err := w.has(ctx, d, names)
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

// Certificate returns the pin of the certificate that a member shows, and
// whether it is trusted without; "" where its driver knows of none.
func (l *Loop) Certificate(ctx context.Context, m skein.Member, s skein.MemberSecrets) (pin string, trusted bool, err error) {
	d, err := l.cfg.Driver(m, s)
	if err != nil {
		return "", false, err
	}
	defer func() { _ = d.Close() }()
	c, shows := d.(member.Certified)
	if !shows {
		return "", true, nil
	}
	return c.Certificate(ctx)
}

// Trust asks a member to add this node, reached as host, as one of its own.
func (l *Loop) Trust(ctx context.Context, m skein.Member, s skein.MemberSecrets, user, host, token string) error {
	d, err := l.cfg.Driver(m, s)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	t, can := d.(member.Truster)
	if !can {
		return fmt.Errorf("members of the driver %s have no members of their own", m.Driver)
	}
	return t.Trust(ctx, user, host, token)
}

// Served returns what a member really serves of a zone.
func (l *Loop) Served(ctx context.Context, name string, z zone.Name) (zone.Contents, error) {
	w, err := l.known(name, nil)
	if err != nil {
		return zone.Contents{}, err
	}
	if w.caps.Own {
		return l.read(ctx, w, z)
	}
	c, err := w.served(ctx, z)
	if err != nil {
		return zone.Contents{}, &skein.Error{Kind: skein.KindUnavailable, Cause: err,
			What: fmt.Sprintf("cannot transfer %s from member %s", z, name),
			Mend: "see that the member allows transfers to the audit key, as its printed configuration does"}
	}
	return c, nil
}

// contentsReader is a driver that can read zones; member.Reader has it.
type contentsReader interface {
	Read(ctx context.Context, names []zone.Name, each func(i int, c zone.Contents, err error)) error
}

// read returns what a member has of a zone by its driver's word.
func (l *Loop) read(ctx context.Context, w *worker, name zone.Name) (c zone.Contents, err error) {
	d, err := l.cfg.Driver(w.member, w.secrets)
	if err != nil {
		return c, err
	}
	defer func() { _ = d.Close() }()
	r, can := d.(contentsReader)
	if !can {
		return c, &skein.Error{Kind: skein.KindUnavailable, What: "zones of members of the driver " + w.member.Driver + " cannot be read",
			Mend: "look at the zone there by its maker's own means"}
	}
	var why error
	if err = r.Read(ctx, []zone.Name{name}, func(_ int, there zone.Contents, err error) { c, why = there, err }); err == nil {
		err = why
	}
	if err != nil {
		return zone.Contents{}, &skein.Error{Kind: skein.KindUnavailable, Cause: err,
			What: fmt.Sprintf("cannot read %s from member %s", name, w.member.Name),
			Mend: "see that `skein member test " + w.member.Name + "` passes"}
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
