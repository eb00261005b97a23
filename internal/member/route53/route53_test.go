package route53

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/membertest"
	"github.com/skein-dns/skein/zone"
)

// stage is an account, and what is published.
type stage struct {
	*cloud
	accounts *Accounts

	mu        sync.Mutex // owns published
	published map[string]zone.Contents
}

func newStage(t *testing.T) *stage {
	s := &stage{cloud: newCloud(t), accounts: NewAccounts(), published: map[string]zone.Contents{}}
	s.accounts.limit = rate.Inf
	return s
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
	m := skein.Member{Name: "aws", Driver: "route53", Username: "AKIDOURS", Endpoint: "http://" + s.Addr}
	secrets := skein.MemberSecrets{Token: "secret-of-ours"}
	o := Options{Published: s.current, Accounts: s.accounts}
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

// contents reads a zone; its SOA and NS come first.
func contents(t testing.TB, origin zone.Name, serial uint32, text string) zone.Contents {
	t.Helper()
	head := fmt.Sprintf("$TTL 300\n@ SOA ns1.skein.example. host.skein.example. %d 7200 900 1209600 300\n@ NS ns1.skein.example.\n@ NS ns2.skein.example.\n", serial)
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
	return contents(t, origin, serial, fmt.Sprintf("@ TXT \"serial %d\"\n", serial))
}

func (s *stage) serial(name zone.Name) (uint32, error) {
	for _, z := range s.byName(nameOut(name)) {
		s.cloud.mu.Lock()
		set := z.sets[(&rrset{Name: z.Name, Type: "TXT"}).key()]
		s.cloud.mu.Unlock()
		if set != nil {
			n, err := strconv.ParseUint(strings.TrimPrefix(strings.Trim(set.Values.list()[0], `"`), "serial "), 10, 32)
			return uint32(n), err
		}
	}
	return 0, errors.New("it is not there")
}

// other puts a zone there whose contents are not ours.
func (s *stage) other(name zone.Name, ref string, serial uint32, more ...*rrset) *hostedZone {
	s.cloud.mu.Lock()
	defer s.cloud.mu.Unlock()
	var z *hostedZone
	for _, is := range s.zones {
		if is.Name == nameOut(name) {
			z = is
		}
	}
	if z == nil {
		z = s.born(nameOut(name), ref, "")
	}
	for _, r := range append(more, plain(z.Name, "TXT", fmt.Sprintf(`"serial %d"`, serial))) {
		z.put(r)
	}
	return z
}

// plain is a set of records.
func plain(name, typ string, data ...string) *rrset {
	ttl := int64(300)
	return &rrset{Name: name, Type: typ, TTL: &ttl, Values: valuesOf(data...)}
}

func TestSuite(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.page = 40
	foreign := map[string]zone.Name{"made by hand": "hand.example.", "made by another program": "terraform.example.", "made by AWS": "cloudmap.example."}
	s.other("cloudmap.example.", "cloud-map", 1).Linked = &linked{"servicediscovery.amazonaws.com"}
	s.other("hand.example.", "by-hand-1", 1)
	s.other("terraform.example.", "terraform-20261126", 1)
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
			return s.driver(t, func(m *skein.Member, k *skein.MemberSecrets, _ *Options) { k.Token = "another" })
		},
		Control: netip.MustParseAddrPort(s.Addr),
		Put:     func(t *testing.T, name zone.Name, serial uint32) { s.publish(version(t, name, serial)) },
		Serial:  func(_ context.Context, name zone.Name) (uint32, error) { return s.serial(name) },
		Stop:    func(*testing.T) { s.Stop() },
		Start:   s.Service.Start,
		Pause:   func(*testing.T) { s.Pause() },
		Resume:  func(*testing.T) { s.Resume() },
		Foreign: foreign,
		Takes:   []string{"made by hand", "made by another program"},
		Unfit:   func(name zone.Name) bool { return name == zone.Root },
		Other: func(t *testing.T, name zone.Name, serial uint32) {
			s.other(name, "skein/other", serial, plain(nameOut(name), "A", "192.0.2.66"))
			for _, a := range s.accounts.all { // a list that is some minutes old would not tell of it
				a.doubt()
			}
		},
	})
}

