package zone_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

// everyType has data of every type that the DNS library knows, as Text writes
// it. A type that the library learns fails TestEveryType until it has a row.
var everyType = map[string][]string{
	"A":          {"192.0.2.1", "0.0.0.0", "255.255.255.255"},
	"AAAA":       {"2001:db8::1", "::", "::1", "::ffff:192.0.2.1"},
	"AFSDB":      {"1 afs.example."},
	"AMTRELAY":   {"10 0 1 192.0.2.1", "10 0 2 2001:db8::1", "10 0 3 relay.example.", "10 0 0 ."},
	"APL":        {"1:192.0.2.0/24 !2:2001:db8::/32", ""},
	"AVC":        {`"app-name:WOLFGANG|app-class:OAM"`},
	"CAA":        {`0 issue "ca.example.net"`, `128 tbs "Unknown; \"quoted\" \\ \255"`, `0 issue ""`},
	"CDNSKEY":    {"257 3 13 AQID", "0 3 0 AA=="},
	"CDS":        {"12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", "0 0 0 00"},
	"CERT":       {"PKIX 1 RSASHA256 AQID"},
	"CNAME":      {"target.example.", "."},
	"CSYNC":      {"66 3 A NS AAAA"},
	"DHCID":      {"AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA="},
	"DLV":        {"12345 13 2 00FF"},
	"DNAME":      {"target.example."},
	"DNSKEY":     {"256 3 13 AQIDBA==", "257 3 8 AwEAAQ=="},
	"DS":         {"12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", "12345 13 2 00FF"},
	"EID":        {"E32C6F78163A9348"},
	"EUI48":      {"00-00-5e-00-53-2a"},
	"EUI64":      {"00-00-5e-ef-10-00-00-2a"},
	"GID":        {"100"},
	"GPOS":       {`"-32.6882" "116.8652" "10.0"`},
	"HINFO":      {`"PDP-11/70" "UNIX"`, `"" ""`},
	"HIP":        {"2 200100107b1a74df365639cc39f1d578 AwEAAbdx rvs.example."},
	"HTTPS":      {`0 svc.example.`, `1 . alpn="h2,h3" ipv4hint="192.0.2.1"`, `16 foo.example. mandatory="alpn" alpn="h2" port="8443"`},
	"IPSECKEY":   {"10 1 2 192.0.2.38 AQNRU3mG", "10 3 2 gw.example. AQNRU3mG", "10 2 2 2001:db8::1 AQNRU3mG"},
	"ISDN":       {`"150862028003217" "004"`},
	"KEY":        {"256 3 13 AQIDBA=="},
	"KX":         {"10 kx.example."},
	"L32":        {"10 10.1.2.0"},
	"L64":        {"10 2001:db8:1140:1000"},
	"LOC":        {"42 21 54.000 N 71 06 18.000 W -24m 30m 10000m 10m"},
	"LP":         {"10 l64-subnet1.example."},
	"MB":         {"mail.example."},
	"MD":         {"mail.example."},
	"MF":         {"mail.example."},
	"MG":         {"mail.example."},
	"MINFO":      {"owner.example. errors.example."},
	"MR":         {"mail.example."},
	"MX":         {"10 mail.example.", "0 .", "65535 MAIL.Example."},
	"NAPTR":      {`100 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .`, `100 50 "s" "http" "" _http._tcp.example.`},
	"NID":        {"10 14:4fff:ff20:ee64"},
	"NIMLOC":     {"32251A030067"},
	"NINFO":      {`"foo" "bar baz"`},
	"NS":         {"ns1.example."},
	"NSAP-PTR":   {"foo.example."},
	"NSEC":       {"next.example. A NS SOA TXT AAAA RRSIG NSEC DNSKEY TYPE65280", "NEXT.Example. A RRSIG NSEC"},
	"NSEC3":      {"1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG", "1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR"},
	"NSEC3PARAM": {"1 0 12 AABBCCDD", "1 0 0 -"},
	"NULL":       {`\# 4 0102feff`, `\# 0`},
	"NXT":        {"next.example. A NS SOA"},
	"OPENPGPKEY": {"AQIDBAUG"},
	"PTR":        {"host.example."},
	"PX":         {"10 map822.example. mapx400.example."},
	"RESINFO":    {`"qnamemin" "exterr=15-17"`},
	"RKEY":       {"0 255 1 AQID"},
	"RP":         {"admin.example. txt.example."},
	"RRSIG":      {"A 13 3 3600 20260101000000 20251201000000 12345 example. AQID", "TYPE65280 8 2 4294967295 20380119031407 19700101000000 0 . AQID", "SOA 13 2 300 21060207062815 21060207062815 65535 a.example. AQ=="},
	"RT":         {"10 relay.example."},
	"SIG":        {"A 13 3 3600 20260101000000 20251201000000 12345 example. AQID"},
	"SMIMEA":     {"3 1 1 0123456789abcdef"},
	"SOA":        {"ns1.example. host\\.master.example. 2026010101 10800 3600 604800 3600", ". . 0 0 0 0 4294967295"},
	"SPF":        {`"v=spf1 -all"`},
	"SRV":        {"10 20 5060 sip.example.", "0 0 0 ."},
	"SSHFP":      {"4 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", "4 2 00FF"},
	"SVCB":       {`0 svc.example.`, `1 svc.example. key65280="a\\b"`},
	"TA":         {"12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"},
	"TALINK":     {"h0.example. h1.example."},
	"TLSA":       {"3 1 1 0123456789abcdef"},
	"TXT":        {`"v=spf1 mx -all"`, `""`, `"a" "b c" ""`, `"say \"hi\"; \\ \000\009\255"`},
	"UID":        {"1000"},
	"UINFO":      {`"user info"`},
	"URI":        {`10 1 "https://example.com/?a=\"b\""`},
	"X25":        {`"311061700956"`},
	"ZONEMD":     {"2026010101 1 1 " + strings.Repeat("0a", 48)},
}

