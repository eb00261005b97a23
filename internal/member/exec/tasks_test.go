package exec

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/skein-dns/skein/zone"
)

// What a program is given has the form that Plesk's has.
func TestTasksAreInPlesksForm(t *testing.T) {
	t.Parallel()
	s := newStage(t, "")
	s.put(t, "xn--bcher-kva.example.", `
@ 86400 SOA ns1.example.net. first\.last.example.com. 7 10800 3600 604800 300
@ 3600 NS ns1.example.net.
@ 300 A 192.0.2.10
www 300 CNAME @
@ 300 MX 20 mail.example.com.
@ 300 TXT "v=spf1 " "-all"
_sip._tcp 300 SRV 10 5 5060 sip.example.com.
@ 300 CAA 0 issue "ca.example.net; x=\"y\""
_443._tcp 300 TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
bad 300 TXT "\255"
`)
	s.must(t, "add", "xn--bcher-kva.example.")
	got, err := os.ReadFile(s.dir + "/input")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`[{"command":"create","zone":{"name":"xn--bcher-kva.example.","displayName":"bücher.example.","soa":{"email":"first.last@example.com","status":0,"type":"master","ttl":86400,` +
			`"refresh":10800,"retry":3600,"expire":604800,"minimum":300,"serial":7,"serial_format":"UNIXTIMESTAMP"},"rr":[`,
		`{"host":"xn--bcher-kva.example.","displayHost":"bücher.example.","type":"A","displayValue":"192.0.2.10","opt":"","value":"192.0.2.10","ttl":300}`,
		`"type":"NS","displayValue":"ns1.example.net.","opt":"","value":"ns1.example.net.","ttl":3600`,
		`"host":"www.xn--bcher-kva.example."`, `"opt":"20","value":"mail.example.com."`, `"opt":"","value":"v=spf1 -all"`,
		`"opt":"10 5 5060","value":"sip.example.com."`, `"opt":"0 issue","value":"ca.example.net; x=\"y\""`, `"opt":"3 1 1","value":"0123456789`,
	} {
		if !strings.Contains(strings.ToLower(string(got)), strings.ToLower(want)) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	has, err := s.driver(t).Has(t.Context(), []zone.Name{"xn--bcher-kva.example."})
	if err != nil || !has[0].Current || len(has[0].Lacks) != 1 || !strings.Contains(has[0].Lacks[0], "bad.xn--bcher-kva.example. TXT") || strings.Contains(string(got), "bad.xn") {
		t.Errorf("%+v, %v", has, err)
	}
}

// FuzzZoneTask: whatever a zone holds, what a program is given of it is JSON, and
// every record is in it or told of.
func FuzzZoneTask(f *testing.F) {
	f.Add("@ 60 TXT \"a\\\"b\" \"\\255\"\n")
	f.Add("@ 60 CAA 0 issue \"x\"\n_x 60 SRV 1 2 3 .\n")
	f.Add("@ 60 TYPE65280 \\# 2 abcd\n")
	f.Fuzz(func(t *testing.T, text string) {
		sets, _, err := zone.Parse(strings.NewReader("@ 60 SOA . . 1 1 1 1 1\n"+text), zone.Options{Origin: "example."})
		if err != nil {
			return
		}
		c, err := zone.NewContents("example.", sets)
		if err != nil {
			return
		}
		z, lacks := zoneTask(c)
		var back []task
		encoded := encode([]task{{Command: "create", Zone: z}})
		if err := json.Unmarshal(encoded, &back); err != nil || !utf8.Valid(encoded) || strings.Count(string(encoded), "\n") != 1 {
			t.Fatalf("%v: %q", err, encoded)
		}
		if _, records := c.Len(); len(z.Records)+len(lacks)+1 != records {
			t.Errorf("%d records, %d are told and %d lack", records, len(z.Records), len(lacks))
		}
		for i, r := range back[0].Zone.Records {
			if r != z.Records[i] {
				t.Errorf("%+v became %+v", z.Records[i], r)
			}
		}
	})
}
