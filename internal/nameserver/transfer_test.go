package nameserver

import (
	"context"
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

const example = `$ORIGIN example.com.
$TTL 3600
@ SOA ns1.example.com. host.example.com. 7 3600 600 86400 300
@ NS ns1
ns1 A 192.0.2.53
@ MX 10 mail
mail A 192.0.2.25
www CNAME web
web A 192.0.2.1
web A 192.0.2.2
a.b.ent TXT "deep"
*.wild A 192.0.2.9
sub.wild TXT "here"
child NS ns.child
ns.child A 192.0.2.77
child DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
old DNAME new.example.com.
x.new A 192.0.2.3
out CNAME www.example.net.
`

func contents(t testing.TB, origin zone.Name, text string) zone.Contents {
	t.Helper()
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: origin})
	if err != nil {
		t.Fatal(err)
	}
	c, err := zone.NewContents(origin, sets)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func serve(t testing.TB, o Options) *Server {
	t.Helper()
	o.Listen = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}
	s := New(o)
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Serve(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return s
}

var testKey = Key{Name: "k", Algorithm: "hmac-sha256", Secret: "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="}

func TestTransfersNeedTheirKey(t *testing.T) {
	t.Parallel()
	told := make(chan Transfer, 10)
	s := serve(t, Options{OnTransfer: func(x Transfer) { told <- x }})
	first := contents(t, "example.com.", example)
	s.Put(first)
	other := Key{Name: "other", Algorithm: "hmac-sha512", Secret: testKey.Secret}
	s.SetAccess(Access{Keys: []Key{testKey, other}, TransferKeys: []string{"k."}})
	fetch := func(key *xfr.Key, have zone.Contents) (zone.Contents, xfr.Kind, error) {
		return xfr.Fetch(t.Context(), xfr.Request{Server: s.Addrs()[0], Zone: "example.com.", Key: key, Have: have})
	}
	key := xfr.Key(testKey)
	got, kind, err := fetch(&key, zone.Contents{})
	if err != nil || kind != xfr.AXFR || !got.Equal(first) {
		t.Fatal(kind, err)
	}
	if x := <-told; x.Key != "k" || x.Serial != 7 || x.Zone != "example.com." {
		t.Errorf("told of %+v", x)
	}
	if _, kind, err := fetch(&key, got); err != nil || kind != xfr.Current {
		t.Errorf("current: %v %v", kind, err)
	}
	second := contents(t, "example.com.", strings.Replace(strings.Replace(example, " 7 3600", " 8 3600", 1), "192.0.2.25", "192.0.2.26", 1))
	s.Put(second)
	if got, kind, err := fetch(&key, got); err != nil || kind != xfr.IXFR || !got.Equal(second) {
		t.Errorf("differences: %v %v", kind, err)
	}
	wrong := key
	wrong.Secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	notAllowed := xfr.Key(other)
	for name, k := range map[string]*xfr.Key{"no key": nil, "wrong secret": &wrong, "a key that may not": &notAllowed} {
		if _, _, err := fetch(k, zone.Contents{}); err == nil {
			t.Errorf("%s was given the zone", name)
		}
	}
}

// The real dig transfers with TSIG, so that both sides are not wrong alike.
func TestDigTransfers(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	s.Put(contents(t, "example.com.", example))
	s.SetAccess(Access{Keys: []Key{testKey}, TransferKeys: []string{"k"}})
	_, port, _ := strings.Cut(s.Addrs()[0].String(), ":")
	out, err := exec.Command("dig", "@127.0.0.1", "-p", port, "-y", "hmac-sha256:k:"+testKey.Secret, "example.com", "AXFR").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "XFR size: 18 records") {
		t.Errorf("%v\n%s", err, out)
	}
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
