package zone_test

import (
	"strings"
	"testing"

	"github.com/skein-dns/skein/zone"
)

// rule is one thing that a zone can have wrong: what is put below the apex of
// help_test.go (from line 6 on), and what comes of it in each profile.
type rule struct {
	text     string
	strict   string // "refuse" or "warn" or ""
	tolerant string // "refuse", "warn" or "mend"
	line     int
	words    string // of the finding
	mended   string // what stays below the apex, if it is mended
	bind     bool   // BIND refuses the whole zone for it
}

var rules = map[string]rule{
	"all is well":       {text: "www A 192.0.2.1\nmail MX 10 www\n*.w TXT x\n_dmarc TXT x\n_x._tcp SRV 0 0 1 www\nnone MX 0 .\n_y._tcp SRV 0 0 0 .\nd DNAME x.example.\nsub NS ns.sub\nsub DS 1 13 2 " + strings.Repeat("ab", 32) + "\nns.sub A 192.0.2.1\n"},
	"signed alias":      {text: "a CNAME b.example.\na RRSIG CNAME 13 3 60 20300101000000 20200101000000 1 @ AQID\na NSEC b CNAME RRSIG NSEC\n"},
	"CNAME and address": {text: "a A 192.0.2.1\na CNAME b.example.\na TXT x\n", strict: "refuse", tolerant: "mend", line: 7, words: "stands alone (RFC 1034", mended: "a.example.com. 3600 IN CNAME b.example.\n", bind: true},
	"CNAME at the apex": {text: "@ CNAME b.example.\n", strict: "refuse", tolerant: "mend", line: 6, words: "as SOA and NS stand there", bind: true},
	"two CNAMEs":        {text: "a CNAME b.example.\na CNAME c.example.\n", strict: "refuse", tolerant: "refuse", line: 6, words: "there can be one", bind: true},
	"two DNAMEs":        {text: "a DNAME b.example.\na DNAME c.example.\n", strict: "refuse", tolerant: "refuse", line: 6, words: "there can be one", bind: true},
	"CNAME to itself":   {text: "\na CNAME A\n", strict: "refuse", tolerant: "warn", line: 7, words: "points to itself"},
	"SOA below":         {text: "a SOA ns. h. 1 2 3 4 5\na TXT x\n", strict: "refuse", tolerant: "mend", line: 6, words: "stands at the apex", mended: "a.example.com. 3600 IN TXT \"x\"\n", bind: true},
	"wildcard NS":       {text: "* NS ns.example.\n", strict: "refuse", tolerant: "mend", line: 6, words: "a wildcard cannot delegate", bind: true},
	"TTL beyond":        {text: "a 2147483648 A 192.0.2.1\n", strict: "refuse", tolerant: "mend", line: 6, words: "2147483647 is the most", mended: "a.example.com. 2147483647 IN A 192.0.2.1\n"},
	"below a DNAME":     {text: "d DNAME x.example.\na.d A 192.0.2.1\n", strict: "refuse", tolerant: "warn", line: 6, words: "never seen"},
	"outside":           {text: "a A 192.0.2.1\na.example.net. A 192.0.2.1\n", strict: "refuse", tolerant: "mend", line: 7, words: "is not in zone", mended: "a.example.com. 3600 IN A 192.0.2.1\n"},
	"above":             {text: "com. A 192.0.2.1\n", strict: "refuse", tolerant: "mend", line: 6, words: "is not in zone"},

	"mail to an address":        {text: "@ MX 10 192.0.2.1\n", strict: "warn", tolerant: "warn", line: 6, words: "has no address"},
	"mail to an address, dot":   {text: "@ MX 10 192.0.2.1.\n", strict: "refuse", tolerant: "warn", line: 6, words: "is an address; it must be a name"},
	"nameserver is an alias":    {text: "sub NS a\na CNAME b.example.\n", strict: "warn", tolerant: "warn", line: 6, words: "which is a CNAME"},
	"mail to an alias":          {text: "@ MX 10 a\na CNAME b.example.\n", strict: "warn", tolerant: "warn", line: 6, words: "which is a CNAME"},
	"service at an alias":       {text: "_x._tcp SRV 0 0 1 a\na CNAME b.example.\n", strict: "warn", tolerant: "warn", line: 6, words: "which is a CNAME"},
	"no glue":                   {text: "sub NS ns.sub\n", strict: "warn", tolerant: "warn", line: 6, words: "has no address in this zone"},
	"no glue at the cut":        {text: "sub NS sub\n", strict: "warn", tolerant: "warn", line: 6, words: "has no address in this zone"},
	"mail to nowhere":           {text: "@ MX 10 mail\n", strict: "warn", tolerant: "warn", line: 6, words: "has no address in this zone"},
	"mail to a delegation":      {text: "@ MX 10 mail.sub\nsub NS ns.example.\n"},
	"mail through a wildcard":   {text: "@ MX 10 mail\n* A 192.0.2.1\n"},
	"mail through a DNAME":      {text: "@ MX 10 mail.d\nd DNAME x.example.\n"},
	"sibling glue is elsewhere": {text: "sub NS ns.other\nother NS ns.example.\n"},
	"final dot missing, data":   {text: "@ MX 10 mail.example.com\n", strict: "warn", tolerant: "warn", line: 6, words: "is a final dot missing"},
	"final dot missing, owner":  {text: "www.example.com A 192.0.2.1\n", strict: "warn", tolerant: "warn", line: 6, words: "is a final dot missing"},
	"final dot missing, apex":   {text: "example.com A 192.0.2.1\n", strict: "warn", tolerant: "warn", line: 6, words: "is a final dot missing"},
	"underscore host":           {text: "a_b A 192.0.2.1\n", strict: "warn", tolerant: "warn", line: 6, words: "is no host name"},
	"host that ends in hyphen":  {text: "a- AAAA ::1\n", strict: "warn", tolerant: "warn", line: 6, words: "is no host name"},
	"host of odd octets":        {text: `a\;b A 192.0.2.1` + "\n", strict: "warn", tolerant: "warn", line: 6, words: "is no host name"},
	"mail to an odd host":       {text: "@ MX 10 a_b.example.\n", strict: "warn", tolerant: "warn", line: 6, words: "is no host name"},
	"below a delegation":        {text: "sub NS ns.example.\na.b.sub TXT x\nA.SUB A 192.0.2.1\n", strict: "warn", tolerant: "warn", line: 7, words: "stands below the delegation of sub.example.com."},
	"two TTLs in a set":         {text: "a 5 A 192.0.2.1\na 6 A 192.0.2.2\n", strict: "warn", tolerant: "warn", line: 7, words: "a set has one TTL"},
	"TTLs of signatures":        {text: "@ 0 RRSIG NSEC3PARAM 13 2 0 20261225000000 20261125000000 1 @ AAAA\n@ 86400 RRSIG SOA 13 2 86400 20261225000000 20261125000000 1 @ AAAA\n"},
	"a record twice":            {text: "a A 192.0.2.1\na A 192.0.2.1\n", strict: "warn", tolerant: "warn", line: 7, words: "is there already"},

	"half a digest":            {text: "sub NS ns.example.\nsub DS 1 13 2 ABCD\n", strict: "refuse", tolerant: "mend", line: 7, words: "has 2 octets; 32 are right", mended: "sub.example.com. 3600 IN NS ns.example.\n", bind: true},
	"one digest of two":        {text: "sub NS ns.example.\nsub DS 1 13 2 " + strings.Repeat("AB", 32) + "\nsub DS 1 13 2 AB\n", strict: "refuse", tolerant: "mend", line: 7, words: "has 1 octets", mended: "sub.example.com. 3600 IN NS ns.example.\nsub.example.com. 3600 IN DS 1 13 2 " + strings.Repeat("AB", 32) + "\n", bind: true},
	"digest too long":          {text: "sub NS ns.example.\nsub DS 1 13 1 " + strings.Repeat("ab", 32) + "\n", strict: "refuse", tolerant: "mend", line: 7, words: "20 are right", mended: "sub.example.com. 3600 IN NS ns.example.\n", bind: true},
	"digest of another kind":   {text: "a DS 1 13 200 ABCD\na NS ns.example.\n"},
	"half a fingerprint":       {text: "a SSHFP 4 2 ABCD\n", strict: "refuse", tolerant: "mend", line: 6, words: "fingerprint of type 2", bind: true},
	"half a zone digest":       {text: "@ ZONEMD 1 1 1 " + strings.Repeat("ab", 12) + "\n", strict: "refuse", tolerant: "mend", line: 6, words: "digest of type 1 has 12", bind: true},
	"key of nothing":           {text: `@ DNSKEY \# 4 01000308` + "\n", strict: "refuse", tolerant: "mend", line: 6, words: "has no key", bind: true},
	"certificate of nothing":   {text: `a TLSA \# 3 030101` + "\n", strict: "refuse", tolerant: "mend", line: 6, words: "has no certificate", bind: true},
	"PGP key of nothing":       {text: `a OPENPGPKEY \# 0` + "\n", strict: "refuse", tolerant: "mend", line: 6, words: "has no key", bind: true},
	"signature of nothing":     {text: `a RRSIG \# 19 0001 0d 03 00000001 00000001 00000001 0001 00` + "\n", strict: "refuse", tolerant: "mend", line: 6, words: "has no signature", bind: true},
	"CAA without tag":          {text: `a CAA \# 3 000061` + "\n", strict: "refuse", tolerant: "mend", line: 6, words: "its tag", bind: true},
	"CAA tag with a hyphen":    {text: `a CAA \# 9 000669732d73756561` + "\n", strict: "refuse", tolerant: "mend", line: 6, words: "its tag", bind: true},
	"NAPTR, open expression":   {text: `a NAPTR 1 1 "u" "s" "!x" .` + "\n", strict: "refuse", tolerant: "mend", line: 6, words: "expression", bind: true},
	"NAPTR, odd delimiter":     {text: `a NAPTR 1 1 "u" "s" "1x1y1" .` + "\n", strict: "refuse", tolerant: "mend", line: 6, words: "expression", bind: true},
	"NAPTR, unknown flag":      {text: `a NAPTR 1 1 "u" "s" "!x!y!z" .` + "\n", strict: "refuse", tolerant: "mend", line: 6, words: "expression", bind: true},
	"NAPTR as they are":        {text: `a NAPTR 1 1 "u" "s" "!^\\+(.*)$!sip:\\1@e.example!i" .` + "\n" + `b NAPTR 1 1 "s" "s" "" c` + "\n"},
	"service, mandatory away":  {text: "a HTTPS 1 . mandatory=alpn port=5\n", strict: "refuse", tolerant: "mend", line: 6, words: "mandatory parameter alpn", bind: true},
	"service, mandatory there": {text: "a HTTPS 1 . mandatory=alpn,port alpn=h2 port=5\n"},
	"X.25 of three digits":     {text: "a X25 311\n", strict: "refuse", tolerant: "mend", line: 6, words: "four digits", bind: true},
}

