package nsd

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

var ns3 = skein.Member{
	Name: "ns3.example.net", Driver: "nsd", Address: netip.MustParseAddr("192.0.2.13"), Port: 53, Endpoint: "192.0.2.13:8952",
	Primaries: []skein.Primary{{Address: netip.MustParseAddr("192.0.2.1"), Port: 53}},
	TSIGKey:   "skein-ns3_example_net", AuditKey: "skein-audit-ns3_example_net", Algorithm: "hmac-sha256",
}

func TestPatternsAreOursOnlyIfNamedSo(t *testing.T) {
	t.Parallel()
	for pattern, ours := range map[string]bool{
		"skein-ns3.example.net":       true,
		"skein-ns3.example.net+2":     true,
		"skein-ns3.example.net+":      true, // nobody else would
		"skein-ns3.example.network":   false,
		"skein-ns3":                   false,
		"skein-ns3+2":                 false,
		"hosted":                      false,
		"":                            false, // of nsd.conf
		"_implicit_ns3.example.net":   false,
		"other+skein-ns3.example.net": false,
	} {
		if isOurs(pattern, ns3) != ours {
			t.Errorf("%q", pattern)
		}
	}
	for pattern, want := range map[string]string{"": "skein-ns3.example.net", "skein-ns3.example.net+b": "skein-ns3.example.net+b",
		"hosted": "", "skein-ns4.example.net": "", "skein-ns3.example.net+a b": "", "skein-ns3.example.net+\nx": ""} {
		m := ns3
		m.Settings = map[string]string{PatternSetting: pattern}
		if got, err := patternOf(m); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", pattern, got, err)
		}
	}
}

func TestNamesAreWrittenForNSD(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"Example.COM.": "example.com", ".": ".", "/etc/cron.d/x.": `\047etc\047cron.d\047x`, `a\.b.example.`: `a\046b.example`,
		"_dmarc.example": "_dmarc.example", `b\252cher.example`: `b\252cher.example`, "*.example.": `\042.example`, "": "", "a..b": "a..b",
	} {
		if got := normal(written); got != want {
			t.Errorf("%q: %q, not %q", written, got, want)
		}
	}
}

