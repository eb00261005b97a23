package update_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/update"
	"github.com/skein-dns/skein/zone"
)

const before = `$ORIGIN example.
@      3600 SOA  ns host 10 3600 600 86400 300
@      3600 NS   ns
@      3600 NS   ns2
@      3600 MX   10 mail
ns     3600 A    192.0.2.1
www    300  A    192.0.2.2
www    300  A    192.0.2.3
www    300  TXT  "x"
alias  300  CNAME www
a.ent  300  A    192.0.2.4
*.wild 300  A    192.0.2.5
one    300  NS   ns.other.
`

func contents(t testing.TB, text string) zone.Contents {
	t.Helper()
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: "example."})
	if err != nil {
		t.Fatal(err)
	}
	c, err := zone.NewContents("example.", sets)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// message builds an update from lines as nsupdate reads them; names are
// relative to example. unless they end in a dot.
func message(t testing.TB, lines string) *dns.Msg {
	t.Helper()
	m := new(dns.Msg)
	m.SetUpdate("example.")
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		name := words[2]
		if name == "@" {
			name = "example."
		} else if !strings.HasSuffix(name, ".") {
			name += ".example."
		}
		rest := words[3:]
		header := dns.RR_Header{Name: name, Rrtype: dns.TypeANY, Class: dns.ClassANY}
		if words[0] == "prereq" {
			prerequisite(t, m, words[1], header, rest)
			continue
		}
		if words[1] == "add" {
			m.Ns = append(m.Ns, record(t, name, rest[0], rest[1:]))
			continue
		}
		switch len(rest) {
		case 0:
			m.Ns = append(m.Ns, &dns.ANY{Hdr: header})
		case 1:
			header.Rrtype = dns.StringToType[rest[0]]
			m.Ns = append(m.Ns, &dns.ANY{Hdr: header})
		default:
			rr := record(t, name, "0", rest)
			rr.Header().Class = dns.ClassNONE
			m.Ns = append(m.Ns, rr)
		}
	}
	return m
}

func prerequisite(t testing.TB, m *dns.Msg, kind string, header dns.RR_Header, rest []string) {
	t.Helper()
	if strings.HasPrefix(kind, "nx") {
		header.Class = dns.ClassNONE
	}
	if len(rest) > 0 {
		header.Rrtype = dns.StringToType[rest[0]]
	}
	if len(rest) > 1 {
		m.Answer = append(m.Answer, record(t, header.Name, "0", rest))
		return
	}
	m.Answer = append(m.Answer, &dns.ANY{Hdr: header})
}

func record(t testing.TB, name, ttl string, rest []string) dns.RR {
	t.Helper()
	zp := dns.NewZoneParser(strings.NewReader(name+" "+ttl+" IN "+strings.Join(rest, " ")), "example.", "")
	rr, ok := zp.Next()
	if !ok {
		t.Fatalf("%s %s: %v", name, rest, zp.Err())
	}
	return rr
}

// outcome is the RCODE, or what changed, as lines.
func outcome(t testing.TB, c zone.Contents, m *dns.Msg) string {
	t.Helper()
	wire, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	request, err := update.Parse(wire)
	var after zone.Contents
	if err == nil {
		after, err = request.Apply(c)
	}
	var refusal *update.Refusal
	if errors.As(err, &refusal) {
		return dns.RcodeToString[refusal.Rcode]
	}
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	note := func(sign string, sets []zone.RRset) {
		for _, s := range sets {
			for _, d := range s.Data {
				lines = append(lines, fmt.Sprintf("%s%s %d %s %s", sign, zone.Relative(s.Name, "example."), s.TTL, s.Type, d.Text(s.Type)))
			}
		}
	}
	d := zone.Diff(c, after)
	note("-", d.Del)
	note("+", d.Add)
	return strings.Join(lines, "\n")
}

