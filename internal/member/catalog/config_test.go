package catalog

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/listing"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

var ns3 = skein.Member{
	Name: "ns3.example.net", Driver: Name, Address: netip.MustParseAddr("192.0.2.11"), Port: 53,
	Primaries: []skein.Primary{{Address: netip.MustParseAddr("192.0.2.53"), Port: 53}, {Address: netip.MustParseAddr("2001:db8::53"), Port: 5300}},
	TSIGKey:   "skein-ns3", AuditKey: "skein-audit-ns3", Algorithm: "hmac-sha256",
}

var keysOfTests = skein.MemberSecrets{TSIG: "dHNpZy1zZWNyZXQtb2YtdGhlLXRlc3RzISE=", Audit: "YXVkaXQtc2VjcmV0LW9mLXRoZS10ZXN0cyE="}

// What is printed for each make, whole, to be read. Real servers are started
// with it elsewhere; for NSD there is none that knows catalogs.
func TestPrintedConfigurations(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings map[string]string
		shares   []skein.Share
		style    skein.ConfigStyle
		paired   bool
	}{
		"bind":              {},
		"bind-beside":       {style: skein.ConfigStyle{Merge: true}},
		"knot":              {settings: map[string]string{"software": "knot"}, shares: []skein.Share{{Pool: "eu", Role: skein.RoleWriteOnly}}},
		"knot-beside-group": {settings: map[string]string{"software": "knot", "group": "slow"}, style: skein.ConfigStyle{Merge: true}},
		"nsd":               {settings: map[string]string{"software": "nsd", "catalog": "of.example"}},
		"powerdns":          {settings: map[string]string{"software": "powerdns"}},
		"skein":             {settings: map[string]string{"software": "skein"}, shares: []skein.Share{{Pool: "eu", Role: skein.RoleWriteOnly}}},
		"skein-beside":      {settings: map[string]string{"software": "skein"}, style: skein.ConfigStyle{Merge: true}},
		"powerdns-address":  {settings: map[string]string{"software": "powerdns", "transfer": "address"}},
		"bind-pairs":        {settings: map[string]string{"software": "bind"}, paired: true},
		"knot-pairs":        {settings: map[string]string{"software": "knot"}, paired: true},
		"nsd-pairs":         {settings: map[string]string{"software": "nsd"}, paired: true},
		"skein-pairs":       {settings: map[string]string{"software": "skein"}, paired: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := ns3
			m.Settings, m.Shares = c.settings, c.shares
			var from, to []skein.TransferKey
			if c.paired {
				from, to = pair(&m)
			}
			got := Config(m, keysOfTests, from, to, c.style)
			file := filepath.Join("testdata", name+".txt")
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil || got != string(want) {
				t.Errorf("%v; it prints (UPDATE=1 keeps it):\n%s", err, got)
			}
			if !strings.Contains(got, keysOfTests.TSIG) {
				t.Error("the key is not in it")
			}
			if !c.style.Merge {
				taken(t, m.Settings["software"], got)
			}
		})
	}
}

// pair makes of a member one that transfers from another, and of a Skein
// nameserver, which alone can, one that another transfers from.
func pair(m *skein.Member) (from, to []skein.TransferKey) {
	m.Others = []skein.MemberPrimary{{Member: "ns2.example.net", Address: netip.MustParseAddr("192.0.2.2"), Port: 53, Key: "skein-pair-ns3-ns2"}}
	from = []skein.TransferKey{{Name: "skein-pair-ns3-ns2", Algorithm: m.Algorithm, Secret: keysOfTests.Audit}}
	if m.Primary = CanBePrimary(*m); m.Primary {
		to = []skein.TransferKey{{Name: "skein-pair-ns4-ns3", Algorithm: m.Algorithm, Secret: keysOfTests.Audit}}
	}
	return from, to
}

