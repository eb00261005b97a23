package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

const (
	compareGap  = 20 * time.Millisecond // between two zones of a member: it has questions to answer
	compareTime = 30 * time.Second
)

// nextCompare takes the next zone whose contents are to be compared: one at a
// time, and not all the time. w.mu is held.
func (w *worker) nextCompare(now time.Time) (job, bool) {
	if now.Before(w.holding) {
		return job{}, false
	}
	items := pop(&w.toCheck, 1, w.takeUp)
	w.working = len(items) > 0
	return job{kind: jobCompare, items: items, revs: revisions(items)}, w.working
}

// compare compares one zone's contents where its serial tells nothing.
func (w *worker) compare(ctx context.Context, it *item, at skein.Revision) {
	began := w.now()
	differ, err := w.differing(ctx, it.want.Zone)
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	w.holding = now.Add(max(compareGap, now.Sub(began))) // half of the time at most
	if err != nil && !errors.Is(err, errUncompared) {
		w.holding = now.Add(longest)
	}
	if it.at != busy || w.items[it.want.Zone] != it {
		return
	}
	it.at = watch
	if it.want.Revision != at {
		it.seen = Seen{Doubt: true, Parted: it.seen.Parted}
	} else { // where contents cannot be had, the serial has to do
		it.seen.Doubt, it.seen.Differ, it.seen.Parted = false, differ, differ > 0
	}
	w.advance(it, now)
}

// errUncompared: nothing can be told, and nothing is wrong with the member.
var errUncompared = errors.New("not compared")

// differing counts the records that a member serves other than published.
func (w *worker) differing(ctx context.Context, name zone.Name) (int, error) {
	if w.caps.Own || w.member.AuditKey == "" || w.secrets.Audit == "" {
		return 0, errUncompared
	}
	ctx, cancel := context.WithTimeout(ctx, compareTime)
	defer cancel()
	z, err := w.loop.cfg.Zones.Zone(ctx, name)
	if err != nil {
		return 0, errors.Join(errUncompared, err)
	}
	authored, at, err := w.loop.cfg.Zones.Contents(ctx, z.ID)
	if err != nil || at != z.Revision {
		return 0, errors.Join(errUncompared, err)
	}
	theirs, err := w.served(ctx, name)
	if err != nil {
		return 0, err
	}
	if soa, ok := theirs.SOA(); !ok || soa.Serial != z.Serial { // it has moved on: its serial tells
		return 0, errUncompared
	}
	delta := zone.Diff(publish.Contents(authored, z.Serial), theirs)
	return max(records(delta.Del), records(delta.Add)), nil
}

func records(sets []zone.RRset) (n int) {
	for _, s := range sets {
		n += len(s.Data)
	}
	return n
}

// served transfers what the member really serves.
func (w *worker) served(ctx context.Context, name zone.Name) (zone.Contents, error) {
	key := probe.Key{Name: w.member.AuditKey, Algorithm: w.member.Algorithm, Secret: w.secrets.Audit}
	began := w.now()
	c, err := w.loop.cfg.Prober.Served(ctx, w.target.Addr, name, key)
	w.trace.Record(began, w.now(), "dns", "AXFR "+string(name), "", err)
	return c, err
}

// compareSome compares, for a tenth of the time until the next page of the
// audit, contents of zones that are taken to be right.
func (s *scanner) compareSome(ctx context.Context, entries []store.Entry, until time.Time) {
	for _, e := range entries {
		if !s.w.now().Before(until) || ctx.Err() != nil {
			return
		}
		if e.Zone.Deleted || !s.w.serves(e.Zone.Pool) || !s.w.believes(e) {
			continue
		}
		differ, err := s.w.differing(ctx, e.Zone.Name)
		if err != nil && !errors.Is(err, errUncompared) {
			return
		}
		if differ > 0 {
			s.w.mend(ctx, found{e, Seen{Look: Serves, Serial: e.Zone.Serial, Parted: true, Differ: differ}})
		}
	}
}
