package plesk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

const nsRow = `{"host":"example.com.","type":"NS","opt":"","value":"ns1.example.net."}`

const soaJSON = `{"email":"hostmaster@example.com","status":0,"type":"master","ttl":86400,"refresh":10800,"retry":3600,"expire":604800,"minimum":10800,"serial":1767225600,"serial_format":"UNIXTIMESTAMP"}`

// whole is a push of one task: the zone with an NS row and these rows.
func whole(command, name, soa string, rows ...string) string {
	ns := strings.ReplaceAll(nsRow, "example.com.", name)
	return fmt.Sprintf(`[{"command":%q,"zone":{"name":%q,"displayName":%q,"soa":%s,"rr":[%s]}}]`,
		command, name, name, soa, strings.Join(append([]string{ns}, rows...), ","))
}

func record(host, rrtype, opt, value string) string {
	text, _ := json.Marshal(map[string]string{"host": host, "displayHost": host, "type": rrtype, "opt": opt, "value": value, "displayValue": value})
	return string(text)
}

// deliver hands a push over and returns the report.
func deliver(t *testing.T, c Control, source, id, body string) skein.DoorReport {
	t.Helper()
	report, err := New(c, Nameservers{}, nil).Handle(t.Context(), skein.Actor{Name: source, Door: "api", Source: source}, id, []byte(body))
	if err != nil {
		t.Fatalf("%.200s: %v", body, err)
	}
	return report
}

// texts are the findings of a task.
func texts(r skein.TaskResult) (all []string) {
	for _, p := range r.Problems {
		all = append(all, p.Text)
	}
	return all
}

