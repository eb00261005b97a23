package nameserver

import (
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// Pieces of messages, right and wrong ones, as octets.

func packet(flags uint16, questions, answers, authority, additional uint16, parts ...string) []byte {
	b := []byte{0x12, 0x34}
	for _, n := range []uint16{flags, questions, answers, authority, additional} {
		b = binary.BigEndian.AppendUint16(b, n)
	}
	return append(b, strings.Join(parts, "")...)
}

func be16(n int) string { return string([]byte{byte(n >> 8), byte(n)}) }

func wireName(name string) (wire string) {
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		if label != "" {
			wire += string([]byte{byte(len(label))}) + label
		}
	}
	return wire + "\x00"
}

func wireQuestion(name string, qtype, qclass int) string {
	return wireName(name) + be16(qtype) + be16(qclass)
}

func wireRecord(name string, t, class int, data string) string {
	return wireQuestion(name, t, class) + "\x00\x00\x00\x00" + be16(len(data)) + data
}

// opt is an OPT record; version and flags as given.
func opt(size, version, flags int, options ...string) string {
	data := strings.Join(options, "")
	return "\x00" + be16(41) + be16(size) + string([]byte{0, byte(version)}) + be16(flags) + be16(len(data)) + data
}

func option(code int, data string) string { return be16(code) + be16(len(data)) + data }

const doFlag = 0x8000

// glance is an answer in one line: opcode, rcode, flags, counts, EDNS.
func glance(m *dns.Msg) string {
	text := verdict(m)
	if m.Opcode != dns.OpcodeQuery {
		text = dns.OpcodeToString[m.Opcode] + " " + text
		if dns.OpcodeToString[m.Opcode] == "" {
			text = fmt.Sprintf("OPCODE%d", m.Opcode) + text
		}
	}
	text += fmt.Sprintf(" %d/%d/%d/", len(m.Question), len(m.Answer), len(m.Ns))
	opt := m.IsEdns0()
	if opt == nil {
		return text + fmt.Sprint(len(m.Extra))
	}
	text += fmt.Sprintf("%d edns %d %d", len(m.Extra)-1, opt.Version(), opt.UDPSize())
	if opt.Do() {
		text += " do"
	}
	for _, o := range opt.Option {
		switch o := o.(type) {
		case *dns.EDNS0_COOKIE:
			text += fmt.Sprintf(" cookie %d", len(o.Cookie)/2)
		case *dns.EDNS0_NSID:
			text += " nsid " + o.Nsid
		case *dns.EDNS0_EDE:
			text += " " + strings.ReplaceAll(dns.ExtendedErrorCodeToString[o.InfoCode], " ", "-")
		case *dns.EDNS0_TCP_KEEPALIVE:
			text += fmt.Sprintf(" keepalive %d", o.Timeout)
		default:
			text += fmt.Sprintf(" option %d", o.Option())
		}
	}
	return text
}

// oddPacket is a message and, in a line, what comes back; "" is silence.
type oddPacket struct {
	wire []byte
	want string
}

