package powerdns

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// calls takes the calls of a driver.
type calls struct {
	mu  sync.Mutex // owns all
	all []member.Transaction
}

func (c *calls) take(x member.Transaction) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, x)
}

// took returns those that changed something, and forgets all.
func (c *calls) took() (changes []member.Transaction) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.all {
		if !strings.HasPrefix(x.What, "GET ") {
			changes = append(changes, x)
		}
	}
	c.all = nil
	return changes
}

func apply(t *testing.T, d *Driver, action member.Action, names ...zone.Name) []error {
	t.Helper()
	var told []error
	steps := make([]member.Step, len(names))
	for i, name := range names {
		steps[i] = member.Step{Action: action, Zone: name}
	}
	if err := d.Apply(t.Context(), steps, func(_ int, err error) { told = append(told, err) }); err != nil {
		t.Fatal(err)
	}
	return told
}

func must(t *testing.T, d *Driver, action member.Action, names ...zone.Name) {
	t.Helper()
	for i, err := range apply(t, d, action, names...) {
		if err != nil {
			t.Fatalf("%s %s: %v", action, names[i], err)
		}
	}
}

// is demands that what the member has is what is published.
func (s *stage) is(t *testing.T, d *Driver, name zone.Name) {
	t.Helper()
	there, err := d.Has(t.Context(), []zone.Name{name})
	if err != nil || !there[0].Current {
		t.Errorf("%s: %+v, %v", name, there, err)
	}
	serial, err := s.serial(t.Context(), s.pdns.DNS, name)
	if want, _ := s.published[name.Key()].SOA(); err != nil || serial != want.Serial {
		t.Errorf("%s is served with serial %d, not %d: %v", name, serial, want.Serial, err)
	}
}

// everyType has a record of each type that zones commonly hold, and of some that they seldom do.
const everyType = `@ 60 SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60
@ 60 NS ns.invalid.
@ 60 MX 10 Mail.Every.Example.
@ 60 TXT "a \"b\" \\c; \255\001" "second" ""
@ 60 CAA 0 issue "ca.example.net; account=1"
@ 60 HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.1
@ 60 TYPE65280 \# 4 0a000001
UPPER 60 A 192.0.2.1
UPPER 60 AAAA 2001:db8::1
*.wild 60 CNAME UPPER
_sip._tcp 60 SRV 1 2 5060 sip.every.example.
naptr 60 NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .
ssh 60 SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789
_443._tcp 60 TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
cut 60 NS ns.other.example.
cut 60 DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
loc 60 LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
host 60 HINFO "cpu" "os"
rp 60 RP mbox.example. txt.example.
uri 60 URI 10 1 "https://example.com/"
d 60 DNAME other.example.
svc 60 SVCB 1 svc.example. port=8443
ptr 60 PTR host.example.
x25 60 X25 "311061700956"
talink 60 TALINK a.example. b.example.
hip 60 HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p9+LrV4e19WzK00+CI6zBCQTdtWsuxKbWIy87UOoJTwkUs7lBu+Upr1gsNrut79ryra+bSRGQb1slImA8YVJyuIDsj7kwzG7jnERNqnWxZ48AWkskmdHaVDP4BcelrTI3rMXdXF5D rvs.example.
svc2 60 HTTPS 1 . mandatory=alpn alpn=h2 no-default-alpn port=8443 ech=AAAA key65000="a b"
doh 60 SVCB 1 . dohpath="/q{?dns}"
nid 60 NID 10 0014:4fff:ff20:ee64
apl 60 APL 1:10.0.0.0/8
under_score 60 A 192.0.2.2
`

func TestEveryTypeIsWritten(t *testing.T) {
	t.Parallel()
	for _, backend := range backEnds {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.member.Settings = nativeMode
			s.start(backend)
			const name zone.Name = "every.example."
			s.put(t, name, everyType)
			d := s.driver(t)
			must(t, d, member.ActionAdd, name)
			s.is(t, d, name)
			c, odd, err := d.contents(t.Context(), name)
			if err != nil || len(odd) > 0 || !c.Equal(s.published[name.Key()]) {
				var a, b bytes.Buffer
				_ = zone.Print(&a, c, zone.PrintOptions{})
				_ = zone.Print(&b, s.published[name.Key()], zone.PrintOptions{})
				t.Errorf("%v, %v, it has\n%s\nnot\n%s", odd, err, &a, &b)
			}
		})
	}
}

// A change of one record sends that set and the SOA, and a second time nothing.
func TestOnlyDifferencesAreSent(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member.Settings = nativeMode
	s.start(servertest.LMDB)
	var said calls
	d := s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) { o.Trace = said.take })
	const name zone.Name = "differences.example."
	for _, step := range []struct {
		situation, records string
		changes            []string // type, name and change of each set that is sent
	}{
		{"a new zone", "www 60 A 192.0.2.1\nalias 60 CNAME www\ngone 60 A 192.0.2.2\n", []string{"POST"}},
		{"nothing changed but the serial", "www 60 A 192.0.2.1\nalias 60 CNAME www\ngone 60 A 192.0.2.2\n", []string{"SOA differences.example. REPLACE"}},
		{"a record more", "www 60 A 192.0.2.1\nwww 60 A 192.0.2.9\nalias 60 CNAME www\ngone 60 A 192.0.2.2\n",
			[]string{"A www.differences.example. REPLACE", "SOA differences.example. REPLACE"}},
		{"an alias becomes a host, and a host goes", "www 60 A 192.0.2.1\nwww 60 A 192.0.2.9\nalias 60 A 192.0.2.3\n",
			[]string{"CNAME alias.differences.example. DELETE", "A alias.differences.example. REPLACE", "A gone.differences.example. DELETE", "SOA differences.example. REPLACE"}},
		{"a TTL", "www 90 A 192.0.2.1\nwww 90 A 192.0.2.9\nalias 60 A 192.0.2.3\n",
			[]string{"A www.differences.example. REPLACE", "SOA differences.example. REPLACE"}},
	} {
		serial, _ := s.published[name.Key()].SOA()
		s.put(t, name, text(serial.Serial+1)+step.records)
		said.took()
		must(t, d, member.ActionAdd, name)
		if got := changesIn(t, said.took()); !slices.Equal(got, step.changes) {
			t.Errorf("%s: %q", step.situation, got)
		}
		s.is(t, d, name)
		said.took()
		must(t, d, member.ActionAdd, name)
		if again := said.took(); len(again) > 0 {
			t.Errorf("%s, a second time: %v", step.situation, again)
		}
	}
}