func TestUpdates(t *testing.T) {
	t.Parallel()
	c := contents(t, before)
	for name, row := range map[string]struct{ lines, want string }{
		"nothing at all":                      {"", ""},
		"a record comes":                      {"update add new 60 A 192.0.2.9", "+new 60 A 192.0.2.9"},
		"a record is there already":           {"update add www 300 A 192.0.2.2", ""},
		"one more of a set":                   {"update add www 300 A 192.0.2.9", "+www 300 A 192.0.2.9"},
		"one more changes the TTL of all":     {"update add www 60 A 192.0.2.9", "-www 300 A 192.0.2.2\n-www 300 A 192.0.2.3\n+www 60 A 192.0.2.2\n+www 60 A 192.0.2.3\n+www 60 A 192.0.2.9"},
		"the same in other case":              {"update add @ 3600 MX 10 MAIL", ""},
		"a name in capitals":                  {"update add WWW 300 A 192.0.2.9", "+www 300 A 192.0.2.9"},
		"one of a set goes":                   {"update delete www A 192.0.2.2", "-www 300 A 192.0.2.2"},
		"one that is not there goes":          {"update delete www A 192.0.2.77", ""},
		"a set goes":                          {"update delete www A", "-www 300 A 192.0.2.2\n-www 300 A 192.0.2.3"},
		"a name goes":                         {"update delete www", "-www 300 A 192.0.2.2\n-www 300 A 192.0.2.3\n-www 300 TXT \"x\""},
		"a name that is not there goes":       {"update delete nosuch", ""},
		"what is below the name stays":        {"update delete ent", ""},
		"lines see the lines before":          {"update add new 60 A 192.0.2.9\nupdate delete new A 192.0.2.9\nupdate add new 60 A 192.0.2.8", "+new 60 A 192.0.2.8"},
		"a set is replaced":                   {"update delete www A\nupdate add www 60 A 192.0.2.9", "-www 300 A 192.0.2.2\n-www 300 A 192.0.2.3\n+www 60 A 192.0.2.9"},
		"the top goes, all but SOA and NS":    {"update delete @", "-@ 3600 MX 10 mail.example."},
		"the NS set at the top stays":         {"update delete @ NS", ""},
		"the SOA at the top stays":            {"update delete @ SOA", ""},
		"one NS of two at the top goes":       {"update delete @ NS ns2", "-@ 3600 NS ns2.example."},
		"the last NS at the top stays":        {"update delete @ NS ns2\nupdate delete @ NS ns", "-@ 3600 NS ns2.example."},
		"the last NS of a delegation goes":    {"update delete one NS ns.other.", "-one 300 NS ns.other."},
		"a SOA record is not taken away":      {"update delete @ SOA ns host 10 3600 600 86400 300", ""},
		"a SOA record that is ahead":          {"update add @ 3600 SOA ns host 11 3600 600 86400 300", "-@ 3600 SOA ns.example. host.example. 10 3600 600 86400 300\n+@ 3600 SOA ns.example. host.example. 11 3600 600 86400 300"},
		"a SOA record that is behind":         {"update add @ 3600 SOA ns host 9 3600 600 86400 300", ""},
		"a SOA record with the same serial":   {"update add @ 3600 SOA ns host 10 1 600 86400 300", "-@ 3600 SOA ns.example. host.example. 10 3600 600 86400 300\n+@ 3600 SOA ns.example. host.example. 10 1 600 86400 300"},
		"a SOA record that is not at the top": {"update add www 3600 SOA ns host 11 3600 600 86400 300", ""},
		"a CNAME beside others":               {"update add www 300 CNAME ns", ""},
		"others beside a CNAME":               {"update add alias 300 A 192.0.2.9", ""},
		"a CNAME takes another's place":       {"update add alias 300 CNAME ns", "-alias 300 CNAME www.example.\n+alias 300 CNAME ns.example."},
		"a CNAME in a cleared place":          {"update delete www\nupdate add www 300 CNAME ns", "-www 300 A 192.0.2.2\n-www 300 A 192.0.2.3\n-www 300 TXT \"x\"\n+www 300 CNAME ns.example."},
		"a DNAME takes another's place":       {"update add new 300 DNAME a.\nupdate add new 300 DNAME b.", "+new 300 DNAME b."},
		"a type that nobody knows":            {`update add new 60 TYPE65400 \# 1 FF`, "+new 60 TYPE65400 \\# 1 ff"},
		"a wildcard is a name like others":    {"update delete *.wild A", "-*.wild 300 A 192.0.2.5"},

		"the name is in use":               {"prereq yxdomain www\nupdate add new 60 A 192.0.2.9", "+new 60 A 192.0.2.9"},
		"the name is not in use":           {"prereq yxdomain nosuch\nupdate add new 60 A 192.0.2.9", "NXDOMAIN"},
		"an empty non-terminal is not":     {"prereq yxdomain ent\nupdate add new 60 A 192.0.2.9", "NXDOMAIN"},
		"a wildcard does not put it there": {"prereq yxdomain x.wild", "NXDOMAIN"},
		"it should not be in use":          {"prereq nxdomain www", "YXDOMAIN"},
		"it is free":                       {"prereq nxdomain nosuch", ""},
		"the set is there":                 {"prereq yxrrset www A", ""},
		"the set is not there":             {"prereq yxrrset www MX", "NXRRSET"},
		"the set should not be there":      {"prereq nxrrset www A", "YXRRSET"},
		"the set is not there, rightly":    {"prereq nxrrset www MX", ""},
		"the set is just so":               {"prereq yxrrset www A 192.0.2.3\nprereq yxrrset www A 192.0.2.2", ""},
		"the set is larger":                {"prereq yxrrset www A 192.0.2.3", "NXRRSET"},
		"the set is smaller":               {"prereq yxrrset www A 192.0.2.3\nprereq yxrrset www A 192.0.2.2\nprereq yxrrset www A 192.0.2.4", "NXRRSET"},
		"the set differs in case only":     {"prereq yxrrset @ MX 10 MAIL.EXAMPLE.", ""},
		"one of several does not hold":     {"prereq yxdomain www\nprereq nxdomain ns\nupdate add new 60 A 192.0.2.9", "YXDOMAIN"},
		"a prerequisite outside the zone":  {"prereq yxdomain www.other.", "NOTZONE"},
		"an update outside the zone":       {"update add new 60 A 192.0.2.9\nupdate add www.other. 60 A 192.0.2.9", "NOTZONE"},
		"prerequisites come first":         {"prereq yxdomain nosuch\nupdate add www.other. 60 A 192.0.2.9", "NXDOMAIN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := outcome(t, c, message(t, row.lines)); got != row.want {
				t.Errorf("is\n%s\nwant\n%s", got, row.want)
			}
		})
	}
}