// Of a zone that changes only what differs is sent, and of one that does not, nothing.
func TestOnlyDifferencesAreSent(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.page = 300
	d := s.driver(t)
	const name zone.Name = "example.com."
	var b strings.Builder
	for i := range 2500 { // more than a page, and more than a batch
		fmt.Fprintf(&b, "h%d A 192.0.2.%d\n", i, i%250)
	}
	s.publish(contents(t, name, 1, b.String()))
	membertest.Add(t, d, name)
	sent := func() (n int) { s.in(func() { n, s.sent = s.sent, 0 }); return n }
	if n := sent(); n != 2500 {
		t.Errorf("%d changes for 2500 records", n)
	}
	if p := membertest.Has(t, d, name); !p.Current || len(p.Lacks) > 0 {
		t.Errorf("%+v", p)
	}
	membertest.Add(t, d, name)
	if n := sent(); n != 0 {
		t.Errorf("%d changes though nothing changed", n)
	}
	s.publish(contents(t, name, 2, strings.Replace(b.String(), "h7 A 192.0.2.7\n", "h7 CNAME h8\n", 1)+"new TXT hello\n"))
	if p := membertest.Has(t, d, name); p.Current {
		t.Error("an old version is taken for the new one")
	}
	membertest.Add(t, d, name)
	if n := sent(); n != 3 {
		t.Errorf("%d changes, not one to go and two to come", n)
	}
	if p := membertest.Has(t, d, name); !p.Current {
		t.Errorf("%+v", p)
	}
	s.publish(contents(t, name, 3, strings.Replace(b.String(), "h7 A 192.0.2.7\n", "", 1)))
	membertest.Add(t, d, name)
	if n := sent(); n != 2 {
		t.Errorf("%d changes, not two to go", n)
	}
	c, why := zone.Contents{}, error(nil)
	if err := d.Read(t.Context(), []zone.Name{name}, func(_ int, is zone.Contents, err error) { c, why = is, err }); err != nil || why != nil {
		t.Fatal(err, why)
	}
	if _, records := c.Len(); records != 2499+3 {
		t.Errorf("%d records are read", records)
	}
}

func TestManyZonesComeInPages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.page = 10
	var names []zone.Name
	for i := range 137 {
		name := zone.Name(fmt.Sprintf("z%d.example.", i))
		s.publish(version(t, name, 1))
		s.other(name, "skein/before", 1)
		names = append(names, name)
	}
	d := s.driver(t)
	there, err := d.Has(t.Context(), names)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range there {
		if !p.Current {
			t.Errorf("%s: %+v", names[i], p)
		}
	}
	for _, name := range names {
		membertest.Add(t, d, name)
		if n := len(s.byName(string(name))); n != 1 {
			t.Errorf("%d zones %s", n, name)
		}
	}
}

// A zone is exactly that of its name, and a public one.
func TestPrivateAndNeighbouringZones(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.other("example.com.", "vpc", 7).Config.PrivateZone = true
	s.other("example.com.au.", "another", 7)
	s.other("sub.example.com.", "another", 7)
	s.publish(version(t, "EXAMPLE.com.", 1))
	d := s.driver(t)
	if p := membertest.Has(t, d, "EXAMPLE.com."); p.Present {
		t.Errorf("%+v", p)
	}
	membertest.Add(t, d, "EXAMPLE.com.")
	if serial, err := s.serial("example.com."); err != nil || serial != 1 {
		t.Error(serial, err)
	}
	for _, z := range s.byName("example.com.au.") {
		if z.Ref != "another" || len(z.sets) != 3 {
			t.Errorf("%+v", z)
		}
	}
}

func TestWhoseAZoneIs(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		ref, comment string
		ours         bool
	}{
		"Skein made it":                     {"skein/abc/1/2", comment, true},
		"Skein made it, and the comment":    {"skein/abc/1/2", "web shop", true},
		"a person handed it over":           {"2014-…", "Skein takes it from here", true},
		"nobody said anything":              {"2014-…", "", false},
		"its comment only speaks of Skein":  {"2014-…", "not for skein", false},
		"its reference only speaks of us":   {"my/skein/1", "", false},
		"an account's other program has it": {"terraform-1", "Managed by Terraform", false},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.in(func() { s.born("example.com.", row.ref, row.comment) })
			s.publish(version(t, "example.com.", 1))
			d := s.driver(t)
			if p := membertest.Has(t, d, "example.com."); !p.Present || p.Ours != row.ours {
				t.Errorf("%+v", p)
			}
			for _, action := range []member.Action{member.ActionAdd, member.ActionDelete} {
				told, err := membertest.Apply(t, d, action, "example.com.")
				if err != nil || errors.Is(told, member.ErrForeign) == row.ours {
					t.Errorf("%s: %v %v", action, told, err)
				}
			}
			if n := len(s.byName("example.com.")); n == 0 != row.ours {
				t.Errorf("%d zones are left", n)
			}
		})
	}
}

