package daemon

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var addresses = cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})

// load loads a file's text with these variables and flags.
func load(t *testing.T, file string, env map[string]string, flags map[string][]string) (Config, error) {
	t.Helper()
	path := ""
	if file != "" {
		path = filepath.Join(t.TempDir(), "skein.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Load(path,
		func(key string) (string, bool) { v, ok := env[key]; return v, ok },
		func(key string) ([]string, bool) { v, ok := flags[key]; return v, ok })
}

func TestWhatIsNearerToTheCommandLineWins(t *testing.T) {
	t.Parallel()
	const file = "data: /srv/file\napi: 192.0.2.1:1\nlog-level: debug\nkeep: 48h\n"
	env := map[string]string{"SKEIN_DATA": "/srv/env", "SKEIN_API": "192.0.2.1:2", "SKEIN_DNS": "192.0.2.1:53, [2001:db8::1]:53"}
	c, err := load(t, file, env, map[string][]string{"data": {"/srv/flag"}})
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultConfig()
	want.Data, want.API = "/srv/flag", "192.0.2.1:2"
	want.Keep = 48 * 3600e9
	want.LogLevel = -4
	want.DNS = want.DNS[:0]
	for _, s := range []string{"192.0.2.1:53", "[2001:db8::1]:53"} {
		at, err := parseListen(s)
		if err != nil {
			t.Fatal(err)
		}
		want.DNS = append(want.DNS, at)
	}
	if diff := cmp.Diff(want, c, addresses); diff != "" {
		t.Error(diff)
	}
}

// Every key can be said in all three ways, and means the same in each.
func TestEveryKeyHasThreeWays(t *testing.T) {
	t.Parallel()
	example := map[string]string{
		"data": "/srv/skein", "dns": "192.0.2.1:53", "api": "192.0.2.1:8443", "key-file": "/etc/skein.key",
		"tls-cert": "/etc/cert.pem", "tls-key": "/etc/key.pem", "hostname": "skein.example.net",
		"primary-address": "192.0.2.1", "keep": "48h", "audit": "5m", "audit-contents": "12h", "log-level": "warn", "notices": "/etc/notices.yaml", "resolver": "192.0.2.53:53", "root-server": "192.0.2.54:53",
		"tls": "192.0.2.1:853", "allow-transfer": "tls:192.0.2.0/24", "tsig-key": "/etc/keys", "notify": "192.0.2.53", "catalog": "catalog.invalid",
		"cookie-secret-file": "/etc/cookies", "rndc": "192.0.2.1:953",
		"whm": "192.0.2.1:2087", "cpanel": "192.0.2.1:2083", "whm-certificate": "/etc/whm.pem", "whm-key": "/etc/whm-key.pem",
	}
	together := map[string]string{"tls-cert": "tls-key", "tls-key": "tls-cert", "whm-certificate": "whm-key", "whm-key": "whm-certificate"}
	for _, o := range Options() {
		t.Run(o.Key, func(t *testing.T) {
			t.Parallel()
			if o.Help == "" || o.Meaning == "" || example[o.Key] == "" {
				t.Fatal("a key needs help, the meaning of its value, and a row in this test")
			}
			file, env, flags := "", map[string]string{}, map[string][]string{}
			for _, key := range []string{o.Key, together[o.Key]} {
				if key != "" {
					file += key + ": " + example[key] + "\n"
					env[Option{Key: key}.Variable()] = example[key]
					flags[key] = []string{example[key]}
				}
			}
			fromFile, err1 := load(t, file, nil, nil)
			fromEnv, err2 := load(t, "", env, nil)
			fromFlag, err3 := load(t, "", nil, flags)
			if err1 != nil || err2 != nil || err3 != nil {
				t.Fatal(err1, err2, err3)
			}
			if diff := cmp.Diff(fromFile, fromEnv, addresses) + cmp.Diff(fromFile, fromFlag, addresses); diff != "" {
				t.Error(diff)
			}
			if cmp.Equal(fromFile, DefaultConfig(), addresses) {
				t.Error("the key changed nothing")
			}
		})
	}
}

func TestResolversThatAreNamed(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]int{"192.0.2.53": 1, "192.0.2.53:5353, 2001:db8::53": 2, "[2001:db8::53]:53": 1, "none": 0, "none 192.0.2.53": -1, "ns.example.net": -1} {
		c, err := load(t, "", map[string]string{"SKEIN_RESOLVER": value}, nil)
		if (err != nil) != (want < 0) || err == nil && (c.Resolvers == nil || len(c.Resolvers) != want) {
			t.Errorf("%s: %v, %v", value, c.Resolvers, err)
		}
	}
}

func TestRefusedConfigurations(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file  string
		env   map[string]string
		flags map[string][]string
		says  string
	}{
		"an unknown key, with its line":       {file: "data: /srv\n\ndsn: 192.0.2.1:53\n", says: `skein.yaml:3: unknown key "dsn"`},
		"a key twice":                         {file: "data: /a\ndata: /b\n", says: "data"},
		"a list where one is wanted":          {file: "data: [/a, /b]\n", says: "skein.yaml:1: data: wants one value"},
		"a mapping as a value":                {file: "dns:\n  listen: 192.0.2.1:53\n", says: "neither a word nor a list"},
		"no mapping at all":                   {file: "- data\n", says: "skein.yaml:1"},
		"broken YAML":                         {file: "data: [\n", says: "skein.yaml"},
		"an empty value":                      {file: "data:\n", says: "skein.yaml:1"},
		"a name where an address is wanted":   {flags: map[string][]string{"dns": {"localhost:53"}}, says: "--dns"},
		"no port":                             {env: map[string]string{"SKEIN_API": "192.0.2.1"}, says: "SKEIN_API"},
		"a port that is none":                 {flags: map[string][]string{"dns": {"192.0.2.1:65536"}}, says: "65535"},
		"a certificate without its key":       {flags: map[string][]string{"tls-cert": {"/c"}}, says: "belong together"},
		"a key for cPanel servers alone":      {flags: map[string][]string{"whm-key": {"/k"}}, says: "belong together"},
		"history of no length":                {flags: map[string][]string{"keep": {"1s"}}, says: "--keep"},
		"a log level that is none":            {env: map[string]string{"SKEIN_LOG_LEVEL": "loud"}, says: "SKEIN_LOG_LEVEL"},
		"a flag twice that is wanted once":    {flags: map[string][]string{"data": {"/a", "/b"}}, says: "wants one value"},
		"an address for members that is none": {flags: map[string][]string{"primary-address": {"here"}}, says: "--primary-address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := load(t, c.file, c.env, c.flags); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v; want %q in it", err, c.says)
			}
		})
	}
}

func TestKeyFileLiesBesideTheData(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{"/var/lib/skein": "/var/lib/skein.key", "./data/": "data.key"} {
		if got := (Config{Data: data}).keyFile(); got != want {
			t.Errorf("the key of %s is %s, want %s", data, got, want)
		}
	}
}

// A nameserver on all addresses answers both versions of IP.
func TestAllAddressesAreThoseOfBothVersions(t *testing.T) {
	t.Parallel()
	both := []netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:53"), netip.MustParseAddrPort("[::]:53")}
	if diff := cmp.Diff(both, DefaultConfig().DNS, addresses); diff != "" {
		t.Errorf("without a word: %s", diff)
	}
	c, err := load(t, "", map[string]string{"SKEIN_DNS": ":53, 192.0.2.1:54"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(both, netip.MustParseAddrPort("192.0.2.1:54")), c.DNS, addresses); diff != "" {
		t.Error(diff)
	}
}
