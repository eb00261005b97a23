package template

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-dns/skein/zone"
)

func TestExpand(t *testing.T) {
	values := Values{"domain": "example.com", "ip": "192.0.2.10", "nameserver": "ns1.example.net", "ttl": "300"}
	for name, row := range map[string]struct {
		text, want string
		left       []int // lines
	}{
		"values":                    {"$TTL %ttl%\n%domain%. A %ip%\n", "$TTL 300\nexample.com. A 192.0.2.10\n", nil},
		"one without a value":       {"@ NS %nameserver%.\n@ NS %nameserver2%.\nwww A %ip%\n", "@ NS ns1.example.net.\n\nwww A 192.0.2.10\n", []int{2}},
		"a lone sign":               {"@ TXT \"v=spf1 exists:%{i}.%domain% 50% %% -all\"\n", "@ TXT \"v=spf1 exists:%{i}.example.com 50% %% -all\"\n", nil},
		"in a comment":              {"www A %ip% ; or %ipv6%\n; %ftpip%\n", "www A 192.0.2.10 ; or \n; \n", nil},
		"a semicolon in a text":     {"@ TXT \"a;%ipv6%\"\nb A %ip%", "\nb A 192.0.2.10", []int{1}},
		"an escaped quotation mark": {"@ TXT \"a\\\";%ipv6%\"\nb A %ip%", "\nb A 192.0.2.10", []int{1}},
		"over several lines":        {"@ MX ( 10\n %nameserver4%.\n)\nb A %ip%\n", "\n\n\nb A 192.0.2.10\n", []int{2}},
		"a parenthesis in a text":   {"@ TXT \"(\"\n@ A %ftpip%\nb A %ip%\n", "@ TXT \"(\"\n\nb A 192.0.2.10\n", []int{2}},
		"the owner is carried on":   {"@ A %ip%\nftp A %ftpip%\n  TXT a\n  TXT b\n", "@ A 192.0.2.10\n\nftp  TXT a\n  TXT b\n", []int{2}},
		"and on":                    {"@ A %ip%\nftp A %ftpip%\n AAAA %ipv6%\n TXT b\n", "@ A 192.0.2.10\n\n\nftp TXT b\n", []int{2, 3}},
		"past a comment":            {"ftp A %ftpip%\n\n; x\n TXT b\n", "\n\n; x\nftp TXT b\n", []int{1}},
		"an owner without a value":  {"@ A %ip%\n%nameserver2%. A 192.0.2.1\n TXT a\nb TXT c\n TXT d\n", "@ A 192.0.2.10\n\n\nb TXT c\n TXT d\n", []int{2, 3}},
		"past another origin":       {"ftp A %ftpip%\n$ORIGIN b.%domain%.\n TXT a\nc TXT d\n", "\n$ORIGIN b.example.com.\n\nc TXT d\n", []int{1, 3}},
		"settled by the next owner": {"ftp A %ftpip%\nb A %ip%\n TXT a\n", "\nb A 192.0.2.10\n TXT a\n", []int{1}},
		"with carriage returns":     {"@ A %ftpip%\r\n\r\nb A %ip%\r\n", "\n\r\nb A 192.0.2.10\r\n", []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			got, left, err := Expand(row.text, values)
			if diff := cmp.Diff(row.want, got); diff != "" || err != nil {
				t.Errorf("error %v, expanded (-want +got):\n%s", err, diff)
			}
			var lines []int
			for _, p := range left {
				lines = append(lines, p.Line)
			}
			if diff := cmp.Diff(row.left, lines); diff != "" {
				t.Errorf("left out (-want +got):\n%s", diff)
			}
		})
	}
}

// found writes findings as "line: text".
func found(err error) (lines []string) {
	var list *zone.Errors
	if errors.As(err, &list) {
		for _, p := range list.Problems {
			lines = append(lines, p.String())
		}
	} else if err != nil {
		lines = append(lines, err.Error())
	}
	return lines
}

