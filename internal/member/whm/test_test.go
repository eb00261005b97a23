package whm

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// What a test of a member finds, and what it says to do.
func TestTest(t *testing.T) {
	t.Parallel()
	type change = func(*skein.Member, *skein.MemberSecrets, *Options)
	nobody := servertest.Free(t).String()
	html := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Licence</html>") }
	for name, row := range map[string]struct {
		set    func(*testing.T, *stage)
		change change
		last   string // the check that ends it, and whether it passes
		ok     bool
		warn   bool
		text   []string // in it
	}{
		"all is well": {
			set:  func(t *testing.T, s *stage) { s.Put(contents(t, "a.example.", 1)) },
			last: "dns", ok: true, text: []string{"answers for 1 of 1"}},
		"it has no zones yet": {last: "dns", ok: true, warn: true},
		"nothing listens": {
			change: func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) {
				m.Endpoint = nobody
			},
			last: "certificate", text: []string{"was refused", "cpsrvd"}},
		"it breaks off": {
			set: func(_ *testing.T, s *stage) {
				s.fault(dnsadmin.ShowVersion, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
			},
			last: "token", text: []string{"showed its certificate and then did not answer"}},
		"a certificate that nobody signed": {
			change: func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) { m.Pin = "" },
			last:   "certificate", text: []string{"ns1.example.net", "--pin SHA256:", "openssl"}},
		"another certificate than is pinned": {
			change: func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) { m.Pin = "SHA256:" + strings.Repeat("0", 64) },
			last:   "certificate", text: []string{"is pinned", "somebody between us"}},
		"a wrong token": {
			change: func(_ *skein.Member, s *skein.MemberSecrets, _ *Options) { s.Token = "AAAA" },
			last:   "token", text: []string{"expired", "--username", "cPHulk"}},
		"a page where WHM should be": {
			set:  func(_ *testing.T, s *stage) { s.fault(dnsadmin.ShowVersion, html) },
			last: "token", text: []string{"no WHM", "Licence"}},
		"an old version": {
			set:  func(_ *testing.T, s *stage) { s.version = "11.23.2" },
			last: "version", text: []string{"11.23.2", "upcp"}},
		"a user without rights": {
			set: func(_ *testing.T, s *stage) {
				s.fault(dnsadmin.GetZoneList, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) })
			},
			last: "zones", text: []string{"clustering"}},
		"a list that is none": {
			set:  func(_ *testing.T, s *stage) { s.fault(dnsadmin.GetZoneList, html) },
			last: "zones", text: []string{"dnsadmin"}},
		"its nameserver is elsewhere": {
			set: func(t *testing.T, s *stage) { s.Put(contents(t, "a.example.", 1)) },
			change: func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) {
				m.Address = netip.MustParseAddr("127.0.0.99")
			},
			last: "dns", text: []string{"UDP", "--address"}},
		"its nameserver is silent, and has no zones yet": {
			change: func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) {
				m.Address = netip.MustParseAddr("127.0.0.99")
			},
			last: "dns", text: []string{"nothing at 127.0.0.99", "UDP"}},
		"its nameserver has loaded none": {
			set: func(t *testing.T, s *stage) { s.Put(contents(t, "a.example.", 1)) },
			change: func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) {
				o.Serials = func(context.Context, netip.AddrPort, []zone.Name, func(zone.Name, uint32)) {}
			},
			last: "dns", text: []string{"for none of 1", "log"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			if row.set != nil {
				row.set(t, s)
			}
			if row.change == nil {
				row.change = func(*skein.Member, *skein.MemberSecrets, *Options) {}
			}
			before := len(s.Zones())
			checks := s.driver(t, row.change).Test(t.Context(), "test.invalid.")
			for _, c := range checks[:len(checks)-1] {
				if !c.OK {
					t.Errorf("%+v", c)
				}
			}
			last := checks[len(checks)-1]
			if last.Name != row.last || last.OK != row.ok || last.Warn != row.warn || !last.OK && last.Mend == "" {
				t.Errorf("it ends with %+v", last)
			}
			for _, text := range row.text {
				if !strings.Contains(last.Text+" "+last.Mend, text) {
					t.Errorf("nothing of %q in %q, %q", text, last.Text, last.Mend)
				}
			}
			if len(s.Zones()) != before {
				t.Error("the test changed something")
			}
		})
	}
}

// A server with accounts is told from one without, and written with care.
func TestKind(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		panel int
		role  skein.Role
		only  string
		fault http.HandlerFunc
		warn  bool
		text  string
	}{
		"DNSONLY":                            {panel: -1, role: skein.RoleWriteOnly, text: "DNSONLY"},
		"a web server that is written":       {panel: 3, role: skein.RoleWriteOnly, warn: true, text: "3 accounts"},
		"one that is read as well":           {panel: 0, role: skein.RoleSynchronize, warn: true, text: "0 accounts"},
		"one that is only read":              {panel: 3, role: skein.RoleStandalone, text: "3 accounts"},
		"one that gets what it has":          {panel: 3, role: skein.RoleSynchronize, only: skein.OnlyPresent, text: "3 accounts"},
		"one that does not say":              {role: skein.RoleSynchronize, fault: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, warn: true, text: "does not say"},
		"one that does not say, and is read": {role: skein.RoleStandalone, fault: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, text: "does not say"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.panel = row.panel
			if row.fault != nil {
				s.fault("/json-api/listaccts", row.fault)
			}
			found := false
			for _, c := range s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) { m.Role, m.Only = row.role, row.only }).Test(t.Context(), "test.invalid.") {
				if c.Name == "kind" {
					found = c.OK && c.Warn == row.warn && strings.Contains(c.Text, row.text)
				}
				if c.Name == "kind" && !found {
					t.Errorf("%+v", c)
				}
			}
			if !found {
				t.Error("nothing is said of it")
			}
		})
	}
}
