package probe

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// A real server is asked for all kinds of records: what it answers is read as a zone file has it.
func TestLookupAtARealServer(t *testing.T) {
	t.Parallel()
	s := servertest.NewAt(t, "BIND", netip.MustParseAddr("127.0.0.1"))
	text := exampleZone + "alias IN CNAME ns\nweb IN HTTPS 1 . alpn=h2\n"
	for i := range 60 { // more than fits into a datagram
		text += fmt.Sprintf("many IN TXT \"%02d %s\"\n", i, strings.Repeat("x", 60))
	}
	s.File("example.com.zone", text)
	startBIND(s)
	p := New(Options{})
	defer p.Close()
	const soa = "example.com. 60 SOA ns.example.com. root.example.com. 2026112301 3600 600 86400 60"
	for situation, row := range map[string]struct {
		name              zone.Name
		of                zone.Type
		code              string
		authoritative     bool
		answer, authority []string
	}{
		"an address":           {"ns.example.com.", zone.TypeA, "NOERROR", true, []string{"ns.example.com. 60 A 192.0.2.1"}, nil},
		"an alias":             {"alias.example.com.", zone.TypeA, "NOERROR", true, []string{"alias.example.com. 60 CNAME ns.example.com.", "ns.example.com. 60 A 192.0.2.1"}, nil},
		"a type of late":       {"web.example.com.", 65, "NOERROR", true, []string{`web.example.com. 60 HTTPS 1 . alpn="h2"`}, nil},
		"nothing of the type":  {"ns.example.com.", zone.TypeTXT, "NOERROR", true, nil, []string{soa}},
		"no such name":         {"nothing.example.com.", zone.TypeA, "NXDOMAIN", true, nil, []string{soa}},
		"a part of others":     {"www.cut.example.com.", zone.TypeA, "NOERROR", false, nil, []string{"cut.example.com. 60 NS ns.elsewhere.example."}},
		"a zone that it lacks": {"www.other.example.", zone.TypeA, "REFUSED", false, nil, nil},
	} {
		f, err := p.Lookup(t.Context(), s.DNS, row.name, row.of)
		if err != nil || f.Code != row.code || f.Authoritative != row.authoritative ||
			!slices.Equal(f.Answer, row.answer) || row.authority != nil && !slices.Equal(f.Authority, row.authority) || f.Took <= 0 || f.NSID != "probed" {
			t.Errorf("%s: %+v, %v", situation, f, err)
		}
	}
	if f, err := p.Lookup(t.Context(), s.DNS, "many.example.com.", zone.TypeTXT); err != nil || len(f.Answer) != 60 {
		t.Errorf("over TCP: %d records, %v", len(f.Answer), err)
	}
	s.Kill()
	if f, err := p.Lookup(t.Context(), s.DNS, "ns.example.com.", zone.TypeA); err == nil {
		t.Errorf("when it is down: %+v", f)
	}
}

// An answer to another question is none, and a long one is shown in part.
func TestWhatALookupFound(t *testing.T) {
	t.Parallel()
	q := new(dns.Msg)
	q.SetQuestion("www.example.com.", dns.TypeA)
	long := make([]string, 250)
	for i := range long {
		long[i] = fmt.Sprintf("www.example.com. 60 IN A 192.0.2.%d", i)
	}
	if f, err := found(reply(t, q, true, 0, long...), q.Question[0]); err != nil || len(f.Answer) != maxLines+1 || f.Answer[maxLines] != "; and 150 more" {
		t.Errorf("a long one: %d lines, %v", len(f.Answer), err)
	}
	for situation, spoil := range map[string]func(*dns.Msg){
		"a question":       func(m *dns.Msg) { m.Response = false },
		"a NOTIFY":         func(m *dns.Msg) { m.Opcode = dns.OpcodeNotify },
		"no question":      func(m *dns.Msg) { m.Question = nil },
		"of another name":  func(m *dns.Msg) { m.Question[0].Name = "mail.example.com." },
		"of another type":  func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeMX },
		"of another class": func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS },
	} {
		m := reply(t, q.Copy(), true, 0)
		spoil(m)
		if f, err := found(m, q.Question[0]); err == nil {
			t.Errorf("%s: %+v", situation, f)
		}
	}
}

func FuzzFound(f *testing.F) {
	q := dns.Question{Name: "www.example.com.", Qtype: dns.TypeA, Qclass: dns.ClassINET}
	f.Fuzz(func(t *testing.T, wire []byte) {
		m := new(dns.Msg)
		if m.Unpack(wire) != nil {
			return
		}
		got, err := found(m, q)
		if err != nil {
			return
		}
		for _, line := range slices.Concat(got.Answer, got.Authority) {
			if strings.ContainsAny(line, "\n\r\x00\x1b") {
				t.Errorf("%q is more than a line", line)
			}
		}
	})
}
