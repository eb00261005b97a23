package nsd

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/skein-dns/skein"
)

// paired is a member that transfers from another as well.
func paired(m *skein.Member, _ *skein.MemberSecrets, o *ConfigOptions) {
	m.Others = []skein.MemberPrimary{{Member: "ns2.example.net", Address: netip.MustParseAddr("192.0.2.2"), Port: 53, Key: "skein-pair-ns3-ns2"}}
	o.Keys = []skein.TransferKey{{Name: "skein-pair-ns3-ns2", Algorithm: "hmac-sha256", Secret: anySecret}}
}

// What is printed for a member with two sources, whole, to be read. NSD checks it
// in TestPrintedConfigurationIsTakenByNSD.
func TestPrintedKeysOfPairs(t *testing.T) {
	t.Parallel()
	m, s, o := ns3, skein.MemberSecrets{TSIG: anySecret, Audit: anySecret, Certificate: "C\n", PrivateKey: "K\n", Server: "C\n"}, ConfigOptions{}
	paired(&m, &s, &o)
	got, file := Config(m, s, o), filepath.Join("testdata", "pairs.txt")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || got != string(want) {
		t.Errorf("%v; it prints (UPDATE=1 keeps it):\n%s", err, got)
	}
}