// Messages that no client should send.
func TestMalformedUpdates(t *testing.T) {
	t.Parallel()
	c := contents(t, before)
	anything := func(class, rrtype uint16, ttl uint32) *dns.ANY {
		return &dns.ANY{Hdr: dns.RR_Header{Name: "www.example.", Rrtype: rrtype, Class: class, Ttl: ttl}}
	}
	address := func(class uint16, ttl uint32) dns.RR {
		rr := record(t, "www.example.", "0", []string{"A", "192.0.2.9"})
		rr.Header().Class, rr.Header().Ttl = class, ttl
		return rr
	}
	for name, row := range map[string]struct {
		edit func(m *dns.Msg)
		want string
	}{
		"no zone":                              {func(m *dns.Msg) { m.Question = nil }, "FORMERR"},
		"two zones":                            {func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) }, "FORMERR"},
		"a zone by its NS":                     {func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeNS }, "FORMERR"},
		"a zone of another class":              {func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS }, "NOTAUTH"},
		"another zone":                         {func(m *dns.Msg) { m.Question[0].Name = "other." }, "NOTAUTH"},
		"a question":                           {func(m *dns.Msg) { m.Opcode = dns.OpcodeQuery }, "FORMERR"},
		"a prerequisite with a TTL":            {func(m *dns.Msg) { m.Answer = append(m.Answer, anything(dns.ClassANY, dns.TypeA, 1)) }, "FORMERR"},
		"a prerequisite of class CH":           {func(m *dns.Msg) { m.Answer = append(m.Answer, anything(dns.ClassCHAOS, dns.TypeA, 0)) }, "FORMERR"},
		"a prerequisite of class ANY, data":    {func(m *dns.Msg) { m.Answer = append(m.Answer, address(dns.ClassANY, 0)) }, "FORMERR"},
		"a prerequisite of class NONE, data":   {func(m *dns.Msg) { m.Answer = append(m.Answer, address(dns.ClassNONE, 0)) }, "FORMERR"},
		"a prerequisite about AXFR":            {func(m *dns.Msg) { m.Answer = append(m.Answer, anything(dns.ClassANY, dns.TypeAXFR, 0)) }, "FORMERR"},
		"a prerequisite: ANY is there":         {func(m *dns.Msg) { m.Answer = append(m.Answer, anything(dns.ClassINET, dns.TypeANY, 0)) }, "FORMERR"},
		"a prerequisite: A without an address": {func(m *dns.Msg) { m.Answer = append(m.Answer, anything(dns.ClassINET, dns.TypeA, 0)) }, "FORMERR"},
		"adding ANY":                           {func(m *dns.Msg) { m.Ns = append(m.Ns, anything(dns.ClassINET, dns.TypeANY, 1)) }, "FORMERR"},
		"adding an A without an address":       {func(m *dns.Msg) { m.Ns = append(m.Ns, anything(dns.ClassINET, dns.TypeA, 1)) }, "FORMERR"},
		"taking a set away, with a TTL":        {func(m *dns.Msg) { m.Ns = append(m.Ns, anything(dns.ClassANY, dns.TypeA, 1)) }, "FORMERR"},
		"taking a set away, with data":         {func(m *dns.Msg) { m.Ns = append(m.Ns, address(dns.ClassANY, 0)) }, "FORMERR"},
		"taking AXFR away":                     {func(m *dns.Msg) { m.Ns = append(m.Ns, anything(dns.ClassANY, dns.TypeAXFR, 0)) }, "FORMERR"},
		"taking a record away, with a TTL":     {func(m *dns.Msg) { m.Ns = append(m.Ns, address(dns.ClassNONE, 1)) }, "FORMERR"},
		"taking one of ANY away":               {func(m *dns.Msg) { m.Ns = append(m.Ns, anything(dns.ClassNONE, dns.TypeANY, 0)) }, "FORMERR"},
		"an update of class CH":                {func(m *dns.Msg) { m.Ns = append(m.Ns, address(dns.ClassCHAOS, 0)) }, "FORMERR"},
		"a mistake behind what is right": {func(m *dns.Msg) {
			m.Ns = append(m.Ns, address(dns.ClassINET, 60), address(dns.ClassCHAOS, 0))
		}, "FORMERR"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := message(t, "")
			row.edit(m)
			if got := outcome(t, c, m); got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}

// Whatever comes, it is refused or leaves a zone with its SOA and an NS record.
func FuzzUpdate(f *testing.F) {
	c := contents(f, before)
	f.Fuzz(func(t *testing.T, wire []byte) {
		request, err := update.Parse(wire)
		if err != nil {
			var refusal *update.Refusal
			if !errors.As(err, &refusal) || refusal.Rcode == 0 {
				t.Fatalf("%v is no refusal", err)
			}
			return
		}
		after, err := request.Apply(c)
		if err != nil {
			return
		}
		if _, ok := after.SOA(); !ok {
			t.Fatal("the SOA is gone")
		}
		if _, ok := after.Get("example.", zone.TypeNS); !ok {
			t.Fatal("the NS set is gone")
		}
		if zone.SerialLess(serial(after), serial(c)) {
			t.Fatal("the serial went back")
		}
	})
}

func serial(c zone.Contents) uint32 {
	soa, _ := c.SOA()
	return soa.Serial
}
