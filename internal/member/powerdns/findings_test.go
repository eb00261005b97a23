package powerdns

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// self makes a zone for one test of the member.
func (s *stage) self(t *testing.T) zone.Name {
	t.Helper()
	s.mu.Lock()
	s.selves++
	name := zone.Name(fmt.Sprintf("self-test-%d.invalid.", s.selves))
	s.mu.Unlock()
	s.put(t, name, text(1))
	return name
}

type edit = func(*skein.Member, *skein.MemberSecrets, *Options)

// Each thing that can be wrong with a member is named, with its mend; what was
// added for the test is gone afterwards.
func TestFindings(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // the kernel accepts
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	nothing := func(*skein.Member, *skein.MemberSecrets, *Options) {}
	writes := func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) { m.Settings = nativeMode }
	for _, server := range []struct {
		situation, backend, conf string
		tests                    []situation
	}{
		{"a fresh server", servertest.LMDB, "secondary=yes", []situation{
			{"all is well", nothing, "", nil},
			{"all is well, and records are written", writes, "", nil},
			{"two primaries", func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) {
				m.Primaries = append(m.Primaries[:1:1], m.Primaries[0])
			}, "", nil},
			{"another key", func(_ *skein.Member, s *skein.MemberSecrets, _ *Options) { s.Token = "AAAA" }, "api", []string{"401", "api-key", "--token-file"}},
			{"a server that it has not", func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) {
				m.Settings = map[string]string{Server: "other"}
			},
				"api", []string{"no API at", "api=yes", "server"}},
			{"nothing listens", func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) { m.Endpoint = servertest.Free(t).String() }, "api", []string{"refused", "webserver=yes"}},
			{"it is the DNS port", func(m *skein.Member, _ *skein.MemberSecrets, o *Options) {
				m.Endpoint, o.Silence = m.DNS().String(), time.Second
			}, "api", nil},
			{"it takes and says nothing", func(m *skein.Member, _ *skein.MemberSecrets, o *Options) {
				m.Endpoint, o.Silence = silent.Addr().String(), 200*time.Millisecond
			}, "api", []string{"no answer", "firewall"}},
			{"no such host", func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) { m.Endpoint = "nowhere.invalid:8081" }, "api", []string{"--endpoint"}},
			{"TLS where there is none", func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) { m.Endpoint = "https://" + m.Endpoint }, "api", []string{"TLS"}},
			{"a primary that cannot be reached", func(m *skein.Member, _ *skein.MemberSecrets, o *Options) {
				m.Primaries = append(m.Primaries[:1:1], skein.Primary{Address: m.Address, Port: servertest.Free(t).Port()})
				o.Transfer = time.Second
			}, "transfer", []string{"did not fetch it from 127.0.0.1:", "--primary-address", "query-local-address"}},
			{"DNS is elsewhere", func(m *skein.Member, _ *skein.MemberSecrets, o *Options) { m.Port = servertest.Free(t).Port() },
				"dns", []string{"no DNS answer", "local-address", "--port"}},
			{"records are written, and DNS is elsewhere", func(m *skein.Member, s *skein.MemberSecrets, o *Options) {
				writes(m, s, o)
				m.Port = servertest.Free(t).Port()
			}, "dns", []string{"no DNS answer"}},
		}},
		{"over SQLite", servertest.SQLite, "secondary=yes", []situation{
			{"all is well over SQLite", nothing, "", nil},
		}},
		{"that fetches nothing", servertest.LMDB, "", []situation{
			{"it fetches nothing", nothing, "secondary", []string{"secondary=yes", "mode=native"}},
			{"it fetches nothing, and records are written", writes, "", nil},
		}},
		{"of BIND's files", servertest.BINDFiles, "secondary=yes", []situation{
			{"it keeps no keys", nothing, "tsig", []string{"lmdb", "not bind"}},
			{"no zones can be made", writes, "zones", []string{"lmdb", "not bind"}},
		}},
		{"that knows no DNSSEC", servertest.SQLite, "secondary=yes\ngsqlite3-dnssec=no", []situation{
			{"all is well without DNSSEC", nothing, "", nil},
		}},
		{"without an API", servertest.LMDB, "api=no", []situation{
			{"there is no API", nothing, "api", []string{"api=yes"}},
		}},
		{"that lets others in", servertest.LMDB, "secondary=yes\nwebserver-allow-from=192.0.2.1", []situation{
			{"our address is not allowed", nothing, "api", []string{"127.0.0.1", "webserver-allow-from"}},
		}},
	} {
		t.Run(server.situation, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.pdns.PowerDNS(server.backend, server.conf)
			for i, c := range server.tests {
				self := s.self(t)
				if i == 0 { // alone, so that its keys are its own; for the others they are there
					d := s.driver(t, c.edit)
					judge(t, d.Test(t.Context(), self), c)
					s.gone(t, self)
					s.noKeys(t, c)
					_, _ = d.putKeys(t.Context())
					continue
				}
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					d := s.driver(t, c.edit)
					judge(t, d.Test(t.Context(), self), c)
					s.gone(t, self)
				})
			}
		})
	}
}