func TestEveryType(t *testing.T) {
	t.Parallel()
	for code := range dns.TypeToRR {
		rrtype, err := zone.ParseType(dns.Type(code).String())
		if err != nil {
			continue // for questions only
		}
		t.Run(rrtype.String(), func(t *testing.T) {
			t.Parallel()
			rows := everyType[rrtype.String()]
			if len(rows) == 0 {
				t.Fatal("the DNS library knows this type, and everyType has no row of it")
			}
			for _, text := range rows {
				d, err := zone.ParseRdata(rrtype, text, zone.Root)
				if err != nil {
					t.Errorf("%s: %v", text, err)
					continue
				}
				if got := d.Text(rrtype); got != text {
					t.Errorf("%s was written as %s", text, got)
				}
				generic := strings.TrimSpace(fmt.Sprintf(`\# %d %x`, len(d), string(d)))
				if back, err := zone.ParseRdata(rrtype, generic, zone.Root); err != nil || back != d {
					t.Errorf("%s read from %s is %q, %v", text, generic, back, err)
				}
				if want := libraryWire(t, rrtype, text); want != d {
					t.Errorf("%s is\n%x, to the DNS library\n%x", text, string(d), string(want))
				}
				overTheWire(t, rrtype, d)
			}
		})
	}
}

