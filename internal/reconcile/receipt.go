package reconcile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// Receipt tells where the newest revision of a zone is. Members that do not
// take part are listed as held and do not count.
func (l *Loop) Receipt(z skein.Zone) skein.Receipt {
	r, counting, seen := l.receipt(z)
	r.Complete = counting > 0 && seen == counting
	return r
}

func (l *Loop) receipt(z skein.Zone) (r skein.Receipt, counting, seen int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r = skein.Receipt{Zone: z.Name, Revision: z.Revision, Serial: z.Serial, Deleted: z.Deleted}
	for _, w := range l.members {
		if !w.serves(z.Pool) {
			continue
		}
		mz := w.zone(z)
		r.Members = append(r.Members, mz)
		if !w.counted() || w.present() && !z.Deleted && notThere(mz) {
			continue
		}
		counting++
		if done(mz, z) {
			seen++
		}
	}
	slices.SortFunc(r.Members, func(a, b skein.MemberZone) int { return strings.Compare(a.Member, b.Member) })
	return r, counting, seen
}

// notThere reports whether a zone is not, or not for certain, on a member that
// is written only what it has.
func notThere(mz skein.MemberZone) bool {
	return mz.State == skein.StateAbsent || mz.State == skein.StateHeld
}

func done(mz skein.MemberZone, z skein.Zone) bool {
	if z.Deleted {
		return mz.State == skein.StateAbsent
	}
	return mz.State == skein.StateVerified
}

// zone tells how far the member is with z.
func (w *worker) zone(z skein.Zone) skein.MemberZone {
	mz := skein.MemberZone{Member: w.member.Name}
	if !w.follows() {
		mz.State, mz.Reason = skein.StateHeld, "the member is "+string(w.member.State)
		return mz
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	settledState := skein.StateVerified
	if z.Deleted {
		settledState = skein.StateAbsent
	}
	if it := w.items[z.Name.Canonical()]; it != nil && (it.want.Revision >= z.Revision || it.state == skein.StateForeign) {
		mz.State, mz.Reason, mz.Serial, mz.Told = it.state, it.reason, it.seen.Serial, it.seen.Told
		newer := it.want.Revision > z.Revision && !z.Deleted && it.seen.Look == Serves && !zone.SerialLess(it.seen.Serial, z.Serial)
		if newer { // not yet at the newest, but at z's or a later one
			mz.State = settledState
		}
		if w.away {
			mz.Reason = w.lastErr
		}
		return mz
	}
	done, known := w.recent.get(z.Name.Canonical())
	switch {
	case known && done.revision >= z.Revision && done.absent && !z.Deleted:
		mz.State, mz.Reason = skein.StateAbsent, notPresent
	case known && done.revision >= z.Revision:
		mz.State, mz.Serial, mz.Told, mz.Verified = settledState, done.serial, done.told, done.at
	case z.Revision <= w.pos && w.present() && !z.Deleted:
		mz.State, mz.Reason = skein.StateHeld, "it is as it should be, or not there: the member is given no zones that it does not have"
	case z.Revision <= w.pos:
		mz.State, mz.Serial = settledState, z.Serial
	default:
		mz.State, mz.Reason = skein.StatePending, w.lastErr
	}
	return mz
}

// Wait returns when enough members ("all", "majority" or a number) were seen
// serving z's revision or a later one.
func (l *Loop) Wait(ctx context.Context, z skein.Zone, enough string) (skein.Receipt, error) {
	touched, stop := l.watch.add(z.Name.Canonical())
	defer stop()
	poll := time.NewTicker(time.Second) // members come and go, too
	defer poll.Stop()
	for {
		r, counting, seen := l.receipt(z)
		r.Complete = counting > 0 && seen == counting
		need, err := needed(enough, counting)
		switch {
		case err != nil:
			return r, err
		case seen >= need:
			return r, nil
		case l.isPaused():
			return r, &skein.Error{Kind: skein.KindUnavailable,
				What: "clustering is disabled: no member is told of " + string(z.Name),
				Mend: "enable clustering; members are caught up then"}
		}
		select {
		case <-touched:
		case <-poll.C:
		case <-ctx.Done():
			return r, &skein.Error{Kind: skein.KindTimeout, Cause: ctx.Err(),
				What: fmt.Sprintf("%d of %d members were seen serving %s at serial %d, waited for %d", seen, counting, z.Name, z.Serial, need),
				Mend: "look at the reasons in the receipt, or wait longer"}
		}
	}
}

// needed reads how many of the counting members are enough.
func needed(enough string, counting int) (int, error) {
	if counting == 0 {
		return 0, &skein.Error{Kind: skein.KindUnavailable,
			What: "there is no enabled member that could serve the zone",
			Mend: "add a member, or enable one, and see that its test passes"}
	}
	switch enough {
	case "", "all":
		return counting, nil
	case "majority":
		return counting/2 + 1, nil
	}
	n, err := strconv.Atoi(enough)
	switch {
	case err != nil || n < 1:
		return 0, &skein.Error{Kind: skein.KindInvalid, What: fmt.Sprintf("%q is not how many members to wait for", enough),
			Mend: "give all, majority or a number from 1"}
	case n > counting:
		return 0, &skein.Error{Kind: skein.KindInvalid, What: fmt.Sprintf("cannot wait for %d members: %d are enabled", n, counting),
			Mend: "give a smaller number, or enable more members"}
	}
	return n, nil
}

// Status returns what was observed of a member; nil if it is unknown.
func (l *Loop) Status(name string) *skein.MemberStatus {
	w := l.worker(name)
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &skein.MemberStatus{
		Reachable: w.follows() && !w.away && (w.mode == working || w.silent < muteAfter), Version: w.version, Latency: w.latency,
		LastSeen: w.lastSeen, Failures: w.failures, LastError: w.lastErr, Errors: maps.Clone(w.errs),
	}
	s.Zones = w.zones()
	if !w.follows() {
		s.Unknown = s.Zones
		return s
	}
	s.Ahead = w.ahead
	s.Stale = w.counts[skein.StateStale] + w.counts[skein.StateDiffers]
	s.Failed = w.counts[skein.StateFailed] + w.counts[skein.StateForeign]
	s.Pending = w.counts[skein.StatePending] + w.counts[skein.StateTold]
	if !w.live {
		s.Pending = min(s.Pending+w.behind, max(0, s.Zones+w.going-s.Stale-s.Failed))
	}
	s.Differs, s.Foreign, s.Absent = w.counts[skein.StateDiffers], w.counts[skein.StateForeign], w.counts[skein.StateAbsent]
	s.Behind = s.Stale + s.Failed + s.Pending + s.Absent
	s.BehindSince = w.behindSince()
	s.Expiring, s.Expires, s.ExpiresZone = w.expiry.soonest()
	s.Audit = w.auditStatus()
	s.Latencies, s.NSIDs = w.pulse.told(w.now()), w.names.told(w.now())
	if w.parity.there >= 0 {
		s.There = new(w.parity.there)
	}
	s.Verified = max(0, s.Zones+w.going-s.Behind)
	return s
}

func (l *Loop) isPaused() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.paused
}
