package bind

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/skein-dns/skein"
)

// paired is a member that others transfer from, and that transfers from another.
func paired(m *skein.Member, _ *skein.MemberSecrets, o *ConfigOptions) {
	m.Primary = true
	m.Others = []skein.MemberPrimary{{Member: "ns4.example.net", Address: netip.MustParseAddr("2001:db8::4"), Port: 5300, Key: "skein-pair-ns2-ns4"}}
	o.From = []skein.TransferKey{{Name: "skein-pair-ns2-ns4", Algorithm: "hmac-sha256", Secret: anySecret}}
	o.To = []skein.TransferKey{{Name: "skein-pair-ns3-ns2", Algorithm: "hmac-sha512", Secret: anySecret}, {Name: "skein-powerdns", Algorithm: "hmac-sha256", Secret: anySecret}}
}

// What is printed for a primary of others, whole, to be read. BIND checks it in
// TestPrintedConfigurationIsTakenByBIND.
func TestPrintedKeysOfPairs(t *testing.T) {
	t.Parallel()
	for file, merge := range map[string]bool{"pairs.txt": false, "pairs-beside.txt": true} {
		m, s, o := ns2, allSecrets, ConfigOptions{Merge: merge}
		paired(&m, &s, &o)
		got := Config(m, s, o)
		file = filepath.Join("testdata", file)
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(file); err != nil || got != string(want) {
			t.Errorf("%v; it prints (UPDATE=1 keeps it):\n%s", err, got)
		}
	}
}

// Zones of a primary go to those in the ACL, and not only to the audit key; where
// it transfers from, and with which keys, their setup says.
func TestZonesOfAPrimary(t *testing.T) {
	t.Parallel()
	m, s, o := ns2, allSecrets, ConfigOptions{}
	paired(&m, &s, &o)
	text, err := newText(m)
	const want = `{ type slave; file "skein-af4181b9fc9791e7602493af58368152716bb0be.db"; masters { 192.0.2.1 port 53 key "skein-ns2.example.net"; 2001:db8::4 port 5300 key "skein-pair-ns2-ns4"; }; notify no; allow-transfer { skein-members; }; };`
	if got := text.block("a.example."); err != nil || got != want {
		t.Errorf("%v\n%s, want\n%s", err, got, want)
	}
}