func oddPackets() map[string]oddPacket {
	q := wireQuestion("ns2.corpus.example", 1, 1)
	const answered = "NOERROR aa 1/1/0/0"
	return map[string]oddPacket{
		"a plain question":               {packet(0, 1, 0, 0, 0, q), answered},
		"an answer":                      {packet(0x8000, 1, 0, 0, 0, q), ""},
		"less than a header":             {packet(0, 1, 0, 0, 0, q)[:11], ""},
		"header flags that mean nothing": {packet(0x06F0, 1, 0, 0, 0, q), answered},
		"an octet too many":              {packet(0, 1, 0, 0, 0, q, "x"), "FORMERR 1/0/0/0"},
		"an octet too many after OPT":    {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0), "x"), "FORMERR 1/0/0/0"},

		"no question":                      {packet(0, 0, 0, 0, 0), "FORMERR 0/0/0/0"},
		"no question, but OPT":             {packet(0, 0, 0, 0, 1, opt(1232, 0, 0)), "FORMERR 0/0/0/0 edns 0 1232"},
		"two questions":                    {packet(0, 2, 0, 0, 0, q, q), "FORMERR 0/0/0/0"},
		"a question that is not there":     {packet(0, 1, 0, 0, 0), "FORMERR 0/0/0/0"},
		"a question that is cut":           {packet(0, 1, 0, 0, 0, q[:len(q)-1]), "FORMERR 0/0/0/0"},
		"a question that points to itself": {packet(0, 1, 0, 0, 0, "\xc0\x0c", be16(1), be16(1)), "FORMERR 0/0/0/0"},
		"a question that points ahead":     {packet(0, 1, 0, 0, 0, "\x01a\xc0\x04", be16(1), be16(1)), "FORMERR 0/0/0/0"},
		"a label of an unknown kind":       {packet(0, 1, 0, 0, 0, "\x41a\x00", be16(1), be16(1)), "FORMERR 0/0/0/0"},
		"a name of 256 octets":             {packet(0, 1, 0, 0, 0, strings.Repeat("\x3f"+strings.Repeat("a", 63), 3), "\x3e"+strings.Repeat("a", 62), "\x00", be16(1), be16(1)), "FORMERR 0/0/0/0"},
		"a name of 255 octets":             {packet(0, 1, 0, 0, 0, strings.Repeat("\x3f"+strings.Repeat("a", 63), 3), "\x3d"+strings.Repeat("a", 61), "\x00", be16(1), be16(1)), "REFUSED 1/0/0/0"},

		"records in an ordinary question": {packet(0, 1, 1, 1, 1, q, wireRecord("a", 1, 1, "abcd"), wireRecord("a", 1, 1, "abcd"), wireRecord("a", 1, 1, "abcd")), answered},
		"records counted and not there":   {packet(0, 1, 1, 0, 0, q), "FORMERR 1/0/0/0"},
		"a record that is cut":            {packet(0, 1, 0, 0, 1, q, wireRecord("a", 1, 1, "abcd")[:12]), "FORMERR 1/0/0/0"},

		"EDNS":                       {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0)), answered + " edns 0 1232"},
		"DO is copied":               {packet(0, 1, 0, 0, 1, q, opt(1232, 0, doFlag)), answered + " edns 0 1232 do"},
		"other EDNS flags are not":   {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0x7FFF)), answered + " edns 0 1232"},
		"two OPT records":            {packet(0, 1, 0, 0, 2, q, opt(1232, 0, 0), opt(1232, 0, 0)), "FORMERR 1/0/0/0"},
		"OPT in the answer section":  {packet(0, 1, 1, 0, 0, q, opt(1232, 0, 0)), "FORMERR 1/0/0/0"},
		"OPT in the authority":       {packet(0, 1, 0, 1, 0, q, opt(1232, 0, 0)), "FORMERR 1/0/0/0"},
		"OPT with an owner":          {packet(0, 1, 0, 0, 1, q, "\x01a", opt(1232, 0, 0)), "FORMERR 1/0/0/0"},
		"OPT that points to root":    {packet(0, 1, 0, 0, 1, q, "\xc0\x1e", opt(1232, 0, 0)[1:]), "FORMERR 1/0/0/0"},
		"EDNS version 1":             {packet(0, 1, 0, 0, 1, q, opt(1232, 1, doFlag)), "BADVERS 1/0/0/0 edns 0 1232 do"},
		"version 1 and a new option": {packet(0, 1, 0, 0, 1, q, opt(1232, 1, 0, option(100, ""))), "BADVERS 1/0/0/0 edns 0 1232"},
		"version 1, unknown opcode":  {packet(0x7800, 1, 0, 0, 1, q, opt(1232, 1, 0)), "OPCODE15 BADVERS 1/0/0/0 edns 0 1232"},
		"an option that is cut":      {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, "\x00\x0a\x00\x08abc")), "FORMERR 1/0/0/0"},
		"half the head of an option": {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, "\x00")), "FORMERR 1/0/0/0"},
		"unknown options":            {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, option(8, "\x00\x01\x18\x00\xc0\x00\x02"), option(65001, "abc"))), answered + " edns 0 1232"},
		"NSID":                       {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, option(3, ""))), answered + " edns 0 1232 nsid 6e7337"},
		"keepalive is for TCP":       {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, option(11, ""))), answered + " edns 0 1232"},
		"padding is for encryption":  {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, option(12, "\x00"))), answered + " edns 0 1232"},

		"a client cookie":               {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, option(10, "12345678"))), answered + " edns 0 1232 cookie 24"},
		"a cookie that is not ours":     {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, option(10, "1234567812345678"))), answered + " edns 0 1232 cookie 24"},
		"a cookie that is too short":    {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, option(10, "1234567"))), "FORMERR 1/0/0/0 edns 0 1232"},
		"a cookie between two sizes":    {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, option(10, "123456781234567"))), "FORMERR 1/0/0/0 edns 0 1232"},
		"a cookie that is too long":     {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, option(10, strings.Repeat("1", 41)))), "FORMERR 1/0/0/0 edns 0 1232"},
		"asking for a cookie alone":     {packet(0, 0, 0, 0, 1, opt(1232, 0, 0, option(10, "12345678"))), "NOERROR 0/0/0/0 edns 0 1232 cookie 24"},
		"of two cookies the first":      {packet(0, 1, 0, 0, 1, q, opt(1232, 0, 0, option(10, "12345678"), option(10, "1"))), answered + " edns 0 1232 cookie 24"},
		"why: another's zone":           {packet(0, 1, 0, 0, 1, wireQuestion("example.net", 1, 1), opt(1232, 0, 0)), "REFUSED 1/0/0/0 edns 0 1232 Not-Authoritative"},
		"why: the zone is broken":       {packet(0, 1, 0, 0, 1, wireQuestion("x.broken.example", 1, 1), opt(1232, 0, 0)), "SERVFAIL 1/0/0/0 edns 0 1232 Invalid-Data"},
		"why: DS of a broken zone":      {packet(0, 1, 0, 0, 1, wireQuestion("broken.example", 43, 1), opt(1232, 0, 0)), "SERVFAIL 1/0/0/0 edns 0 1232 Invalid-Data"},
		"why: an opcode we do not know": {packet(0x1000, 1, 0, 0, 1, q, opt(1232, 0, 0)), "STATUS NOTIMP 1/0/0/0 edns 0 1232 Not-Supported"},

		"an unknown opcode":                    {packet(0x7900, 1, 0, 0, 0, q), "OPCODE15 NOTIMP rd 1/0/0/0"},
		"an unknown opcode, header only":       {packet(0x3000, 0, 0, 0, 0), "OPCODE6 NOTIMP 0/0/0/0"},
		"an unknown opcode, something unknown": {packet(0x3000, 0, 0, 0, 0, "dso"), "OPCODE6 NOTIMP 0/0/0/0"},
		"NOTIFY that nobody waits for":         {packet(0x2000, 1, 0, 0, 0, wireQuestion("corpus.example", 6, 1)), "NOTIFY NOTAUTH 1/0/0/0"},
		"NOTIFY of something else than a SOA":  {packet(0x2000, 1, 0, 0, 0, wireQuestion("corpus.example", 1, 1)), "NOTIFY FORMERR 1/0/0/0"},
		"NOTIFY without a question":            {packet(0x2000, 0, 0, 0, 0), "NOTIFY FORMERR 0/0/0/0"},

		"version.bind":               {packet(0, 1, 0, 0, 0, wireQuestion("version.bind", 16, 3)), "NOERROR 1/1/0/0"},
		"version.server":             {packet(0, 1, 0, 0, 0, wireQuestion("VERSION.server", 16, 3)), "NOERROR 1/1/0/0"},
		"hostname.bind ANY":          {packet(0, 1, 0, 0, 0, wireQuestion("hostname.bind", 255, 3)), "NOERROR 1/1/0/0"},
		"id.server":                  {packet(0, 1, 0, 0, 0, wireQuestion("id.server", 16, 3)), "NOERROR 1/1/0/0"},
		"version.bind A":             {packet(0, 1, 0, 0, 0, wireQuestion("version.bind", 1, 3)), "REFUSED 1/0/0/0"},
		"another name in CHAOS":      {packet(0, 1, 0, 0, 0, wireQuestion("ns2.corpus.example", 1, 3)), "REFUSED 1/0/0/0"},
		"class NONE":                 {packet(0, 1, 0, 0, 0, wireQuestion("ns2.corpus.example", 1, 254)), "REFUSED 1/0/0/0"},
		"class 0":                    {packet(0, 1, 0, 0, 0, wireQuestion("ns2.corpus.example", 1, 0)), "REFUSED 1/0/0/0"},
		"class 65000":                {packet(0, 1, 0, 0, 0, wireQuestion("ns2.corpus.example", 1, 65000)), "REFUSED 1/0/0/0"},
		"IXFR that may not be":       {packet(0, 1, 0, 1, 0, wireQuestion("corpus.example", 251, 1), wireRecord("corpus.example", 6, 1, "\x00\x00"+strings.Repeat("\x00", 20))), "REFUSED 1/0/0/0"},
		"IXFR of no zone's top":      {packet(0, 1, 0, 1, 0, wireQuestion("ns2.corpus.example", 251, 1), wireRecord("corpus.example", 6, 1, "\x00\x00"+strings.Repeat("\x00", 20))), "NOTAUTH 1/0/0/0"},
		"TSIG that is not the last":  {packet(0, 1, 0, 0, 2, q, wireRecord("k", 250, 255, ""), wireRecord("a", 1, 1, "abcd")), "FORMERR 1/0/0/0"},
		"TSIG in the answer section": {packet(0, 1, 1, 0, 0, q, wireRecord("k", 250, 255, "")), "FORMERR 1/0/0/0"},
		"TSIG without data":          {packet(0, 1, 0, 0, 1, q, wireRecord("k", 250, 255, "")), "FORMERR 1/0/0/0"},
	}
}