func TestCheckRefuses(t *testing.T) {
	const head = "$TTL %ttl%\n@ SOA %nameserver%. %rpemail%. %serial% 1h 30m 2w 1d\n@ NS %nameserver%.\n"
	for name, row := range map[string]struct {
		text string
		want string // of the first finding
	}{
		"a variable misspelt":       {head + "www A %ipp%\n", "line 4: there is no variable %ipp%; the nearest is %ip%"},
		"in capital letters":        {head + "%DOMAIN%. A %ip%\n", "line 4: there is no variable %DOMAIN%; the nearest is %domain%"},
		"in a comment too":          {head + "; %nameserver5%\n", "line 4: there is no variable %nameserver5%; the nearest is %nameserver%"},
		"no final dot":              {head + "www CNAME a..b\n", "line 4: "},
		"no SOA":                    {"@ 300 NS %nameserver%.\n", "zone example.com. has no SOA record at its apex; add one"},
		"no NS":                     {strings.Replace(head, "@ NS", "a NS", 1), "zone example.com. has no NS records at its apex, and BIND takes no such zone; add at least two"},
		"a CNAME with company":      {head + "www CNAME @\nwww A %ip%\n", "line 4: "},
		"outside of the zone":       {head + "www.example.net. A %ip%\n", "line 4: www.example.net. is not in zone example.com."},
		"another's file":            {head + "$INCLUDE /etc/passwd\n", "line 4: $INCLUDE is refused: put the contents of the other file here"},
		"more than a zone has":      {head + "$GENERATE 1-10001 a$ A 192.0.2.1\n", "line 4: "},
		"a directive without value": {head + "$ORIGIN %nameserverentry2%.\n", "line 4: $ORIGIN cannot be without a value of %nameserverentry2% (where a zone has one nameserver, which is elsewhere, and no IPv6 address)"},
		"wrong with the least only": {strings.Replace(head, "@ NS %nameserver%.", "@ NS %nameserver2%.", 1), "zone example.com. has no NS records at its apex, and BIND takes no such zone; add at least two (where a zone has one nameserver, which is elsewhere, and no IPv6 address)"},
		"a parenthesis left open":   {head + "www A ( %ip%\n", "line 4: a parenthesis that was opened is never closed"},
		"too long":                  {head + strings.Repeat(";", MaxText), "the template has more than 65536 octets"},
		"nothing":                   {"", "zone example.com. has no SOA record at its apex; add one"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Check(row.text)
			got := found(err)
			if len(got) == 0 || !strings.HasPrefix(got[0], row.want) || strings.HasSuffix(row.want, " ") == (got[0] == row.want) {
				t.Errorf("found %q; want first %q", got, row.want)
			}
		})
	}
}

func TestCheckWarnsOnce(t *testing.T) {
	text, _ := Builtin("simple")
	warnings, err := Check(text + "a_b A %ip%\n")
	if err != nil || len(warnings) != 1 || warnings[0].Line != 24 || !warnings[0].Warning {
		t.Errorf("warnings %v, %v; want one, of line 24", warnings, err)
	}
}

