package xfr

import (
	"errors"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// What is made of answers that are as they should be. Each string is one message.
func TestAnswers(t *testing.T) {
	t.Parallel()
	step := func(from, to, del, add string) string {
		return soa(from) + "\n" + del + "\n" + soa(to) + "\n" + add + "\n"
	}
	const more = "new.example.com. 300 A 192.0.2.20\n"
	for situation, c := range map[string]struct {
		have     string
		messages []string
		kind     Kind
		want     string // zone text
	}{
		"a whole zone in one message":                      {"", []string{base + soa("5")}, AXFR, base},
		"a whole zone, one record a message":               {"", strings.Split(strings.TrimSpace(base+soa("5")), "\n"), AXFR, base},
		"a zone of nothing but its SOA":                    {"", []string{soa("1") + "\n" + soa("1")}, AXFR, soa("1")},
		"the closing SOA in other case":                    {"", []string{soa("1") + "\nEXAMPLE.com. 300 SOA NS1.example.com. HOSTMASTER.example.com. 1 3600 600 86400 300"}, AXFR, soa("1")},
		"records twice":                                    {"", []string{base + more + more + soa("5")}, AXFR, base + more},
		"nothing newer":                                    {base, []string{soa("5")}, Current, base},
		"an IXFR in the form of an AXFR":                   {base, []string{soa("6") + "\n" + more + soa("6")}, AXFR, soa("6") + "\n" + more},
		"that form, with the first SOA in its own message": {base, []string{soa("6"), more + soa("6")}, AXFR, soa("6") + "\n" + more},
		"that form, with our own serial":                   {base, []string{base + more + soa("5")}, AXFR, base + more},
		"one difference": {base, []string{soa("6") + "\n" + step("5", "6", "www.example.com. 300 A 192.0.2.10", more) + soa("6")}, IXFR,
			strings.NewReplacer(soa("5"), soa("6"), "www.example.com. 300 A 192.0.2.10\n", "").Replace(base) + more},
		"a difference of nothing but the serial": {base, []string{soa("6") + "\n" + step("5", "6", "", "") + soa("6")}, IXFR, strings.Replace(base, soa("5"), soa("6"), 1)},
		"a change of the TTL": {base, []string{soa("6") + "\n" + step("5", "6", "ns1.example.com. 300 A 192.0.2.1", "ns1.example.com. 600 A 192.0.2.1") + soa("6")}, IXFR,
			strings.NewReplacer(soa("5"), soa("6"), "ns1.example.com. 300 A", "ns1.example.com. 600 A").Replace(base)},
		"three differences, in which a record comes and goes and one goes and comes": {base, []string{
			soa("8") + "\n" + step("5", "6", "www.example.com. 300 A 192.0.2.10", more),
			step("6", "7", more, ""), step("7", "8", "", "www.example.com. 300 A 192.0.2.10"), soa("8")}, IXFR, strings.Replace(base, soa("5"), soa("8"), 1)},
		"a serial that wraps": {strings.Replace(base, soa("5"), soa("4294967295"), 1), []string{soa("1") + "\n" + step("4294967295", "1", "", more) + soa("1")}, IXFR,
			strings.Replace(base, soa("5"), soa("1"), 1) + more},
		"another MNAME comes with the new SOA": {base, []string{strings.Replace(soa("6")+"\n"+step("5", "6", "", "")+soa("6"), " ns1.", " ns9.", -1)}, IXFR,
			strings.Replace(base, soa("5"), strings.Replace(soa("6"), " ns1.", " ns9.", 1), 1)},
		"signatures of different TTLs": {
			base + "www.example.com. 300 RRSIG A 8 3 300 20300101000000 20200101000000 1 example.com. AAAA\nwww.example.com. 60 RRSIG NSEC 8 3 60 20300101000000 20200101000000 1 example.com. AAAA\n",
			[]string{soa("6") + "\n" + step("5", "6", "www.example.com. 60 RRSIG NSEC 8 3 60 20300101000000 20200101000000 1 example.com. AAAA", "www.example.com. 60 RRSIG NSEC 8 3 60 20310101000000 20200101000000 1 example.com. BBBB") + soa("6")}, IXFR,
			strings.Replace(base, soa("5"), soa("6"), 1) + "www.example.com. 300 RRSIG A 8 3 300 20300101000000 20200101000000 1 example.com. AAAA\nwww.example.com. 60 RRSIG NSEC 8 3 60 20310101000000 20200101000000 1 example.com. BBBB\n"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			r := request(contents(t, c.have))
			q := ask(dns.Type(dns.TypeAXFR))
			if c.have != "" {
				q = ask(dns.Type(dns.TypeIXFR))
			}
			var wires [][]byte
			for _, m := range c.messages {
				wires = append(wires, pack(t, reply(t, q, m)))
			}
			got, kind, err := r.receive(stream(wires...), q, verifier{})
			if err != nil || kind != c.kind {
				t.Fatalf("kind %q, error %v; want %s", kind, err, c.kind)
			}
			if want := contents(t, c.want); !got.Equal(want) {
				t.Errorf("the contents are\n%swant\n%s", text(t, got), text(t, want))
			}
		})
	}
}

