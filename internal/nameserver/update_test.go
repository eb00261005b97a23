package nameserver

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/servertest"
)

const updatable = `@ 3600 SOA ns host 10 3600 600 86400 300
@ 3600 NS ns.other.
www 300 A 192.0.2.2
`

// keyFile writes a key in the form that nsupdate reads.
func keyFile(t testing.TB, k Key) string {
	t.Helper()
	s := servertest.New(t, "keys") // for its folder alone
	return s.File("key", fmt.Sprintf("key %q { algorithm %s; secret %q; };\n", k.Name, k.Algorithm, k.Secret))
}

// nsupdate, signed and not.
func TestNsupdate(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	s.Put(contents(t, "z.", updatable))
	s.SetAccess(Access{Keys: []Key{testKey, otherKey}, UpdateKeys: []string{"k"}})
	addr := s.Addrs()[0]
	for name, c := range map[string]struct {
		key   string
		lines []string
		want  string // what nsupdate says, "" if it is content
	}{
		"signed":                {keyFile(t, testKey), []string{"update add signed.z 60 A 192.0.2.9", "send"}, ""},
		"unsigned":              {"", []string{"update add unsigned.z 60 A 192.0.2.9", "send"}, "REFUSED"},
		"with a key that won't": {keyFile(t, otherKey), []string{"update add other.z 60 A 192.0.2.9", "send"}, "REFUSED"},
		"of another zone":       {keyFile(t, testKey), []string{"zone other", "update add x.other 60 A 192.0.2.9", "send"}, "NOTAUTH"},
		"a prerequisite fails":  {keyFile(t, testKey), []string{"prereq nxdomain www.z", "update add pre.z 60 A 192.0.2.9", "send"}, "YXDOMAIN"},
		"over TCP":              {keyFile(t, testKey), []string{"server " + addr.Addr().String() + " " + fmt.Sprint(addr.Port()), "update add tcp.z 60 A 192.0.2.9", "send"}, ""},
	} {
		out, err := servertest.NSUpdate(t, addr, c.key, c.lines...)
		if (err == nil) != (c.want == "") || !strings.Contains(out, c.want) {
			t.Errorf("%s: %v %q, want %q", name, err, out, c.want)
		}
	}
	for name, there := range map[string]bool{"signed.z.": true, "unsigned.z.": false, "other.z.": false, "pre.z.": false, "tcp.z.": true} {
		q, via := query(t, name+" A")
		if m := ask(t, s, q, via); (m.Rcode == dns.RcodeSuccess) != there {
			t.Errorf("%s: %s", name, verdict(m))
		}
	}
	if serial, _ := s.Serial("z."); serial != 12 {
		t.Errorf("serial %d after two updates from 10", serial)
	}
}

// sink stands for a store.
type sink struct {
	got   []Update
	rcode int
}

func (k *sink) Update(_ context.Context, u Update) int {
	k.got = append(k.got, u)
	return k.rcode
}

