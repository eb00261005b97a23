package nameserver

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// difference is one way in which another server answers differently, and why
// we do not answer so. mend takes it out of what we said and what they said;
// it reports whether there was any of it. docs/rfc.md lists the same names.
type difference struct {
	name string
	of   string // server
	mend func(p probe, ours, theirs *said) bool
}

// differences are mended in this order.
var differences = []difference{
	{"BIND adds the NS set to answers", "named", dropApexNS},
	{"NSD adds the NS set to answers", "nsd", dropApexNS},
	{"BIND answers NSEC at a cut", "named", func(p probe, ours, theirs *said) bool {
		if p.qtype != dns.TypeNSEC || ours.aa || !theirs.aa {
			return false
		}
		*theirs = *ours
		return true
	}},
	{"BIND has no addresses of a referral that are not glue", "named", func(p probe, ours, theirs *said) bool {
		return hasType(ours.authority, " ns ") && keepOnly(ours.additional, theirs.additional)
	}},
	{"Knot brings glue for MX", "knotd", func(p probe, ours, theirs *said) bool {
		return p.qtype == dns.TypeMX && strings.HasPrefix(p.name, "toglue.") && keepOnly(theirs.additional, ours.additional)
	}},
	{"BIND has no referral behind a CNAME to a child that it serves", "named", func(p probe, ours, theirs *said) bool {
		if p.name != "tohosted.corpus.example." {
			return false
		}
		ours.authority, ours.additional = theirs.authority, theirs.additional
		return true
	}},
	{"BIND answers SOA questions negatively with TTL 0", "named", func(p probe, ours, theirs *said) bool {
		return p.qtype == dns.TypeSOA && replaceTTL(theirs.authority, " soa ", "0", ours.authority)
	}},
	{"BIND answers loops with SERVFAIL", "named", func(p probe, ours, theirs *said) bool {
		if theirs.rcode != dns.RcodeServerFailure || len(theirs.answer) == 0 {
			return false
		}
		theirs.rcode = ours.rcode
		return true
	}},
	{"how long a DNAME loop is followed", "named", dropLoop},
	{"how long a DNAME loop is followed", "knotd", dropLoop},
	{"how long a DNAME loop is followed", "nsd", dropLoop},
	{"BIND and Knot do not deny a wildcard that is an empty non-terminal", "named", dropExtraProof},
	{"BIND and Knot do not deny a wildcard that is an empty non-terminal", "knotd", dropExtraProof},
	{"Knot follows five CNAMEs", "knotd", func(p probe, ours, theirs *said) bool {
		if !strings.HasPrefix(p.name, "c01.") || len(theirs.answer) >= len(ours.answer) {
			return false
		}
		*theirs = *ours
		return true
	}},
	{"Knot proves nothing where NSEC was asked for and a wildcard answers", "knotd", func(p probe, ours, theirs *said) bool {
		return p.qtype == dns.TypeNSEC && len(ours.answer) > 0 && keepOnly(ours.authority, theirs.authority, " nsec ")
	}},
	{"Knot brings no addresses for HTTPS", "knotd", func(p probe, ours, theirs *said) bool {
		return p.qtype == dns.TypeHTTPS && keepOnly(ours.additional, theirs.additional)
	}},
	{"Knot answers RRSIG with fewer", "knotd", func(p probe, ours, theirs *said) bool {
		return p.qtype == dns.TypeRRSIG && keepOnly(ours.answer, theirs.answer)
	}},
	{"NSD brings nothing for HTTPS", "nsd", func(p probe, ours, theirs *said) bool {
		return p.qtype == dns.TypeHTTPS && keepOnly(ours.additional, theirs.additional)
	}},
	{"NSD follows a CNAME into another zone", "nsd", func(p probe, ours, theirs *said) bool {
		if !slices.Contains([]string{"tohosted.corpus.example.", "up.hosted.corpus.example."}, p.name) {
			return false
		}
		*theirs = *ours
		return true
	}},
	{"NSD finds names that only the parent zone has", "nsd", func(p probe, ours, theirs *said) bool {
		if !strings.HasSuffix(p.name, "occluded.hosted.corpus.example.") {
			return false
		}
		*theirs = *ours
		return true
	}},
	{"NSD proves a wildcard behind a DNAME by another record", "nsd", func(p probe, ours, theirs *said) bool {
		if !p.do || !strings.HasSuffix(p.name, ".dwild.corpus.example.") {
			return false
		}
		theirs.authority = ours.authority
		return true
	}},
	{"NSD takes the owners of NSEC3 for names", "nsd", func(p probe, ours, theirs *said) bool {
		if !p.do || ours.rcode != dns.RcodeNameError || theirs.rcode != dns.RcodeNameError && theirs.rcode != dns.RcodeSuccess || !hasType(ours.authority, " nsec3 ") {
			return false
		}
		*theirs = *ours
		return true
	}},
	{"NSD proves the encloser of a wildcard that is asked for itself", "nsd", func(p probe, ours, theirs *said) bool {
		return p.do && strings.HasPrefix(p.name, "*.") && keepOnly(theirs.authority, ours.authority, " nsec3 ")
	}},
	{"NSD does not cover the next closer name of an empty non-terminal under opt-out", "nsd", func(p probe, ours, theirs *said) bool {
		return p.do && p.name == "er.corpus.example." && keepOnly(ours.authority, theirs.authority, " nsec3 ")
	}},
	{"NSD seeks NSEC behind a CNAME where there is none", "nsd", func(p probe, ours, theirs *said) bool {
		if p.qtype != dns.TypeNSEC || !hasType(theirs.answer, " cname ") {
			return false
		}
		*theirs = *ours
		return true
	}},
	{"NSD does not seek NSEC3 behind a CNAME", "nsd", func(p probe, ours, theirs *said) bool {
		if p.qtype != dns.TypeNSEC3 || !hasType(ours.answer, " cname ") {
			return false
		}
		*theirs = *ours
		return true
	}},
}