// What no server should send is refused, and says why.
func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	for situation, c := range map[string]struct {
		have     string
		messages []string
		want     error
		says     string
	}{
		"nothing at all":                         {"", nil, ErrBroken, "closed the connection without an answer"},
		"half a transfer":                        {"", []string{base}, ErrBroken, "ends after 1 messages"},
		"a single SOA where the zone was wanted": {"", []string{soa("5")}, ErrBroken, "ends after 1 messages"},
		"a single newer SOA":                     {base, []string{soa("6")}, ErrBroken, "ends after 1 messages"},
		"no SOA at the beginning":                {"", []string{"www.example.com. 300 A 192.0.2.1\n" + base + soa("5")}, ErrBroken, "does not begin with a SOA"},
		"another zone":                           {"", []string{strings.ReplaceAll(base+soa("5"), "example.com.", "example.net.")}, ErrBroken, "SOA of example.net."},
		"a record out of the zone":               {"", []string{base + "www.example.net. 300 A 192.0.2.66\n" + soa("5")}, ErrBroken, "www.example.net. is not in zone"},
		"a SOA within the zone":                  {"", []string{base + strings.Replace(soa("5"), "example.com.", "sub.example.com.", 1) + "\n" + soa("5")}, ErrBroken, "SOA of sub.example.com."},
		"another SOA at the end":                 {"", []string{base + soa("6")}, ErrBroken, "end with the SOA"},
		"records after the end":                  {"", []string{base + soa("5") + "\nwww.example.com. 300 A 192.0.2.66"}, ErrBroken, "records follow its end"},
		"a SOA after the end":                    {"", []string{base + soa("5") + "\n" + soa("5")}, ErrBroken, "records follow its end"},
		"an empty message":                       {"", []string{soa("5"), ""}, ErrBroken, "a message is empty"},
		"a record of another class":              {"", []string{base + "www.example.com. 300 CH TXT \"x\"\n" + soa("5")}, ErrBroken, "class CH"},
		"an older zone":                          {base, []string{strings.ReplaceAll(base, soa("5"), soa("4")) + soa("4")}, ErrBackwards, "4, ours is 5"},
		"a single older SOA":                     {base, []string{soa("4")}, ErrBackwards, "4, ours is 5"},
		"differences that lead back":             {base, []string{soa("4") + "\n" + soa("5") + "\n" + soa("4") + "\n" + soa("4")}, ErrBackwards, "4, ours is 5"},
		"differences for nothing":                {"", []string{soa("6") + "\n" + soa("5") + "\n" + soa("6") + "\n" + soa("6")}, ErrBroken, "not asked for"},
		"a difference from elsewhere":            {base, []string{soa("9") + "\n" + soa("8") + "\n" + soa("9") + "\n" + soa("9")}, ErrBroken, "starts at serial 8, not at 5"},
		"a gap between differences":              {base, []string{soa("9") + "\n" + soa("5") + "\n" + soa("6") + "\n" + soa("8") + "\n" + soa("9") + "\n" + soa("9")}, ErrBroken, "starts at serial 8, not at 6"},
		"a record removed that is not there":     {base, []string{soa("6") + "\n" + soa("5") + "\nwww.example.com. 300 A 192.0.2.99\n" + soa("6") + "\n" + soa("6")}, ErrBroken, "is not there"},
		"a record removed with another TTL":      {base, []string{soa("6") + "\n" + soa("5") + "\nwww.example.com. 60 A 192.0.2.10\n" + soa("6") + "\n" + soa("6")}, ErrBroken, "is not there"},
		"a record added that is there":           {base, []string{soa("6") + "\n" + soa("5") + "\n" + soa("6") + "\nwww.example.com. 300 A 192.0.2.10\n" + soa("6")}, ErrBroken, "is there already"},
		"a record added with another TTL":        {base, []string{soa("6") + "\n" + soa("5") + "\n" + soa("6") + "\nwww.example.com. 60 A 192.0.2.99\n" + soa("6")}, ErrBroken, "is there with TTL 300, not 60"},
		"a record removed twice":                 {base, []string{soa("7") + "\n" + soa("5") + "\nwww.example.com. 300 A 192.0.2.10\n" + soa("6") + "\n" + soa("6") + "\nwww.example.com. 300 A 192.0.2.10\n" + soa("7") + "\n" + soa("7")}, ErrBroken, "is not there"},
		"a difference out of the zone":           {base, []string{soa("6") + "\n" + soa("5") + "\n" + soa("6") + "\nwww.example.net. 300 A 192.0.2.66\n" + soa("6")}, ErrBroken, "www.example.net. is not in zone"},
		"half a difference":                      {base, []string{soa("6") + "\n" + soa("5") + "\nwww.example.com. 300 A 192.0.2.10\n" + soa("6")}, ErrBroken, "ends after 1 messages"},
		"differences that end with another SOA":  {base, []string{soa("6") + "\n" + soa("5") + "\n" + soa("6") + "\n" + strings.Replace(soa("6"), "3600", "60", 1)}, ErrBroken, "end with the SOA"},
		"differences that lead to another SOA":   {base, []string{soa("6") + "\n" + soa("5") + "\n" + strings.Replace(soa("6"), "3600", "60", 1) + "\n" + soa("6")}, ErrBroken, "end with the SOA"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			have := contents(t, c.have)
			q := ask(dns.Type(dns.TypeAXFR))
			if c.have != "" {
				q = ask(dns.Type(dns.TypeIXFR))
			}
			var wires [][]byte
			for _, m := range c.messages {
				wires = append(wires, pack(t, reply(t, q, m)))
			}
			got, _, err := request(have).receive(stream(wires...), q, verifier{})
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %q; want %q and %q", err, c.want, c.says)
			}
			if !got.IsZero() {
				t.Errorf("contents came out of it:\n%s", text(t, got))
			}
			if c.have != "" && !have.Equal(contents(t, c.have)) {
				t.Error("what was here before has changed")
			}
		})
	}
}

