package bind

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/namedconf"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/internal/servertest"
)

const anySecret = "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="

var (
	allSecrets = skein.MemberSecrets{RNDC: anySecret, TSIG: anySecret, Audit: anySecret}
	ns2        = skein.Member{
		Name: "ns2.example.net", Driver: "bind", Address: netip.MustParseAddr("192.0.2.15"), Port: 53, RNDCPort: 953,
		Primaries: []skein.Primary{{Address: netip.MustParseAddr("192.0.2.1"), Port: 53}},
		TSIGKey:   "skein-ns2.example.net", AuditKey: "skein-audit-ns2.example.net", Algorithm: "hmac-sha256",
	}
)

// debianOptions is what Debian's bind9 comes with.
const debianOptions = `options {
	directory "/var/cache/bind";
	dnssec-validation auto;
	listen-on-v6 { any; };
`

// What is printed is taken by BIND, whatever the member is like; and it holds
// the keys, and the address that commands come from.
func TestPrintedConfigurationIsTakenByBIND(t *testing.T) {
	t.Parallel()
	localKey := filepath.Join(t.TempDir(), "rndc.key")
	if err := os.WriteFile(localKey, []byte(`key "rndc-key" { algorithm hmac-sha256; secret "`+anySecret+`"; };`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		edit    func(m *skein.Member, s *skein.MemberSecrets, o *ConfigOptions)
		allowed string
	}{
		"as usual": {func(*skein.Member, *skein.MemberSecrets, *ConfigOptions) {}, "192.0.2.1; 127.0.0.1; "},
		"IPv6": {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) {
			m.Address, m.Primaries[0].Address = netip.MustParseAddr("2001:db8::15"), netip.MustParseAddr("2001:db8::1")
		}, "2001:db8::1; 127.0.0.1; "},
		"an address is not known yet": {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) {
			m.Address, m.Primaries = netip.Addr{}, nil
		}, "127.0.0.1; "},
		"rndc at another address": {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) {
			m.RNDCAddr, m.RNDCPort = netip.MustParseAddr("10.0.0.15"), 9953
		}, "192.0.2.1; 127.0.0.1; "},
		"commands come from elsewhere than zones": {func(_ *skein.Member, _ *skein.MemberSecrets, o *ConfigOptions) {
			o.Control = []netip.Addr{netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("192.0.2.8"), netip.MustParseAddr("192.0.2.7")}
		}, "192.0.2.7; 192.0.2.8; 127.0.0.1; "},
		"several primaries": {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) {
			m.Primaries = append(m.Primaries, skein.Primary{Address: netip.MustParseAddr("2001:db8::1"), Port: 53})
		}, "192.0.2.1; 2001:db8::1; 127.0.0.1; "},
		"everything on one machine": {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) {
			m.Address, m.Primaries[0].Address = netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.1")
		}, "127.0.0.1; "},
		"no audit": {func(_ *skein.Member, s *skein.MemberSecrets, _ *ConfigOptions) { s.Audit = "" }, "192.0.2.1; 127.0.0.1; "},
		"MD5":      {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) { m.Algorithm = "hmac-md5" }, "192.0.2.1; 127.0.0.1; "},
		"others transfer from it, and it from another": {paired, "192.0.2.1; 127.0.0.1; "},
		"SHA-512": {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) { m.Algorithm = "hmac-sha512" }, "192.0.2.1; 127.0.0.1; "},
		"its zones are listed": {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) {
			m.Settings = map[string]string{Statistics: "192.0.2.15:8053"}
		}, "192.0.2.1; 127.0.0.1; "},
		"its zones are listed at a host by name": {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) {
			m.Settings = map[string]string{Statistics: "ns2.example.net:8053"}
		}, "192.0.2.1; 127.0.0.1; "},
		"a folder of one's own": {func(_ *skein.Member, _ *skein.MemberSecrets, o *ConfigOptions) {
			o.Directory = filepath.Dir(localKey)
		}, "192.0.2.1; 127.0.0.1; "},
		"a name that would break out": {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) {
			m.Name = "x\"; }; };\nzone \"evil.example\" { type primary; file \"/etc/passwd\"; }; # \\"
		}, "192.0.2.1; 127.0.0.1; "},
	} {
		for _, merge := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", merged"}[merge], func(t *testing.T) {
				t.Parallel()
				m, s, o := ns2, allSecrets, ConfigOptions{Merge: merge}
				m.Primaries = slices.Clone(m.Primaries)
				c.edit(&m, &s, &o)
				text := strings.ReplaceAll(Config(m, s, o), "/etc/bind/rndc.key", localKey)
				conf := text
				if merge {
					conf = debianOptions + forOptions(text) + "};\n" + text
				}
				file := filepath.Join(t.TempDir(), "named.conf")
				if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
					t.Fatal(err)
				}
				if out, err := exec.Command(servertest.Program(t, "named-checkconf"), file).CombinedOutput(); err != nil {
					t.Errorf("named-checkconf: %v\n%s\n%s", err, out, conf)
				}
				if !strings.Contains(text, "allow { "+c.allowed+"}") {
					t.Errorf("rndc is not allowed from %s:\n%s", c.allowed, text)
				}
				keys, err := rndc.ParseKeys(text)
				want := 3 + len(o.From) + len(o.To)
				if s.Audit == "" {
					want--
				}
				if err != nil || len(keys) != want {
					t.Errorf("keys %v, %v", keys, err)
				}
			})
		}
	}
}

