package nameserver

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// story is one question and its answer, read from testdata/answers:
//
//	== what the situation is
//	www.example.com. A +do
//	NOERROR aa
//	www.example.com. 300 IN A 192.0.2.1
//	authority:
//	additional:
//
// Options: +do sets DO, +tcp asks over TCP, +edns=N says how much we take,
// +class=N is another class. The second line is the rcode, then flags. Every
// story is about the zones in testdata/zones.
type story struct {
	what, question, verdict string
	sections                [3][]string
}

func stories(t testing.TB, file string) []story {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "answers", file))
	if err != nil {
		t.Fatal(err)
	}
	var all []story
	for _, block := range strings.Split("\n"+string(text), "\n== ")[1:] {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		if len(lines) < 3 {
			t.Fatalf("%s: a story has three lines or more: %q", file, block)
		}
		s := story{what: lines[0], question: lines[1], verdict: lines[2]}
		section := inAnswer
		for _, line := range lines[3:] {
			switch line {
			case "authority:":
				section = inAuthority
			case "additional:":
				section = inAdditional
			default:
				s.sections[section] = append(s.sections[section], strings.Join(strings.Fields(line), " "))
			}
		}
		all = append(all, s)
	}
	return all
}

// query builds the message that a story's question line asks for.
func query(t testing.TB, line string) (q *dns.Msg, via transport) {
	t.Helper()
	words := strings.Fields(line)
	q = new(dns.Msg)
	q.SetQuestion(words[0], dns.StringToType[words[1]])
	q.RecursionDesired = false
	if q.Question[0].Qtype == 0 {
		fmt.Sscanf(words[1], "TYPE%d", &q.Question[0].Qtype)
	}
	for _, option := range words[2:] {
		n := 0
		switch name, value, _ := strings.Cut(option, "="); name {
		case "+do":
			q.SetEdns0(maxUDP, true)
		case "+tcp":
			via = overTCP
		case "+rd":
			q.RecursionDesired = true
		case "+edns":
			fmt.Sscan(value, &n)
			q.SetEdns0(uint16(n), false)
		case "+class":
			fmt.Sscan(value, &q.Question[0].Qclass)
		default:
			t.Fatalf("unknown option %s", option)
		}
	}
	return q, via
}

var client = netip.MustParseAddrPort("192.0.2.99:5300")

// ask has the server answer without a socket between.
func ask(t testing.TB, s *Server, q *dns.Msg, via transport) *dns.Msg {
	t.Helper()
	wire, err := q.Pack()
	if err != nil {
		t.Fatal(err)
	}
	out := s.handle(new(writer), wire, client, via)
	if via == overUDP {
		agree(t, s, wire, out)
	}
	return unpack(t, out)
}

func unpack(t testing.TB, wire []byte) *dns.Msg {
	t.Helper()
	m := new(dns.Msg)
	if err := m.Unpack(wire); err != nil {
		t.Fatalf("the answer does not unpack: %v\n%x", err, wire)
	}
	return m
}

func verdict(m *dns.Msg) string {
	text := dns.RcodeToString[m.Rcode]
	if m.Rcode == dns.RcodeBadVers { // the library calls 16 BADSIG
		text = "BADVERS"
	}
	for _, flag := range []struct {
		set  bool
		name string
	}{{m.Authoritative, " aa"}, {m.Truncated, " tc"}, {m.RecursionDesired, " rd"}, {m.RecursionAvailable, " ra"}, {m.AuthenticatedData, " ad"}, {m.CheckingDisabled, " cd"}} {
		if flag.set {
			text += flag.name
		}
	}
	return text
}

// text returns records as zone text, the OPT record left out.
func text(rrs []dns.RR) (lines []string) {
	for _, rr := range rrs {
		if rr.Header().Rrtype != dns.TypeOPT {
			lines = append(lines, strings.Join(strings.Fields(rr.String()), " "))
		}
	}
	return lines
}

func served(t testing.TB, folder string, o Options) *Server {
	t.Helper()
	s := New(o)
	for _, c := range corpus(t, folder) {
		s.Put(c)
	}
	return s
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	s := served(t, "zones", Options{})
	for _, st := range stories(t, "unsigned.txt") {
		t.Run(st.what, func(t *testing.T) {
			t.Parallel()
			q, via := query(t, st.question)
			m := ask(t, s, q, via)
			if got := verdict(m); got != st.verdict {
				t.Errorf("%s: %s, want %s", st.question, got, st.verdict)
			}
			for section, got := range [][]string{text(m.Answer), text(m.Ns), text(m.Extra)} {
				if want := st.sections[section]; !slices.Equal(got, want) {
					t.Errorf("%s: section %d is\n%s\nwant\n%s", st.question, section, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		})
	}
}

// corpus reads the zones of a folder in testdata.
func corpus(t testing.TB, folder string) []zone.Contents {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.zone"))
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	var zones []zone.Contents
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		origin := strings.TrimSuffix(filepath.Base(file), "zone")
		if origin == "ROOT." {
			origin = "."
		}
		zones = append(zones, contents(t, zone.Name(origin), string(text)))
	}
	return zones
}
