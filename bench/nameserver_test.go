package bench

import (
	"cmp"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
)

const (
	rounds   = 5                       // of which the median is quoted
	roundFor = 1500 * time.Millisecond // each server, by turns
)

// BenchmarkNameserver serves $ZONES zones (10,000) with Skein's nameserver and
// its peers ($SERVERS, all), each on the first processor, and asks them by turns from the
// second. What it reports is the processor time that each spent on a million
// answers, which is what other work on the machine changes least. Every kind
// of question is a benchmark of its own.
func BenchmarkNameserver(b *testing.B) {
	f := startField(b, setting{threads: 1})
	f.measure(b, "load", f.reportLoad)
	hosting := mixed(f.names, 100_000)
	for _, kind := range []struct {
		name    string
		servers []*subject
		ask     asker
	}{
		{"hosting", f.servers, blasts(hosting, 0, 3)}, // with the floor: an echo
		{"random", f.real(), blasts(halfRandom(f.names, 100_000), 0, 3)},
		{"nodata", f.real(), blasts(nodata(f.names, 100_000), 0)},
		{"referral", f.real(), blasts(below("www.sub.", f.shaped, 100_000), 0)},
		{"wildcard", f.real(), blasts(below("%d.any.", f.shaped, 100_000), 0)},
		{"refused", f.real(), blasts(refused(100_000), 5)},
		{"tcp", f.real(), streams(hosting)},
		{"dnsperf", f.real(), dnsperfs(b, 1, hosting)},
	} {
		f.measure(b, kind.name, func(b *testing.B) { byTurns(b, kind.servers, kind.ask) })
	}
	f.measure(b, "at-5k", func(b *testing.B) { atRate(b, f.servers, hosting, 5_000) })
	f.measure(b, "at-20k", func(b *testing.B) { atRate(b, f.servers, hosting, 20_000) })
	f.measure(b, "at-half", func(b *testing.B) { atRate(b, f.servers, hosting, f.halfLoad(b, hosting)) })
	f.measure(b, "replace", func(b *testing.B) { f.replaceAtHalf(b, hosting) })
}

// BenchmarkNameserverChurn changes zones of Skein's nameserver, which nobody asks
// besides, and compares its memory with that after the load.
func BenchmarkNameserverChurn(b *testing.B) {
	f := &field{setting: setting{threads: 1}}
	f.folder, f.names = writeZones(b, zonesAsked(b))
	f.start(b, peers[:1])
	f.churn(b)
}

// BenchmarkNameserverSigned asks with DO for zones that are all signed, with
// NSEC. The bind backend of PowerDNS has those with a database of its own only.
func BenchmarkNameserverSigned(b *testing.B) {
	f := &field{setting: setting{threads: 1}}
	f.folder, f.names = writeSigned(b, zonesAsked(b))
	f.start(b, slices.DeleteFunc(slices.Clone(peers), func(p peer) bool { return p.name == "pdns" }))
	f.measure(b, "load", f.reportLoad)
	f.measure(b, "hosting", func(b *testing.B) { byTurns(b, f.servers, blasts(secure(f.names, 100_000), 0, 3)) })
}

// BenchmarkNameserverSpread asks 50 different questions for each zone, 5
// million at most: of all zones alike, and of few most of the time.
func BenchmarkNameserverSpread(b *testing.B) {
	f := startField(b, setting{threads: 1})
	n := min(50*len(f.names), 5_000_000)
	f.measure(b, "uniform", func(b *testing.B) { byTurns(b, f.real(), blasts(mixed(f.names, n), 0, 3)) })
	f.measure(b, "zipf", func(b *testing.B) { byTurns(b, f.real(), blasts(mixedByRank(f.names, n), 0, 3)) })
}

// BenchmarkNameserverBatch gives all servers the scheduling class that Skein's
// threads choose, so that this is not what makes the difference.
func BenchmarkNameserverBatch(b *testing.B) {
	f := startField(b, setting{threads: 1, batch: true})
	hosting := mixed(f.names, 100_000)
	f.measure(b, "hosting", func(b *testing.B) { byTurns(b, f.servers, blasts(hosting, 0, 3)) })
	f.measure(b, "dnsperf", func(b *testing.B) { byTurns(b, f.real(), dnsperfs(b, 1, hosting)) })
	f.measure(b, "at-20k", func(b *testing.B) { atRate(b, f.servers, hosting, 20_000) })
}

// BenchmarkNameserverWire has servers and clients in two network namespaces,
// which takes the rights of root.
func BenchmarkNameserverWire(b *testing.B) {
	f := startField(b, setting{threads: 1, wire: newNetwork(b)})
	hosting := mixed(f.names, 100_000)
	f.measure(b, "hosting", func(b *testing.B) { byTurns(b, f.servers, blasts(hosting, 0, 3)) })
	f.measure(b, "dnsperf", func(b *testing.B) { byTurns(b, f.real(), dnsperfs(b, 1, hosting)) })
}

// BenchmarkNameserverUnpinned lets servers, with a thread for each processor,
// and dnsperf share all processors: what counts is how many answers come.
func BenchmarkNameserverUnpinned(b *testing.B) {
	f := startField(b, setting{threads: runtime.NumCPU()})
	f.measure(b, "dnsperf", func(b *testing.B) { byTurns(b, f.real(), dnsperfs(b, -1, mixed(f.names, 100_000))) })
}

// zonesAsked is how many zones the servers serve.
func zonesAsked(b *testing.B) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("ZONES"), "10000"))
	if err != nil {
		b.Fatalf("ZONES: %v", err)
	}
	return n
}