// situation is one thing that is wrong with a member, and what is to be found.
type situation struct {
	name  string
	edit  edit
	check string   // that fails; "" : none
	says  []string // what its finding or mend says
}

// judge demands that one check fails, and none if all is well; and that every
// failure comes with a mend.
func judge(t *testing.T, checks []skein.Check, c situation) {
	t.Helper()
	var failed []string
	for _, check := range checks {
		if check.OK {
			continue
		}
		failed = append(failed, check.Name)
		if check.Mend == "" {
			t.Errorf("%s fails without a mend: %s", check.Name, check.Text)
		}
		for _, want := range c.says {
			if !strings.Contains(check.Text+" "+check.Mend, want) {
				t.Errorf("%s does not say %q:\n%s\n%s", check.Name, want, check.Text, check.Mend)
			}
		}
	}
	if c.check == "" && failed != nil || c.check != "" && (len(failed) != 1 || failed[0] != c.check) {
		t.Errorf("failed %q, want %q:\n%+v", failed, c.check, checks)
	}
}

// gone demands that the test zone is not there, by whatever way there is.
func (s *stage) gone(t *testing.T, self zone.Name) {
	t.Helper()
	if serial, err := s.serial(t.Context(), s.pdns.DNS, self); err == nil {
		t.Errorf("the test zone is left behind, with serial %d", serial)
	}
}

// noKeys demands that no TSIG key of ours is left, where any can be kept. The
// list of all goes on to name it over LMDB (4.7), so that it is asked for.
func (s *stage) noKeys(t *testing.T, c situation) {
	t.Helper()
	err := s.driver(t).client.call(t.Context(), "GET", keyPath(s.member.TSIGKey), nil, nil)
	if c.check != "api" && c.check != "tsig" && !refused(err, http.StatusNotFound) {
		t.Errorf("a key is left behind: %v", err)
	}
}

// NOTIFY that is refused makes changes late, not wrong.
func TestNotifyThatIsRefusedIsToldOf(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.pdns.PowerDNS(servertest.LMDB, "secondary=yes\nallow-notify-from=192.0.2.1")
	warned := false
	for _, c := range s.driver(t).Test(t.Context(), s.self(t)) {
		if !c.OK {
			t.Errorf("%+v", c)
		}
		warned = warned || c.Warn && strings.Contains(c.Text, "refuses NOTIFY from 127.0.0.1") && strings.Contains(c.Mend, "allow-notify-from")
	}
	if !warned {
		t.Error("nothing is said of NOTIFY")
	}
}

// The printed configuration is one that a server takes, and with which all is well.
func TestThePrintedConfiguration(t *testing.T) {
	t.Parallel()
	for situation, edit := range map[string]func(*skein.Member){
		"as a secondary": func(*skein.Member) {}, "with records written": func(m *skein.Member) { m.Settings = nativeMode },
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			edit(&s.member)
			s.secrets.Token, s.secrets.Audit, s.member.AuditKey = "bW9yZSB0aGFuIGVub3VnaA+/==", tsigSecret, "skein-audit-ns2"
			s.pdns.PowerDNSAsPrinted(Config(s.member, s.secrets, ConfigOptions{Directory: s.pdns.Dir, Control: []netip.Addr{s.member.Address}}))
			self := s.self(t)
			judge(t, s.driver(t).Test(t.Context(), self), situationOK)
			// What is merged says the same of all that Skein needs.
			merged := Config(s.member, s.secrets, ConfigOptions{Merge: true, Control: []netip.Addr{s.member.Address}})
			for _, line := range strings.Split(merged, "\n") {
				if strings.Contains(line, "=") && !strings.HasPrefix(line, "#") && !strings.Contains(Config(s.member, s.secrets, ConfigOptions{Control: []netip.Addr{s.member.Address}}), line+"\n") {
					t.Errorf("only merged: %s", line)
				}
			}
		})
	}
}