func TestPackets(t *testing.T) {
	t.Parallel()
	s := served(t, "zones", Options{Identity: "ns7", Version: "1.2"})
	broken := contents(t, "broken.example.", "@ 60 SOA . . 1 1 1 1 1\n@ 60 NS .\n")
	s.Put(broken)
	s.Fail(broken.Origin())
	for name, c := range oddPackets() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if out := s.handle(new(writer), c.wire, client, overUDP); out != nil {
				m := unpack(t, out)
				if got = glance(m); m.Id != 0x1234 || !m.Response {
					t.Errorf("id %x, response %v", m.Id, m.Response)
				}
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestWhoAndWhatWeAre(t *testing.T) {
	t.Parallel()
	told, silent := New(Options{Version: "Skein 1", Identity: "ns7"}), New(Options{})
	for question, want := range map[string]string{
		"version.bind. TXT +class=3":   `version.bind. 0 CH TXT "Skein 1"`,
		"hostname.bind. TXT +class=3":  `hostname.bind. 0 CH TXT "ns7"`,
		"ID.Server. TXT +class=3":      `ID.Server. 0 CH TXT "ns7"`,
		"version.server. ANY +class=3": `version.server. 0 CH TXT "Skein 1"`,
	} {
		q, via := query(t, question)
		if got := text(ask(t, told, q, via).Answer); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", question, got, want)
		}
		if m := ask(t, silent, q, via); m.Rcode != dns.RcodeRefused {
			t.Errorf("%s: %s of a server that tells nothing", question, verdict(m))
		}
	}
}

// Over TCP the answer says how long the connection may be idle (RFC 7828).
func TestKeepalive(t *testing.T) {
	t.Parallel()
	s := served(t, "zones", Options{})
	wire := packet(0, 1, 0, 0, 1, wireQuestion("ns2.corpus.example", 1, 1), opt(1232, 0, 0, option(11, "")))
	m := unpack(t, s.handle(new(writer), wire, client, overTCP))
	if got, want := glance(m), "NOERROR aa 1/1/0/0 edns 0 1232 keepalive 100"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Padding hides lengths on encrypted transports (RFC 7830, RFC 8467).
func TestPadding(t *testing.T) {
	t.Parallel()
	s := served(t, "zones", Options{Identity: "ns7"})
	for _, name := range []string{"ns2.corpus.example", "corpus.example", "many.corpus.example"} {
		for _, options := range [][]string{{option(12, "")}, {option(12, ""), option(3, "")}} {
			wire := packet(0, 1, 0, 0, 1, wireQuestion(name, 2, 1), opt(1232, 0, 0, options...))
			if out := s.handle(new(writer), wire, client, overTLS); len(out)%padBlock != 0 {
				t.Errorf("%s: %d octets", name, len(out))
			}
		}
		plain := packet(0, 1, 0, 0, 1, wireQuestion(name, 2, 1), opt(1232, 0, 0))
		if out := s.handle(new(writer), plain, client, overTLS); len(out)%padBlock == 0 {
			t.Errorf("%s: padded unasked", name)
		}
	}
}

// writeFrame sends a message over TCP: length and message in one segment.
func writeFrame(conn net.Conn, wire []byte) error {
	if err := conn.SetWriteDeadline(time.Now().Add(tcpWrite)); err != nil {
		return err
	}
	_, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(wire))), wire...))
	return err
}
