package xfr_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

const (
	keyName   = "transfer.example"
	keySecret = "Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc="
)

var key = xfr.Key{Name: keyName, Algorithm: "hmac-sha256", Secret: keySecret}

// largeRecords fill dozens of messages.
const largeRecords = 50_000

var largeZone = sync.OnceValue(func() string {
	var b strings.Builder
	b.WriteString("$ORIGIN large.example.\n$TTL 300\n@ SOA ns1.example.net. hostmaster.example.net. 7 3600 600 86400 300\n@ NS ns1.example.net.\n")
	for i := range largeRecords {
		fmt.Fprintf(&b, "h%d A 10.%d.%d.%d\n", i, i>>16, i>>8&255, i&255)
	}
	return b.String()
})

const smallZone = `$ORIGIN small.example.
$TTL 300
@ SOA ns1.example.net. hostmaster.example.net. 7 3600 600 86400 300
@ NS ns1.example.net.
www A 192.0.2.1
www AAAA 2001:db8::1
@ MX 10 mail
mail A 192.0.2.25
txt TXT "a text" "and \"more\" \000\255"
_dns.resolver SVCB 1 . alpn=dot port=853
*.wild CNAME www
UPPER A 192.0.2.9
unknown TYPE65400 \# 3 00ff10
@ CAA 0 issue "ca.example"
`

// primaries is every server that transfers are taken from in these tests.
var primaries = map[string]func(s *servertest.Server){
	"named": func(s *servertest.Server) {
		s.Named(fmt.Sprintf(`key %q { algorithm hmac-sha256; secret %q; };
`, keyName, keySecret) + s.Options(fmt.Sprintf(`allow-transfer { key %q; }; notify no; allow-update { any; }; max-ixfr-ratio unlimited;`, keyName)) +
			`zone "small.example" { type primary; file "small.example.zone"; };
zone "large.example" { type primary; file "large.example.zone"; };
`)
	},
	"knotd": func(s *servertest.Server) {
		s.Knotd(fmt.Sprintf(`key:
  - id: %s
    algorithm: hmac-sha256
    secret: %s
acl:
  - id: transfer
    key: %[1]s
    action: transfer
  - id: update
    address: 127.0.0.1
    action: update
template:
  - id: default
    storage: %[3]q
    file: "%%s.zone"
    acl: [ transfer, update ]
    zonefile-sync: -1
    zonefile-load: difference
    journal-content: changes
zone:
  - domain: small.example
  - domain: large.example
`, keyName, keySecret, s.Dir))
	},
	"nsd": func(s *servertest.Server) {
		s.NSD(fmt.Sprintf(`key:
    name: %q
    algorithm: hmac-sha256
    secret: %q
pattern:
    name: "served"
    zonefile: "%%s.zone"
    provide-xfr: 127.0.0.1 %[1]s
zone:
    name: "small.example"
    include-pattern: "served"
zone:
    name: "large.example"
    include-pattern: "served"
`, keyName, keySecret))
	},
}

func primary(t *testing.T, name string) *servertest.Server {
	t.Helper()
	s := servertest.New(t, name)
	s.File("small.example.zone", smallZone)
	s.File("large.example.zone", largeZone())
	primaries[name](s)
	return s
}