// What only Route 53 knows is left alone, and told of; a zone with it is not deleted.
func TestRecordsOfRoute53Alone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.driver(t)
	const name zone.Name = "example.com."
	s.publish(contents(t, name, 1, "@ A 192.0.2.1\nwww A 192.0.2.2\nmail A 192.0.2.3\n"))
	weight, ttl := 10, int64(60)
	z := s.other(name, "skein/x", 1,
		&rrset{Name: "example.com.", Type: "A", Alias: &aliased{"Z2FDTNDATAQYW2", "d1.cloudfront.net.", false}},
		&rrset{Name: "blue.example.com.", Type: "A", SetID: "one", Weight: &weight, TTL: &ttl, Values: valuesOf("192.0.2.9")},
		plain("old.example.com.", "A", "192.0.2.4"))
	membertest.Add(t, d, name)
	p := membertest.Has(t, d, name)
	want := []string{
		"blue.example.com. A: a record with a routing policy or health check is there, which is not Skein's; it was left alone",
		"example.com. A: an ALIAS to d1.cloudfront.net. is there, which is not Skein's; it was left alone",
	}
	if !p.Current || strings.Join(p.Lacks, "|") != strings.Join(want, "|") {
		t.Errorf("%+v", p)
	}
	var names []string
	s.in(func() {
		for _, r := range z.sorted() {
			names = append(names, r.Name+" "+r.Type)
		}
	})
	if got := strings.Join(names, ", "); got != "example.com. A, example.com. NS, example.com. SOA, blue.example.com. A, mail.example.com. A, www.example.com. A" {
		t.Error(got)
	}
	if told, err := membertest.Apply(t, d, member.ActionDelete, name); err != nil || told == nil || !strings.Contains(told.Error(), "2 records that are not Skein's") {
		t.Errorf("%v %v", told, err)
	}
	if n := len(s.byName("example.com.")); n != 1 {
		t.Error("it is gone")
	}
}

// Records that Route 53 has no type for are told of, each with the reason, and keep
// none from the others.
func TestRecordsThatCannotBeHeld(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.driver(t)
	const name zone.Name = "example.com."
	s.publish(contents(t, name, 1, "www A 192.0.2.2\nwhere LOC 52 22 23 N 4 53 32 E -2m\nsub DNAME other.example.\n@ CAA 0 issue \"ca.example\"\n"))
	membertest.Add(t, d, name)
	p := membertest.Has(t, d, name)
	if !p.Current || len(p.Lacks) != 2 || !strings.HasPrefix(p.Lacks[1], "where.example.com. LOC: Route 53 has no records of that type") {
		t.Errorf("%+v", p)
	}
}

// The nameservers and SOA of the apex are AWS's, unless it is said otherwise.
func TestTheApex(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"": "ns-1.awsdns.example.", apexKeep: "ns-1.awsdns.example.", apexWrite: "ns1.skein.example."} {
		s := newStage(t)
		d := s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) {
			m.Settings = map[string]string{SettingApex: value}
		})
		s.publish(version(t, "example.com.", 5))
		membertest.Add(t, d, "example.com.")
		if p := membertest.Has(t, d, "example.com."); !p.Current {
			t.Errorf("%q: %+v", value, p)
		}
		z := s.byName("example.com.")[0]
		if got := z.sets[(&rrset{Name: z.Name, Type: "NS"}).key()].Values.list()[0]; got != want {
			t.Errorf("%q: %s", value, got)
		}
		if told, err := membertest.Apply(t, d, member.ActionDelete, "example.com."); told != nil || err != nil {
			t.Errorf("%q: %v %v", value, told, err)
		}
	}
}

// A change is a receipt once it is INSYNC.
func TestAChangeIsPendingUntilItIsInForce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	now := time.Now()
	s.settles = time.Minute
	s.now = func() time.Time { return now }
	clock := func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) { o.Now = s.now }
	s.publish(version(t, "example.com.", 1))
	membertest.Add(t, s.driver(t, clock), "example.com.")
	asker := s.driver(t, clock) // another driver of the member
	if p := membertest.Has(t, asker, "example.com."); !p.Pending || !p.Current {
		t.Errorf("just told: %+v", p)
	}
	s.in(func() { now = now.Add(61 * time.Second) })
	s.took()
	for range 2 {
		if p := membertest.Has(t, asker, "example.com."); p.Pending || !p.Current {
			t.Errorf("a minute later: %+v", p)
		}
	}
	if calls := s.took(); len(calls) != 3 {
		t.Errorf("%q: what is in force is asked for once", calls)
	}
}

