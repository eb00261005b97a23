package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// plesk makes what Plesk's custom DNS backend sends for one zone.
func plesk(command, zone string, records ...string) string {
	rr := []string{
		record(zone, "NS", "", "ns1.hoster.example."),
		record(zone, "NS", "", "ns2.hoster.example."),
	}
	body := ""
	if command != "delete" {
		body = fmt.Sprintf(`,"soa":{"email":%q,"status":0,"type":"master","ttl":86400,"refresh":10800,"retry":3600,"expire":604800,"minimum":10800,"serial":1767225600,"serial_format":"UNIXTIMESTAMP"},"rr":[%s]`,
			"hostmaster@"+strings.TrimSuffix(zone, "."), strings.Join(append(rr, records...), ","))
	}
	return fmt.Sprintf(`[{"command":%q,"zone":{"name":%q,"displayName":%q%s}}]`, command, zone, zone, body)
}

func record(host, rrtype, opt, value string) string {
	return fmt.Sprintf(`{"host":%q,"displayHost":%q,"type":%q,"displayValue":%q,"opt":%q,"value":%q}`, host, host, rrtype, value, opt, value)
}

// The four steps of a hoster with one Plesk server and two BIND secondaries.
func TestPanelZoneReachesBothSecondaries(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns1, ns2 := bringIn(t, n, "ns1.hoster.example"), bringIn(t, n, "ns2.hoster.example")
	both := []*named{ns1, ns2}

	n.ok(plesk("create", "example.com.", record("www.example.com.", "A", "", "192.0.2.10"), record("example.com.", "TXT", "", `say "hi"`)), "hook", "plesk")
	n.ok("", "wait", "example.com")
	for _, s := range both {
		s.answers("www.example.com", "A", "192.0.2.10")
		s.answers("example.com", "TXT", `"say \"hi\""`)
	}

	n.ok(plesk("update", "example.com.", record("www.example.com.", "A", "", "192.0.2.11")), "hook", "plesk")
	n.ok("", "wait", "example.com")
	for _, s := range both {
		s.answers("www.example.com", "A", "192.0.2.11")
		s.answers("example.com", "TXT", "")
	}

	n.ok("", "record", "set", "example.com", "www", "A", "192.0.2.12", "192.0.2.13", "--ttl", "60")
	n.ok("", "wait", "example.com")
	for _, s := range both {
		s.answers("www.example.com", "A", "192.0.2.12\n192.0.2.13")
		n.ok("", "zone", "diff", "example.com", "--member", s.Name)
	}

	n.ok(plesk("delete", "example.com."), "hook", "plesk")
	n.ok("", "wait", "example.com")
	for _, s := range both {
		s.refuses("example.com")
		// BIND removes files after it answered. (One of the test zone, with a
		// second number, may be left: BIND writes a zone some time after it took it.)
		eventually(t, s.Name+" removes the zone's files", func() error {
			files, err := filepath.Glob(filepath.Join(s.Dir, "skein-*.db*"))
			for _, file := range files {
				if strings.Count(filepath.Base(file), "-") == 1 {
					return fmt.Errorf("%s is there", file)
				}
			}
			return err
		})
	}
	n.refused(4, []string{"example.com"}, "", "zone", "show", "example.com")
}

// A pointer goes into the reverse zone, which every nameserver gets as well.
func TestPanelPointersReachBothSecondaries(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns1, ns2 := bringIn(t, n, "ns1.hoster.example"), bringIn(t, n, "ns2.hoster.example")
	n.ok(`[{"command":"createPTRs","ptr":{"ip_address":"192.0.2.10","hostname":"www.example.com"}},
		{"command":"createPTRs","ptr":{"ip_address":"2001:0db8::10","hostname":"www.example.com"}}]`, "hook", "plesk")
	for line := range strings.Lines(n.ok("", "zone", "list")) {
		if name, _, _ := strings.Cut(line, " "); strings.HasSuffix(name, ".arpa.") {
			n.ok("", "wait", name)
		}
	}
	for _, s := range []*named{ns1, ns2} {
		for _, address := range []string{"192.0.2.10", "2001:db8::10"} {
			if out, err := s.Dig("-x", address, "+short"); err != nil || out != "www.example.com." {
				t.Errorf("%s says of %s: %q, %v", s.Name, address, out, err)
			}
		}
	}
}

// A secondary that comes later gets what is there, and what was its own stays.
func TestALateSecondaryCatchesUp(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	for i := range 20 {
		n.ok("", "zone", "create", fmt.Sprintf("zone%d.example", i), "--ns", "ns1.hoster.example")
	}
	s := pasted(t, n, "ns1.hoster.example")
	s.File("own.zone", "@ 60 IN SOA . . 1 1 1 1 1\n@ 60 IN NS ns1.hoster.example.\nwww 60 IN A 192.0.2.77\n")
	own := `{ type primary; file "own.zone"; };`
	for _, name := range []string{"own.example", "zone7.example"} {
		if out, err := s.rndc("addzone", name, own); err != nil {
			t.Fatal(err, out)
		}
	}
	n.ok("", "member", "test", s.Name)
	for i := range 20 {
		if i != 7 {
			n.ok("", "wait", fmt.Sprintf("zone%d.example", i))
		}
	}
	// The same name, put there by somebody else: left alone, and shown.
	eventually(t, "zone7.example is shown as foreign", func() error {
		if out := n.ok("", "zone", "show", "zone7.example"); !strings.Contains(out, "foreign") {
			return fmt.Errorf("it is shown as\n%s", out)
		}
		return nil
	})
	s.answers("www.zone7.example", "A", "192.0.2.77")

	// Taken out, with its zones: those of its own are still there.
	out := n.ok("", "member", "remove", s.Name, "--clean", "--yes")
	if !strings.Contains(out, "19 zones") {
		t.Errorf("19 zones were ours, and it says %s", out)
	}
	s.refuses("zone1.example")
	s.answers("www.own.example", "A", "192.0.2.77")
	s.answers("www.zone7.example", "A", "192.0.2.77")
}