// What Plesk sends in a row, and the record that is served for it.
func TestRows(t *testing.T) {
	t.Parallel()
	const www = "www.example.com. 86400 IN "
	for situation, c := range map[string]struct {
		zone    string // example.com. if not set
		rows    []string
		want    string // below the NS record
		warning string // part of the one that there must be; "" for none
	}{
		"address":                     {rows: []string{record("www.example.com.", "A", "", "192.0.2.10")}, want: www + "A 192.0.2.10"},
		"IPv6 address, written out":   {rows: []string{record("www.example.com.", "AAAA", "", "2001:0db8:0000:0000:0000:0000:0000:0010")}, want: www + "AAAA 2001:db8::10"},
		"IPv6 address in an A row":    {rows: []string{record("www.example.com.", "A", "", "2001:db8::10")}, warning: `"2001:db8::10" is no address for A`},
		"IPv4 address in an AAAA row": {rows: []string{record("www.example.com.", "AAAA", "", "192.0.2.10")}, warning: "is no address for AAAA"},
		"address with a port":         {rows: []string{record("www.example.com.", "A", "", "192.0.2.10:80")}, warning: "is no address"},
		"alias":                       {rows: []string{record("www.example.com.", "CNAME", "", "example.com.")}, want: www + "CNAME example.com."},
		"wildcard":                    {rows: []string{record("*.example.com.", "A", "", "192.0.2.10")}, want: "*.example.com. 86400 IN A 192.0.2.10"},
		"opt is null":                 {rows: []string{`{"host":"www.example.com.","type":"A","opt":null,"value":"192.0.2.10"}`}, want: www + "A 192.0.2.10"},
		"type in lower case":          {rows: []string{record("www.example.com.", "a", "", "192.0.2.10")}, want: www + "A 192.0.2.10"},

		"preference 0":             {rows: []string{record("www.example.com.", "MX", "0", "mail.example.net.")}, want: www + "MX 0 mail.example.net."},
		"preference as a number":   {rows: []string{`{"host":"www.example.com.","type":"MX","opt":20,"value":"mail.example.net."}`}, want: www + "MX 20 mail.example.net."},
		"preference in the value":  {rows: []string{record("www.example.com.", "MX", "", "10 mail.example.net.")}, want: www + "MX 10 mail.example.net."},
		"MX without a preference":  {rows: []string{record("www.example.com.", "MX", "", "mail.example.net.")}, warning: "is not a preference and a host name"},
		"preference too large":     {rows: []string{record("www.example.com.", "MX", "65536", "mail.example.net.")}, warning: "is not a preference"},
		"no mail (RFC 7505)":       {rows: []string{record("www.example.com.", "MX", "0", ".")}, want: www + "MX 0 ."},
		"service":                  {rows: []string{record("_sip._tcp.example.com.", "SRV", "10 5 5060", "sip.example.net.")}, want: "_sip._tcp.example.com. 86400 IN SRV 10 5 5060 sip.example.net."},
		"service without a port":   {rows: []string{record("_sip._tcp.example.com.", "SRV", "10 5", "sip.example.net.")}, warning: "is not priority, weight, port and a host name"},
		"certificate authority":    {rows: []string{record("www.example.com.", "CAA", "0 issue", "ca.example.net")}, want: www + `CAA 0 issue "ca.example.net"`},
		"CAA with parameters":      {rows: []string{record("www.example.com.", "CAA", "128 issuewild", "ca.example.net; account=5")}, want: www + `CAA 128 issuewild "ca.example.net; account=5"`},
		"CAA in quotes":            {rows: []string{record("www.example.com.", "CAA", "0 iodef", `"mailto:a@example.com"`)}, want: www + `CAA 0 iodef "mailto:a@example.com"`},
		"CAA that forbids all":     {rows: []string{record("www.example.com.", "CAA", "0 issue", ";")}, want: www + `CAA 0 issue ";"`},
		"CAA with a strange tag":   {rows: []string{record("www.example.com.", "CAA", `0 is"sue`, "ca.example.net")}, warning: "is not flags, a tag and a value"},
		"certificate of a service": {rows: []string{record("_443._tcp.example.com.", "TLSA", "3 1 1", "0123456789ABCDEF")}, want: "_443._tcp.example.com. 86400 IN TLSA 3 1 1 0123456789abcdef"},
		"digits that are no hex":   {rows: []string{record("_443._tcp.example.com.", "TLSA", "3 1 1", "0123xyz9")}, warning: "in hexadecimal digits"},
		"TLSA without a digest":    {rows: []string{record("_443._tcp.example.com.", "TLSA", "3 1 1", "")}, warning: "in hexadecimal digits"},
		"signed child":             {rows: []string{record("sub.example.com.", "DS", "12345 13 2", "01234567 89ABCDEF "+strings.Repeat("0123456789ABCDEF", 3))}, want: "sub.example.com. 86400 IN DS 12345 13 2 " + strings.Repeat("0123456789ABCDEF", 4)},
		"HTTPS, all in the value":  {rows: []string{record("www.example.com.", "HTTPS", "", `1 . alpn="h2,h3"`)}, want: www + `HTTPS 1 . alpn="h2,h3"`},
		"HTTPS, priority in opt":   {rows: []string{record("www.example.com.", "HTTPS", "1", "svc.example.net. port=8443")}, want: www + `HTTPS 1 svc.example.net. port="8443"`},
		"HTTPS, all but target":    {rows: []string{record("www.example.com.", "HTTPS", "0", "svc.example.net")}, want: www + `HTTPS 0 svc.example.net.`},
		"HTTPS with a comment":     {rows: []string{record("www.example.com.", "HTTPS", "1", ". ; alpn=h2")}, warning: "is not a priority, a target and parameters"},
		"HTTPS, unknown parameter": {rows: []string{record("www.example.com.", "HTTPS", "1", ". nonsense=1")}, warning: "no data of type HTTPS"},

		"text with quotes and tabs": {rows: []string{record("www.example.com.", "TXT", "", "say \"hello\"\tand\tgo")}, want: www + `TXT "say \"hello\"\009and\009go"`},
		"text with a backslash":     {rows: []string{record("www.example.com.", "TXT", "", `a\032b`)}, want: www + `TXT "a\\032b"`},
		"text like a zone file":     {rows: []string{record("www.example.com.", "TXT", "", "v=DMARC1; p=none ( \n$ORIGIN x")}, want: www + `TXT "v=DMARC1; p=none ( \010$ORIGIN x"`},
		"text of 255 octets":        {rows: []string{record("www.example.com.", "TXT", "", strings.Repeat("a", 255))}, want: www + `TXT "` + strings.Repeat("a", 255) + `"`},
		"text of 256 octets":        {rows: []string{record("www.example.com.", "TXT", "", strings.Repeat("a", 256))}, want: www + `TXT "` + strings.Repeat("a", 255) + `" "a"`},
		"text of 510 octets":        {rows: []string{record("www.example.com.", "TXT", "", strings.Repeat("a", 510))}, want: www + `TXT "` + strings.Repeat("a", 255) + `" "` + strings.Repeat("a", 255) + `"`},
		"empty text":                {rows: []string{record("www.example.com.", "TXT", "", "")}, want: www + `TXT ""`},
		"text beyond a record":      {rows: []string{record("www.example.com.", "TXT", "", strings.Repeat("a", 65500))}, warning: "does not fit into a record"},

		"host without the final dot":   {rows: []string{record("www.example.com", "A", "", "192.0.2.10")}, want: www + "A 192.0.2.10"},
		"relative host":                {rows: []string{record("www", "A", "", "192.0.2.10")}, want: www + "A 192.0.2.10"},
		"no host":                      {rows: []string{record("", "A", "", "192.0.2.10")}, want: "example.com. 86400 IN A 192.0.2.10"},
		"the apex as @":                {rows: []string{record("@", "A", "", "192.0.2.10")}, want: "example.com. 86400 IN A 192.0.2.10"},
		"host in Unicode":              {rows: []string{record("bücher.example.com.", "A", "", "192.0.2.10")}, want: "xn--bcher-kva.example.com. 86400 IN A 192.0.2.10"},
		"case is kept":                 {rows: []string{record("WWW.Example.COM.", "A", "", "192.0.2.10")}, want: "WWW.Example.COM. 86400 IN A 192.0.2.10"},
		"target without the final dot": {rows: []string{record("www.example.com.", "CNAME", "", "web.example.net")}, want: www + "CNAME web.example.net."},
		"target of one label":          {rows: []string{record("www.example.com.", "CNAME", "", "web")}, want: www + "CNAME web.example.com."},
		"target in Unicode":            {rows: []string{record("www.example.com.", "CNAME", "", "bücher.example.")}, want: www + "CNAME xn--bcher-kva.example."},
		"no target":                    {rows: []string{record("www.example.com.", "CNAME", "", "")}, warning: "it is empty"},

		"host out of the zone":     {rows: []string{record("old.example.org.", "A", "", "192.0.2.12")}, warning: "old.example.org. A is outside of zone example.com."},
		"host that only ends so":   {rows: []string{record("notexample.com.", "A", "", "192.0.2.12")}, warning: "is outside of zone example.com."},
		"transfer marker":          {rows: []string{record("example.com.", "AXFR", "", "192.0.2.53")}},
		"role marker":              {rows: []string{record("example.com.", "Master", "", "192.0.2.53")}},
		"pointer for another zone": {rows: []string{record("192.0.2.10", "PTR", "24", "example.com."), record("2001:db8::10", "PTR", "64", "example.com.")}},
		"pointer in its zone":      {zone: "2.0.192.in-addr.arpa.", rows: []string{record("192.0.2.10", "PTR", "24", "example.com.")}, want: "10.2.0.192.in-addr.arpa. 86400 IN PTR example.com."},
		"pointer in its IPv6 zone": {zone: "8.b.d.0.1.0.0.2.ip6.arpa.", rows: []string{record("2001:db8::10", "PTR", "64", "example.com.")}, want: string(zone.Reverse(netAddr("2001:db8::10"), 128)) + " 86400 IN PTR example.com."},
		"pointer in a zone beside": {zone: "3.0.192.in-addr.arpa.", rows: []string{record("192.0.2.10", "PTR", "24", "example.com.")}},
		"pointer at a name":        {rows: []string{record("_http._tcp.example.com.", "PTR", "", "web.example.com.")}, want: "_http._tcp.example.com. 86400 IN PTR web.example.com."},

		"type that Plesk cannot hold": {rows: []string{record("www.example.com.", "LOC", "", "52 22 23 N 4 53 32 E")}, warning: `records of type "LOC" are not known to come from Plesk`},
		"type that does not exist":    {rows: []string{record("www.example.com.", "DROP TABLE", "", "x")}, warning: `records of type "DROP TABLE"`},
		"a second SOA":                {rows: []string{record("example.com.", "SOA", "", "a. b. 1 2 3 4 5")}, warning: `records of type "SOA"`},
		"row that is a list":          {rows: []string{`["www","A"]`}, warning: "a row is no JSON object"},
		"row that is null":            {rows: []string{`null`}, warning: "a row is no JSON object"},
		"host that is an object":      {rows: []string{`{"host":{"a":1},"type":"A","value":"192.0.2.1"}`}, warning: "cannot be in a name"},

		"shell in a host":          {rows: []string{record(`"; rm -rf /.example.com.`, "A", "", "192.0.2.1")}, warning: `cannot be in a name`},
		"path in a host":           {rows: []string{record(`../../etc/passwd.example.com.`, "A", "", "192.0.2.1")}, warning: "empty label"},
		"empty label":              {rows: []string{record(`a..example.com.`, "A", "", "192.0.2.1")}, warning: "empty label"},
		"label of 64 octets":       {rows: []string{record(strings.Repeat("a", 64)+".example.com.", "A", "", "192.0.2.1")}, warning: "has 64 octets, 63 are allowed"},
		"name of 256 octets":       {rows: []string{record(strings.Repeat("abcdefg.", 31)+"example.com.", "A", "", "192.0.2.1")}, warning: "longer than 255 octets"},
		"name beyond all measure":  {rows: []string{record(strings.Repeat("a.", 100_000)+"example.com.", "A", "", "192.0.2.1")}, warning: "longer than 255 octets"},
		"escape in a host":         {rows: []string{record(`www\046evil.example.com.`, "A", "", "192.0.2.1")}, warning: "has a backslash"},
		"NUL in a host":            {rows: []string{record("www\x00.example.com.", "A", "", "192.0.2.1")}, warning: "cannot be in a name"},
		"a fullwidth semicolon":    {rows: []string{record("a；b.example.com.", "A", "", "192.0.2.1")}, warning: "bad domain name"},
		"shell in a target":        {rows: []string{record("www.example.com.", "CNAME", "", "$(reboot).example.com.")}, warning: "cannot be in a name"},
		"terminal codes in a host": {rows: []string{record("\x1b[31mred.example.com.", "A", "", "192.0.2.1")}, warning: `\x1b[31mred`},

		"TTL of its own":      {rows: []string{`{"host":"www","type":"A","value":"192.0.2.10","ttl":300}`}, want: "www.example.com. 300 IN A 192.0.2.10"},
		"TTL as a string":     {rows: []string{`{"host":"www","type":"A","value":"192.0.2.10","ttl":"300"}`}, want: "www.example.com. 300 IN A 192.0.2.10"},
		"TTL of nothing":      {rows: []string{`{"host":"www","type":"A","value":"192.0.2.10","ttl":null}`}, want: www + "A 192.0.2.10"},
		"TTL of 0":            {rows: []string{`{"host":"www","type":"A","value":"192.0.2.10","ttl":0}`}, want: "www.example.com. 0 IN A 192.0.2.10"},
		"TTL beyond 2³¹-1":    {rows: []string{`{"host":"www","type":"A","value":"192.0.2.10","ttl":2147483648}`}, want: www + "A 192.0.2.10", warning: "is no number of seconds"},
		"TTL below 0":         {rows: []string{`{"host":"www","type":"A","value":"192.0.2.10","ttl":-1}`}, want: www + "A 192.0.2.10", warning: "is no number of seconds"},
		"TTLs that differ":    {rows: []string{`{"host":"www","type":"A","value":"192.0.2.10","ttl":600}`, `{"host":"www","type":"A","value":"192.0.2.11","ttl":300}`}, want: "www.example.com. 300 IN A 192.0.2.10\nwww.example.com. 300 IN A 192.0.2.11", warning: "the lower one is taken"},
		"the same row twice":  {rows: []string{record("www", "A", "", "192.0.2.10"), record("www.example.com.", "A", "", "192.0.2.10")}, want: www + "A 192.0.2.10"},
		"good beside the bad": {rows: []string{record("a..b", "A", "", "192.0.2.10"), record("www", "A", "", "192.0.2.10")}, want: www + "A 192.0.2.10", warning: "empty label"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			origin := zone.Name("example.com.")
			if c.zone != "" {
				origin = zone.Name(c.zone)
			}
			f := newFake()
			report := deliver(t, f, "plesk-1", "", whole("create", string(origin), soaJSON, c.rows...))
			if len(report.Tasks) != 1 || report.Tasks[0].Outcome != applied {
				t.Fatalf("%+v", report)
			}
			ns := string(origin) + " 86400 IN NS ns1.example.net."
			lines := strings.Split(zoneText(f, "plesk-1", origin), "\n")
			if !slices.Contains(lines, ns) {
				t.Errorf("no %q in %q", ns, lines)
			}
			lines = slices.DeleteFunc(lines, func(s string) bool { return s == ns })
			if got := strings.Join(lines, "\n"); got != c.want {
				t.Errorf("served:\n%s\nwant:\n%s", got, c.want)
			}
			found := texts(report.Tasks[0])
			switch {
			case c.warning == "" && len(found) > 0:
				t.Errorf("warnings: %q", found)
			case c.warning != "" && (len(found) != 1 || !strings.Contains(found[0], c.warning)):
				t.Errorf("warnings: %q, want one with %q", found, c.warning)
			}
			for _, p := range report.Tasks[0].Problems {
				if !p.Warning || strings.ContainsFunc(p.Text+p.Name, func(r rune) bool { return r < ' ' }) || len(p.Text) > 1500 {
					t.Errorf("not fit for a log: %+v", p)
				}
			}
		})
	}
}