// libraryWire has the DNS library read data.
func libraryWire(t *testing.T, rrtype zone.Type, text string) zone.Rdata {
	t.Helper()
	switch rrtype.String() { // it reads these in one spelling only
	case "X25", "GPOS":
		text = strings.ReplaceAll(text, `"`, "")
	case "NID", "L64":
		text = strings.NewReplacer(" 14:", " 0014:", ":db8:", ":0db8:").Replace(text)
	}
	rr, err := dns.NewRR(fmt.Sprintf(". 0 IN %s %s", rrtype, text))
	if err != nil || rr == nil {
		t.Fatalf("the library does not read %s: %v", text, err)
	}
	wire := make([]byte, 1<<16)
	end, err := dns.PackRR(rr, wire, 0, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	return zone.Rdata(wire[11:end])
}

// overTheWire takes data into a message and out again.
func overTheWire(t require, rrtype zone.Type, d zone.Rdata) {
	t.Helper()
	rrs, err := zone.RRset{Name: "a.example.", Type: rrtype, TTL: 7, Data: []zone.Rdata{d}}.ToRRs()
	if err != nil {
		t.Fatalf("%s %x does not unpack: %v", rrtype, string(d), err)
	}
	wire, err := (&dns.Msg{Answer: rrs}).Pack()
	if err != nil {
		t.Fatalf("%s %x does not go into a message: %v", rrtype, string(d), err)
	}
	var m dns.Msg
	if err := m.Unpack(wire); err != nil {
		t.Fatalf("%s %x does not come out of a message: %v", rrtype, string(d), err)
	}
	name, gotType, ttl, back, err := zone.FromRR(m.Answer[0])
	if err != nil || name != "a.example." || gotType != rrtype || ttl != 7 || back != d {
		t.Errorf("%s %x came back as %s %s %d %x, %v", rrtype, string(d), name, gotType, ttl, string(back), err)
	}
}

// require is what tests and rapid's have in common.
type require interface {
	Helper()
	Errorf(string, ...any)
	Fatalf(string, ...any)
}

// Octets of any type: what is well formed is written, read back and known to
// the library as the same.
func TestAnyOctetsOfAnyType(t *testing.T) {
	t.Parallel()
	codes := []uint16{65280, 65534, 4, 99}
	for code := range dns.TypeToRR {
		if _, err := zone.ParseType(dns.Type(code).String()); err == nil {
			codes = append(codes, code)
		}
	}
	seeds := map[zone.Type][]string{}
	for mnemonic, rows := range everyType {
		rrtype, err := zone.ParseType(mnemonic)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range rows {
			d, err := zone.ParseRdata(rrtype, text, zone.Root)
			if err != nil {
				t.Fatal(err)
			}
			seeds[rrtype] = append(seeds[rrtype], string(d))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		rrtype := zone.Type(rapid.SampledFrom(codes).Draw(t, "type"))
		d := []byte(rapid.SampledFrom(append(seeds[rrtype], "")).Draw(t, "seed"))
		for range rapid.IntRange(0, 3).Draw(t, "changes") { // octets changed, cut off and added
			at := rapid.IntRange(0, len(d)).Draw(t, "at")
			d = append(d[:at:at], append(rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "octets"), d[min(at+rapid.IntRange(0, 3).Draw(t, "cut"), len(d)):]...)...)
		}
		set := zone.RRset{Name: "a.example.", Type: rrtype, TTL: 1, Data: []zone.Rdata{zone.Rdata(d)}}
		if _, err := zone.NewContents("example.", []zone.RRset{set}); err != nil {
			return // not well formed
		}
		text := set.Data[0].Text(rrtype)
		back, err := zone.ParseRdata(rrtype, text, zone.Root)
		if err != nil || back != set.Data[0] {
			t.Errorf("%s %x is written %s, and that is read as %x, %v", rrtype, d, text, string(back), err)
		}
		if len(d) < 60000 { // else no message holds it
			overTheWire(t, rrtype, set.Data[0])
		}
		if c := set.Data[0].Canonical(rrtype); len(c) != len(d) || c.Canonical(rrtype) != c {
			t.Errorf("%s %x has the canonical form %x", rrtype, d, string(c))
		}
	})
}