func (s *said) equal(o *said) bool {
	return s.rcode == o.rcode && s.aa == o.aa && maps.Equal(s.answer, o.answer) && maps.Equal(s.authority, o.authority) && maps.Equal(s.additional, o.additional)
}

func (s *said) clone() *said {
	return &said{s.rcode, s.aa, maps.Clone(s.answer), maps.Clone(s.authority), maps.Clone(s.additional)}
}

// keepOnly takes out of a section what the other has not, if it is of a type.
func keepOnly(section, other map[string]bool, types ...string) (any bool) {
	for text := range section {
		if !other[text] && (len(types) == 0 || slices.ContainsFunc(types, func(t string) bool { return strings.Contains(text, t) || strings.Contains(text, " rrsig"+t) })) {
			delete(section, text)
			any = true
		}
	}
	return any
}

func hasType(section map[string]bool, t string) bool {
	for text := range section {
		if strings.Contains(text, " in"+t) {
			return true
		}
	}
	return false
}

func dropApexNS(p probe, ours, theirs *said) bool {
	if len(theirs.answer) == 0 {
		return false
	}
	ns := keepOnly(theirs.authority, ours.authority, " ns ")
	return keepOnly(theirs.additional, ours.additional) && ns || ns
}

func replaceTTL(section map[string]bool, t, ttl string, other map[string]bool) bool {
	for text := range section {
		if !strings.Contains(text, t) || other[text] {
			continue
		}
		words := strings.Fields(text)
		for want := range other {
			if w := strings.Fields(want); len(w) == len(words) && words[1] == ttl && slices.Equal(w[2:], words[2:]) {
				delete(section, text)
				section[want] = true
				return true
			}
		}
	}
	return false
}

func dropLoop(p probe, ours, theirs *said) bool {
	if !strings.HasSuffix(p.name, ".dloop.corpus.example.") || p.qtype == dns.TypeCNAME {
		return false
	}
	*theirs = *ours
	return true
}

func dropExtraProof(p probe, ours, theirs *said) bool {
	return p.do && strings.HasSuffix(p.name, ".entwild.corpus.example.") && keepOnly(ours.authority, theirs.authority, " nsec ")
}

// probe is one question to all servers.
type probe struct {
	name  string
	qtype uint16
	do    bool
}

func (p probe) String() string {
	if p.do {
		return p.name + " " + dns.Type(p.qtype).String() + " +dnssec"
	}
	return p.name + " " + dns.Type(p.qtype).String()
}

// probes are questions about every name in the zones and names beside them.
func probes(zones []zone.Contents, do bool, types ...uint16) (all []probe) {
	names := map[string]bool{"y.dname.corpus.example.": true, "x.dname.corpus.example.": true, "z.y.droot.corpus.example.": true}
	for _, c := range zones {
		for node := range c.NodesFrom("") {
			for n := node.Name; n.IsSubdomainOf(c.Origin()); n = n.Parent() {
				names[string(n)], names["aaa."+string(n)] = true, true
			}
			names["below.aaa."+string(node.Name)] = true
		}
	}
	for name := range names {
		if wire, err := zone.ParseName(name); err != nil || len(wire) > 250 {
			continue
		}
		for _, t := range types {
			all = append(all, probe{name, t, do})
		}
	}
	return all
}

// asker keeps one TCP connection to a server, so that nothing is truncated.
type asker struct {
	addr netip.AddrPort
	conn *dns.Conn
	left int
}