// changesIn lists the sets that were sent to change a zone.
func changesIn(t *testing.T, all []member.Transaction) (changes []string) {
	t.Helper()
	for _, x := range all {
		method, _, _ := strings.Cut(x.What, " ")
		var body struct{ RRsets []rrset }
		if err := json.Unmarshal([]byte(x.Request), &body); err != nil || method != "PATCH" {
			changes = append(changes, method)
			continue
		}
		for _, s := range body.RRsets {
			changes = append(changes, s.Type+" "+s.Name+" "+s.Change)
		}
	}
	return changes
}

// What somebody did to our zone in the database, that we cannot read even, is
// put right.
func TestWhatIsNotOursInOurZoneGoes(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member.Settings = nativeMode
	s.start(servertest.SQLite)
	const name zone.Name = "touched.example."
	s.put(t, name, text(5)+"www 60 A 192.0.2.1\noff 60 A 192.0.2.2\n")
	d := s.driver(t)
	must(t, d, member.ActionAdd, name)
	s.pdns.SQL(`INSERT INTO records (domain_id, name, type, content, ttl) SELECT id, 'alias.touched.example', 'ALIAS', 'www.example.net', 60 FROM domains;
UPDATE records SET disabled = 1 WHERE name = 'off.touched.example';
UPDATE records SET content = '192.0.2.66' WHERE name = 'www.touched.example';`)
	there, err := d.Has(t.Context(), []zone.Name{name})
	if err != nil || !there[0].Ours || there[0].Current {
		t.Errorf("%+v, %v", there, err)
	}
	must(t, d, member.ActionAdd, name)
	s.is(t, d, name)
}

// A zone that is too large for a call is written in several, and nobody is told
// that names of it do not exist before all of them are there.
func TestALargeZone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member.Settings = nativeMode
	s.start(servertest.LMDB)
	const name zone.Name = "large.example."
	var b strings.Builder
	for i := range 1500 { // few and long: PowerDNS takes its time for each
		fmt.Fprintf(&b, "h%d 60 TXT%s\n", i, strings.Repeat(" \""+strings.Repeat("x", 250)+"\"", 6))
	}
	s.put(t, name, text(1)+b.String())
	var said calls
	d := s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) {
		o.Trace = func(x member.Transaction) {
			said.take(x)
			if serial, err := s.serial(t.Context(), s.pdns.DNS, name); err == nil && strings.HasPrefix(x.What, "POST") {
				t.Errorf("after %s it is served, with serial %d", x.What, serial)
			}
		}
	})
	must(t, d, member.ActionAdd, name)
	all := said.took()
	if len(all) < 4 || !strings.HasPrefix(all[0].What, "POST") || !strings.HasPrefix(all[len(all)-1].What, "PUT") {
		t.Errorf("%d calls: %v", len(all), all[0].What)
	}
	s.is(t, d, name)
	s.put(t, name, text(2)+strings.ReplaceAll(b.String(), " 60 ", " 61 "))
	must(t, d, member.ActionAdd, name)
	s.is(t, d, name)
}

// Signatures that are written one by one would be no signed zone there.
func TestASignedZoneIsNotWritten(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member.Settings = nativeMode
	s.start(servertest.LMDB)
	const name zone.Name = "signed.example."
	s.put(t, name, text(1)+"@ 60 RRSIG SOA 13 2 60 20300101000000 20200101000000 1 signed.example. AAAA\n")
	d := s.driver(t)
	if err := apply(t, d, member.ActionAdd, name)[0]; err == nil || !strings.Contains(err.Error(), "signed") {
		t.Error(err)
	}
	if there, err := d.Has(t.Context(), []zone.Name{name}); err != nil || there[0].Present {
		t.Errorf("%+v, %v", there, err)
	}
}

// From one mode to the other, zones are set up anew and go on being served.
func TestTheModeChanges(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.start(servertest.LMDB)
	const name zone.Name = "mode.example."
	s.put(t, name, text(1)+"www 60 A 192.0.2.1\n")
	fetches := s.driver(t)
	writes := s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) { m.Settings = nativeMode })
	must(t, fetches, member.ActionAdd, name)
	servertest.Eventually(t, "it is served", func() error {
		_, err := s.serial(t.Context(), s.pdns.DNS, name)
		return err
	})
	for range 2 {
		for _, d := range []*Driver{writes, fetches} {
			must(t, d, member.ActionAdd, name)
			s.is(t, d, name)
		}
	}
}
