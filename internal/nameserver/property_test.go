package nameserver

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

// signing is how a generated zone is signed. The signatures are made up: who
// serves them cannot tell.
type signing string

const (
	notSigned signing = "unsigned"
	nsec      signing = "NSEC"
	nsec3     signing = "NSEC3"
	optOut    signing = "NSEC3 with opt-out"
)

// drawName draws a name at or below origin from so few labels that names meet.
func drawName(t *rapid.T, origin string, most int) string {
	labels := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "*", "A"}), 0, most).Draw(t, "labels")
	return dns.Fqdn(strings.TrimPrefix(strings.Join(append(labels, strings.TrimSuffix(origin, ".")), "."), "."))
}

// drawZone draws the records of a zone that a careful author could have made:
// CNAME alone, one DNAME a name, and anything at all below cuts and DNAMEs.
func drawZone(t *rapid.T, origin string) *reference {
	r := &reference{origin: origin}
	add := func(name, text string) {
		rr, err := dns.NewRR(strings.TrimPrefix(name, " ") + " " + text)
		if err != nil {
			t.Fatal(err)
		}
		for _, have := range r.records {
			if dns.IsDuplicate(have, rr) {
				return
			}
		}
		if same := r.get(name, rr.Header().Rrtype); len(same) > 0 {
			rr.Header().Ttl, rr.Header().Name = same[0].Header().Ttl, same[0].Header().Name
		}
		r.records = append(r.records, rr)
	}
	soaTTL := rapid.SampledFrom([]int{60, 300}).Draw(t, "SOA TTL")
	add(origin, fmt.Sprintf("%d SOA ns.other. host.other. 1 3600 600 86400 120", soaTTL))
	add(origin, "3600 NS ns.other.")
	for range rapid.IntRange(1, 14).Draw(t, "records") {
		name := drawName(t, origin, 4)
		target := drawName(t, rapid.SampledFrom([]string{origin, origin, origin, "other."}).Draw(t, "where"), 3)
		ttl := rapid.SampledFrom([]int{30, 600}).Draw(t, "TTL")
		kind := rapid.SampledFrom([]string{"A", "A", "AAAA", "TXT", "NS", "NS", "DS", "CNAME", "DNAME", "MX", "SRV", "HTTPS"}).Draw(t, "type")
		apex := strings.EqualFold(name, origin)
		switch {
		case r.has(name, dns.TypeCNAME),
			kind == "CNAME" && len(r.owners(name)) > 0,
			kind == "DNAME" && (r.has(name, dns.TypeDNAME) || r.has(name, dns.TypeNS) && !apex),
			kind == "NS" && r.has(name, dns.TypeDNAME) && !apex,
			kind == "DS" && (apex || !r.has(name, dns.TypeNS)):
			continue
		}
		add(name, fmt.Sprintf("%d %s %s", ttl, kind, map[string]string{
			"A": fmt.Sprintf("192.0.2.%d", rapid.IntRange(1, 3).Draw(t, "address")), "AAAA": "2001:db8::1", "TXT": `"x"`,
			"NS": target, "DS": "1 13 2 AABBCCDD", "CNAME": target, "DNAME": target, "MX": "5 " + target, "SRV": "1 2 3 " + target,
			"HTTPS": rapid.SampledFrom([]string{"0 " + target, "0 .", "1 .", "1 " + target}).Draw(t, "HTTPS"),
		}[kind]))
	}
	return r
}

// sign adds made-up signatures and the chain that denies the rest.
func (r *reference) sign(how signing) {
	if how == notSigned {
		return
	}
	if how != nsec {
		r.hash = &dns.NSEC3PARAM{Hdr: dns.RR_Header{Name: r.origin, Rrtype: dns.TypeNSEC3PARAM, Class: dns.ClassINET}, Hash: dns.SHA1, Iterations: 1, SaltLength: 1, Salt: "AB"}
		r.records = append(r.records, r.hash)
	}
	types := map[string][]uint16{} // name → types of the bitmap
	for _, rr := range slices.Clone(r.records) {
		name, t := strings.ToLower(rr.Header().Name), rr.Header().Rrtype
		cut := r.hidden(name)
		if cut == "above" || cut == "here" && t != dns.TypeNS && t != dns.TypeDS {
			continue
		}
		signs := t != dns.TypeNS || cut != "here"
		if signs && !slices.Contains(types[name], t) {
			r.records = append(r.records, r.signature(rr.Header().Name, t, rr.Header().Ttl))
			types[name] = append(types[name], dns.TypeRRSIG)
		}
		types[name] = append(types[name], t)
	}
	var names []string
	for name := range types {
		if how == optOut && r.hidden(name) == "here" && !r.has(name, dns.TypeDS) {
			continue
		}
		names = append(names, name)
	}
	if how == nsec {
		r.chainByName(names, types)
		return
	}
	r.chainByHash(names, types, how == optOut)
}

// hidden says whether a name is at a cut ("here"), or below one or a DNAME ("above").
func (r *reference) hidden(name string) string {
	path := r.path(name)
	for i, n := range path {
		switch {
		case i > 0 && r.has(n, dns.TypeNS) && i == len(path)-1:
			return "here"
		case i > 0 && r.has(n, dns.TypeNS), i < len(path)-1 && r.has(n, dns.TypeDNAME):
			return "above"
		}
	}
	return ""
}