// Messages that are wrong below the level of records.
func TestBrokenMessages(t *testing.T) {
	t.Parallel()
	q := ask(dns.Type(dns.TypeAXFR))
	edit := func(change func(m *dns.Msg)) func(t *testing.T) []byte {
		return func(t *testing.T) []byte {
			m := reply(t, q, base+soa("5"))
			change(m)
			return pack(t, m)
		}
	}
	patch := func(change func(wire []byte) []byte) func(t *testing.T) []byte {
		return func(t *testing.T) []byte { return change(pack(t, reply(t, q, base+soa("5")))) }
	}
	for situation, c := range map[string]struct {
		wire func(t *testing.T) []byte
		want error
		says string
	}{
		"another ID":                   {edit(func(m *dns.Msg) { m.Id++ }), ErrBroken, "answers something else"},
		"a question":                   {edit(func(m *dns.Msg) { m.Response = false }), ErrBroken, "answers something else"},
		"another opcode":               {edit(func(m *dns.Msg) { m.Opcode = dns.OpcodeNotify }), ErrBroken, "answers something else"},
		"another question's name":      {edit(func(m *dns.Msg) { m.Question[0].Name = "example.net." }), ErrBroken, "another question"},
		"another question's type":      {edit(func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeSOA }), ErrBroken, "another question"},
		"two questions":                {edit(func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) }), ErrBroken, "malformed question"},
		"REFUSED":                      {edit(func(m *dns.Msg) { m.Rcode, m.Answer = dns.RcodeRefused, nil }), ErrRefused, "REFUSED: it does not allow this"},
		"NOTAUTH":                      {edit(func(m *dns.Msg) { m.Rcode, m.Answer = dns.RcodeNotAuth, nil }), ErrRefused, "NOTAUTH"},
		"a code that has no name":      {edit(func(m *dns.Msg) { m.Rcode, m.Answer = 13, nil }), ErrRefused, "13"},
		"eleven octets":                {patch(func(wire []byte) []byte { return wire[:11] }), ErrBroken, "a message of 11 octets"},
		"fewer records than said":      {patch(func(wire []byte) []byte { wire[7]++; return wire }), ErrBroken, "ends within its records"},
		"more records than said":       {patch(func(wire []byte) []byte { wire[7]--; return wire }), ErrBroken, "octets follow a message"},
		"a record cut short":           {patch(func(wire []byte) []byte { return wire[:len(wire)-3] }), ErrBroken, "malformed"},
		"a name that points to itself": {patch(func(wire []byte) []byte { wire[29], wire[30] = 0xc0, 29; return wire }), ErrBroken, "malformed"},
		"an address without data":      {edit(func(m *dns.Msg) { m.Answer[2].(*dns.A).A = nil }), ErrBroken, "has no data"},
		"a type for questions": {edit(func(m *dns.Msg) {
			m.Answer[2] = &dns.RFC3597{Hdr: dns.RR_Header{Name: string(origin), Rrtype: 200, Class: 1}, Rdata: "00"}
		}), ErrBroken, "which no zone holds"},
		"a signature amid the rest": {edit(func(m *dns.Msg) {
			m.Extra = []dns.RR{&dns.TSIG{Hdr: dns.RR_Header{Name: "k.", Rrtype: dns.TypeTSIG, Class: dns.ClassANY}, Algorithm: dns.HmacSHA256}, m.Answer[2]}
		}), ErrBroken, "signature is not the last record"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			_, _, err := request(contents(t, "")).receive(stream(c.wire(t)), q, verifier{})
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %q; want %q and %q", err, c.want, c.says)
			}
		})
	}
}

// A stream without an end stops at the limits.
func TestLimits(t *testing.T) {
	t.Parallel()
	q := ask(dns.Type(dns.TypeAXFR))
	for situation, r := range map[string]Request{
		"of records": {Zone: origin, MaxRecords: 1000},
		"of octets":  {Zone: origin, MaxOctets: 10_000},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			endless := &endless{first: stream(pack(t, reply(t, q, soa("5")))).Bytes(), rest: stream(pack(t, reply(t, q, "www.example.com. 300 A 192.0.2.1"))).Bytes()}
			_, _, err := r.withLimits().receive(endless, q, verifier{})
			if !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), "larger than allowed") {
				t.Errorf("the error is %v", err)
			}
			if worthAXFR(err) {
				t.Error("it would be asked for again as a whole")
			}
		})
	}
}

// endless repeats a message for ever.
type endless struct{ first, rest []byte }

func (e *endless) Read(b []byte) (int, error) {
	if len(e.first) == 0 {
		e.first = e.rest
	}
	n := copy(b, e.first)
	e.first = e.first[n:]
	return n, nil
}