func TestGenericData(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		rrtype, text, want string // in hex
		why                string // of the refusal
	}{
		"unknown type":            {rrtype: "TYPE65280", text: `\# 3 abcdef`, want: "abcdef"},
		"in pieces":               {rrtype: "TYPE65280", text: `\# 6 AB CDef 01 0203`, want: "abcdef010203"},
		"in parentheses":          {rrtype: "TYPE65280", text: `\# 3 ( ab cd ef )`, want: "abcdef"},
		"no data":                 {rrtype: "TYPE65280", text: `\# 0`, want: ""},
		"known type":              {rrtype: "A", text: `\# 4 c0000201`, want: "c0000201"},
		"number of a known type":  {rrtype: "TYPE1", text: "192.0.2.1", want: "c0000201"},
		"both":                    {rrtype: "type1", text: `\# 4 c0000201`, want: "c0000201"},
		"too few digits":          {rrtype: "TYPE65280", text: `\# 3 abcd`, why: "followed by 2 octets"},
		"too many digits":         {rrtype: "TYPE65280", text: `\# 1 abcd`, why: "followed by 2 octets"},
		"half an octet":           {rrtype: "TYPE65280", text: `\# 1 abc`, why: "pairs of hex digits"},
		"no hex":                  {rrtype: "TYPE65280", text: `\# 1 xy`, why: "pairs of hex digits"},
		"no length":               {rrtype: "TYPE65280", text: `\#`, why: "takes a length"},
		"length is no number":     {rrtype: "TYPE65280", text: `\# -1 ab`, why: "no length"},
		"longer than can be":      {rrtype: "TYPE65280", text: `\# 65536 ` + strings.Repeat("00", 65536), why: "no length up to 65535"},
		"unknown type, own words": {rrtype: "TYPE65280", text: "some words", why: `write \# LENGTH HEX`},
		"unknown type, nothing":   {rrtype: "TYPE65280", text: "", why: `write \# LENGTH HEX`},
		"wrong for a known type":  {rrtype: "A", text: `\# 3 c00002`, why: "no data of that type"},
		"a name cut short":        {rrtype: "MX", text: `\# 4 000a0161`, why: "no data of that type"},
		"a name that is missing":  {rrtype: "HTTPS", text: `\# 2 0001`, why: "no data of that type"},
		"bitmap out of order":     {rrtype: "NSEC", text: `\# 7 00010140000140`, why: "no data of that type"},
		"bitmap longer than need": {rrtype: "NSEC", text: `\# 5 0000024000`, why: "no data of that type"},
		"bitmap of no octets":     {rrtype: "NSEC", text: `\# 3 000000`, why: "no data of that type"},
		"bitmap of 33 octets":     {rrtype: "NSEC", text: `\# 36 000021` + strings.Repeat("01", 33), why: "no data of that type"},
		"bitmap cut short":        {rrtype: "NSEC", text: `\# 4 00000240`, why: "no data of that type"},
		"a compressed name":       {rrtype: "NS", text: `\# 4 0161c000`, why: "no data of that type"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			rrtype, err := zone.ParseType(row.rrtype)
			if err != nil {
				t.Fatal(err)
			}
			d, err := zone.ParseRdata(rrtype, row.text, zone.Root)
			if row.why != "" {
				if !errors.Is(err, zone.ErrRdata) || !strings.Contains(err.Error(), row.why) {
					t.Errorf("%x, %v; want a refusal with %q", string(d), err, row.why)
				}
				return
			}
			if err != nil || hex.EncodeToString([]byte(d)) != row.want {
				t.Errorf("%x, %v; want %s", string(d), err, row.want)
			}
		})
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]zone.Type{"A": 1, "a": 1, "Type1": 1, "mx": 15, "TYPE65280": 65280, "TYPE256": 256, "https": 65, "CAA": 257} {
		if got, err := zone.ParseType(text); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "ANY", "AXFR", "IXFR", "OPT", "TSIG", "TKEY", "MAILB", "TYPE0", "TYPE41", "TYPE128", "TYPE255", "TYPE65535", "TYPE65536", "TYPE01", "TYPE-1", "TYPE+1", "TYPE 1", "NONE", "Reserved", "B", "1", "A A"} {
		if got, err := zone.ParseType(text); err == nil {
			t.Errorf("%q was read as %s", text, got)
		}
	}
}