func TestRules(t *testing.T) {
	t.Parallel()
	base := mustContents(t, apex)
	for situation, row := range rules {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			for profile, want := range map[zone.Profile]string{zone.Strict: row.strict, zone.Tolerant: row.tolerant} {
				name := []string{"strict", "tolerant"}[profile]
				c, warnings, err := zone.Read(strings.NewReader(apex+row.text), "example.com.", zone.Options{}, profile)
				found := warnings
				if err != nil {
					found = problemsIn(t, err)
				}
				if refused := want == "refuse"; refused != (err != nil) || (want != "") != (len(found) > 0) {
					t.Fatalf("%s: it should %q; found %v, %v", name, want, warnings, err)
				}
				hit := want == ""
				for _, p := range found {
					hit = hit || p.Line == row.line && strings.Contains(p.Text, row.words) && p.Warning == (want != "refuse")
				}
				if !hit {
					t.Errorf("%s: found %v, want line %d: %s", name, found, row.line, row.words)
				}
				if err != nil {
					continue
				}
				if want == "mend" {
					gone := zone.Diff(base, c)
					var b strings.Builder
					_ = zone.PrintDelta(&b, zone.Delta{Add: gone.Add})
					if got := strings.ReplaceAll(b.String(), "+ ", ""); got != row.mended || len(gone.Del) > 0 {
						t.Errorf("mended to\n%swant\n%s", got, row.mended)
					}
				}
				// What was accepted is accepted again as it stands, and nothing is mended twice.
				again, _, err := zone.Validate(c, profile)
				if err != nil || !again.Equal(c) {
					t.Errorf("%s: checked again: %v", name, err)
				}
			}
		})
	}
}