func (a *asker) ask(p probe) (*said, error) {
	if a.left == 0 { // Knot and NSD close a connection after some questions
		if a.conn != nil {
			a.conn.Close()
		}
		conn, err := dns.Dial("tcp", a.addr.String())
		if err != nil {
			return nil, err
		}
		a.conn, a.left = conn, 90
	}
	a.left--
	q := new(dns.Msg)
	q.SetQuestion(p.name, p.qtype)
	q.RecursionDesired = false
	if p.do {
		q.SetEdns0(1232, true)
	}
	if err := a.conn.WriteMsg(q); err != nil {
		return nil, err
	}
	m, err := a.conn.ReadMsg()
	if err != nil {
		return nil, err
	}
	lines := func(rrs []dns.RR) map[string]bool {
		set := map[string]bool{}
		for _, text := range text(rrs) {
			set[strings.ToLower(text)] = true
		}
		return set
	}
	return &said{m.Rcode, m.Authoritative, lines(m.Answer), lines(m.Ns), lines(m.Extra)}, nil
}

// peers starts BIND, Knot and NSD with zones, by their names.
func peers(t testing.TB, texts map[zone.Name]string) map[string]*asker {
	t.Helper()
	named, knot, nsd := servertest.New(t, "named"), servertest.New(t, "knotd"), servertest.New(t, "nsd")
	var nc, kc, dc strings.Builder
	kc.WriteString("zone:\n")
	for name, text := range texts {
		fmt.Fprintf(&nc, "zone %q { type primary; file %q; check-names ignore; };\n", name, named.File(string(name)+"zone", text))
		fmt.Fprintf(&kc, "  - domain: %q\n    file: %q\n    semantic-checks: off\n", name, knot.File(string(name)+"zone", text))
		fmt.Fprintf(&dc, "zone:\n  name: %q\n  zonefile: %q\n", name, nsd.File(string(name)+"zone", text))
	}
	named.Named(nc.String())
	knot.Knotd(kc.String())
	nsd.NSD(dc.String())
	return map[string]*asker{"named": {addr: named.DNS}, "knotd": {addr: knot.DNS}, "nsd": {addr: nsd.DNS}}
}

// BIND, Knot and NSD say the same about the corpus, but for what differences
// explains.
func TestAnswersAreThePeers(t *testing.T) {
	t.Parallel()
	var seen sync.Map // names of differences
	t.Cleanup(func() {
		for _, d := range differences {
			if _, ok := seen.Load(d.name); !ok {
				t.Errorf("%q is no difference any more", d.name)
			}
		}
	})
	for _, how := range []signing{notSigned, nsec, nsec3, optOut} {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			zones, texts := corpus(t, "zones"), map[zone.Name]string{}
			all := probes(zones, false, dns.TypeA, dns.TypeMX, dns.TypeNS, dns.TypeSOA, dns.TypeDS, dns.TypeCNAME, dns.TypeTXT, dns.TypeHTTPS, dns.TypeNSEC)
			if how == notSigned {
				for _, c := range zones {
					texts[c.Origin()] = print(t, c)
				}
			} else {
				zones, texts, _ = signedCorpus(t, how)
				all = append(probes(zones, true, dns.TypeA, dns.TypeDS, dns.TypeNSEC, dns.TypeNSEC3, dns.TypeRRSIG), probes(zones, false, dns.TypeA)...)
			}
			s := serve(t, Options{})
			for _, c := range zones {
				s.Put(c)
			}
			them := peers(t, texts)
			us := &asker{addr: s.Addrs()[0]}
			ours := make([]*said, len(all))
			for i, p := range all {
				var err error
				if ours[i], err = us.ask(p); err != nil {
					t.Fatalf("%s of us: %v", p, err)
				}
			}
			for name, server := range them {
				compare(t, name, ours, server, all, &seen)
			}
		})
	}
}

func compare(t *testing.T, name string, all []*said, them *asker, probes []probe, seen *sync.Map) {
	t.Helper()
	different := 0
	for i, p := range probes {
		theirs, err := them.ask(p)
		if err != nil {
			t.Fatalf("%s of %s: %v", p, name, err)
		}
		if theirs.equal(all[i]) {
			continue
		}
		ours := all[i].clone()
		for _, d := range differences {
			if d.of == name && !ours.equal(theirs) && d.mend(p, ours, theirs) {
				seen.Store(d.name, true)
			}
		}
		if ours.equal(theirs) {
			continue
		}
		if different++; different <= 2 {
			t.Errorf("%s of %s:\n%s\nours was\n%s\nwhich leaves unexplained\n%s", p, name, theirs, all[i], ours)
		}
	}
	if different > 2 {
		t.Errorf("%s: %d more differences", name, different-2)
	}
}

// Each difference is explained where users look.
func TestDifferencesAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/rfc.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		if !strings.Contains(string(text), d.name) {
			t.Errorf("docs/rfc.md does not explain %q", d.name)
		}
	}
}
