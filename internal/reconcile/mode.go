package reconcile

import (
	"slices"

	"github.com/skein-dns/skein"
)

// mode is how far a worker goes.
type mode uint8

const (
	off      mode = iota // its member is nothing to it
	knocking             // disabled by the threshold: only asked whether it is fit again
	watching             // looked at and compared; there is no driver, so that nothing can be told
	working
)

// stance is a mode with what follows from it.
type stance struct {
	mode   mode
	paused bool   // would be working, were clustering not disabled
	trial  bool   // watched for its own sake: its zones are another's, so contents are compared as well
	why    string // of watching
}

// stanceOf tells how a member takes part now. l.mu is held.
func (l *Loop) stanceOf(m skein.Member) stance {
	switch written := writtenPools(m); {
	case m.State == skein.MemberObserved:
		return stance{mode: watching, trial: true, why: "the member is observed, and told nothing"}
	case m.State == skein.MemberDisabledThreshold && l.automatic && !l.paused:
		return stance{mode: knocking}
	case m.State != skein.MemberEnabled && m.State != skein.MemberUnreachable:
		return stance{}
	case len(written) == 0:
		return stance{mode: watching, trial: true, why: "the member is standalone, and never written"}
	case l.paused:
		return stance{mode: watching, paused: true, why: "clustering is disabled"}
	}
	return stance{mode: working}
}

// counted reports whether the member counts in receipts.
func (s stance) counted() bool { return s.mode == working || s.paused }

// writtenPools are the pools whose zones are put on a member.
func writtenPools(m skein.Member) []string {
	return poolsOf(m, func(r skein.Role) bool { return r != skein.RoleStandalone })
}

// servedPools are the pools whose zones are expected on a member: those that
// are written, or, of one that never is, all.
func servedPools(m skein.Member) []string {
	if written := writtenPools(m); len(written) > 0 {
		return written
	}
	return poolsOf(m, func(skein.Role) bool { return true })
}

func poolsOf(m skein.Member, fits func(skein.Role) bool) (pools []string) {
	for _, s := range append([]skein.Share{{Pool: m.Pool, Role: m.Role}}, m.Shares...) {
		if fits(s.Role) {
			pools = append(pools, poolName(s.Pool))
		}
	}
	slices.Sort(pools)
	return slices.Compact(pools)
}

// reads reports whether the member, unless it is watched for its own sake, is
// both written and read in a pool.
func (w *worker) reads(pool string) bool {
	return !w.trial && slices.Contains(poolsOf(w.member, func(r skein.Role) bool { return r == skein.RoleSynchronize }), poolName(pool))
}

// poolName is a pool's name also where none was written down.
func poolName(pool string) string {
	if pool == "" {
		return skein.DefaultPool
	}
	return pool
}

// SetPaused disables clustering, or enables it again. While it is disabled all
// members are looked at and compared, and told nothing; when SetPaused(true)
// returns, nothing is under way any more. Enabled again, they are caught up.
func (l *Loop) SetPaused(paused bool) {
	l.change(func() { l.paused = paused })
}

// SetThreshold sets after how many failures in a row Config.Crossed is told of
// a member; 0: never. With automatic, one that is disabled by the threshold is
// asked now and then whether it is fit again, and Config.Recovered told if so.
func (l *Loop) SetThreshold(failures int, automatic bool) {
	l.threshold.Store(int64(failures))
	l.change(func() { l.automatic = automatic })
}

// change alters what holds for all members, and begins each anew that it
// makes a difference to.
func (l *Loop) change(alter func()) {
	l.mu.Lock()
	alter()
	names := make([]string, 0, len(l.members))
	for name := range l.members {
		names = append(names, name)
	}
	l.mu.Unlock()
	for _, name := range names {
		l.restance(name)
	}
}

func (l *Loop) restance(name string) {
	defer l.turns.take(name)()
	w := l.worker(name)
	if w == nil {
		return
	}
	if err := l.set(w.member, w.secrets); err != nil {
		l.cfg.Log.Error("a member cannot take part as it should", "member", name, "error", err)
	}
}

// worker returns a member's worker, nil if the member is unknown.
func (l *Loop) worker(name string) *worker {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.members[name]
}
