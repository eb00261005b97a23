package powerdns

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

func TestEndpoint(t *testing.T) {
	t.Parallel()
	v4, v6 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	for what, row := range map[string]struct {
		m    skein.Member
		want string // "": refused
	}{
		"an address":          {skein.Member{Address: v4}, "http://192.0.2.1:8081/api/v1/servers/localhost"},
		"of IPv6":             {skein.Member{Address: v6}, "http://[2001:db8::1]:8081/api/v1/servers/localhost"},
		"a host":              {skein.Member{Endpoint: "pdns.example.net"}, "http://pdns.example.net:8081/api/v1/servers/localhost"},
		"a host and port":     {skein.Member{Endpoint: "pdns.example.net:80"}, "http://pdns.example.net:80/api/v1/servers/localhost"},
		"behind TLS":          {skein.Member{Endpoint: "https://pdns.example.net"}, "https://pdns.example.net/api/v1/servers/localhost"},
		"behind TLS, a path":  {skein.Member{Endpoint: "https://pdns.example.net:8443/ns2/"}, "https://pdns.example.net:8443/ns2/api/v1/servers/localhost"},
		"of IPv6 with scheme": {skein.Member{Endpoint: "http://[2001:db8::1]"}, "http://[2001:db8::1]:8081/api/v1/servers/localhost"},
		"another server":      {skein.Member{Address: v4, Settings: map[string]string{Server: "a/b"}}, "http://192.0.2.1:8081/api/v1/servers/a%2Fb"},
		"another scheme":      {skein.Member{Endpoint: "ftp://pdns.example.net"}, ""},
	} {
		if got, err := endpoint(row.m); got != row.want || (err == nil) != (row.want != "") {
			t.Errorf("%s: %s, %v", what, got, err)
		}
	}
}