func TestUpdatesGoToTheSink(t *testing.T) {
	t.Parallel()
	into := &sink{rcode: dns.RcodeServerFailure}
	s := New(Options{Updates: into})
	s.Put(contents(t, "z.", updatable))
	s.SetAccess(Access{UpdateNets: []netip.Prefix{netip.PrefixFrom(client.Addr(), 32)}})
	m := new(dns.Msg)
	m.SetUpdate("Z.")
	m.Insert([]dns.RR{&dns.A{Hdr: dns.RR_Header{Name: "x.z.", Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: []byte{192, 0, 2, 9}}})
	if answer := ask(t, s, m, overTCP); answer.Rcode != dns.RcodeServerFailure || answer.Opcode != dns.OpcodeUpdate {
		t.Errorf("%s", answer)
	}
	if len(into.got) != 1 || into.got[0].Zone != "Z." || into.got[0].From != client || len(into.got[0].Updates) != 1 {
		t.Errorf("the sink got %+v", into.got)
	}
	if serial, _ := s.Serial("z."); serial != 10 {
		t.Error("the nameserver changed the zone itself")
	}
}

func TestUpdatesThatCannotBe(t *testing.T) {
	t.Parallel()
	s := served(t, "zones", Options{})
	signed := drawZoneOnce(t)
	s.Put(signed.contents(t))
	s.Put(contents(t, "failed.", updatable))
	s.Fail("failed.")
	s.SetAccess(Access{UpdateNets: []netip.Prefix{netip.PrefixFrom(client.Addr(), 32)}})
	for name, c := range map[string]struct {
		zone string
		want int
	}{
		"a signed zone":        {"z.", dns.RcodeRefused},
		"a zone that failed":   {"failed.", dns.RcodeServerFailure},
		"a name below the top": {"www.corpus.example.", dns.RcodeNotAuth},
	} {
		m := new(dns.Msg)
		m.SetUpdate(c.zone)
		m.Insert([]dns.RR{&dns.A{Hdr: dns.RR_Header{Name: "x." + c.zone, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: []byte{192, 0, 2, 9}}})
		if answer := ask(t, s, m, overTCP); answer.Rcode != c.want {
			t.Errorf("%s: %s", name, verdict(answer))
		}
	}
}

func drawZoneOnce(t testing.TB) *reference {
	t.Helper()
	soa, _ := dns.NewRR("z. 60 SOA . . 1 1 1 1 1")
	ns, _ := dns.NewRR("z. 60 NS ns.other.")
	r := &reference{origin: "z.", records: []dns.RR{soa, ns}}
	r.sign(nsec)
	return r
}

// BIND and we are sent the same updates, good and bad ones, and agree on every
// RCODE and on the zone that comes of it.
func TestUpdatesAreBINDs(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(updatable, "@ ", "z. ")
	named := servertest.New(t, "named")
	named.File("z.zone", "$ORIGIN z.\n"+text)
	named.Named(`zone "z" { type primary; file "z.zone"; allow-update { any; }; allow-transfer { any; }; check-names ignore; check-integrity no; };`)
	s := serve(t, Options{})
	s.Put(contents(t, "z.", updatable))
	s.SetAccess(Access{UpdateNets: loopback, TransferNets: loopback})
	random := rand.New(rand.NewPCG(1, 2))
	transferred := func(addr netip.AddrPort) []string {
		out, err := servertest.Dig(t, addr, "z", "AXFR", "+noall", "+answer", "+onesoa")
		if err != nil {
			t.Fatal(err, out)
		}
		var lines []string
		for line := range strings.Lines(strings.ToLower(out)) {
			if f := strings.Fields(line); f[3] != "soa" { // BIND raises the serial for what came and went again, too
				lines = append(lines, strings.Join(f, " "))
			}
		}
		slices.Sort(lines)
		return lines
	}
	rcodes := map[int]int{}
	for i := range 300 {
		m := drawUpdate(random)
		exchange := func(addr netip.AddrPort) int {
			c := &dns.Client{Net: "tcp", Timeout: 20 * time.Second}
			answer, _, err := c.Exchange(m, addr.String())
			if err != nil {
				t.Fatalf("update %d: %v\n%s", i, err, m)
			}
			return answer.Rcode
		}
		theirs, ours := exchange(named.DNS), exchange(s.Addrs()[0])
		rcodes[ours]++
		if ours != theirs {
			t.Fatalf("update %d: %s, BIND says %s\n%s", i, dns.RcodeToString[ours], dns.RcodeToString[theirs], m)
		}
		if i%20 == 19 {
			if a, b := transferred(s.Addrs()[0]), transferred(named.DNS); !slices.Equal(a, b) {
				t.Fatalf("after update %d ours is\n%s\nBIND's\n%s\nlast came %s", i, strings.Join(a, "\n"), strings.Join(b, "\n"), m)
			}
		}
	}
	for _, rcode := range []int{dns.RcodeSuccess, dns.RcodeNameError, dns.RcodeNXRrset, dns.RcodeYXDomain, dns.RcodeYXRrset, dns.RcodeNotZone} {
		if rcodes[rcode] == 0 {
			t.Errorf("no update came to %s", dns.RcodeToString[rcode])
		}
	}
}

// drawUpdate makes an update out of few names and records, so that they meet.
func drawUpdate(random *rand.Rand) *dns.Msg {
	pick := func(choices ...string) string { return choices[random.IntN(len(choices))] }
	name := func() string { return pick("z.", "a.z.", "b.z.", "a.b.z.", "c.z.", "www.z.", "WWW.z.") }
	record := func(ttl string) dns.RR {
		text := pick("A 192.0.2.1", "A 192.0.2.2", "TXT x", "MX 5 A.z.", "CNAME b.z.", "NS ns.other.", "NS ns2.other.", "TXT \"y\"")
		rr, err := dns.NewRR(name() + " " + ttl + " IN " + text)
		if err != nil {
			panic(err)
		}
		return rr
	}
	m := new(dns.Msg)
	m.SetUpdate("z.")
	for range random.IntN(3) / 2 {
		rr := record("0")
		switch random.IntN(5) {
		case 0:
			m.RRsetUsed([]dns.RR{rr})
		case 1:
			m.RRsetNotUsed([]dns.RR{rr})
		case 2:
			m.NameUsed([]dns.RR{rr})
		case 3:
			m.NameNotUsed([]dns.RR{rr})
		case 4:
			m.Used([]dns.RR{rr})
		}
	}
	for range 1 + random.IntN(4) {
		rr := record(pick("60", "60", "300"))
		switch random.IntN(6) {
		case 0:
			m.Remove([]dns.RR{rr})
		case 1:
			m.RemoveRRset([]dns.RR{rr})
		case 2:
			m.RemoveName([]dns.RR{rr})
		default:
			m.Insert([]dns.RR{rr})
		}
	}
	if random.IntN(20) == 0 && len(m.Answer) == 0 { // BIND looks at this before prerequisites
		m.Ns[0].Header().Name = "outside.example."
	}
	return m
}