func (r *reference) signature(name string, t uint16, ttl uint32) dns.RR {
	return &dns.RRSIG{
		Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeRRSIG, Class: dns.ClassINET, Ttl: ttl}, TypeCovered: t, Algorithm: 13,
		Labels: uint8(dns.CountLabel(name)), OrigTtl: ttl, Expiration: 2e9, Inception: 1e9, KeyTag: 7, SignerName: r.origin, Signature: "AAAA",
	}
}

func (r *reference) chainByName(names []string, types map[string][]uint16) {
	slices.SortFunc(names, compareNames)
	for i, name := range names {
		bitmap := append(slices.Clone(types[name]), dns.TypeNSEC, dns.TypeRRSIG)
		slices.Sort(bitmap)
		header := dns.RR_Header{Name: name, Rrtype: dns.TypeNSEC, Class: dns.ClassINET, Ttl: 60}
		r.records = append(r.records, &dns.NSEC{Hdr: header, NextDomain: names[(i+1)%len(names)], TypeBitMap: slices.Compact(bitmap)}, r.signature(name, dns.TypeNSEC, 60))
	}
}

func (r *reference) chainByHash(names []string, types map[string][]uint16, optOut bool) {
	all := map[string]string{} // hash → name, empty non-terminals included
	for _, name := range names {
		for _, n := range r.path(name) {
			all[dns.HashName(n, dns.SHA1, r.hash.Iterations, r.hash.Salt)] = n
		}
	}
	var hashes []string
	for h := range all {
		hashes = append(hashes, h)
	}
	slices.Sort(hashes)
	flags := uint8(0)
	if optOut {
		flags = 1
	}
	for i, h := range hashes {
		bitmap := slices.Clone(types[all[h]])
		slices.Sort(bitmap)
		owner := strings.ToLower(h) + "." + strings.TrimPrefix(r.origin, ".")
		header := dns.RR_Header{Name: owner, Rrtype: dns.TypeNSEC3, Class: dns.ClassINET, Ttl: 60}
		r.records = append(r.records, &dns.NSEC3{Hdr: header, Hash: dns.SHA1, Flags: flags, Iterations: r.hash.Iterations, SaltLength: r.hash.SaltLength, Salt: r.hash.Salt,
			HashLength: 20, NextDomain: hashes[(i+1)%len(hashes)], TypeBitMap: slices.Compact(bitmap)}, r.signature(owner, dns.TypeNSEC3, 60))
	}
}

func (r *reference) contents(t testing.TB) zone.Contents {
	t.Helper()
	var sets []zone.RRset
	for _, rr := range r.records {
		name, rrtype, ttl, data, err := zone.FromRR(rr)
		if err != nil {
			t.Fatal(err)
		}
		sets = append(sets, zone.RRset{Name: name, Type: rrtype, TTL: ttl, Data: []zone.Rdata{data}})
	}
	c, err := zone.NewContents(zone.Name(r.origin), sets)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// heard has the server answer and returns what it said, without order.
func heard(t testing.TB, s *Server, qname string, qtype uint16, do bool) *said {
	t.Helper()
	q := new(dns.Msg)
	q.SetQuestion(qname, qtype)
	if do {
		q.SetEdns0(1232, true)
	}
	m := ask(t, s, q, overTCP)
	lines := func(rrs []dns.RR) map[string]bool {
		set := map[string]bool{}
		for _, text := range text(rrs) {
			if set[strings.ToLower(text)] {
				t.Fatalf("%s stands twice in a section", text)
			}
			set[strings.ToLower(text)] = true
		}
		return set
	}
	return &said{m.Rcode, m.Authoritative, lines(m.Answer), lines(m.Ns), lines(m.Extra)}
}

func (s *said) String() string {
	section := func(lines map[string]bool) string {
		var sorted []string
		for text := range lines {
			sorted = append(sorted, "\n    "+text)
		}
		slices.Sort(sorted)
		return strings.Join(sorted, "")
	}
	return fmt.Sprintf("%s aa=%v\n  answer%s\n  authority%s\n  additional%s", dns.RcodeToString[s.rcode], s.aa, section(s.answer), section(s.authority), section(s.additional))
}

var probeTypes = []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeTXT, dns.TypeNS, dns.TypeDS, dns.TypeCNAME, dns.TypeDNAME, dns.TypeMX, dns.TypeSRV, dns.TypeHTTPS, dns.TypeSOA, dns.TypeNSEC, dns.TypeRRSIG}

// Every answer is what the slow and obvious server says, in every zone.
func TestAnswersAreTheReferences(t *testing.T) {
	t.Parallel()
	for _, how := range []signing{notSigned, nsec, nsec3, optOut} {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				origin := rapid.SampledFrom([]string{"z.", "b.z.", "."}).Draw(rt, "origin")
				ref := drawZone(rt, origin)
				ref.sign(how)
				s := New(Options{})
				s.Put(ref.contents(t))
				for range 25 {
					qname := drawName(rt, origin, 5)
					qtype := rapid.SampledFrom(probeTypes).Draw(rt, "qtype")
					do := rapid.Bool().Draw(rt, "DO")
					got, want := heard(t, s, qname, qtype, do).String(), ref.answer(qname, qtype, do).String()
					if got != want {
						rt.Fatalf("%s %s, DO %v, of\n%s\nis %s\nwant %s", qname, dns.Type(qtype), do, ref, got, want)
					}
				}
			})
		})
	}
}

func (r *reference) String() string {
	var b strings.Builder
	for _, rr := range r.records {
		fmt.Fprintln(&b, "    "+rr.String())
	}
	return b.String()
}
