package bench

import (
	"maps"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// field is all servers that are measured beside each other, each with the same zones.
type field struct {
	setting
	servers []*subject // the floor last
	folder  string     // of the zones
	names   []string   // hosting zones
	shaped  []string   // with a wildcard and a delegation
}

const shapedZones = 100

// setting is how the servers are started, and asked.
type setting struct {
	threads int
	batch   bool     // all have the scheduling class that Skein's threads choose
	wire    *network // between servers and clients; nil: all are on loopback
}

// peer is a server that may be measured.
type peer struct {
	name string
	conf func(b *testing.B, at netip.AddrPort, folder string, names []string, threads int) (argv []string)
}

var peers = []peer{{"skein", skeinFolder}, {"nsd", nsdFolder}, {"knot", knotFolder}, {"bind", bindFolder}, {"pdns", pdnsFolder}}

// chosen reports whether it is to be measured: $SERVERS may say which are.
func (p peer) chosen() bool {
	chosen := os.Getenv("SERVERS")
	return chosen == "" || slices.Contains(strings.Split(chosen, ","), p.name)
}

// startField starts all servers, of hosting zones and some of other shapes.
func startField(b *testing.B, how setting) *field {
	b.Helper()
	f := &field{setting: how}
	f.folder, f.names = writeZones(b, zonesAsked(b))
	f.shaped = writeShaped(b, f.folder, shapedZones)
	f.start(b, peers)
	return f
}

// start starts servers, and waits until every zone answers.
func (f *field) start(b *testing.B, peers []peer) {
	b.Helper()
	f.sit(b)
	for _, p := range peers {
		if !p.chosen() {
			continue
		}
		s := f.subject(b, p.name)
		argv := p.conf(b, s.at, f.folder, slices.Concat(f.names, f.shaped), f.threads)
		began := time.Now()
		s.run(b, argv, f.setting)
		s.await(b, f.names)
		s.loaded, s.memory = time.Since(began), s.resident()
		f.servers = append(f.servers, s)
	}
	floor := f.subject(b, "floor")
	floor.run(b, echoCommand(b, floor.at), f.setting)
	f.servers = append(f.servers, floor)
}

// subject is a server that is not started yet.
func (f *field) subject(b *testing.B, name string) *subject {
	b.Helper()
	if f.wire != nil {
		return &subject{name: name, at: netip.AddrPortFrom(serversAt, uint16(5300+len(f.servers)))}
	}
	return newSubject(b, name)
}

// newSubject is one on loopback.
func newSubject(b *testing.B, name string) *subject {
	b.Helper()
	addr, _ := freeAddr(b)
	return &subject{name: name, at: netip.MustParseAddrPort(addr)}
}

// sit has the clients of this goroutine be where they belong: on the second
// processor if servers have the first, and at the other end of the wire. The
// thread ends with the goroutine.
func (f *field) sit(b *testing.B) {
	b.Helper()
	runtime.LockOSThread()
	if f.threads == 1 {
		pin(b, 1)
	}
	if f.wire != nil {
		f.wire.enter(b)
	}
}

// measure is a benchmark of its own.
func (f *field) measure(b *testing.B, name string, how func(b *testing.B)) {
	b.Run(name, func(b *testing.B) {
		f.sit(b)
		how(b)
	})
}

// skein is Skein's server, of which some things are measured alone; nil if it
// is not among those that were chosen.
func (f *field) skein() *subject {
	if f.servers[0].name == "skein" {
		return f.servers[0]
	}
	return nil
}

// real returns the servers without the floor.
func (f *field) real() []*subject { return f.servers[:len(f.servers)-1] }

// reportLoad tells how long each took until its last zone answered, and the
// memory then.
func (f *field) reportLoad(b *testing.B) {
	for range b.N { // it is done
	}
	for _, s := range f.real() {
		b.ReportMetric(s.loaded.Seconds(), s.name+"-s")
		b.ReportMetric(float64(s.memory)/1e6, s.name+"-MB")
	}
	b.ReportMetric(0, "ns/op")
}

// asker prepares a way to ask a server, which asks for a round and returns how
// many answers came.
type asker func(b *testing.B, s *subject) (ask func() (answers int))

// byTurns asks servers by turns, and reports what a million answers cost each:
// the median, and how much that is of the better of NSD's and Knot's; and how
// many answers came in a second.
func byTurns(b *testing.B, servers []*subject, prepare asker) {
	b.Helper()
	asks := make([]func() int, len(servers))
	for i, s := range servers {
		asks[i] = prepare(b, s)
	}
	costs, speeds := map[string][]float64{}, map[string][]float64{}
	for range b.N * rounds {
		for i, s := range servers {
			before, began := s.cpu(), time.Now()
			answers := asks[i]()
			cost, took := s.cpu()-before, time.Since(began)
			if answers == 0 {
				b.Fatalf("%s does not answer", s.name)
			}
			costs[s.name] = append(costs[s.name], cost.Seconds()/float64(answers)*1e6)
			speeds[s.name] = append(speeds[s.name], float64(answers)/took.Seconds()/1e3)
		}
	}
	for name := range maps.Keys(costs) {
		b.ReportMetric(median(costs[name]), name+"-s/M")
		b.ReportMetric(median(speeds[name]), name+"-k/s")
		b.Logf("%s: CPU seconds a million answers %.2f (%.2f–%.2f)", name, median(costs[name]), slices.Min(costs[name]), slices.Max(costs[name]))
	}
	if len(costs["skein"]) > 0 && len(costs["nsd"]) > 0 && len(costs["knot"]) > 0 {
		b.ReportMetric(median(costs["skein"])/min(median(costs["nsd"]), median(costs["knot"])), "of-the-better")
	}
	b.ReportMetric(0, "ns/op")
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// checked says what came if it is not what should.
func checked(b *testing.B, s *subject, answers int, rcodes [16]int, allowed []int) int {
	b.Helper()
	wrong := answers
	for _, rcode := range allowed {
		wrong -= rcodes[rcode]
	}
	if wrong != 0 {
		b.Fatalf("%s gave %d answers, by rcode %v", s.name, answers, rcodes)
	}
	return answers
}

// blasts asks by blast.
func blasts(questions [][]byte, rcodes ...int) asker {
	return func(b *testing.B, s *subject) func() int {
		blast := newBlast(b, s.at, questions)
		return func() int {
			answers, got := blast.run(roundFor)
			return checked(b, s, answers, got, rcodes)
		}
	}
}
