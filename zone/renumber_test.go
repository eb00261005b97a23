package zone

import (
	"strings"
	"testing"
)

func TestAZoneFileIsRenumbered(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{
		"in one line":                   "$TTL 300\n@ 300 IN SOA ns1 root <7> 1 2 3 4\n@ NS ns1\n",
		"in parentheses, with comments": "; cPanel first:11 ; SOA 9\n$TTL 14400\nexample.com. 86400 IN SOA ns1.example.net. root.example.net. (\n <2026010101> ; serial, was 2026010100\n 3600 1800 1209600 86400 )\n",
		"lines end as on Windows":       "@ IN SOA ns1 root (\r\n\t<7>\r\n\t1 2 3 4 )\r\n",
		"an owner named like the type":  "soa SOA ns1 root <7> 1 2 3 4\n",
		"nameservers named so":          "@ SOA SOA soa <7> 1 2 3 4\n",
		"names with escapes":            "@ SOA ns1 the\\;root\\(\\\" <7> 1 2 3 4\n",
		"a quoted name":                 "@ SOA ns1 \"a; ( b\" <7> 1 2 3 4\n",
		"behind other records":          "www TXT \"SOA; (\" SOA 1 2 3\n A 192.0.2.1\n; SOA\n@ SOA ns1 root ; x\n",
		"the owner of the line before":  "@ NS ns1\n SOA ns1 root <7> 1 2 3 4\n",
		"glued to what follows":         "@ SOA ns1 root (<7>;serial\n1 2 3 4)\n",
		"no SOA":                        "@ NS ns1\n",
		"broken off":                    "@ SOA ns1 root",
		"no number":                     "@ SOA ns1 root serial 1 2 3 4",
		"none at all":                   "",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			given := strings.NewReplacer("<", "", ">", "").Replace(text)
			want := ""
			if before, rest, found := strings.Cut(text, "<"); found {
				_, after, _ := strings.Cut(rest, ">")
				want = before + "4294967295" + after
			}
			if got := string(Renumber([]byte(given), 4294967295)); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// What Parse reads of a renumbered file is what it read before, but for the serial.
func FuzzRenumber(f *testing.F) {
	f.Add([]byte("$TTL 300\n@ SOA ns1 root ( 7 ; serial\n 1 2 3 4 )\n@ NS ns1\nwww A 192.0.2.1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		o := Options{Origin: "example.com.", MaxRecords: 1000}
		renumbered := Renumber(text, 4294967295)
		before, _, err := Parse(strings.NewReader(string(text)), o)
		if err != nil || renumbered == nil {
			return
		}
		after, _, err := Parse(strings.NewReader(string(renumbered)), o)
		if err != nil || len(after) != len(before) {
			t.Fatalf("%q is not %q: %v", renumbered, text, err)
		}
		serials := 0
		for i, set := range after {
			if set.Equal(before[i]) {
				continue
			}
			for j, d := range set.Data {
				was, now := mustSOA(t, before[i].Data[j]), mustSOA(t, d)
				if was != now {
					serials++
				}
				was.Serial = 4294967295
				if now.Serial != 4294967295 {
					now.Serial = 4294967295
				}
				if was != now {
					t.Fatalf("%q is not %q", renumbered, text)
				}
			}
		}
		if serials > 1 {
			t.Fatalf("%d serials of %q were changed", serials, text)
		}
	})
}

func mustSOA(t *testing.T, d Rdata) SOA {
	soa, err := ParseSOA(d)
	if err != nil {
		t.Fatal(err)
	}
	return soa
}
