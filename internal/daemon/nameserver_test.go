package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNameserverFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	keys := file("keys", "# for ns2\nns2.example hmac-sha256 AAAA\n\nDDNS.example. HMAC-SHA512 BBBB # for the DHCP server\n")
	rndcKey := file("rndc.key", `key "rndc" { algorithm hmac-sha256; secret "AAAA"; };`)
	good := NameserverFlags{Zones: dir, Listen: []string{"127.0.0.1:0", "[::1]:0"}, TSIGKeys: keys, AllowTransfer: []string{"192.0.2.7", "2001:db8::/32"}, AllowUpdate: []string{"127.0.0.0/8", "key:ddns.example"}}
	c, err := good.Config()
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(c.Listen, c.Access.TransferKeys, c.Access.TransferNets, c.Access.UpdateKeys, c.Access.UpdateNets); got !=
		"[127.0.0.1:0 [::1]:0] [ns2.example DDNS.example.] [192.0.2.7/32 2001:db8::/32] [ddns.example] [127.0.0.0/8]" {
		t.Errorf("it reads as %s", got)
	}
	for situation, row := range map[string]struct {
		change func(f *NameserverFlags)
		says   string
	}{
		"nothing to serve":             {func(f *NameserverFlags) { f.Zones = "" }, "say what to serve"},
		"two things to serve":          {func(f *NameserverFlags) { f.Secondary = dir }, "say what to serve"},
		"nowhere to answer":            {func(f *NameserverFlags) { f.Listen = nil }, "say where to answer"},
		"no port":                      {func(f *NameserverFlags) { f.Listen = []string{"127.0.0.1"} }, "is not ADDR:PORT"},
		"a name for a network":         {func(f *NameserverFlags) { f.AllowTransfer = []string{"example.com"} }, "neither an address nor a network"},
		"a key that is not there":      {func(f *NameserverFlags) { f.AllowUpdate = []string{"key:nosuch"} }, `no key "nosuch"`},
		"a key file that is not there": {func(f *NameserverFlags) { f.TSIGKeys = filepath.Join(dir, "nosuch") }, "no such file"},
		"a secret that is none":        {func(f *NameserverFlags) { f.TSIGKeys = file("k1", "\nk hmac-sha256 s3cret!") }, "k1:2: "},
		"an unknown algorithm":         {func(f *NameserverFlags) { f.TSIGKeys = file("k2", "k hmac-sha3 AAAA") }, "k2:1: "},
		"two words":                    {func(f *NameserverFlags) { f.TSIGKeys = file("k3", "k AAAA") }, "wants three words"},
		"a key twice":                  {func(f *NameserverFlags) { f.TSIGKeys = file("k4", "k hmac-sha256 AAAA\nK. hmac-sha256 BBBB\n") }, "there is a key K. already"},
		"rndc for zone files":          {func(f *NameserverFlags) { f.RNDC = "127.0.0.1:0" }, "--rndc is for a --secondary"},
		"a secondary without rndc":     {func(f *NameserverFlags) { f.Zones, f.Secondary, f.AllowUpdate = "", dir, nil }, "say who tells the --secondary its zones"},
		"rndc without its key":         {func(f *NameserverFlags) { f.Zones, f.Secondary, f.AllowUpdate, f.RNDC = "", dir, nil, "127.0.0.1:0" }, "--rndc-key-file FILE belong together"},
		"a catalog of nobody's": {func(f *NameserverFlags) {
			f.Zones, f.Secondary, f.AllowUpdate, f.Follow = "", dir, nil, []string{"c.invalid"}
		}, "--primary ADDR belong together"},
		"a primary without a catalog": {func(f *NameserverFlags) {
			f.Zones, f.Secondary, f.AllowUpdate, f.Primaries = "", dir, nil, []string{"192.0.2.1"}
		}, "--follow CATALOG"},
		"a primary with an unknown key": {func(f *NameserverFlags) {
			f.Zones, f.Secondary, f.AllowUpdate, f.Follow, f.Primaries = "", dir, nil, []string{"c.invalid"}, []string{"192.0.2.1/key:nosuch"}
		}, `--primary: the file of tsig-key has no key "nosuch"`},
		"a catalog for zone files":     {func(f *NameserverFlags) { f.Follow = []string{"c.invalid"} }, "--follow and --primary are for a --secondary"},
		"TLS without a certificate":    {func(f *NameserverFlags) { f.TLS = []string{"127.0.0.1:0"} }, "--tls, --tls-cert and --tls-key belong together"},
		"a certificate without TLS":    {func(f *NameserverFlags) { f.TLSCert, f.TLSKey = keys, keys }, "--tls, --tls-cert and --tls-key belong together"},
		"a certificate that is none":   {func(f *NameserverFlags) { f.TLS, f.TLSCert, f.TLSKey = []string{"127.0.0.1:0"}, keys, keys }, "cannot be used: "},
		"an unknown key to transfer":   {func(f *NameserverFlags) { f.AllowTransfer = []string{"tls:key:nosuch"} }, `no key "nosuch"`},
		"nobody to notify":             {func(f *NameserverFlags) { f.Notify = []string{"ns2.example"} }, "is not ADDR"},
		"a notify with an unknown key": {func(f *NameserverFlags) { f.Notify = []string{"192.0.2.1/key:nosuch"} }, `no key "nosuch"`},
		"a catalog without a name":     {func(f *NameserverFlags) { f.Catalog = "a..b" }, "--catalog: "},
		"cookies that are none":        {func(f *NameserverFlags) { f.CookieSecrets = file("c1", "\ns3cret!\n") }, "c1:2: wants 32 hexadecimal digits"},
		"a secondary with a catalog":   {func(f *NameserverFlags) { f.Zones, f.Secondary, f.AllowUpdate, f.Catalog = "", dir, nil, "c.invalid" }, "--catalog is for --zones"},
		"a secondary with updates":     {func(f *NameserverFlags) { f.Zones, f.Secondary, f.RNDC, f.RNDCKey = "", dir, "127.0.0.1:0", rndcKey }, "--allow-update is for --zones"},
	} {
		f := good
		row.change(&f)
		if _, err := f.Config(); err == nil || !strings.Contains(err.Error(), row.says) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v; want %q", situation, err, row.says)
		}
	}
	f := NameserverFlags{Secondary: dir, Listen: good.Listen, TSIGKeys: keys, Follow: []string{"C.invalid"}, Primaries: []string{"192.0.2.1", "192.0.2.2:5300/key:ns2.example"}}
	if c, err := f.Config(); err != nil || fmt.Sprint(c.Follow, c.Primaries) != "[c.invalid.] [{192.0.2.1:53 } {192.0.2.2:5300 ns2.example}]" {
		t.Errorf("%v %v, %v", c.Follow, c.Primaries, err)
	}
	f = NameserverFlags{Secondary: dir, Listen: good.Listen, TSIGKeys: keys, RNDC: "127.0.0.1:0", RNDCKey: rndcKey}
	if c, err := f.Config(); err != nil || c.RNDCKey.Name != "rndc" || c.RNDC.String() != "127.0.0.1:0" {
		t.Errorf("%v, %v", c.RNDC, err)
	}
}