var situationOK = situation{}

// What is really served can be read with the audit key, and by nobody else.
func TestTheAuditKey(t *testing.T) {
	t.Parallel()
	for _, backend := range backEnds {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.secrets.Audit, s.member.AuditKey = "YXVkaXQgYXVkaXQgYXVkaXQgYXVkaXQgYXVkaXQ=", "skein-audit-ns2"
			s.pdns.PowerDNS(backend, "secondary=yes\nallow-axfr-ips=192.0.2.1")
			const name zone.Name = "audited.example."
			s.put(t, name, text(1))
			must(t, s.driver(t), "add", name)
			servertest.Eventually(t, "it is served", func() error {
				_, err := s.serial(t.Context(), s.pdns.DNS, name)
				return err
			})
			for situation, c := range map[string]struct {
				key probe.Key
				ok  bool
			}{
				"the audit key": {probe.Key{Name: s.member.AuditKey, Algorithm: "hmac-sha256", Secret: s.secrets.Audit}, true},
				"another key":   {probe.Key{Name: s.member.TSIGKey, Algorithm: "hmac-sha256", Secret: s.secrets.TSIG}, false},
				"no key":        {probe.Key{}, false},
			} {
				if _, err := s.prober.Served(t.Context(), s.pdns.DNS, name, c.key); (err == nil) != c.ok {
					t.Errorf("a transfer with %s: %v", situation, err)
				}
			}
		})
	}
}

// A key that somebody took away or changed is put back before it is needed.
func TestKeysAreMended(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.start(servertest.SQLite)
	const name zone.Name = "key.example."
	s.put(t, name, text(1))
	must(t, s.driver(t), "add", name)
	for what, statement := range map[string]string{
		"gone": "DELETE FROM tsigkeys", "another": "UPDATE tsigkeys SET secret = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'",
	} {
		s.pdns.SQL(statement + ";")
		serial, _ := s.published[name.Key()].SOA()
		s.put(t, name, text(serial.Serial+1))
		d := s.driver(t)
		must(t, d, "retransfer", name)
		servertest.Eventually(t, "it is fetched with the key that was "+what, func() error {
			got, err := s.serial(context.Background(), s.pdns.DNS, name)
			if err == nil && got != serial.Serial+1 {
				err = fmt.Errorf("serial %d", got)
			}
			return err
		})
	}
}

// A server that has lost all that it had gets its keys back with the next zone,
// however short ago it had them. PowerDNS makes the zone before it misses the
// key, and does not answer for it then: that is not what is left.
func TestKeysAreThereWithTheNextZone(t *testing.T) {
	t.Parallel()
	for _, backend := range backEnds {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.start(backend)
			d := s.driver(t)
			for _, name := range []zone.Name{"before.example.", "after.example."} {
				s.put(t, name, text(1))
				must(t, d, "add", name)
				s.answers(t, name)
				if err := d.client.call(t.Context(), "DELETE", keyPath(s.member.TSIGKey), nil, nil); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// A zone that PowerDNS has and transfers, and does not answer for, as the last
// test's is for five minutes, is made anew.
func TestAZoneThatIsNotAnsweredForIsMadeAnew(t *testing.T) {
	t.Parallel()
	for _, backend := range backEnds {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.start(backend)
			d := s.driver(t)
			const name zone.Name = "hidden.example."
			s.put(t, name, text(1))
			half := d.want(name)
			half.Keys = []string{keyID("nobody-has-it")}
			if err := d.client.call(t.Context(), "POST", "/zones", half, nil); !refused(err, 422) {
				t.Fatal(err)
			}
			must(t, d, "add", name) // sets it up as it should be
			servertest.Eventually(t, "it is transferred", func() error {
				has, _, err := d.look(t.Context(), name)
				if err == nil && has.Serial != 1 {
					err = fmt.Errorf("serial %d", has.Serial)
				}
				return err
			})
			if _, err := s.serial(t.Context(), s.pdns.DNS, name); err == nil {
				t.Fatal("it is answered for: PowerDNS is mended, and so need we not do this")
			}
			must(t, d, "add", name)
			s.answers(t, name)
		})
	}
}

// answers waits until PowerDNS serves a zone.
func (s *stage) answers(t *testing.T, name zone.Name) {
	t.Helper()
	servertest.Eventually(t, string(name)+" is served", func() error {
		_, err := s.serial(t.Context(), s.pdns.DNS, name)
		return err
	})
}
