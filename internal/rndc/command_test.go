package rndc

import (
	"fmt"
	"testing"

	"github.com/skein-dns/skein/internal/namedconf"
)

func TestKeyFile(t *testing.T) {
	t.Parallel()
	keys, err := ParseKeys("# one\n// two\n/* three */ key \"a b\" {\n\talgorithm HMAC-SHA256; secret \"AAAA\";\n};\noptions { default-key x; };\nkey c { algorithm hmac-md5; secret AAAA; };")
	if err != nil || len(keys) != 2 || keys[0].Name != "a b" || keys[0].Algorithm != "hmac-sha256" || keys[1].Secret != "AAAA" {
		t.Errorf("%+v %v", keys, err)
	}
	for _, bad := range []string{"", "key a { algorithm hmac-sha256; secret \"?\"; };", "key a { algorithm x; secret AAAA; };", "key \"a", "key a {"} {
		if keys, err := ParseKeys(bad); err == nil {
			t.Errorf("%q gives %+v", bad, keys)
		}
	}
}

func TestCommandLines(t *testing.T) {
	t.Parallel()
	c, err := ParseCommand(`addzone "example.com" "IN" "my view" { type slave; file "x;\"y"; masters port 5300 { 192.0.2.1; 2001:db8::1 port 53 key "k"; }; };`)
	if err != nil || c.Name != "addzone" || c.Arg(0) != "example.com" || c.Arg(2) != "my view" || !c.HasBlock {
		t.Fatal(c, err)
	}
	z, err := namedconf.ParseZone(c.Block)
	if err != nil || z.Type != "secondary" || z.File != `x;"y` || fmt.Sprint(z.Primaries) != "[{192.0.2.1 5300  } {2001:db8::1 53 k }]" {
		t.Errorf("%+v %v", z, err)
	}
	if c, err := ParseCommand("delzone -clean example.com"); err != nil || c.Flags[0] != "-clean" || c.Arg(0) != "example.com" {
		t.Error(c, err)
	}
	for _, bad := range []string{"", "addzone x { type secondary }", "addzone x { type secondary; ", "a } b", "addzone x { }; y"} {
		if c, err := ParseCommand(bad); err == nil {
			t.Errorf("%q gives %+v", bad, c)
		}
	}
}