// A call that is throttled is made again, later each time, and happens once.
func TestThrottling(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"Throttling", "PriorRequestNotComplete"} {
		s := newStage(t)
		var waits []time.Duration
		d := s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) {
			o.pause = func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }
		})
		left := 7
		s.in(func() {
			s.fault = func(w writer, call string) bool {
				if strings.HasSuffix(call, "/rrset") && strings.HasPrefix(call, "POST") && left > 0 {
					left--
					refuse(w, 400, code, "Rate exceeded")
					return true
				}
				return false
			}
		})
		s.publish(version(t, "example.com.", 1))
		membertest.Add(t, d, "example.com.")
		if got := fmt.Sprint(waits); got != "[1s 2s 4s 8s 16s 30s 30s]" {
			t.Error(got)
		}
		if s.sent != 1 {
			t.Errorf("%d changes", s.sent)
		}
		s.in(func() { left = 1 << 30 })
		s.publish(version(t, "example.com.", 2))
		tired := s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) {
			o.pause = func(context.Context, time.Duration) error { return context.DeadlineExceeded }
		})
		if told, err := membertest.Apply(t, tired, member.ActionAdd, "example.com."); !errors.Is(err, member.ErrAway) || told != nil {
			t.Errorf("throttled for good: %v %v", told, err)
		}
	}
}

// Faults come in pairs: what failed, and what failed and is done. Either way there
// is one zone in the end.
func TestFaults(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		call string
		fail func(w writer)
		kind error
	}{
		"making a zone fails within":      {"POST hostedzone", func(w writer) { refuse(w, 500, "InternalFailure", "oops") }, member.ErrAway},
		"the service is not available":    {"POST rrset", func(w writer) { refuse(w, 503, "ServiceUnavailable", "later") }, member.ErrAway},
		"an answer that is no XML":        {"POST rrset", func(w writer) { fmt.Fprint(w, "<html>") }, member.ErrAway},
		"a right is missing":              {"POST hostedzone", func(w writer) { refuse(w, 403, "AccessDenied", "not authorized") }, member.ErrDenied},
		"a right is missing, for records": {"POST rrset", func(w writer) { refuse(w, 403, "AccessDenied", "not authorized") }, member.ErrDenied},
		"the zone is refused":             {"POST hostedzone", func(w writer) { refuse(w, 400, "DelegationSetNotAvailable", "reserved") }, nil},
	} {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, done %v", situation, done), func(t *testing.T) {
				t.Parallel()
				s := newStage(t)
				now := time.Now()
				clock := func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) { o.Now = func() time.Time { return now } }
				d := s.driver(t, clock)
				s.publish(version(t, "example.com.", 1))
				hit := func(w writer, call string) bool {
					if strings.HasPrefix(call, "POST hostedzone/") {
						call = "POST rrset"
					}
					if call != row.call {
						return false
					}
					row.fail(w)
					return true
				}
				s.in(func() {
					if done {
						s.afterall = hit
					} else {
						s.fault = hit
					}
				})
				told, err := membertest.Apply(t, d, member.ActionAdd, "example.com.")
				if why := errors.Join(told, err); why == nil || row.kind != nil && !errors.Is(why, row.kind) ||
					row.kind == nil && (errors.Is(why, member.ErrAway) || errors.Is(why, member.ErrDenied)) || (row.kind == member.ErrAway) != (err != nil) {
					t.Errorf("%v, %v", told, err)
				}
				s.in(func() { s.fault, s.afterall = nil, nil })
				membertest.Add(t, d, "example.com.")
				if p := membertest.Has(t, d, "example.com."); !p.Current {
					t.Errorf("%+v", p)
				}
				if n := len(s.byName("example.com.")); n != 1 {
					t.Errorf("%d zones", n)
				}
			})
		}
	}
}

// Somebody deletes a zone in the console: it is missed, and made again.
func TestAZoneThatIsGone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.driver(t)
	s.publish(version(t, "example.com.", 1))
	membertest.Add(t, d, "example.com.")
	s.in(func() { clear(s.zones) })
	if p := membertest.Has(t, d, "example.com."); p.Present {
		t.Errorf("%+v", p)
	}
	now := time.Now().Add(2 * time.Minute) // of another reference
	d = s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) { o.Now = func() time.Time { return now } })
	membertest.Add(t, d, "example.com.")
	if p := membertest.Has(t, d, "example.com."); !p.Current {
		t.Errorf("%+v", p)
	}
}

