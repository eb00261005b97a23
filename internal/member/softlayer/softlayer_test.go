package softlayer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/time/rate"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/membertest"
	"github.com/skein-dns/skein/zone"
)

// stage is an account, and what is published.
type stage struct {
	*cloud
	mu        sync.Mutex // owns published
	published map[string]zone.Contents
}

func newStage(t *testing.T) *stage {
	return &stage{cloud: newCloud(t), published: map[string]zone.Contents{}}
}

func (s *stage) publish(c zone.Contents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.published[c.Origin().Key()] = c
}

func (s *stage) current(_ context.Context, name zone.Name) (zone.Contents, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, is := s.published[name.Key()]
	return c, is
}

func (s *stage) driver(t *testing.T, alter ...func(*skein.Member, *skein.MemberSecrets, *Options)) *Driver {
	t.Helper()
	m := skein.Member{Name: "sl", Driver: "softlayer", Username: "SL123", Endpoint: "http://" + s.Addr + "/rest/v3.1"}
	secrets := skein.MemberSecrets{Token: "key-of-ours"}
	o := Options{Published: s.current, perSecond: rate.Inf}
	for _, f := range alter {
		f(&m, &secrets, &o)
	}
	d, err := New(m, secrets, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func contents(t testing.TB, origin zone.Name, text string) zone.Contents {
	t.Helper()
	head := "$TTL 300\n@ SOA ns1.skein.example. host.skein.example. 7 7200 900 1209600 300\n@ NS ns1.skein.example.\n"
	sets, _, err := zone.Parse(strings.NewReader(head+text), zone.Options{Origin: origin})
	if err != nil {
		t.Fatal(err)
	}
	c, err := zone.NewContents(origin, sets)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// version is a version of a zone that a serial can be read from.
func version(t testing.TB, origin zone.Name, serial uint32) zone.Contents {
	return contents(t, origin, "@ A 192.0.2.1\n@ AAAA "+address(serial)+"\n")
}

func address(serial uint32) string { return fmt.Sprintf("2001:db8::%x:1", serial) }

func (s *stage) serial(name zone.Name) (serial uint32, err error) {
	text, _ := plain(name)
	err = errors.New("it is not there")
	s.in(func() {
		if z := s.named(text); z != nil {
			for _, e := range z.Records {
				if e.Type == "aaaa" {
					_, err = fmt.Sscanf(e.Data, "2001:db8::%x:1", &serial)
				}
			}
		}
	})
	return serial, err
}

func TestSuite(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const bare zone.Name = "bare.example."
	membertest.Run(t, &membertest.Subject{
		Driver: func(t *testing.T, via netip.AddrPort) member.Driver {
			return s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) {
				if via.IsValid() {
					o.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
						return new(net.Dialer).DialContext(ctx, network, via.String())
					}
				}
			})
		},
		Stranger: func(t *testing.T) member.Driver {
			return s.driver(t, func(_ *skein.Member, k *skein.MemberSecrets, _ *Options) { k.Token = "another" })
		},
		Control: netip.MustParseAddrPort(s.Addr),
		Put: func(t *testing.T, name zone.Name, serial uint32) {
			if name == bare {
				s.publish(contents(t, name, "@ MX 10 mail.example.net.\n"))
				return
			}
			s.publish(version(t, name, serial))
		},
		Serial:  func(_ context.Context, name zone.Name) (uint32, error) { return s.serial(name) },
		Stop:    func(*testing.T) { s.Stop() },
		Start:   s.Service.Start,
		Pause:   func(*testing.T) { s.Pause() },
		Resume:  func(*testing.T) { s.Resume() },
		Refused: bare,
		Unfit:   func(name zone.Name) bool { _, fits := plain(name); return !fits },
		Other: func(t *testing.T, name zone.Name, serial uint32) {
			text, _ := plain(name)
			s.in(func() {
				s.born(dnsDomain{domain: domain{Name: text}, Records: []entry{
					{Host: "@", Type: "a", Data: "192.0.2.66", TTL: 300}, {Host: "@", Type: "aaaa", Data: address(serial), TTL: 300}}})
			})
		},
	})
}