// lines prints a zone as text, a line a record.
func lines(t *testing.T, c zone.Contents) []string {
	t.Helper()
	var b strings.Builder
	for set := range c.All() {
		for _, d := range set.Data {
			b.WriteString(strings.Join([]string{zone.Relative(set.Name, c.Origin()), set.Type.String(), d.Text(set.Type)}, " ") + "\n")
		}
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

func TestBuiltins(t *testing.T) {
	all := samples("%nameserverentry%")
	most, least := all[0].values, all[1].values
	most["maildomain"], most["ftpip"] = "mx.example.net", "192.0.2.21"
	soa := "@ SOA ns1.example.com. hostmaster.example.com. 2026010100 3600 1800 1209600 86400"
	ns := []string{"@ NS ns1.example.com.", "@ NS ns2.example.com.", "@ NS ns3.example.com.", "@ NS ns4.example.com."}
	glue := []string{"ns1 A 192.0.2.1", "ns2 A 192.0.2.2", "ns3 A 192.0.2.3", "ns4 A 192.0.2.4"}
	join := func(lists ...[]string) (all []string) {
		for _, list := range lists {
			all = append(all, list...)
		}
		return all
	}
	mail := []string{"mail A 192.0.2.10", "mail AAAA 2001:db8::10"}
	for name, row := range map[string]struct{ most, least []string }{
		"simple": {
			join([]string{"@ A 192.0.2.10"}, ns, []string{soa, "@ AAAA 2001:db8::10"}, glue, []string{"www A 192.0.2.10", "www AAAA 2001:db8::10"}),
			[]string{"@ A 192.0.2.10", "@ NS ns1.example.net.", strings.Replace(soa, "ns1.example.com", "ns1.example.net", 1), "www A 192.0.2.10"},
		},
		"standard": {
			join([]string{"@ A 192.0.2.10"}, ns, []string{soa, "@ MX 0 mx.example.net.", "@ AAAA 2001:db8::10", "ftp CNAME example.com."}, mail, glue, []string{"www CNAME example.com."}),
			[]string{"@ A 192.0.2.10", "@ NS ns1.example.net.", strings.Replace(soa, "ns1.example.com", "ns1.example.net", 1), "@ MX 0 example.com.",
				"ftp CNAME example.com.", "mail A 192.0.2.10", "www CNAME example.com."},
		},
		"standardvirtualftp": {
			join([]string{"@ A 192.0.2.10"}, ns, []string{soa, "@ MX 0 mx.example.net.", "@ AAAA 2001:db8::10", "ftp A 192.0.2.21"}, mail, glue, []string{"www CNAME example.com."}),
			[]string{"@ A 192.0.2.10", "@ NS ns1.example.net.", strings.Replace(soa, "ns1.example.com", "ns1.example.net", 1), "@ MX 0 example.com.",
				"ftp A 192.0.2.10", "mail A 192.0.2.10", "www CNAME example.com."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			text, there := Builtin(name)
			if !there {
				t.Fatal("it does not come with Skein")
			}
			if warnings, err := Check(text); err != nil || len(warnings) > 0 {
				t.Errorf("warnings %v, %v", warnings, found(err))
			}
			for values, want := range map[*Values][]string{&most: row.most, &least: row.least} {
				c, _, err := Zone(text, "example.com.", *values)
				if err != nil {
					t.Fatal(found(err))
				}
				if diff := cmp.Diff(want, lines(t, c)); diff != "" {
					t.Errorf("zone (-want +got):\n%s", diff)
				}
			}
		})
	}
	if diff := cmp.Diff([]string{"simple", "standard", "standardvirtualftp"}, Builtins()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if _, there := Builtin("../values"); there {
		t.Error("a name leads out of the templates")
	}
}

func TestValues(t *testing.T) {
	for name, row := range map[string]struct{ variable, value, want, refused string }{
		"a final dot":             {"nameserver", "ns1.example.net.", "ns1.example.net", ""},
		"in Unicode":              {"maildomain", "mail.bücher.example", "mail.xn--bcher-kva.example", ""},
		"a mail address":          {"rpemail", "anna.b@example.net", `anna\.b.example.net`, ""},
		"a mailbox as a name":     {"rpemail", "anna.example.net.", "anna.example.net", ""},
		"empty":                   {"ipv6", "", "", ""},
		"an address":              {"ipv6", "2001:DB8:0::1", "2001:db8::1", ""},
		"a number":                {"serial", "04294967295", "4294967295", ""},
		"a record in a name":      {"maildomain", "a\nb A 192.0.2.1", `a\010b\ A\ 192.0.2.1`, ""},
		"a comment in a name":     {"maildomain", "a;(\"", `a\;\(\"`, ""},
		"a record in a word":      {"reseller", "a\nb", "", `%reseller% cannot be "a\nb": it is to be letters, digits and signs of .-_@+`},
		"IPv4 where IPv6 is":      {"ipv6", "192.0.2.1", "", `%ipv6% cannot be "192.0.2.1": it is to be an IPv6 address`},
		"IPv4 written as IPv6":    {"ipv6", "::ffff:192.0.2.1", "", `%ipv6% cannot be "::ffff:192.0.2.1": it is to be an IPv6 address`},
		"no address":              {"ip", "a", "", `%ip% cannot be "a": it is to be an IPv4 address`},
		"an address of a zone":    {"ipv6", "fe80::1%eth0", "", `%ipv6% cannot be "fe80::1%eth0": it is to be an IPv6 address`},
		"too long a time":         {"ttl", "2147483648", "", `%ttl% cannot be "2147483648": it is to be a number up to 2147483647`},
		"the root":                {"nameserver", ".", "", `%nameserver% cannot be ".": it is no name of a host`},
		"no local part":           {"rpemail", "@example.net", "", `%rpemail% cannot be "@example.net": it is no mail address`},
		"an unknown variable":     {"mail", "a", "", "there is no variable %mail%; the nearest is %domain%"},
		"one that is not there":   {"nameserverb", "a", "", "there is no variable %nameserverb%; the nearest is %nameserver%"},
		"one without a value too": {"x", "", "", "there is no variable %x%; the nearest is %ip%"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Values{row.variable: row.value}.Read()
			text := ""
			if err != nil {
				text = err.Error()
			}
			if text != row.refused || err == nil && got[row.variable] != row.want {
				t.Errorf("%q, %q; want %q, %q", got[row.variable], text, row.want, row.refused)
			}
		})
	}
}
