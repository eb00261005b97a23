package inventory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

const (
	// readAtOnce is how many zones are asked for in one call: their contents
	// come one by one, but the member may gather them first.
	readAtOnce = 50
	// takenAtOnce is how many of them are taken in at once: each waits for the
	// disk, and those that come at once for one sync of it.
	takenAtOnce = 32
	// stalled is how long a member may take for the next zone of an answer.
	stalled = time.Minute
	// refusedMost bounds the copies of a member that are remembered as decided.
	refusedMost = 10_000
)

// reading is what reads one member.
type reading struct {
	of      *Inventory
	member  skein.Member
	secrets skein.MemberSecrets
	started bool // owned by the Inventory's lock
	turn    chan struct{}
	ended   context.Context
	end     context.CancelFunc

	// decided are copies that the gate refused or kept: they are not read again
	// until their serial changes.
	mu      sync.Mutex // owns it
	decided map[string]uint32
}

func newReading(i *Inventory, m skein.Member, s skein.MemberSecrets) *reading {
	r := &reading{of: i, member: m, secrets: s, turn: make(chan struct{}, 1), decided: map[string]uint32{}}
	r.ended, r.end = context.WithCancel(context.Background())
	return r
}

// isRead reports whether contents are taken in from it in any pool.
func (r *reading) isRead() bool {
	return r.member.State == skein.MemberEnabled && (control.Reads(r.member.Role) ||
		slices.ContainsFunc(r.member.Shares, func(s skein.Share) bool { return control.Reads(s.Role) }))
}

// rounds reads the member every so often, at first after a half to a whole
// period: members are not all read at once, nor while a node starts.
func (r *reading) rounds(ctx context.Context) {
	wait := r.of.cfg.Every/2 + time.Duration(r.of.cfg.Rand()*float64(r.of.cfg.Every/2))
	for {
		pause := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-r.ended.Done():
		case <-pause.C:
		}
		pause.Stop()
		if ctx.Err() != nil || r.ended.Err() != nil {
			return
		}
		switch err := r.round(ctx); {
		case err == nil, ctx.Err() != nil, r.ended.Err() != nil:
		case control.Trouble(err) == nil: // the gate says no: clustering is disabled
			r.of.cfg.Log.Info("a member is not read", "member", r.member.Name, "why", err)
		default:
			r.of.cfg.Log.Warn("reading a member; the next round goes on", "member", r.member.Name, "err", err)
		}
		wait = r.of.cfg.Every
	}
}

// round looks at all that the member has, and takes in what is newer.
func (r *reading) round(ctx context.Context) error {
	gate := r.of.gate
	if err := gate.SettleConflicts(ctx, r.member.Name); err != nil {
		return err
	}
	pick := func(ctx context.Context, page []skein.Held) ([]zone.Name, error) {
		r.mu.Lock()
		page = slices.DeleteFunc(page, func(h skein.Held) bool {
			serial, is := r.decided[h.Zone.Key()]
			return is && serial == h.Serial && h.Serial != 0
		})
		r.mu.Unlock()
		return gate.Newer(ctx, r.member.Name, page)
	}
	return r.walk(ctx, pick, func(ctx context.Context, name zone.Name, c zone.Contents, err error) error {
		if err != nil {
			if skein.KindOf(err) != skein.KindNotFound { // else it went in between
				r.of.cfg.Log.Warn("a zone of a member cannot be read", "member", r.member.Name, "zone", name, "err", err)
			}
			return nil
		}
		step, err := gate.TakeIn(ctx, r.member.Name, c)
		if control.Trouble(err) != nil {
			return err
		}
		if err != nil || step.Action == skein.SyncConflict {
			r.decide(name, c)
		}
		return nil
	})
}

func (r *reading) decide(name zone.Name, c zone.Contents) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.decided) >= refusedMost {
		clear(r.decided) // the gate says the same again
	}
	soa, _ := c.SOA()
	r.decided[name.Key()] = soa.Serial
}