func parsed(t *testing.T, origin zone.Name, text string) zone.Contents {
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

func fetch(t *testing.T, r xfr.Request) (zone.Contents, xfr.Kind, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	return xfr.Fetch(ctx, r)
}

// Transfers from real servers: small and large, signed and refused.
func TestFromRealServers(t *testing.T) {
	t.Parallel()
	for name := range primaries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := primary(t, name)
			for origin, want := range map[zone.Name]zone.Contents{
				"small.example.": parsed(t, "small.example.", smallZone), "large.example.": parsed(t, "large.example.", largeZone()),
			} {
				r := xfr.Request{Server: s.DNS, Zone: origin, Key: &key}
				got, kind, err := fetch(t, r)
				if err != nil || kind != xfr.AXFR {
					t.Fatalf("%s: kind %q, %v", origin, kind, err)
				}
				if !got.Equal(want) {
					t.Errorf("%s: other contents came than the server has: %d records differ", origin, len(zone.Diff(want, got).Add)+len(zone.Diff(want, got).Del))
				}
				r.Have = got
				if again, kind, err := fetch(t, r); err != nil || kind != xfr.Current || !again.Equal(got) {
					t.Errorf("%s: once more: kind %q, %v", origin, kind, err)
				}
				if serial, err := xfr.Serial(t.Context(), r); err != nil || serial != 7 {
					t.Errorf("%s: serial %d, %v", origin, serial, err)
				}
				if origin == "large.example." {
					continue
				}
				// From a serial that the server knows nothing of, the whole zone comes.
				r.Have = got.WithSerial(3)
				if again, kind, err := fetch(t, r); err != nil || kind != xfr.AXFR || !again.Equal(got) {
					t.Errorf("%s: from an unknown serial: kind %q, %v", origin, kind, err)
				}
				// We are ahead: nothing older is taken.
				r.Have = got.WithSerial(9)
				if _, _, err := fetch(t, r); err == nil {
					t.Errorf("%s: an older zone was taken", origin)
				}
			}
			wrong, unknown := key, key
			wrong.Secret, unknown.Name = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "nosuch.example"
			for situation, k := range map[string]*xfr.Key{"without a key": nil, "with a wrong secret": &wrong, "with an unknown key": &unknown} {
				if _, _, err := fetch(t, xfr.Request{Server: s.DNS, Zone: "small.example.", Key: k}); !errors.Is(err, xfr.ErrRefused) {
					t.Errorf("%s: %v", situation, err)
				}
			}
			if _, _, err := fetch(t, xfr.Request{Server: s.DNS, Zone: "nosuch.example.", Key: &key}); !errors.Is(err, xfr.ErrRefused) {
				t.Errorf("a zone that is not there: %v", err)
			}
			if _, err := xfr.Serial(t.Context(), xfr.Request{Server: s.DNS, Zone: "nosuch.example.", Key: &key}); !errors.Is(err, xfr.ErrRefused) {
				t.Errorf("the serial of a zone that is not there: %v", err)
			}
		})
	}
}

// Differences from the servers that make them of dynamic updates.
func TestDifferencesFromRealServers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"named", "knotd"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := primary(t, name)
			r := xfr.Request{Server: s.DNS, Zone: "small.example.", Key: &key}
			have, _, err := fetch(t, r)
			if err != nil {
				t.Fatal(err)
			}
			r.Have = have
			for i, lines := range [][]string{
				{"update add new.small.example 300 A 192.0.2.50"},
				{"update delete www.small.example A", "update add www.small.example 300 A 192.0.2.2"},
				{"update delete www.small.example AAAA", "update add www.small.example 60 TXT once"},
				{"update delete www.small.example TXT", "update add www.small.example 60 TXT twice"},
			} {
				if out, err := servertest.NSUpdate(t, s.DNS, "", append([]string{"zone small.example"}, append(lines, "send")...)...); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				if i == 1 {
					continue // so that the next transfer has two differences
				}
				got, kind, err := fetch(t, r)
				if err != nil || kind != xfr.IXFR {
					t.Fatalf("after %q: kind %q, %v", lines, kind, err)
				}
				whole, _, err := fetch(t, xfr.Request{Server: s.DNS, Zone: "small.example.", Key: &key})
				if err != nil || !got.Equal(whole) {
					t.Fatalf("after %q the differences lead elsewhere than the whole zone (%v)", lines, err)
				}
				r.Have = got
			}
			// All of it at once, from the beginning.
			r.Have = have
			if got, kind, err := fetch(t, r); err != nil || kind != xfr.IXFR || got.IsZero() {
				t.Errorf("all differences at once: kind %q, %v", kind, err)
			}
			// The same serial with other contents: nothing tells, and nothing breaks.
			changed, err := have.Apply(zone.Delta{Del: []zone.RRset{mustGet(t, have, "mail.small.example.", zone.TypeA)}})
			if err != nil {
				t.Fatal(err)
			}
			r.Have = changed
			if _, _, err := fetch(t, r); err != nil {
				t.Errorf("from contents that the server never had: %v", err)
			}
		})
	}
}