// The statistics channel opens to those that commands come from, where it is named.
func TestThePrintedChannel(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"":                     "",
		"192.0.2.15:8053":      "statistics-channels { inet 192.0.2.15 port 8053 allow { 192.0.2.1; 127.0.0.1; }; };",
		"[2001:db8::15]:8053":  "statistics-channels { inet 2001:db8::15 port 8053 allow { 192.0.2.1; 127.0.0.1; }; };",
		"ns2.example.net:8053": "statistics-channels { inet * port 8053 allow { 192.0.2.1; 127.0.0.1; }; };",
	} {
		m := ns2
		m.Settings = map[string]string{Statistics: at}
		text := Config(m, allSecrets, ConfigOptions{})
		if !strings.Contains(text, want) || want == "" && strings.Contains(text, "statistics") {
			t.Errorf("%q:\n%s", at, text)
		}
	}
}

// forOptions takes the lines that are for an options statement out of the block.
func forOptions(block string) string {
	var lines strings.Builder
	for line := range strings.Lines(block) {
		if rest, ok := strings.CutPrefix(line, "#    "); ok {
			lines.WriteString(rest)
		}
	}
	return lines.String()
}

// A server that serves zones of its own goes on serving them as before.
func TestMergingTouchesNothingElse(t *testing.T) {
	t.Parallel()
	block := Config(ns2, allSecrets, ConfigOptions{Merge: true})
	statements, err := namedconf.Statements(block + forOptions(block))
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{"key", "acl", "include", "controls", "allow-new-zones", "serial-query-rate", "transfers-in", "transfers-per-ns"}
	for _, s := range statements {
		if !slices.Contains(allowed, s.Word(0)) {
			t.Errorf("it says %s", s.Word(0))
		}
	}
	if n := strings.Count(forOptions(block), "\n"); n != 4 {
		t.Errorf("%d lines are for the options statement:\n%s", n, block)
	}
}

// The rndc of the machine itself works on, also when both channels would be at
// the same address.
func TestMergingKeepsTheMachinesOwnChannel(t *testing.T) {
	t.Parallel()
	here := ns2
	here.Address = netip.MustParseAddr("127.0.0.1")
	for name, c := range map[string]struct {
		m    skein.Member
		want []string
	}{
		"another address": {ns2, []string{
			`inet 192.0.2.15 port 953 allow { 192.0.2.1; 127.0.0.1; } keys { "skein-rndc-ns2.example.net"; };`,
			`inet 127.0.0.1 port 953 allow { 127.0.0.1; } keys { "rndc-key"; };`}},
		"the same address": {here, []string{
			`inet 127.0.0.1 port 953 allow { 192.0.2.1; 127.0.0.1; } keys { "skein-rndc-ns2.example.net"; "rndc-key"; };`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			block := Config(c.m, allSecrets, ConfigOptions{Merge: true})
			if n := strings.Count(block, "    inet "); n != len(c.want) {
				t.Errorf("%d channels", n)
			}
			for _, want := range c.want {
				if !strings.Contains(block, want) {
					t.Errorf("no %s in\n%s", want, block)
				}
			}
		})
	}
}