// The SOA is made of what Plesk sends, and of what it does not.
func TestSOA(t *testing.T) {
	t.Parallel()
	for situation, c := range map[string]struct {
		soa, want string
		warnings  int
	}{
		"numbers":                  {`{"email":"hostmaster@example.com","ttl":3600,"refresh":1,"retry":2,"expire":3,"minimum":4,"serial":1767225600}`, `3600 IN SOA ns1.example.net. hostmaster.example.com. 1767225600 1 2 3 4`, 0},
		"strings":                  {`{"email":"hostmaster@example.com","ttl":"3600","refresh":"1","retry":"2","expire":"3","minimum":"4","serial":"1767225600"}`, `3600 IN SOA ns1.example.net. hostmaster.example.com. 1767225600 1 2 3 4`, 0},
		"nothing":                  {`{}`, `86400 IN SOA ns1.example.net. hostmaster.example.com. 1 10800 3600 604800 10800`, 0},
		"null everywhere":          {`{"email":null,"ttl":null,"refresh":null,"retry":null,"expire":null,"minimum":null,"serial":null}`, `86400 IN SOA ns1.example.net. hostmaster.example.com. 1 10800 3600 604800 10800`, 0},
		"dots in the mailbox":      {`{"email":"first.last@example.com"}`, `86400 IN SOA ns1.example.net. first\.last.example.com. 1 10800 3600 604800 10800`, 0},
		"plus in the mailbox":      {`{"email":"host+dns@example.com"}`, `86400 IN SOA ns1.example.net. host+dns.example.com. 1 10800 3600 604800 10800`, 0},
		"mailbox in Unicode":       {`{"email":"post@bücher.example"}`, `86400 IN SOA ns1.example.net. post.xn--bcher-kva.example. 1 10800 3600 604800 10800`, 0},
		"no mailbox":               {`{"email":"hostmaster"}`, `86400 IN SOA ns1.example.net. hostmaster.example.com. 1 10800 3600 604800 10800`, 1},
		"mailbox without a domain": {`{"email":"hostmaster@"}`, `86400 IN SOA ns1.example.net. hostmaster.example.com. 1 10800 3600 604800 10800`, 1},
		"mailbox of 64 octets":     {`{"email":"` + strings.Repeat("a", 64) + `@example.com"}`, `86400 IN SOA ns1.example.net. hostmaster.example.com. 1 10800 3600 604800 10800`, 1},
		"words for numbers":        {`{"ttl":"1d","refresh":"soon","retry":[],"expire":{},"minimum":true,"serial":"2026-01-01"}`, `86400 IN SOA ns1.example.net. hostmaster.example.com. 1 10800 3600 604800 10800`, 6},
		"numbers out of range":     {`{"ttl":-1,"refresh":4294967296,"retry":1.5,"expire":1e9,"minimum":99999999999999999999,"serial":4294967296}`, `86400 IN SOA ns1.example.net. hostmaster.example.com. 1 10800 3600 604800 10800`, 6},
		"the greatest serial":      {`{"serial":4294967295}`, `86400 IN SOA ns1.example.net. hostmaster.example.com. 4294967295 10800 3600 604800 10800`, 0},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			report := deliver(t, f, "plesk-1", "", whole("create", "example.com.", c.soa))
			if found := texts(report.Tasks[0]); len(found) != c.warnings {
				t.Errorf("warnings: %q, want %d", found, c.warnings)
			}
			_, contents, err := f.Contents(t.Context(), skein.Actor{Source: "plesk-1"}, "example.com.")
			if err != nil {
				t.Fatal(err)
			}
			set, _ := contents.Get("example.com.", zone.TypeSOA)
			if got := fmt.Sprintf("%d IN SOA %s", set.TTL, set.Data[0].Text(zone.TypeSOA)); got != c.want {
				t.Errorf("%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// What would leave a zone that nobody can serve is refused whole, with the reason.
func TestZonesThatAreRefused(t *testing.T) {
	t.Parallel()
	zoneTask := func(fields string) string { return `[{"command":"update","zone":{` + fields + `}}]` }
	for situation, c := range map[string]struct{ push, says string }{
		"no zone":                  {`[{"command":"create"}]`, "has no zone"},
		"zone that is a string":    {`[{"command":"create","zone":"example.com."}]`, "has no zone"},
		"zone without a name":      {zoneTask(`"soa":{},"rr":[` + nsRow + `]`), "it is empty"},
		"no SOA":                   {zoneTask(`"name":"example.com.","rr":[` + nsRow + `]`), "has no soa"},
		"SOA that is null":         {zoneTask(`"name":"example.com.","soa":null,"rr":[` + nsRow + `]`), "has no soa"},
		"no rows":                  {zoneTask(`"name":"example.com.","soa":{}`), "would empty it"},
		"rows that are null":       {zoneTask(`"name":"example.com.","soa":{},"rr":null`), "would empty it"},
		"empty rows":               {zoneTask(`"name":"example.com.","soa":{},"rr":[]`), "would empty it"},
		"rows that are an object":  {zoneTask(`"name":"example.com.","soa":{},"rr":{"0":` + nsRow + `}`), "would empty it"},
		"no NS that can be read":   {zoneTask(`"name":"example.com.","soa":{},"rr":[{"host":"example.com.","type":"NS","value":"ns1..example.net."},` + record("www", "A", "", "192.0.2.1") + `]`), "no NS record of its own"},
		"no NS at all":             {zoneTask(`"name":"example.com.","soa":{},"rr":[` + record("www", "A", "", "192.0.2.1") + `]`), "no NS record of its own"},
		"NS of a child only":       {zoneTask(`"name":"example.com.","soa":{},"rr":[` + record("sub", "NS", "", "ns1.example.net.") + `]`), "no NS record of its own"},
		"shell in the name":        {zoneTask(`"name":"\"; rm -rf /.example.","soa":{},"rr":[` + nsRow + `]`), "cannot be in a name"},
		"path in the name":         {zoneTask(`"name":"../../etc/named.conf","soa":{},"rr":[` + nsRow + `]`), "empty label"},
		"label of 64 octets":       {zoneTask(`"name":"` + strings.Repeat("a", 64) + `.example.","soa":{},"rr":[` + nsRow + `]`), "63 are allowed"},
		"name of 256 octets":       {zoneTask(`"name":"` + strings.Repeat("abcdefg.", 32) + `","soa":{},"rr":[` + nsRow + `]`), "longer than 255"},
		"two aliases for one name": {whole("create", "example.com.", soaJSON, record("www", "CNAME", "", "a.example."), record("www", "CNAME", "", "b.example.")), "not right"},
		"RRset of 65,536 octets":   {whole("create", "example.com.", soaJSON, slices.Repeat([]string{record("www", "TXT", "", "%")}, 300)...), "not right"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			for n := 0; strings.Contains(c.push, "%"); n++ { // texts that differ
				c.push = strings.Replace(c.push, `%`, fmt.Sprintf("%0218d", n), 1)
				c.push = strings.Replace(c.push, `%`, fmt.Sprintf("%0218d", n), 1) // displayValue and value
			}
			f := newFake()
			deliver(t, f, "plesk-1", "", whole("create", "example.com.", soaJSON, record("old", "A", "", "192.0.2.9")))
			before := zoneText(f, "plesk-1", "example.com.")
			report := deliver(t, f, "plesk-1", "", c.push)
			r := report.Tasks[0]
			if r.Outcome != refused || !strings.Contains(r.Text+strings.Join(texts(r), " "), c.says) {
				t.Errorf("%+v, want a refusal with %q", r, c.says)
			}
			if len(f.zones) != 1 || zoneText(f, "plesk-1", "example.com.") != before {
				t.Error("something was changed all the same")
			}
		})
	}
}

// Size by itself is no fault, and a report stays short whatever is in a zone.
func TestLargeZones(t *testing.T) {
	t.Parallel()
	rows := make([]string, 100_000)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"host":"h%d.example.com.","type":"A","opt":"","value":"10.%d.%d.%d"}`, i, i>>16, i>>8&255, i&255)
	}
	f := newFake()
	report := deliver(t, f, "plesk-1", "", whole("create", "example.com.", soaJSON, rows...))
	_, contents, _ := f.Contents(t.Context(), skein.Actor{Source: "plesk-1"}, "example.com.")
	if _, records := contents.Len(); records != len(rows)+2 || report.Tasks[0].Outcome != applied {
		t.Errorf("%d records, %+v", records, report)
	}
	bad := slices.Repeat([]string{`{"host":"a..b","type":"A","value":"192.0.2.1"}`}, 1000)
	report = deliver(t, f, "plesk-1", "", whole("update", "example.com.", soaJSON, bad...))
	found := texts(report.Tasks[0])
	if len(found) != maxProblems+1 || !strings.Contains(found[maxProblems], "950 more") {
		t.Errorf("%d warnings, the last %q", len(found), found[len(found)-1])
	}
	report = deliver(t, f, "plesk-1", "", whole("update", "example.com.", soaJSON, slices.Repeat([]string{"0"}, maxRecords)...))
	if r := report.Tasks[0]; r.Outcome != refused || !strings.Contains(r.Text, "more than 1000000 records") {
		t.Errorf("%s: %s", r.Outcome, r.Text)
	}
}