// taken has the server's own program check a configuration. Debian's NSD has
// none that knows catalogs: it checks what is printed beside those.
func taken(t *testing.T, software, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "conf")
	var check []string
	switch software {
	case "", "bind":
		check = []string{"named-checkconf", file}
	case "knot":
		check = []string{"knotc", "-c", file, "conf-check"}
	case "nsd":
		check, text = []string{"nsd-checkconf", file}, text[:strings.Index(text, "\nzone:\n")+1]
	default:
		return
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(servertest.Program(t, check[0]), check[1:]...).CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s\n%s", check[0], err, out, text)
	}
}

// Nothing in a member's description ends a line or a word of what is printed.
func TestPrintedTextsAreQuoted(t *testing.T) {
	t.Parallel()
	m := ns3
	m.Name, m.TSIGKey = "ns3\n\"; }; include \"/etc/shadow", "key'\n; touch /tmp/x #"
	for _, software := range Software {
		m.Settings = map[string]string{"software": software}
		for line := range strings.Lines(Config(m, keysOfTests, nil, nil, skein.ConfigStyle{})) {
			if strings.HasPrefix(strings.TrimSpace(line), "; touch") || strings.HasPrefix(line, "\"; }") {
				t.Errorf("%s: %s", software, line)
			}
		}
	}
	if got := word("it's\n'"); got != `'it'\''s'\'''` {
		t.Errorf("a word of a shell: %s", got)
	}
}

func TestCatalogsOfAMember(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		member skein.Member
		want   []listing.Catalog
	}{
		"a member of no pool is in the default one": {skein.Member{}, []listing.Catalog{{Origin: "default.catalog.skein.invalid.", Pool: "default"}}},
		"one of two pools follows two": {skein.Member{Pool: "us", Shares: []skein.Share{{Pool: "EU"}}},
			[]listing.Catalog{{Origin: "eu.catalog.skein.invalid.", Pool: "EU"}, {Origin: "us.catalog.skein.invalid.", Pool: "us"}}},
		"with a group": {skein.Member{Pool: "us", Settings: map[string]string{"group": "slow"}},
			[]listing.Catalog{{Origin: "us.slow.group.catalog.skein.invalid.", Pool: "us", Group: "slow"}}},
		"of a cluster of its own": {skein.Member{Pool: "us", Settings: map[string]string{"catalog": "Cat.example.net"}},
			[]listing.Catalog{{Origin: "us.cat.example.net.", Pool: "us"}}},
	} {
		got := Of(c.member)
		if len(got) != len(c.want) {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %+v, want %+v", name, got[i], c.want[i])
			}
		}
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		check func(string) error
		good  []string
		bad   []string
	}{
		"software": {CheckSoftware, Software, []string{"", "bind9", "BIND"}},
		"group":    {CheckGroup, []string{"slow", "a-b_c1"}, []string{"Slow", "a b", "a\"b", strings.Repeat("a", 64)}},
		"catalog":  {CheckSuffix, []string{"invalid", "cat.example.net."}, []string{"", ".", "a..b", strings.Repeat("a.", 90)}},
		"transfer": {CheckTransfer, []string{"key", "address"}, []string{"", "any"}},
	} {
		for _, s := range c.good {
			if err := c.check(s); err != nil {
				t.Errorf("%s=%s: %v", name, s, err)
			}
		}
		for _, s := range c.bad {
			if c.check(s) == nil {
				t.Errorf("%s=%s is taken", name, s)
			}
		}
	}
}

// A catalog with the longest pool name leaves room for its members' labels, or
// the driver has none of it and its test says so.
func TestLongNames(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 63, 64} {
		for _, c := range Of(skein.Member{Pool: strings.Repeat("p", n), Settings: map[string]string{"catalog": strings.Repeat("a.", 60)}}) {
			if _, err := zone.ParseName(strings.Repeat("0", 40) + ".zones." + string(c.Origin)); err != nil {
				t.Errorf("pool of %d letters: %v", n, err)
			}
		}
	}
}