// FuzzText: whatever a zone is called, NSD is told of it in one word without
// anything that a folder or a line could be made of, and means the same.
func FuzzText(f *testing.F) {
	for _, label := range []string{"example", "../../etc", "/", " ", "\x00\n\r\t\x7f\xff", `\`, "A", "%1", "#"} {
		f.Add([]byte(label))
	}
	f.Fuzz(func(t *testing.T, label []byte) {
		if len(label) == 0 || len(label) > 63 {
			return
		}
		name, err := zone.NameFromWire(append(append([]byte{byte(len(label))}, label...), 0))
		if err != nil {
			t.Fatal(err)
		}
		got := text(name)
		if strings.ContainsAny(got, " /%#\n\x04*") || strings.Contains(got, ".") {
			t.Errorf("%q", got)
		}
		back, err := zone.ParseName(got)
		if err != nil || !back.Equal(name) || normal(got) != got || normal(string(name)) != got {
			t.Errorf("%q became %q, %v", name, got, err)
		}
	})
}

// What is printed is taken by NSD, whatever the member is like.
func TestPrintedConfigurationIsTakenByNSD(t *testing.T) {
	t.Parallel()
	secrets := skein.MemberSecrets{TSIG: anySecret, Audit: anySecret, Certificate: "C\n", PrivateKey: "K\n", Server: "C\n"}
	for situation, c := range map[string]struct {
		edit func(m *skein.Member, s *skein.MemberSecrets, o *ConfigOptions)
		has  string
	}{
		"as usual": {func(*skein.Member, *skein.MemberSecrets, *ConfigOptions) {}, "control-interface: 192.0.2.13"},
		"IPv6": {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) {
			m.Address, m.Endpoint, m.Primaries[0].Address = netip.MustParseAddr("2001:db8::13"), "[2001:db8::13]:9952", netip.MustParseAddr("2001:db8::1")
		}, "control-port: 9952"},
		"an address is not known yet": {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) {
			m.Address, m.Endpoint, m.Primaries = netip.Addr{}, "", nil
		}, "control-port: 8952"},
		"commands elsewhere":          {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) { m.Endpoint = "10.0.0.13:8952" }, "control-interface: 10.0.0.13"},
		"beside zones of its own":     {func(_ *skein.Member, _ *skein.MemberSecrets, o *ConfigOptions) { o.Merge = true }, "control-enable: yes"},
		"certificates of its own":     {func(_ *skein.Member, s *skein.MemberSecrets, _ *ConfigOptions) { s.Server = "S\n" }, "control-enable: yes"},
		"it transfers from others":    {paired, `request-xfr: AXFR 192.0.2.2@53 "skein-pair-ns3-ns2"`},
		"no audit":                    {func(_ *skein.Member, s *skein.MemberSecrets, _ *ConfigOptions) { s.Audit = "" }, "request-xfr: AXFR 192.0.2.1@53"},
		"SHA-512":                     {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) { m.Algorithm = "hmac-sha512" }, "algorithm: hmac-sha512"},
		"a folder of one's own":       {func(_ *skein.Member, _ *skein.MemberSecrets, o *ConfigOptions) { o.Directory = "/srv/zones" }, `zonefile: "/srv/zones/skein/%1/%2/%s"`},
		"a name that would break out": {func(m *skein.Member, _ *skein.MemberSecrets, _ *ConfigOptions) { m.Name = "x\"\nEND\nreboot\n" }, "control-enable: yes"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			m, s, o := ns3, secrets, ConfigOptions{}
			m.Primaries = append([]skein.Primary(nil), m.Primaries...)
			c.edit(&m, &s, &o)
			text := Config(m, s, o)
			begin, end := strings.Index(text, confFile+" <<'END'\n"), strings.LastIndex(text, "END\nnsd-checkconf")
			if begin < 0 || end < begin {
				t.Fatal(text)
			}
			conf := text[begin+len(confFile+" <<'END'\n") : end]
			if !strings.Contains(conf, c.has) || strings.Contains(conf, "\nEND\n") {
				t.Errorf("no %q in\n%s", c.has, text)
			}
			if o.Merge == strings.Contains(conf, "server:") {
				t.Errorf("what other zones depend on:\n%s", conf)
			}
			if shares := s.Server == s.Certificate; shares != strings.Contains(text, pemFile) {
				t.Errorf("certificates:\n%s", text)
			}
			pem := filepath.Join(t.TempDir(), "skein.pem")
			file := filepath.Join(filepath.Dir(pem), "nsd.conf")
			for path, what := range map[string]string{pem: "x", file: "server:\n    username: \"\"\n" + strings.ReplaceAll(conf, pemFile, pem)} {
				if err := os.WriteFile(path, []byte(what), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if out, err := exec.Command(servertest.Program(t, "nsd-checkconf"), file).CombinedOutput(); err != nil {
				t.Errorf("nsd-checkconf: %v\n%s\n%s", err, out, conf)
			}
		})
	}
}

// What cannot be driven makes no driver.
func TestUnsafeMembersMakeNoDriver(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	for situation, edit := range map[string]func(m *skein.Member, s *skein.MemberSecrets){
		"no address":              func(m *skein.Member, _ *skein.MemberSecrets) { m.Endpoint = "" },
		"no certificate":          func(_ *skein.Member, s *skein.MemberSecrets) { s.Certificate, s.PrivateKey = "", "" },
		"the key of another":      func(_ *skein.Member, s *skein.MemberSecrets) { c := s.Certificate; stranger(t, s); s.Certificate = c },
		"no server's certificate": func(_ *skein.Member, s *skein.MemberSecrets) { s.Server = "" },
		"a pattern of others": func(m *skein.Member, _ *skein.MemberSecrets) {
			m.Settings = map[string]string{PatternSetting: "hosted"}
		},
		"a pattern of two members": func(m *skein.Member, _ *skein.MemberSecrets) {
			m.Settings = map[string]string{PatternSetting: "skein-ns4"}
		},
	} {
		m, secrets := s.member, s.secrets
		edit(&m, &secrets)
		if d, err := New(m, secrets, Options{}); err == nil {
			d.Close()
			t.Errorf("%s: a driver was made", situation)
		}
	}
}
