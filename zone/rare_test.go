package zone_test

import (
	"encoding/hex"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// rareData is data of types that the DNS library does not know, or reads
// otherwise than others do, and as it is written; "" as it is read.
var rareData = []struct{ rrtype, read, written string }{
	{"WKS", "10.0.0.1 tcp telnet FTP 0 1 2", "10.0.0.1 6 0 1 2 21 23"},
	{"WKS", "10.0.0.2 UDP domain", "10.0.0.2 17 53"},
	{"WKS", "10.0.0.2 6", ""},
	{"WKS", "10.0.0.2 255 65535", ""},
	{"NSAP", "0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00.", "0x47000580005a0000000001e133ffffff00016100"},
	{"A6", "0 2001:db8::1", ""},
	{"A6", "64 ::1:2:3:4 Foo.", ""},
	{"A6", "61 ::ffff:1:2:3:4 foo.", "61 ::7:1:2:3:4 foo."},
	{"A6", "127 ::1 foo.", ""},
	{"A6", "128 .", ""},
	{"SINK", "1 0 0", ""},
	{"SINK", "8 0 2 l4ik", ""},
	{"DOA", `1234567890 1234567890 1 "image/gif" R0lG ODlh`, `1234567890 1234567890 1 "image/gif" R0lGODlh`},
	{"DOA", `0 1 2 "" -`, ""},
	{"WALLET", `"BTC" "addr"`, ""},
	{"ISDN", "isdn-address", `"isdn-address"`},
	{"ISDN", `"isdn-address" 004`, `"isdn-address" "004"`},
	{"LOC", "60 9 N 24 39 E 10 20 2000 20", "60 09 0.000 N 24 39 0.000 E 10m 20m 2000m 20m"},
	{"LOC", "60 N 24 E 10m", "60 00 0.000 N 24 00 0.000 E 10m 1m 10000m 10m"},
	{"LOC", "60 1 2.5 S 24 3 W 10m", "60 01 2.500 S 24 03 0.000 W 10m 1m 10000m 10m"},
}

// BIND reads them to the same octets, and what is written leads back to them.
func TestRareTypes(t *testing.T) {
	t.Parallel()
	for _, c := range rareData {
		rrtype, err := zone.ParseType(c.rrtype)
		if err != nil {
			t.Fatal(err)
		}
		d, err := zone.ParseRdata(rrtype, c.read, "example.")
		if err != nil {
			t.Errorf("%s %s: %v", c.rrtype, c.read, err)
			continue
		}
		written := c.written
		if written == "" {
			written = c.read
		}
		if got := d.Text(rrtype); got != written {
			t.Errorf("%s %s is written as %s, want %s", c.rrtype, c.read, got, written)
		}
		generic := fmt.Sprintf(`\# %d %x`, len(d), string(d))
		for _, text := range []string{written, generic} {
			if back, err := zone.ParseRdata(rrtype, text, zone.Root); err != nil || back != d {
				t.Errorf("%s %s leads back to %x (%v), want %x", c.rrtype, text, string(back), err, string(d))
			}
		}
		overTheWire(t, rrtype, d)
		if theirs := readByBIND(t, c.rrtype+" "+c.read); theirs != strings.ToUpper(hex.EncodeToString([]byte(d))) {
			t.Errorf("%s %s is %X, to BIND %s", c.rrtype, c.read, string(d), theirs)
		}
	}
}

// readByBIND returns the octets that BIND takes a record's data for, in hex.
func readByBIND(t *testing.T, record string) string {
	t.Helper()
	cmd := exec.Command(servertest.Program(t, "named-rrchecker"), "-u")
	cmd.Stdin = strings.NewReader("IN " + record + "\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("named-rrchecker: %s: %v\n%s", record, err, out)
	}
	fields := strings.Fields(string(out))
	return fields[len(fields)-1]
}

func TestRareDataThatIsRefused(t *testing.T) {
	t.Parallel()
	for situation, c := range map[string]struct{ rrtype, text string }{
		"a port that is none":            {"WKS", "10.0.0.1 tcp 65536"},
		"a service that nobody knows":    {"WKS", "10.0.0.1 tcp nosuch"},
		"a protocol that is none":        {"WKS", "10.0.0.1 256 1"},
		"no address":                     {"WKS", "tcp 25"},
		"hex without 0x":                 {"NSAP", "4700"},
		"0x without hex":                 {"NSAP", "0x"},
		"half an octet":                  {"NSAP", "0x123"},
		"too many bits from a name":      {"A6", "129 ."},
		"bits from a name without one":   {"A6", "64 ::1"},
		"a name without bits":            {"A6", "0 ::1 foo."},
		"an IPv4 address":                {"A6", "0 192.0.2.1"},
		"an address with a zone":         {"A6", "0 fe80::1%eth0"},
		"A6 that ends too early":         {"A6", `\# 3 400001`},
		"A6 with bits that are a name's": {"A6", `\# 15 3DFF000100020003000403666F6F00`},
		"A6 with octets too many":        {"A6", `\# 18 0020010DB800000000000000000000000100`},
		"no base64":                      {"DOA", `0 1 2 "" !`},
		"DOA without data":               {"DOA", `0 1 2 ""`},
		"LOC beyond the pole":            {"LOC", "91 N 0 E 0"},
		"LOC with one direction":         {"LOC", "60 N 24 10m"},
	} {
		rrtype, err := zone.ParseType(c.rrtype)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := zone.ParseRdata(rrtype, c.text, zone.Root); err == nil {
			t.Errorf("%s: %s %s is taken for %x", situation, c.rrtype, c.text, string(d))
		}
	}
}