func mustGet(t *testing.T, c zone.Contents, name zone.Name, typ zone.Type) zone.RRset {
	t.Helper()
	set, ok := c.Get(name, typ)
	if !ok {
		t.Fatalf("there is no %s %s", name, typ)
	}
	return set
}

// Differences that do not apply are made up for by the whole zone.
func TestDifferencesThatDoNotApply(t *testing.T) {
	t.Parallel()
	s := primary(t, "named")
	r := xfr.Request{Server: s.DNS, Zone: "small.example.", Key: &key}
	have, _, err := fetch(t, r)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := servertest.NSUpdate(t, s.DNS, "", "zone small.example", "update delete mail.small.example A", "send"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if r.Have, err = have.Apply(zone.Delta{Del: []zone.RRset{mustGet(t, have, "mail.small.example.", zone.TypeA)}}); err != nil {
		t.Fatal(err)
	}
	got, kind, err := fetch(t, r)
	if err != nil || kind != xfr.AXFR {
		t.Fatalf("kind %q, %v", kind, err)
	}
	if soa, _ := got.SOA(); soa.Serial != 8 {
		t.Errorf("serial %d", soa.Serial)
	}
}

// Nobody there, or somebody who says nothing.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	nobody := servertest.Free(t)
	if _, _, err := fetch(t, xfr.Request{Server: nobody, Zone: "small.example."}); !errors.Is(err, xfr.ErrUnreachable) {
		t.Errorf("transfer: %v", err)
	}
	if _, err := xfr.Serial(t.Context(), xfr.Request{Server: nobody, Zone: "small.example."}); !errors.Is(err, xfr.ErrUnreachable) {
		t.Errorf("serial: %v", err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	r := xfr.Request{Server: netip.MustParseAddrPort(silent.Addr().String()), Zone: "small.example.", Timeout: 50 * time.Millisecond}
	if _, _, err := fetch(t, r); !errors.Is(err, xfr.ErrBroken) || !strings.Contains(err.Error(), "not complete after 50ms") {
		t.Errorf("silence: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := xfr.Fetch(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that gave up: %v", err)
	}
}

// fake answers UDP and TCP questions as the test says.
func fake(t *testing.T, udp, tcp func(q *dns.Msg) []*dns.Msg) netip.AddrPort {
	t.Helper()
	addr := servertest.Free(t)
	for network, answer := range map[string]func(*dns.Msg) []*dns.Msg{"udp": udp, "tcp": tcp} {
		if answer == nil {
			continue
		}
		up := make(chan struct{})
		server := &dns.Server{Addr: addr.String(), Net: network, NotifyStartedFunc: func() { close(up) },
			Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
				for _, m := range answer(q) {
					if err := w.WriteMsg(m); err != nil {
						t.Error(err)
					}
				}
			})}
		go server.ListenAndServe()
		<-up
		t.Cleanup(func() { server.Shutdown() })
	}
	return addr
}

func answering(q *dns.Msg, change func(m *dns.Msg)) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(q)
	m.Authoritative = true
	rr, err := dns.NewRR(q.Question[0].Name + " 300 SOA a. b. 42 1 1 1 1")
	if err != nil {
		panic(err)
	}
	m.Answer = []dns.RR{rr}
	if change != nil {
		change(m)
	}
	return m
}

