package daemon

import (
	"context"
	"io"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/advice"
	"github.com/skein-dns/skein/internal/metrics"
)

// writeMetrics writes what the node knows of itself and of its members. Labels
// are names of members, which people make, and words of a fixed list.
func (n *node) writeMetrics(ctx context.Context, to io.Writer) error {
	self := skein.Actor{Name: "skein", Door: "metrics", Admin: true}
	status, err := n.control.Status(ctx, self)
	if err != nil {
		return err
	}
	seen, err := n.seen(ctx, 0)
	if err != nil {
		return err
	}
	notices := map[string]int{}
	if n.outbox != nil {
		notices = n.outbox.Waiting()
	}
	all := append(ofCluster(status, seen, notices), ofMembers(status.Members, seen.At)...)
	all = append(all, answering(n.server.Stats())...)
	return metrics.Write(to, append(all, ofProcess()...))
}

// ofCluster is what there is of everything together.
func ofCluster(s skein.Status, seen advice.Seen, notices map[string]int) []metrics.Family {
	info := metrics.Family{Name: "skein_info", Kind: metrics.Gauge, Help: "1, with the version that runs"}
	info.Add(1, "version", Version)
	waiting := metrics.Family{Name: "skein_waiting_changes", Kind: metrics.Gauge, Help: "changes that wait for a person; no more than 1000 are counted"}
	kinds := map[string]int{skein.WaitingHold: 0, skein.WaitingConflict: 0, skein.WaitingApproval: 0}
	for _, w := range seen.Waiting {
		kinds[w.Kind]++
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		waiting.Add(float64(kinds[kind]), "kind", kind)
	}
	outbox := metrics.Family{Name: "skein_notices_waiting", Kind: metrics.Gauge, Help: "notices that a target has not taken yet"}
	for _, target := range slices.Sorted(maps.Keys(notices)) {
		outbox.Add(float64(notices[target]), "target", target)
	}
	silent := 0
	for _, source := range seen.Sources {
		if source.Status != nil && source.Status.Silent && !source.Paused {
			silent++
		}
	}
	took := metrics.Family{Name: "skein_propagation_seconds", Kind: metrics.Gauge, Help: "how long changes of the last hour took until they were seen on a member, by quantile; missing if there were none"}
	if p := s.Propagation; p != nil && p.Hour.Seen > 0 {
		took.Add(p.Hour.P50.Seconds(), "quantile", "0.5")
		took.Add(p.Hour.P99.Seconds(), "quantile", "0.99")
	}
	return []metrics.Family{
		info, took,
		metrics.One("skein_revision", metrics.Counter, "revision of the newest change: so many were committed", float64(s.Revision)),
		metrics.One("skein_zones", metrics.Gauge, "zones that there are", float64(s.Zones)),
		metrics.One("skein_clustering_enabled", metrics.Gauge, "0 while no member is told of changes", truth(seen.Settings.Enabled)),
		waiting, outbox,
		metrics.One("skein_sources_silent", metrics.Gauge, "sources that were not heard of for longer than their alarm", float64(silent)),
		metrics.One("skein_secondary_zones_expiring", metrics.Gauge, "zones that are transferred in, and whose primaries have been away for long", float64(len(seen.Expires))),
	}
}

// memberStates are all that a member can be in.
var memberStates = [...]skein.MemberState{skein.MemberEnabled, skein.MemberObserved, skein.MemberPending, skein.MemberDisabled, skein.MemberDisabledThreshold, skein.MemberUnreachable}