func TestDelegationSet(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.sets["N1"] = true
	s.publish(version(t, "example.com.", 1))
	d := s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) {
		m.Settings = map[string]string{SettingDelegationSet: "N1"}
	})
	membertest.Add(t, d, "example.com.")
	d = s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) {
		m.Settings = map[string]string{SettingDelegationSet: "N2"}
	})
	s.publish(version(t, "example.net.", 1))
	if told, err := membertest.Apply(t, d, member.ActionAdd, "example.net."); err != nil || told == nil || !strings.Contains(told.Error(), "NoSuchDelegationSet") {
		t.Errorf("%v %v", told, err)
	}
}

func TestTestSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		alter func(s *stage, m *skein.Member, k *skein.MemberSecrets, o *Options)
		says  string
	}{
		"all is well":         {func(*stage, *skein.Member, *skein.MemberSecrets, *Options) {}, "key:ok limit:ok zones:ok"},
		"the key is unknown":  {func(_ *stage, m *skein.Member, _ *skein.MemberSecrets, _ *Options) { m.Username = "AKIDX" }, "key:bad"},
		"the secret is wrong": {func(_ *stage, _ *skein.Member, k *skein.MemberSecrets, _ *Options) { k.Token = "x" }, "key:bad"},
		"there is no such set": {func(_ *stage, m *skein.Member, _ *skein.MemberSecrets, _ *Options) {
			m.Settings = map[string]string{SettingDelegationSet: "N9"}
		}, "key:ok limit:ok zones:ok delegation-set:bad"},
		"the account is full": {func(s *stage, _ *skein.Member, _ *skein.MemberSecrets, _ *Options) { s.most = 0 }, "key:ok limit:warn zones:ok"},
		"zones are there twice": {func(s *stage, _ *skein.Member, _ *skein.MemberSecrets, _ *Options) {
			s.born("a.example.", "1", "")
			s.born("a.example.", "2", "")
		}, "key:ok limit:ok zones:warn"},
		"nothing listens there": {func(s *stage, _ *skein.Member, _ *skein.MemberSecrets, _ *Options) {
			s.Stop()
		}, "key:bad"},
		"zones may not be listed": {func(s *stage, _ *skein.Member, _ *skein.MemberSecrets, _ *Options) {
			s.fault = func(w writer, call string) bool {
				if call == "GET hostedzone" {
					refuse(w, 403, "AccessDenied", "no")
				}
				return call == "GET hostedzone"
			}
		}, "key:ok limit:ok zones:bad"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			var log strings.Builder
			var mu sync.Mutex
			d := s.driver(t, func(m *skein.Member, k *skein.MemberSecrets, o *Options) {
				row.alter(s, m, k, o)
				o.Trace = member.Trace(func(x member.Transaction) {
					mu.Lock()
					defer mu.Unlock()
					fmt.Fprintf(&log, "%+v\n", x)
				})
			})
			var said []string
			for _, c := range d.Test(t.Context(), "self.invalid.") {
				word := map[bool]string{true: "ok", false: "bad"}[c.OK]
				if c.Warn {
					word = "warn"
				}
				if word != "ok" && (c.Mend == "" || c.Text == "") {
					t.Errorf("%+v", c)
				}
				said = append(said, c.Name+":"+word)
			}
			if got := strings.Join(said, " "); got != row.says {
				t.Error(got)
			}
			if strings.Contains(log.String(), "secret-of-ours") || log.Len() == 0 {
				t.Errorf("the debug log: %s", log.String())
			}
			if len(s.zones) > 2 {
				t.Error("the test made a zone")
			}
		})
	}
}

func TestNotSetUpYet(t *testing.T) {
	t.Parallel()
	for situation, m := range map[string]skein.Member{
		"no access key": {Name: "aws"},
		"no URL":        {Name: "aws", Username: "AKID", Endpoint: "ftp://x"},
	} {
		secrets := skein.MemberSecrets{Token: "x"}
		if _, err := New(m, secrets, Options{Accounts: NewAccounts()}); err == nil || !strings.Contains(err.Error(), "aws") {
			t.Errorf("%s: %v", situation, err)
		}
	}
	if CheckApex("keep") != nil || CheckApex("write") != nil || CheckApex("yes") == nil {
		t.Error("the values of apex")
	}
}