func TestDataThatIsRefused(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct{ rrtype, text, why string }{
		"address of three parts":      {"A", "192.0.2", `"192.0.2" is not an IPv4 address`},
		"address with a leading zero": {"A", "192.0.02.1", "not an IPv4 address"},
		"address beyond an octet":     {"A", "192.0.2.256", "not an IPv4 address"},
		"address with a mask":         {"A", "192.0.2.1/24", "not an IPv4 address"},
		"IPv6 as A":                   {"A", "2001:db8::1", "not an IPv4 address"},
		"IPv4 as AAAA":                {"AAAA", "192.0.2.1", "not an IPv6 address"},
		"address of an interface":     {"AAAA", "fe80::1%eth0", "not an IPv6 address"},
		"nothing":                     {"A", "", "ends too early; it takes an IPv4 address"},
		"too much":                    {"A", "192.0.2.1 192.0.2.2", `"192.0.2.2" is too much`},
		"MX without preference":       {"MX", "mail.example.", "not a number"},
		"MX without host":             {"MX", "10", "it takes a number, a name"},
		"preference too large":        {"MX", "65536 mail.example.", "not a number"},
		"negative preference":         {"MX", "-1 mail.example.", "not a number"},
		"host with an empty label":    {"NS", "ns1..example.", "empty label"},
		"SRV of two numbers":          {"SRV", "0 5060 sip.example.", "not a number"},
		"SOA serial with a unit":      {"SOA", "a. b. 1h 1 1 1 1", "not a number"},
		"SOA without minimum":         {"SOA", "a. b. 1 1 1 1", "ends too early"},
		"quotes not closed":           {"TXT", `"v=spf1`, "not closed"},
		"malformed escape":            {"TXT", `"\300"`, "malformed escape"},
		"backslash at the end":        {"TXT", `a\`, "backslash stands at the end"},
		"semicolon without quotes":    {"TXT", "v=DMARC1; p=none", "put text that holds one in quotation marks"},
		"line break":                  {"TXT", "a\nb", "line break"},
		"line break in quotes":        {"TXT", "\"a\nb\"", "not closed on its line"},
		"a directive after it":        {"TXT", "a\n$INCLUDE /etc/passwd", "line break"},
		"NUL":                         {"TXT", "a\x00b", "NUL"},
		"parenthesis not closed":      {"A", "( 192.0.2.1", "never closed"},
		"parenthesis not opened":      {"A", "192.0.2.1 )", "never opened"},
		"CAA tag with a hyphen":       {"CAA", `0 is-sue "x"`, "not a tag"},
		"CAA value in two pieces":     {"CAA", `0 issue "a" "b"`, "too much"},
		"HINFO text too long":         {"HINFO", strings.Repeat("x", 256) + " y", "255 are allowed"},
		"TXT too long":                {"TXT", strings.Repeat(strings.Repeat("x", 255)+" ", 256), "65535 are allowed"},
		"odd hex digits":              {"DS", "1 13 2 ABC", "pairs of hex digits"},
		"no digest":                   {"DS", "1 13 2", "ends too early"},
		"unknown algorithm":           {"DS", "1 NOSUCH 2 AB", "not an algorithm"},
		"broken base64":               {"DNSKEY", "257 3 13 A", "not base64"},
		"date of a 13th month":        {"RRSIG", "A 13 3 3600 20261301000000 20251201000000 1 e. AQID", "not a date"},
		"signature over a question":   {"RRSIG", "ANY 13 3 3600 20260101000000 20251201000000 1 e. AQID", "not a type"},
		"the library's refusal":       {"LOC", "91 0 0 N 0 0 0 E 0m", "no data of type LOC"},
		"the library's, incomplete":   {"CERT", "PKIX 1", "no data of type CERT"},
		"relay that is discovered":    {"AMTRELAY", "10 1 2 2001:db8::1", "discovery bit"},
		"value too long":              {"CAA", `0 issue "` + strings.Repeat("x", 1025) + `"`, "1024 are allowed"},
		"type in a bitmap":            {"NSEC", "next. A NOSUCH", `"NOSUCH" is not a type`},
		"question in a bitmap":        {"NSEC", "next. A ANY", `"ANY" is not a type`},
		"salt of half an octet":       {"NSEC3PARAM", "1 0 1 ABC", "not hex digits or -"},
		"salt too long":               {"NSEC3PARAM", "1 0 1 " + strings.Repeat("AB", 256), "not hex digits or -"},
		"hash that is no base32":      {"NSEC3", "1 0 1 - XYZ A", "not base32"},
		"no presentation form":        {"NULL", "abc", "NULL"},
		"a megabyte":                  {"TXT", strings.Repeat(`"" `, 1<<20), "more than"},
		"a long word":                 {"TXT", strings.Repeat(`\a`, 1<<18), "more than"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			rrtype, err := zone.ParseType(row.rrtype)
			if err != nil {
				t.Fatal(err)
			}
			d, err := zone.ParseRdata(rrtype, row.text, zone.Root)
			if err == nil || !strings.Contains(err.Error(), row.why) || !errors.Is(err, zone.ErrRdata) && !errors.Is(err, zone.ErrName) {
				t.Errorf("%.60q, %v; want a refusal with %q", string(d), err, row.why)
			}
			if err != nil && (strings.Contains(err.Error(), "line:") || len(err.Error()) > 500) {
				t.Errorf("the refusal reads %q", err)
			}
		})
	}
}

func TestDataInOtherWords(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct{ rrtype, text, want string }{
		"relative name":               {"CNAME", "www", "www.example.com."},
		"origin":                      {"MX", "10 @", "10 example.com."},
		"SOA with units":              {"SOA", "ns1 host 1 3h 1H 1w 1h30m", "ns1.example.com. host.example.com. 1 10800 3600 604800 5400"},
		"SOA in parentheses":          {"SOA", "ns1 host ( 1 2 3 4 5 )", "ns1.example.com. host.example.com. 1 2 3 4 5"},
		"text without quotes":         {"TXT", "a b", `"a" "b"`},
		"texts without space between": {"TXT", `"a""b"c"d"`, `"a" "b" "c" "d"`},
		"semicolon in quotes":         {"TXT", `"v=DMARC1; p=none"`, `"v=DMARC1; p=none"`},
		"escaped semicolon":           {"TXT", `v=DMARC1\;p=none`, `"v=DMARC1;p=none"`},
		"UTF-8 text":                  {"TXT", `"ü"`, `"\195\188"`},
		"tab in quotes":               {"TXT", "\"a\tb\"", `"a\009b"`},
		"long text is cut":            {"TXT", strings.Repeat("x", 600), `"` + strings.Repeat("x", 255) + `" "` + strings.Repeat("x", 255) + `" "` + strings.Repeat("x", 90) + `"`},
		"text of just 255":            {"TXT", strings.Repeat("x", 255), `"` + strings.Repeat("x", 255) + `"`},
		"long text of escapes":        {"TXT", strings.Repeat(`\120`, 256), `"` + strings.Repeat("x", 255) + `" "x"`},
		"CAA value without quotes":    {"CAA", "0 ISSUE ca.example.net", `0 ISSUE "ca.example.net"`},
		"long CAA value":              {"CAA", `0 issue "` + strings.Repeat("x", 300) + `"`, `0 issue "` + strings.Repeat("x", 300) + `"`},
		"algorithm by name":           {"DNSKEY", "257 3 ecdsap256sha256 AQID", "257 3 13 AQID"},
		"base64 in pieces":            {"DNSKEY", "257 3 13 ( AQ\tID )", "257 3 13 AQID"},
		"small hex digits":            {"DS", "1 13 2 ab cd", "1 13 2 ABCD"},
		"date in seconds":             {"RRSIG", "A 13 3 3600 1767225600 0 1 @ AQID", "A 13 3 3600 20260101000000 19700101000000 1 example.com. AQID"},
		"IPv6 in full":                {"AAAA", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1"},
		"international target":        {"CNAME", "bücher", "xn--bcher-kva.example.com."},
		"HTTPS without quotes":        {"HTTPS", "1 . alpn=h2,h3 port=8443", `1 . alpn="h2,h3" port="8443"`},
		"HTTPS with quotes":           {"HTTPS", `1 svc alpn="h2" port="8443"`, `1 svc.example.com. alpn="h2" port="8443"`},
		"types in any order":          {"NSEC", "next. TYPE65280 MX a MX ns", "next. A NS MX TYPE65280"},
		"no types":                    {"NSEC", "next.", "next."},
		"hash in small letters":       {"NSEC3", "1 0 1 aabb 2t7b4g4vsa5smi47k61mv5bv1a22bojr", "1 0 1 AABB 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR"},
		"NSEC relative":               {"NSEC", "next A", "next.example.com. A"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			rrtype, err := zone.ParseType(row.rrtype)
			if err != nil {
				t.Fatal(err)
			}
			d, err := zone.ParseRdata(rrtype, row.text, "example.com.")
			if err != nil || d.Text(rrtype) != row.want {
				t.Errorf("%s, %v; want %s", d.Text(rrtype), err, row.want)
			}
		})
	}
}

func TestCanonicalData(t *testing.T) {
	t.Parallel()
	for rrtype, row := range map[string]struct{ text, want string }{
		"NS":    {"NS1.Example.", "ns1.example."},
		"SOA":   {"NS1.Example. HOST.Example. 1 2 3 4 5", "ns1.example. host.example. 1 2 3 4 5"},
		"MX":    {"10 MAIL.Example.", "10 mail.example."},
		"SRV":   {"65 66 67 SIP.Example.", "65 66 67 sip.example."},
		"PX":    {"10 A.Example. B.Example.", "10 a.example. b.example."},
		"RP":    {"A.Example. B.Example.", "a.example. b.example."},
		"NAPTR": {`1 2 "U" "SIP" "!A!B!" NEXT.Example.`, `1 2 "U" "SIP" "!A!B!" next.example.`},
		"RRSIG": {"A 13 3 3600 20260101000000 20251201000000 1 Example. ABCD", "A 13 3 3600 20260101000000 20251201000000 1 example. ABCD"},
		"NSEC":  {"NEXT.Example. A", "NEXT.Example. A"}, // RFC 6840 section 5.1
		"TXT":   {`"ABC"`, `"ABC"`},
		"HINFO": {`"CPU" "OS"`, `"CPU" "OS"`}, // has no name, whatever RFC 4034 lists
		"HTTPS": {"1 SVC.Example.", "1 SVC.Example."},
		"CAA":   {`0 ISSUE "CA"`, `0 ISSUE "CA"`},
	} {
		code, _ := zone.ParseType(rrtype)
		d, err := zone.ParseRdata(code, row.text, zone.Root)
		if err != nil || d.Canonical(code).Text(code) != row.want {
			t.Errorf("%s %s: %s, %v; want %s", rrtype, row.text, d.Canonical(code).Text(code), err, row.want)
		}
	}
	for _, broken := range []zone.Rdata{"", "\x01", "\x3fA", "\x00\x0a\x01A"} {
		for _, rrtype := range []zone.Type{zone.TypeNS, zone.TypeMX, zone.TypeSOA, zone.TypeSRV, zone.TypeRRSIG} {
			if got := broken.Canonical(rrtype); len(got) != len(broken) {
				t.Errorf("%q as %s became %q", string(broken), rrtype, string(got))
			}
		}
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	for rrtype, row := range map[string]struct{ text, want string }{
		"NS": {"ns1.example.", "ns1.example."}, "CNAME": {"Www.example.", "Www.example."}, "DNAME": {"d.example.", "d.example."},
		"PTR": {"h.example.", "h.example."}, "MX": {"10 mail.example.", "mail.example."}, "SRV": {"1 2 3 sip.example.", "sip.example."},
		"SOA": {"a. b. 1 2 3 4 5", ""}, "A": {"192.0.2.1", ""}, "AFSDB": {"1 afs.example.", ""}, "TXT": {"a.", ""},
	} {
		code, _ := zone.ParseType(rrtype)
		d, err := zone.ParseRdata(code, row.text, zone.Root)
		target, ok := d.Target(code)
		if err != nil || string(target) != row.want || ok != (row.want != "") {
			t.Errorf("%s %s points to %q, %v, %v", rrtype, row.text, target, ok, err)
		}
	}
	for _, rrtype := range []zone.Type{zone.TypeNS, zone.TypeMX, zone.TypeSRV} {
		if target, ok := zone.Rdata("\x01").Target(rrtype); ok {
			t.Errorf("broken %s data points to %q", rrtype, target)
		}
	}
}