// ofMembers is what was observed of members.
func ofMembers(members []skein.Member, now time.Time) []metrics.Family {
	gauge := func(name, help string) *metrics.Family {
		return &metrics.Family{Name: "skein_member_" + name, Kind: metrics.Gauge, Help: help}
	}
	counter := func(name, help string) *metrics.Family {
		return &metrics.Family{Name: "skein_member_" + name, Kind: metrics.Counter, Help: help}
	}
	var (
		state    = gauge("state", "1 for the state that the member is in: disabled-by-threshold is what its failures did")
		up       = gauge("reachable", "whether it can be reached")
		latency  = gauge("latency_seconds", "how long it took to give a sign of life")
		seen     = gauge("last_seen_timestamp_seconds", "when it answered last")
		wanted   = gauge("zones_wanted", "zones that it is to have")
		zones    = gauge("zones", "zones on it by state; stale holds differs, and failed holds foreign")
		verified = gauge("verified_ratio", "share of the zones that it is to have, and was seen serving as they are")
		queue    = gauge("queue_zones", "zones that wait for it: to be told, or to serve what they were told of")
		lag      = gauge("lag_seconds", "for how long it has not had all that is on its way to it")
		failing  = gauge("failures", "operations that failed in a row")
		errors   = counter("errors_total", "operations that failed, by kind: away, denied, silent, zone or other")
		there    = gauge("zones_there", "zones that it has in all, Skein's and others'")
		expiring = gauge("zones_expiring", "zones whose primary does not answer it")
		expires  = gauge("expires_timestamp_seconds", "when the first of these expires there")
		compared = gauge("audit_compared_zones", "zones whose contents were compared in this round")
		found    = counter("audit_differing_zones_total", "zones that had other contents under our serial")
		round    = gauge("audit_round_timestamp_seconds", "when all contents had been compared last")
	)
	for _, m := range members {
		for _, one := range memberStates {
			state.Add(truth(m.State == one), "member", m.Name, "state", string(one))
		}
		s := m.Status
		if s == nil {
			continue
		}
		up.Add(truth(s.Reachable), "member", m.Name)
		wanted.Add(float64(s.Zones), "member", m.Name)
		failing.Add(float64(s.Failures), "member", m.Name)
		for _, kind := range slices.Sorted(maps.Keys(s.Errors)) {
			errors.Add(float64(s.Errors[kind]), "member", m.Name, "kind", kind)
		}
		if !s.LastSeen.IsZero() {
			seen.Add(stamp(s.LastSeen), "member", m.Name)
			latency.Add(s.Latency.Seconds(), "member", m.Name)
		}
		for _, z := range []struct {
			state string
			n     int
		}{{"verified", s.Verified}, {"pending", s.Pending}, {"stale", s.Stale}, {"differs", s.Differs}, {"failed", s.Failed},
			{"foreign", s.Foreign}, {"absent", s.Absent}, {"unknown", s.Unknown}} {
			zones.Add(float64(z.n), "member", m.Name, "state", z.state)
		}
		if s.Unknown > 0 { // nobody looks
			continue
		}
		share := 1.0
		if s.Verified < s.Zones {
			share = float64(s.Verified) / float64(s.Zones)
		}
		verified.Add(share, "member", m.Name)
		queue.Add(float64(s.Pending), "member", m.Name)
		behind := 0.0
		if !s.BehindSince.IsZero() {
			behind = max(0, now.Sub(s.BehindSince).Seconds())
		}
		lag.Add(behind, "member", m.Name)
		expiring.Add(float64(s.Expiring), "member", m.Name)
		if s.Expiring > 0 {
			expires.Add(stamp(s.Expires), "member", m.Name)
		}
		if s.There != nil {
			there.Add(float64(*s.There), "member", m.Name)
		}
		if a := s.Audit; a != nil {
			compared.Add(float64(a.Compared), "member", m.Name)
			found.Add(float64(a.Found), "member", m.Name)
			if !a.Round.IsZero() {
				round.Add(stamp(a.Round), "member", m.Name)
			}
		}
	}
	return []metrics.Family{*state, *up, *latency, *seen, *wanted, *zones, *verified, *queue, *lag, *failing, *errors, *there, *expiring, *expires, *compared, *found, *round}
}

// ofProcess is what every program of Go has, under the usual names.
func ofProcess() []metrics.Family {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return []metrics.Family{
		metrics.One("go_goroutines", metrics.Gauge, "goroutines that there are", float64(runtime.NumGoroutine())),
		metrics.One("go_memstats_heap_alloc_bytes", metrics.Gauge, "octets of the heap in use", float64(mem.HeapAlloc)),
		metrics.One("go_memstats_sys_bytes", metrics.Gauge, "octets that the program has from the system", float64(mem.Sys)),
	}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func stamp(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