const everyType = `@ A 192.0.2.1
@ AAAA 2001:db8::1
@ MX 10 mail
@ TXT "v=spf1 include:_spf.example.net ~all"
long TXT ( "` + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" + `" "second; string" )
www CNAME example.net.
*.wild A 192.0.2.3
_sip._tcp SRV 10 20 5060 sip.example.net.
_sip._udp.sub SRV 1 2 5061 sip
sub NS ns1.example.net.
host PTR target.example.net.
`

func TestEveryType(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.driver(t)
	s.publish(contents(t, "example.com.", everyType))
	membertest.Add(t, d, "example.com.")
	if p := membertest.Has(t, d, "example.com."); !p.Current || len(p.Lacks) > 0 {
		t.Errorf("%+v", p)
	}
	s.in(func() { s.written = 0 })
	membertest.Add(t, d, "example.com.")
	if s.written != 0 {
		t.Errorf("%d records are written though nothing changed", s.written)
	}
	s.publish(contents(t, "example.com.", strings.Replace(everyType, "mail", "mail2", 1)+"more A 192.0.2.9\n"))
	membertest.Add(t, d, "example.com.")
	if s.written != 2 {
		t.Errorf("%d records are written, not one edited and one made", s.written)
	}
}

// Zones whose names contain that of another are not it.
func TestNamesWithinNames(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.driver(t)
	for _, name := range []zone.Name{"myexample.com.", "example.com.au.", "sub.example.com."} {
		s.publish(version(t, name, 7))
		membertest.Add(t, d, name)
	}
	if p := membertest.Has(t, d, "example.com."); p.Present {
		t.Errorf("%+v", p)
	}
	if told, err := membertest.Apply(t, d, member.ActionDelete, "example.com."); told != nil || err != nil {
		t.Errorf("%v %v", told, err)
	}
	s.publish(version(t, "EXAMPLE.com.", 1))
	membertest.Add(t, d, "EXAMPLE.com.")
	if len(s.zones) != 4 {
		t.Errorf("%d zones", len(s.zones))
	}
	if serial, err := s.serial("myexample.com."); err != nil || serial != 7 {
		t.Error(serial, err)
	}
}

// What cannot be held is told of record by record, and not sent again.
func TestWhatItCannotHold(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		text   string
		scrubs bool
		lacks  []string
	}{
		"a type that it has none of":     {"@ CAA 0 issue \"ca.example\"", false, []string{`example.com. CAA 0 issue "ca.example": SoftLayer has no records of that type`}},
		"a name with other characters":   {`a\032b A 192.0.2.9`, false, []string{`a\ b.example.com. A 192.0.2.9: SoftLayer would leave characters out of its name`}},
		"a target with an underscore":    {"v CNAME _x.acm.example.", false, []string{"v.example.com. CNAME _x.acm.example.: SoftLayer would leave characters out of its data"}},
		"text, where it takes all of it": {`t TXT "v=spf1 -all"`, false, nil},
		"text, where it leaves some out": {`t TXT "v=spf1 -all"`, true, []string{`t.example.com. TXT "v=spf1 -all": SoftLayer left characters out of it: "vspf1-all"`}},
		"text that is not plain":         {`t TXT "caf\195\169"`, false, []string{`t.example.com. TXT "caf\195\169": SoftLayer takes no characters in text that are not plain`}},
		"a service without a protocol":   {"_sip SRV 1 2 3 sip", false, []string{"_sip.example.com. SRV 1 2 3 sip.example.com.: SoftLayer has such records only under a service and a protocol"}},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.scrubs = row.scrubs
			d := s.driver(t)
			s.publish(contents(t, "example.com.", "@ A 192.0.2.1\nwww A 192.0.2.2\n"+row.text+"\n"))
			membertest.Add(t, d, "example.com.")
			p := membertest.Has(t, d, "example.com.")
			if !p.Current || strings.Join(p.Lacks, "|") != strings.Join(row.lacks, "|") {
				t.Errorf("%+v", p)
			}
			s.in(func() { s.written = 0 })
			membertest.Add(t, d, "example.com.")
			if s.written != 0 {
				t.Errorf("%d records are sent again", s.written)
			}
		})
	}
}

// A delegation that goes cannot be deleted; one that changes is edited.
func TestRecordsThatNobodyCanDelete(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.driver(t)
	s.publish(contents(t, "example.com.", "@ A 192.0.2.1\nsub NS ns1.example.net.\nsub NS ns2.example.net.\n"))
	membertest.Add(t, d, "example.com.")
	s.publish(contents(t, "example.com.", "@ A 192.0.2.1\nsub NS ns3.example.net.\n"))
	membertest.Add(t, d, "example.com.")
	p := membertest.Has(t, d, "example.com.")
	if !p.Current || len(p.Lacks) != 1 || !strings.HasPrefix(p.Lacks[0], "sub.example.com. NS ns2.example.net.: is there and ought not to be") {
		t.Errorf("%+v", p)
	}
	if told, err := membertest.Apply(t, d, member.ActionDelete, "example.com."); told != nil || err != nil || len(s.zones) != 0 {
		t.Errorf("the zone goes all the same: %v %v", told, err)
	}
}

// One record that is refused keeps none from the others.
func TestARecordThatIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.driver(t)
	text := "@ A 192.0.2.1\nbad CNAME poison.example.net.\n"
	for i := range 250 { // more than one call
		text += fmt.Sprintf("h%d A 192.0.2.2\n", i)
	}
	s.publish(contents(t, "example.com.", text))
	told, err := membertest.Apply(t, d, member.ActionAdd, "example.com.")
	if err != nil || told == nil || !strings.Contains(told.Error(), "bad.example.com. CNAME poison.example.net.") || errors.Is(told, member.ErrDenied) {
		t.Errorf("%v %v", told, err)
	}
	if n := len(s.named("example.com").Records); n != 3+251 {
		t.Errorf("%d records are there", n)
	}
	if p := membertest.Has(t, d, "example.com."); p.Current {
		t.Errorf("%+v", p)
	}
}

// A zone that came by transfer cannot be changed there, and says so.
func TestAZoneThatItTransfers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.driver(t)
	s.in(func() { s.born(dnsDomain{domain: domain{Name: "example.com"}, slave: true}) })
	s.publish(version(t, "example.com.", 1))
	if told, err := membertest.Apply(t, d, member.ActionAdd, "example.com."); err != nil || told == nil || !strings.Contains(told.Error(), "zone transfer") {
		t.Errorf("%v %v", told, err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		call   string
		status int
		text   string
		kind   error
	}{
		"making a zone fails":       {"createObject", 500, `{"error":"Internal Error","code":"SoftLayer_Exception"}`, nil},
		"a gateway answers":         {"createObject", 502, "Bad Gateway", member.ErrAway},
		"records are not taken":     {"createObjects", 500, `{"error":"Internal Error","code":"SoftLayer_Exception"}`, nil},
		"the user may not":          {"createObjects", 403, `{"error":"Access Denied.","code":"SoftLayer_Exception_Public"}`, member.ErrDenied},
		"a page in place of answer": {"getByDomainName", 200, "<html>", member.ErrAway},
	} {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, done %v", situation, done), func(t *testing.T) {
				t.Parallel()
				s := newStage(t)
				d := s.driver(t)
				s.publish(version(t, "example.com.", 1))
				hit := func(w http.ResponseWriter, call string) bool {
					if !strings.HasSuffix(call, "/"+row.call) {
						return false
					}
					w.WriteHeader(row.status)
					fmt.Fprint(w, row.text)
					return true
				}
				s.in(func() {
					if done {
						s.done = hit
					} else {
						s.fault = hit
					}
				})
				told, err := membertest.Apply(t, d, member.ActionAdd, "example.com.")
				if why := errors.Join(told, err); why == nil || row.kind != nil && !errors.Is(why, row.kind) || (row.kind == member.ErrAway) != (err != nil) {
					t.Errorf("%v, %v", told, err)
				}
				s.in(func() { s.fault, s.done = nil, nil })
				membertest.Add(t, d, "example.com.")
				if p := membertest.Has(t, d, "example.com."); !p.Current || len(p.Lacks) > 0 {
					t.Errorf("%+v", p)
				}
				if len(s.zones) != 1 {
					t.Errorf("%d zones", len(s.zones))
				}
			})
		}
	}
}

func TestTestSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		alter func(s *stage, k *skein.MemberSecrets)
		says  string
	}{
		"all is well":      {func(*stage, *skein.MemberSecrets) {}, "key:ok zones:ok owner:warn"},
		"the key is wrong": {func(_ *stage, k *skein.MemberSecrets) { k.Token = "x" }, "key:bad"},
		"nothing listens":  {func(s *stage, _ *skein.MemberSecrets) { s.Stop() }, "key:bad"},
		"no rights over zones": {func(s *stage, _ *skein.MemberSecrets) {
			s.fault = func(w http.ResponseWriter, call string) bool {
				if strings.HasSuffix(call, "getDomains") {
					refuse(w, 403, "SoftLayer_Exception_Public", "Access Denied.")
					return true
				}
				return false
			}
		}, "key:ok zones:bad"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			d := s.driver(t, func(_ *skein.Member, k *skein.MemberSecrets, _ *Options) { row.alter(s, k) })
			var said []string
			for _, c := range d.Test(t.Context(), "self.invalid.") {
				word := map[bool]string{true: "ok", false: "bad"}[c.OK]
				if c.Warn {
					word = "warn"
				}
				said = append(said, c.Name+":"+word)
				if word != "ok" && c.Mend == "" {
					t.Errorf("%+v", c)
				}
			}
			if got := strings.Join(said, " "); got != row.says {
				t.Error(got)
			}
		})
	}
}

func TestNotSetUpYet(t *testing.T) {
	t.Parallel()
	for situation, m := range map[string]skein.Member{"no key": {Name: "sl"}, "no TLS": {Name: "sl", Username: "u", Endpoint: "http://api.example/"}} {
		if _, err := New(m, skein.MemberSecrets{Token: map[bool]string{true: "k"}[m.Username != ""]}, Options{}); err == nil || !strings.Contains(err.Error(), "sl") {
			t.Errorf("%s: %v", situation, err)
		}
	}
}
