package nameserver

import (
	"context"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

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

func TestAnswers(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	s.Put(contents(t, "example.com.", example))
	soa := "example.com. 300 IN SOA ns1.example.com. host.example.com. 7 3600 600 86400 300"
	for name, c := range map[string]struct {
		question                      string
		rcode                         string
		aa                            bool
		answer, authority, additional []string
	}{
		"exact match":                       {"ns1.example.com. A", "NOERROR", true, []string{"ns1.example.com. 3600 IN A 192.0.2.53"}, nil, nil},
		"case of the question is kept":      {"NS1.exAMPle.com. A", "NOERROR", true, []string{"NS1.exAMPle.com. 3600 IN A 192.0.2.53"}, nil, nil},
		"MX brings addresses":               {"example.com. MX", "NOERROR", true, []string{"example.com. 3600 IN MX 10 mail.example.com."}, nil, []string{"mail.example.com. 3600 IN A 192.0.2.25"}},
		"CNAME is followed within the zone": {"www.example.com. A", "NOERROR", true, []string{"www.example.com. 3600 IN CNAME web.example.com.", "web.example.com. 3600 IN A 192.0.2.1", "web.example.com. 3600 IN A 192.0.2.2"}, nil, nil},
		"CNAME out of the zone ends there":  {"out.example.com. A", "NOERROR", true, []string{"out.example.com. 3600 IN CNAME www.example.net."}, nil, nil},
		"no such type":                      {"web.example.com. TXT", "NOERROR", true, nil, []string{soa}, nil},
		"no such name":                      {"nosuch.example.com. A", "NXDOMAIN", true, nil, []string{soa}, nil},
		"empty non-terminal":                {"b.ent.example.com. A", "NOERROR", true, nil, []string{soa}, nil},
		"wildcard":                          {"any.wild.example.com. A", "NOERROR", true, []string{"any.wild.example.com. 3600 IN A 192.0.2.9"}, nil, nil},
		"wildcard, deeper":                  {"x.y.wild.example.com. A", "NOERROR", true, []string{"x.y.wild.example.com. 3600 IN A 192.0.2.9"}, nil, nil},
		"wildcard has no such type":         {"any.wild.example.com. TXT", "NOERROR", true, nil, []string{soa}, nil},
		"a name beside the wildcard":        {"sub.wild.example.com. A", "NOERROR", true, nil, []string{soa}, nil},
		"below a name beside the wildcard":  {"x.sub.wild.example.com. A", "NXDOMAIN", true, nil, []string{soa}, nil},
		"delegation with glue":              {"www.child.example.com. A", "NOERROR", false, nil, []string{"child.example.com. 3600 IN NS ns.child.example.com."}, []string{"ns.child.example.com. 3600 IN A 192.0.2.77"}},
		"DS at the cut is the parent's":     {"child.example.com. DS", "NOERROR", true, []string{"child.example.com. 3600 IN DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"}, nil, nil},
		"DNAME":                             {"x.old.example.com. A", "NOERROR", true, []string{"old.example.com. 3600 IN DNAME new.example.com.", "x.old.example.com. 3600 IN CNAME x.new.example.com.", "x.new.example.com. 3600 IN A 192.0.2.3"}, nil, nil},
		"another's name":                    {"example.org. A", "REFUSED", false, nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			question, qtype, _ := strings.Cut(c.question, " ")
			q := new(dns.Msg)
			q.SetQuestion(question, dns.StringToType[qtype])
			m, err := dns.Exchange(q, s.Addrs()[0].String())
			if err != nil {
				t.Fatal(err)
			}
			same := func(section string, got []dns.RR, want []string) {
				var lines []string
				for _, rr := range got {
					lines = append(lines, strings.ReplaceAll(rr.String(), "\t", " "))
				}
				if !slices.Equal(lines, want) {
					t.Errorf("%s is\n%s\nwant\n%s", section, strings.Join(lines, "\n"), strings.Join(want, "\n"))
				}
			}
			if dns.RcodeToString[m.Rcode] != c.rcode || m.Authoritative != c.aa {
				t.Errorf("%s aa=%v, want %s aa=%v", dns.RcodeToString[m.Rcode], m.Authoritative, c.rcode, c.aa)
			}
			same("answer", m.Answer, c.answer)
			same("authority", m.Ns, c.authority)
			same("additional", m.Extra, c.additional)
		})
	}
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