func TestSerial(t *testing.T) {
	t.Parallel()
	good := func(q *dns.Msg) []*dns.Msg { return []*dns.Msg{answering(q, nil)} }
	one := func(change func(m *dns.Msg)) func(q *dns.Msg) []*dns.Msg {
		return func(q *dns.Msg) []*dns.Msg { return []*dns.Msg{answering(q, change)} }
	}
	refuse := func(m *dns.Msg) { m.Rcode, m.Answer = dns.RcodeRefused, nil }
	for situation, c := range map[string]struct {
		udp, tcp func(q *dns.Msg) []*dns.Msg
		want     error
	}{
		"an answer":                          {good, nil, nil},
		"a truncated answer, and one by TCP": {one(func(m *dns.Msg) { m.Truncated, m.Answer = true, nil }), good, nil},
		"a datagram of somebody else before the answer": {func(q *dns.Msg) []*dns.Msg {
			return []*dns.Msg{answering(q, func(m *dns.Msg) { m.Id++ }), answering(q, nil)}
		}, nil, nil},
		"the first question lost": {func() func(q *dns.Msg) []*dns.Msg {
			var asked atomic.Int32 // the library calls from a goroutine a question
			return func(q *dns.Msg) []*dns.Msg {
				if asked.Add(1) == 1 {
					return nil
				}
				return good(q)
			}
		}(), nil, nil},
		"no authority":            {one(func(m *dns.Msg) { m.Authoritative = false }), nil, xfr.ErrRefused},
		"REFUSED":                 {one(refuse), one(refuse), xfr.ErrRefused},
		"REFUSED but over TCP":    {one(refuse), good, nil},
		"NOTAUTH":                 {one(func(m *dns.Msg) { m.Rcode, m.Answer = dns.RcodeNotAuth, nil }), nil, xfr.ErrRefused},
		"no SOA":                  {one(func(m *dns.Msg) { m.Answer = nil }), nil, xfr.ErrRefused},
		"the SOA of another zone": {one(func(m *dns.Msg) { m.Answer[0].Header().Name = "other.example." }), nil, xfr.ErrRefused},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			serial, err := xfr.Serial(t.Context(), xfr.Request{Server: fake(t, c.udp, c.tcp), Zone: "small.example."})
			if !errors.Is(err, c.want) || err == nil && serial != 42 {
				t.Errorf("serial %d, %v; want 42, %v", serial, err, c.want)
			}
		})
	}
}

// A server that answers IXFR with NOTIMP, or closes, is asked for the whole zone.
func TestServersWithoutIXFR(t *testing.T) {
	t.Parallel()
	whole := func(q *dns.Msg) []*dns.Msg {
		m := answering(q, nil)
		m.Answer = append(m.Answer, m.Answer[0])
		return []*dns.Msg{m}
	}
	for situation, ixfr := range map[string]func(q *dns.Msg) []*dns.Msg{
		"NOTIMP": func(q *dns.Msg) []*dns.Msg {
			m := answering(q, nil)
			m.Rcode, m.Answer = dns.RcodeNotImplemented, nil
			return []*dns.Msg{m}
		},
		"FORMERR": func(q *dns.Msg) []*dns.Msg {
			m := answering(q, nil)
			m.Rcode, m.Answer = dns.RcodeFormatError, nil
			return []*dns.Msg{m}
		},
		"nonsense": func(q *dns.Msg) []*dns.Msg { m := answering(q, nil); m.Answer = nil; return []*dns.Msg{m} },
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			have := parsed(t, "small.example.", smallZone)
			addr := fake(t, nil, func(q *dns.Msg) []*dns.Msg {
				if q.Question[0].Qtype == dns.TypeIXFR {
					return ixfr(q)
				}
				return whole(q)
			})
			got, kind, err := fetch(t, xfr.Request{Server: addr, Zone: "small.example.", Have: have})
			if err != nil || kind != xfr.AXFR {
				t.Fatalf("kind %q, %v", kind, err)
			}
			if soa, _ := got.SOA(); soa.Serial != 42 {
				t.Errorf("serial %d", soa.Serial)
			}
		})
	}
}