// BIND refuses the zones of the rules that say so, and takes what is mended.
func TestRulesAsBIND(t *testing.T) {
	t.Parallel()
	for situation, row := range rules {
		if !row.bind && row.tolerant != "mend" {
			continue
		}
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			if _, err := compiled(t, apex+row.text); row.bind != (err != nil) {
				t.Errorf("BIND says %v", err)
			}
			if row.tolerant != "mend" {
				return
			}
			c, _, err := zone.Read(strings.NewReader(apex+row.text), "example.com.", zone.Options{}, zone.Tolerant)
			if err != nil {
				t.Fatal(err)
			}
			if d, err := compiled(t, printed(t, c)); err != nil || !c.Equal(d) {
				t.Errorf("BIND refuses what was mended: %v", err)
			}
		})
	}
}

func TestZonesWithoutWhatTheyNeed(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct{ text, words string }{
		"nothing":            {"", "the zone's name is not known"},
		"only an address":    {"a 1 A 192.0.2.1\n", "the zone's name is not known"},
		"no nameservers":     {"@ 1 SOA ns. h. 1 2 3 4 5\n", "has no NS records at its apex"},
		"nameservers below":  {"@ 1 SOA ns. h. 1 2 3 4 5\na NS ns.\n", "has no NS records at its apex"},
		"SOA below the apex": {"a 1 SOA ns. h. 1 2 3 4 5\n@ NS ns.\n", "is not in zone a.example.com."},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			_, _, err := zone.Read(strings.NewReader(row.text), "", zone.Options{Origin: "example.com."}, zone.Strict)
			if found := problemsIn(t, err); len(found) != 1 || !strings.Contains(found[0].Text, row.words) {
				t.Errorf("found %v", err)
			}
		})
	}
	for _, profile := range []zone.Profile{zone.Strict, zone.Tolerant} {
		_, _, err := zone.Read(strings.NewReader("@ 1 NS ns.\n"), "example.com.", zone.Options{}, profile)
		if found := problemsIn(t, err); len(found) != 1 || !strings.Contains(found[0].Text, "has no SOA record") {
			t.Errorf("no SOA, profile %d: %v", profile, err)
		}
		if _, _, err := zone.Validate(zone.Contents{}, profile); err == nil {
			t.Error("nothing at all is valid")
		}
	}
	c, warnings, err := zone.Read(strings.NewReader(apex), "", zone.Options{}, zone.Strict)
	if err != nil || len(warnings) > 0 || c.Origin() != "example.com." {
		t.Errorf("the zone's name was not taken from the SOA: %s, %v, %v", c.Origin(), warnings, err)
	}
}

