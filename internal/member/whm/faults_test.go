package whm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Whatever the member answers, nothing is taken for done that was not, and what
// went wrong is said.
func TestFaults(t *testing.T) {
	t.Parallel()
	const name zone.Name = "a.example."
	html := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<!DOCTYPE html><html><title>WHM Login</title></html>")
	}
	half := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "cpdnszone-a%2eexample=%24TTL")
	}
	nothing := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	stops := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "cpdnszone-a%2eexample=%24TTL")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", code) }
	}
	for what, row := range map[string]struct {
		answer http.HandlerFunc
		kind   error // nil: of the zone alone
		says   string
	}{
		"a page to log in":        {html, nil, "WHM Login"},
		"half an answer":          {half, member.ErrAway, ""},
		"nothing for long":        {nothing, member.ErrAway, "nothing came for"},
		"an answer that stops":    {stops, member.ErrAway, "nothing came for"},
		"a token that ended":      {status(401), member.ErrDenied, "401"},
		"a right that is missing": {status(403), member.ErrDenied, "403"},
		"an error of its own":     {status(500), nil, "500"},
		"a restart":               {status(503), member.ErrAway, "503"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.publish(t, name, 1, 0)
			d := s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) {
				if row.kind == member.ErrAway && row.says == "nothing came for" {
					o.Silence = 100 * time.Millisecond
				}
			})
			right := func(call string, err error) {
				t.Helper()
				if err == nil || row.kind != nil && !errors.Is(err, row.kind) ||
					row.kind == nil && (errors.Is(err, member.ErrAway) || errors.Is(err, member.ErrDenied)) || !strings.Contains(err.Error(), row.says) {
					t.Errorf("%s: %v", call, err)
				}
			}
			for call, paths := range map[string][]string{
				"add":       {dnsadmin.SyncZones},
				"load":      {dnsadmin.ReloadBIND},
				"delete":    {dnsadmin.RemoveZones},
				"has":       {dnsadmin.GetZones},
				"has bare":  {dnsadmin.ZoneExists},
				"inventory": {dnsadmin.GetZoneList},
				"read":      {dnsadmin.GetZones},
				"status":    {dnsadmin.ShowVersion},
			} {
				d.fit = true
				heal := s.fault(paths[0], row.answer)
				switch call {
				case "add", "load", "delete":
					action := member.ActionAdd
					if call == "delete" {
						action = member.ActionDelete
					}
					told, err := apply(t, d, action, name)
					if err == nil && len(told) == 1 {
						err = told[0]
					}
					right(call, err)
				case "has":
					_, err := d.Has(t.Context(), []zone.Name{name})
					right(call, err)
				case "has bare":
					_, err := d.Has(t.Context(), []zone.Name{"nowhere.example."})
					right(call, err)
				case "inventory":
					right(call, d.Inventory(t.Context(), func(skein.Held) error { t.Error("a zone is told of"); return nil }))
				case "read":
					right(call, d.Read(t.Context(), []zone.Name{name}, func(int, zone.Contents, error) { t.Error("a zone is told of") }))
				case "status":
					_, err := d.Status(t.Context())
					right(call, err)
				}
				heal()
			}
		})
	}
}

// An answer that comes slowly is an answer.
func TestSlowAnswer(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.driver(t)
	const zones = 10
	s.fault(dnsadmin.GetZoneList, func(w http.ResponseWriter, _ *http.Request) {
		for i := range zones {
			fmt.Fprintf(w, "z%d.example\n", i)
			_ = http.NewResponseController(w).Flush()
			time.Sleep(2 * time.Millisecond)
		}
	})
	n := 0
	if err := d.Inventory(t.Context(), func(skein.Held) error { n++; return nil }); err != nil || n != zones {
		t.Errorf("%d zones, %v", n, err)
	}
}

// Serials come over DNS; only of what is not served, contents are read for them.
func TestInventoryReadsLittle(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for i := range uint32(60) {
		s.Put(contents(t, zone.Name(fmt.Sprintf("z%d.example.", i)), i+1))
	}
	s.Register("new.example.")
	inventory := func(d *Driver) map[zone.Name]uint32 {
		t.Helper()
		all := map[zone.Name]uint32{}
		if err := d.Inventory(t.Context(), func(h skein.Held) error { all[h.Zone] = h.Serial; return nil }); err != nil {
			t.Fatal(err)
		}
		if len(all) != 61 || all["z7.example."] != 8 || all["new.example."] != 0 {
			t.Errorf("%d zones: %v", len(all), all)
		}
		return all
	}
	reads := func() (zones int) {
		for _, call := range s.took() {
			if strings.HasPrefix(call, "getzones ") {
				zones += len(strings.Fields(call)) - 2
			}
		}
		return zones
	}
	inventory(s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) {
		o.Serials = func(_ context.Context, _ netip.AddrPort, names []zone.Name, each func(zone.Name, uint32)) {
			for _, name := range names {
				if c, _ := s.Contents(name); !c.IsZero() {
					soa, _ := c.SOA()
					each(name, soa.Serial)
				}
			}
		}
	}))
	if got := reads(); got != 1 {
		t.Errorf("%d zones are read where DNS tells of all but one", got)
	}
	asked := 0
	inventory(s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) {
		o.Serials = func(context.Context, netip.AddrPort, []zone.Name, func(zone.Name, uint32)) { asked++ }
	}))
	if got := reads(); got != 61 || asked != 1 {
		t.Errorf("%d zones are read, and DNS asked %d times, where it tells of none", got, asked)
	}
}