func TestAccount(t *testing.T) {
	t.Parallel()
	long, other := strings.Repeat("a", 60)+".example.net", strings.Repeat("a", 60)+".example.org"
	if got := account(skein.Member{Name: "ns2.example.net"}); got != "skein-ns2.example.net" {
		t.Error(got)
	}
	a, b := account(skein.Member{Name: long}), account(skein.Member{Name: other})
	if len(a) > maxAccount || a == b {
		t.Error(a, b)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for name, want := range map[zone.Name]string{
		"Example.com.": "example.com.", ".": "=2E", "_a.b-c.example.": "=5Fa.b-c.example.", "0/25.example.": "0=2F25.example.", `a\;b.example.`: "a=5C=3Bb.example.",
	} {
		if got := id(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestSetupsAreCompared(t *testing.T) {
	t.Parallel()
	want := setup{Kind: kindSlave, Account: "skein-ns2", Masters: []string{"192.0.2.1:53", "[2001:db8::1]:5300"}, Keys: []string{"a."}}
	same := func(edit func(*setup)) setup {
		s := want
		s.Masters = slices.Clone(want.Masters)
		edit(&s)
		return s
	}
	for what, row := range map[string]struct {
		has  setup
		same bool
	}{
		"as it is given":            {same(func(*setup) {}), true},
		"port 53 left out":          {same(func(s *setup) { s.Masters[0] = "192.0.2.1" }), true},
		"in another order":          {same(func(s *setup) { slices.Reverse(s.Masters) }), true},
		"the newer word":            {same(func(s *setup) { s.Kind = "Secondary" }), true},
		"another primary":           {same(func(s *setup) { s.Masters[0] = "192.0.2.2" }), false},
		"a primary less":            {same(func(s *setup) { s.Masters = s.Masters[:1] }), false},
		"no key":                    {same(func(s *setup) { s.Keys = nil }), false},
		"transfers to somebody":     {same(func(s *setup) { s.Audit = []string{"b."} }), false},
		"written to":                {same(func(s *setup) { s.Kind = kindNative }), false},
		"with a serial of its own":  {same(func(s *setup) { s.EditAPI = "DEFAULT" }), false},
		"of somebody else's":        {same(func(s *setup) { s.Account = "" }), false},
		"a member of a catalog's":   {same(func(s *setup) { s.Kind = "Consumer" }), false},
		"a primary that is no such": {same(func(s *setup) { s.Masters[0] = "ns1.example" }), false},
	} {
		if got := sameSetup(row.has, want); got != row.same {
			t.Errorf("%s: %v", what, got)
		}
	}
}

func TestNetworksOfItsConfiguration(t *testing.T) {
	t.Parallel()
	for list, in := range map[string]bool{
		"0.0.0.0/0,::/0": true, "": false, "192.0.2.1": true, "192.0.2.0/24, 10.0.0.0/8": true, "10.0.0.0/8": false, "0.0.0.0/0,!192.0.2.1": false, "!192.0.2.0/24": false, "::/0 nonsense": false,
	} {
		if got := allows(list, netip.MustParseAddr("192.0.2.1")); got != in {
			t.Errorf("%q: %v", list, got)
		}
	}
}

func TestNotSetUpYet(t *testing.T) {
	t.Parallel()
	at := netip.MustParseAddr("192.0.2.1")
	for says, row := range map[string]struct {
		m skein.Member
		s skein.MemberSecrets
	}{
		"no address":  {skein.Member{Name: "ns1"}, skein.MemberSecrets{Token: "T"}},
		"no API key":  {skein.Member{Name: "ns1", Address: at}, skein.MemberSecrets{}},
		"no primary":  {skein.Member{Name: "ns1", Address: at}, skein.MemberSecrets{Token: "T"}},
		"no endpoint": {skein.Member{Name: "ns1", Endpoint: "x://y", Settings: nativeMode}, skein.MemberSecrets{Token: "T"}},
	} {
		if _, err := New(row.m, row.s, Options{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// FuzzReadZone: whatever an API answers is contents or an error; what is read is
// given again as it came.
func FuzzReadZone(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		const name zone.Name = "a.example."
		c, _, err := readZone(name, strings.NewReader(text))
		if err != nil {
			return
		}
		var again []zone.RRset
		for set := range c.All() {
			back, ok := taken(name, given(set))
			if !ok || !back.Equal(set) {
				t.Errorf("%v is given as %+v and read as %v", set, given(set), back)
			}
			again = append(again, back)
		}
		if same, err := zone.NewContents(name, again); err != nil || !same.Equal(c) {
			t.Errorf("it is not what was read: %v", err)
		}
	})
}

func TestItIsWrittenAsItIsWanted(t *testing.T) {
	t.Parallel()
	for what, row := range map[string]struct{ said, mnemonic, content, then string }{
		"another way":              {`Record a.example./LOC '1 N 2 E 3m': Not in expected format (parsed as '1 0 0.000 N 2 0 0.000 E 3.00m 1.00m 10000.00m 10.00m')`, "LOC", "1 N 2 E 3m", "LOC 1 0 0.000 N 2 0 0.000 E 3.00m 1.00m 10000.00m 10.00m"},
		"a quote in it":            {`Record a.example./TXT '"it's"': Not in expected format (parsed as '"it\039s"')`, "TXT", `"it's"`, `TXT "it\039s"`},
		"another record":           {`Record a.example./TXT '"a"': Not in expected format (parsed as '"b"')`, "TXT", `"a"`, ""},
		"of another name":          {`Record b.example./TXT '"a"': Not in expected format (parsed as '"\097"')`, "TXT", `"a"`, ""},
		"a type unknown":           {`RRset a.example. IN X25: unknown type given`, "X25", `"1"`, `TYPE19 \# 2 0131`},
		"a type that has no other": {`RRset a.example. IN TYPE65280: unknown type given`, "TYPE65280", `\# 1 00`, ""},
		"something else":           {`RRset a.example. IN A: Conflicts with pre-existing CNAME RRset`, "A", "192.0.2.1", ""},
	} {
		sets := []rrset{{Name: "a.example.", Type: row.mnemonic, Records: []record{{Content: row.content}}}}
		got := ""
		if learn(row.said, sets) {
			got = sets[0].Type + " " + sets[0].Records[0].Content
		}
		if got != row.then {
			t.Errorf("%s: %q", what, got)
		}
	}
}

// A server that lets us not in closes the connection, before our question or
// after it: that is one situation, whatever net/http calls it.
func TestClosedWithoutAWord(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	c := &client{http: &http.Client{Transport: new(http.Transport)}, base: "http://" + l.Addr().String(), silence: time.Minute}
	for range 2000 {
		err := c.exchange(t.Context(), "GET", "/", nil, func(io.Reader) error { return nil })
		if !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
			t.Fatal(err)
		}
	}
}

// One that has a choice of primaries takes whatever the one has that it chooses,
// so that it is not made to choose.
func TestWhoIsPrompted(t *testing.T) {
	t.Parallel()
	ours, other := skein.Primary{Address: netip.MustParseAddr("192.0.2.1"), Port: 53}, skein.Primary{Address: netip.MustParseAddr("192.0.2.2"), Port: 53}
	for what, row := range map[string]struct {
		primaries []skein.Primary
		others    []skein.MemberPrimary
		mode      string
		want      int
	}{
		"with one primary":          {primaries: []skein.Primary{ours}, want: 1},
		"with two":                  {primaries: []skein.Primary{ours, other}},
		"with another member's too": {primaries: []skein.Primary{ours}, others: []skein.MemberPrimary{{}}},
		"that is given records":     {primaries: []skein.Primary{ours}, mode: Native},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPut && r.URL.Path == "/api/v1/servers/localhost/zones/a.example./axfr-retrieve" {
					calls.Add(1)
				}
			}))
			t.Cleanup(server.Close)
			d, err := New(skein.Member{Name: "ns2", Endpoint: server.URL, Primaries: row.primaries, Others: row.others, TSIGKey: "k", Settings: map[string]string{Mode: row.mode}},
				skein.MemberSecrets{Token: "T", TSIG: tsigSecret}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if err := d.Prompt(t.Context(), "a.example."); err != nil || int(calls.Load()) != row.want {
				t.Errorf("it was told %d times, %v", calls.Load(), err)
			}
		})
	}
}