// An edit is judged by the names it touches, what is above them and what they
// point to; nothing is mended.
func TestEditsThatAreChecked(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		text             string
		touched          []zone.Name
		strict, tolerant string // "refuse", "warn" or ""
		words            string
	}{
		"nothing wrong":              {"a A 192.0.2.1\n", []zone.Name{"a.example.com."}, "", "", ""},
		"wrong elsewhere":            {"a A 192.0.2.1\nb CNAME c.\nb TXT x\n", []zone.Name{"a.example.com."}, "", "", ""},
		"CNAME comes to others":      {"a A 192.0.2.1\na CNAME b.\n", []zone.Name{"a.example.com."}, "refuse", "refuse", "stands alone"},
		"CNAME comes to the apex":    {"@ CNAME b.\n", []zone.Name{"example.com."}, "refuse", "refuse", "SOA and NS stand there"},
		"half a digest":              {"a DS 1 1 2 AB\n", []zone.Name{"a.example.com."}, "refuse", "refuse", "32 are right"},
		"TTL beyond":                 {"a 4294967295 A 192.0.2.1\n", []zone.Name{"a.example.com."}, "refuse", "warn", "is the most"},
		"name comes below a DNAME":   {"d DNAME x.\na.b.d A 192.0.2.1\n", []zone.Name{"a.b.d.example.com."}, "refuse", "warn", "never seen"},
		"DNAME comes above names":    {"d DNAME x.\na.b.d A 192.0.2.1\n", []zone.Name{"d.example.com."}, "refuse", "warn", "never seen"},
		"text comes below a cut":     {"d NS x.\na.b.d TXT x\n", []zone.Name{"a.b.d.example.com."}, "warn", "warn", "never answered"},
		"glue comes below a cut":     {"d NS x.\na.b.d A 192.0.2.1\n", []zone.Name{"a.b.d.example.com."}, "", "", ""},
		"mail to an alias":           {"a MX 1 b\nb CNAME c.\n", []zone.Name{"a.example.com."}, "warn", "warn", "is a CNAME"},
		"mail to who is not at hand": {"a MX 1 b\n", []zone.Name{"a.example.com."}, "", "", ""},
		"name that went":             {"", []zone.Name{"a.b.c.example.com."}, "", "", ""},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			c := mustContents(t, apex+row.text)
			for profile, want := range map[zone.Profile]string{zone.Strict: row.strict, zone.Tolerant: row.tolerant} {
				found, err := zone.ValidateNames(c, row.touched, profile)
				if err != nil {
					found = problemsIn(t, err)
				}
				if (want == "refuse") != (err != nil) || (want != "") != (len(found) > 0) || want != "" && !strings.Contains(found[0].Text, row.words) {
					t.Errorf("profile %d: found %v, %v, want %q: %s", profile, found, err, want, row.words)
				}
			}
		})
	}
	c := mustContents(t, "$TTL 1\na A 192.0.2.1\n")
	if _, err := zone.ValidateNames(c, []zone.Name{"EXAMPLE.com."}, zone.Tolerant); len(problemsIn(t, err)) != 2 {
		t.Errorf("SOA and NS went from the apex: %v", err)
	}
	if _, err := zone.ValidateNames(c, []zone.Name{"a.example.com."}, zone.Strict); err != nil {
		t.Errorf("the apex was not touched: %v", err)
	}
}

// Findings are bounded, whatever a zone holds.
func TestManyFindings(t *testing.T) {
	t.Parallel()
	c := mustContents(t, apex+"$GENERATE 1-200 a$ CNAME b.example.\n$GENERATE 1-200 a$ TXT x\n$GENERATE 1-200 c_$ A 192.0.2.1\n")
	mended, warnings, err := zone.Validate(c, zone.Tolerant)
	if _, n := mended.Len(); err != nil || len(warnings) != 50 || n != 403 {
		t.Errorf("%d warnings, %d records, %v", len(warnings), n, err)
	}
	if _, _, err := zone.Validate(c, zone.Strict); len(problemsIn(t, err)) != 50 {
		t.Errorf("%d findings", len(problemsIn(t, err)))
	}
}