// walk goes through the inventory, a page at a time. The inventory waits while
// zones of a page are read, by a driver of their own: a driver does one thing
// after the other.
func (r *reading) walk(ctx context.Context, pick Pick, take Take) error {
	return r.withReader(ctx, func(ctx context.Context, lister member.Reader, alive func()) error {
		reader, done, err := r.reader()
		if err != nil {
			return err
		}
		defer done()
		page := make([]skein.Held, 0, r.of.cfg.Page)
		look := func() error {
			names, err := pick(ctx, page)
			page = page[:0]
			if err != nil {
				return err
			}
			return r.readAll(ctx, reader, names, take, alive)
		}
		err = lister.Inventory(ctx, func(h skein.Held) error {
			alive()
			if page = append(page, h); len(page) < cap(page) {
				return nil
			}
			return look()
		})
		if err != nil {
			return err
		}
		return look()
	})
}

// readAll reads zones, some at a time, and hands each to take, several at once.
func (r *reading) readAll(ctx context.Context, d member.Reader, names []zone.Name, take Take, alive func()) error {
	for some := range slices.Chunk(names, readAtOnce) {
		taking, ctx := errgroup.WithContext(ctx)
		taking.SetLimit(takenAtOnce)
		told := make([]bool, len(some))
		err := d.Read(ctx, some, func(i int, c zone.Contents, err error) {
			alive()
			if ctx.Err() != nil || i < 0 || i >= len(some) || told[i] {
				return
			}
			told[i] = true
			if err == nil && !c.Origin().Equal(some[i]) {
				err = fmt.Errorf("the member was asked for %s and told of %s", some[i], c.Origin())
			}
			taking.Go(func() error {
				defer alive()
				return take(ctx, some[i], c, unreadable(r.member, some[i], err))
			})
		})
		if failed := taking.Wait(); failed != nil { // why the reading broke off, then
			return failed
		}
		if err != nil {
			return err
		}
		for i, is := range told {
			if is {
				continue
			}
			missing := unreadable(r.member, some[i], errors.New("the member told nothing of it"))
			if err := take(ctx, some[i], zone.Contents{}, missing); err != nil {
				return err
			}
		}
	}
	return nil
}

// unreadable says that one zone of a member cannot be had.
func unreadable(m skein.Member, name zone.Name, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, member.ErrAbsent):
		return &skein.Error{Kind: skein.KindNotFound, Cause: err, What: fmt.Sprintf("member %s has no zone %s", m.Name, name), Mend: "name one that it has"}
	}
	return &skein.Error{Kind: skein.KindInvalid, Cause: err, What: fmt.Sprintf("what member %s has as zone %s cannot be read: %v", m.Name, name, err), Mend: "correct the zone there"}
}

// reader makes a driver for reading.
func (r *reading) reader() (d member.Reader, done func(), err error) {
	driver, err := r.of.cfg.Driver(r.member, r.secrets)
	if err != nil {
		return nil, nil, err
	}
	d, is := driver.(member.Reader)
	if !is {
		_ = driver.Close()
		return nil, nil, &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("members of the driver %s cannot be read", r.member.Driver), Mend: "members of it are write-only"}
	}
	return d, func() { _ = driver.Close() }, nil
}

// withReader lets one reading of the member through at a time, and breaks it
// off if the member makes no progress, or is set anew or removed.
func (r *reading) withReader(ctx context.Context, do func(ctx context.Context, d member.Reader, alive func()) error) error {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.turn }()
	d, done, err := r.reader()
	if err != nil {
		return err
	}
	defer done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(r.ended, func() { cancel(errEnded) })()
	timer := time.AfterFunc(stalled, func() { cancel(fmt.Errorf("%w: nothing came for %s", member.ErrAway, stalled)) })
	defer timer.Stop()
	err = do(ctx, d, func() { timer.Reset(stalled) })
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if !errors.Is(err, member.ErrAway) && !errors.Is(err, member.ErrDenied) && !errors.Is(err, errEnded) {
		return err
	}
	return &skein.Error{Kind: skein.KindUnavailable, Cause: err, What: fmt.Sprintf("reading member %s broke off", r.member.Name), Mend: "see that it is reachable (skein member test), and try again"}
}

// errEnded: the member is another from now on, or none.
var errEnded = errors.New("the member was changed meanwhile")
