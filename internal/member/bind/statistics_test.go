package bind

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// listed are the zones that a driver lists, in order.
func listed(ctx context.Context, d *Driver) (all []string, err error) {
	err = d.Inventory(ctx, func(h skein.Held) error {
		all = append(all, fmt.Sprintf("%s %d", h.Zone, h.Serial))
		return nil
	})
	slices.Sort(all)
	return all, err
}

// A real named lists through its channel what is in the member's view, whoever
// put it there; what it has by itself, what looks names up and what is of
// another view are no zones of the member.
func TestAChannelListsTheZonesOfTheView(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	channel := servertest.Free(t)
	s.ownZone()
	s.put(t, "ours.example.", 4)
	s.named.Named(s.keys() + s.named.Options("") + s.controls() + fmt.Sprintf(`
statistics-channels { inet 127.0.0.1 port %d allow { 127.0.0.1; }; };
view "inside" { match-clients { any; }; allow-new-zones yes; recursion yes; %s
	zone "." { type hint; file "/dev/null"; };
	zone "with\.dot.example" { type primary; file "own.zone"; };
	zone "quiet.example" { type primary; file "own.zone"; zone-statistics none; };
	zone "never-fetched.example" { type secondary; primaries { 127.0.0.1 port 1; }; };
	zone "stub.example" { type static-stub; server-addresses { 127.0.0.1; }; };
	zone "forward.example" { type forward; forwarders { 127.0.0.1; }; };
};
view "outside" { match-clients { none; }; zone "outside.example" { type primary; file "own.zone"; }; };
`, channel.Port(), ownZone))
	d := s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets) {
		m.View, m.Settings = "inside", map[string]string{Statistics: channel.String()}
	})
	if err := d.add(t.Context(), "ours.example."); err != nil {
		t.Fatal(err)
	}
	servertest.Eventually(t, "ours is listed with the serial that it has", func() error {
		got, err := listed(t.Context(), d)
		want := []string{"never-fetched.example. 0", "ours.example. 4", "own.example. 1", `with\.dot.example. 1`}
		if err != nil || !slices.Equal(got, want) {
			return fmt.Errorf("%q, %w", got, err)
		}
		return nil
	})
	has, err := d.Has(t.Context(), []zone.Name{"ours.example.", "own.example."})
	if err != nil || !has[0].Ours || has[1].Ours || !has[1].Present {
		t.Errorf("whose they are, rndc tells: %+v, %v", has, err)
	}
}

// What is wrong with a channel is found, with its mend, and keeps no member from
// being enabled. What it lists is counted.
func TestAChannelIsTested(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	s.ownZone()
	open, closed := servertest.Free(t), servertest.Free(t)
	s.named.Named(s.keys() + s.named.Options("allow-new-zones yes;") + s.controls() + fmt.Sprintf(`
statistics-channels { inet 127.0.0.1 port %d allow { 127.0.0.1; }; inet 127.0.0.1 port %d allow { 192.0.2.1; }; };
`, open.Port(), closed.Port()) + ownZone)
	answers := func(status int, server, text string) string {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Server", server)
			w.Header().Set("Location", "http://"+open.String()+zonesPath)
			w.WriteHeader(status)
			fmt.Fprint(w, text)
		}))
		t.Cleanup(web.Close)
		return web.Listener.Addr().String()
	}
	for name, c := range map[string]struct {
		at    string
		warns bool
		says  []string
	}{
		"all is well":                {open.String(), false, []string{"statistics channel at " + open.String() + " lists ", " zones of view _default"}},
		"our address is not allowed": {closed.String(), true, []string{"does not let us in", "statistics-channels { inet * port " + fmt.Sprint(closed.Port()) + " allow { 127.0.0.1; }; };", "rndc reconfig"}},
		"nothing listens":            {servertest.Free(t).String(), true, []string{"nothing listens", "statistics-channels {"}},
		"it says nothing":            {silentServer(t).String(), true, []string{"does not answer", "firewall"}},
		"it is the DNS port":         {s.named.DNS.String(), true, []string{"does not answer", "statistics-channels {"}},
		"it was built without json":  {answers(404, "libisc", "No such URL.\n"), true, []string{"no JSON", "json-c"}},
		"a web server":               {answers(200, "Apache", "<html>"), true, []string{"no statistics channel", "statistics-channels {"}},
		"it leads elsewhere":         {answers(302, "Apache", ""), true, []string{"no statistics channel"}},
		"of another view":            {answers(200, "libisc", `{"views":{"inside":{}}}`), true, []string{"no zones of a view _default", "--view"}},
	} {
		self := s.selfTest(t)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets) { m.Settings = map[string]string{Statistics: c.at} })
			d.opts.Silence = time.Second
			checks := d.Test(t.Context(), self)
			judge(t, checks, situation{})
			found := checks[len(checks)-1]
			if found.Name != Statistics || found.Warn != c.warns || c.warns && found.Mend == "" {
				t.Errorf("%+v", found)
			}
			for _, want := range c.says {
				if !strings.Contains(found.Text+" "+found.Mend, want) {
					t.Errorf("it does not say %q: %+v", want, found)
				}
			}
		})
	}
}

// What is not the whole list is an error, of the kind that says whether to try again.
func TestAListThatIsNotWhole(t *testing.T) {
	t.Parallel()
	zones := `{"views":{"_default":{"zones":[{"name":"a.example","class":"IN","type":"primary","serial":1},`
	errEach := errors.New("enough")
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		each  error
		want  error
	}{
		"half of it": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			fmt.Fprint(w, zones)
		}, nil, member.ErrAway},
		"it ends early, with a last word": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, zones) }, nil, member.ErrAway},
		"the zones are none":              {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, zones+`7]}}}`) }, nil, member.ErrDenied},
		"something is wrong there":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, nil, member.ErrDenied},
		"an entry that never ends": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, zones+`"`+strings.Repeat("x", 3*elementMost))
		}, nil, member.ErrDenied},
		"who asks has had enough":          {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, zones) }, errEach, errEach},
		"it says nothing from the half on": {halfAndSilence(t, zones), nil, member.ErrAway},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			web := httptest.NewServer(c.serve)
			t.Cleanup(web.Close)
			s := ns2
			s.Settings = map[string]string{Statistics: web.Listener.Addr().String()}
			d, err := New(s, allSecrets, Options{Silence: 500 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { d.Close() })
			if err := d.Inventory(t.Context(), func(skein.Held) error { return c.each }); !errors.Is(err, c.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

// halfAndSilence sends some of an answer, and no more until the test ends.
func halfAndSilence(t *testing.T, half string) http.HandlerFunc {
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	return func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, half)
		w.(http.Flusher).Flush()
		select {
		case <-end:
		case <-r.Context().Done():
		}
	}
}

func TestWhatNamesAChannel(t *testing.T) {
	t.Parallel()
	for at, good := range map[string]bool{
		"192.0.2.15:8053": true, "[2001:db8::15]:8053": true, "ns2.example.net:80": true,
		"": false, "192.0.2.15": false, ":8053": false, "ns2.example.net:": false, "ns2.example.net:http": false, "192.0.2.15:0": false,
		"http://192.0.2.15:8053": false, "user@ns2.example.net:80": false, "ns2.example.net/x:80": false, "a b:80": false,
	} {
		if err := CheckStatistics(at); (err == nil) != good {
			t.Errorf("%q: %v", at, err)
		}
		if _, _, err := net.SplitHostPort(at); good && err != nil {
			t.Error(err)
		}
	}
}

// FuzzZones: whatever a channel answers is zones with whole names, or an error.
func FuzzZones(f *testing.F) {
	f.Fuzz(func(t *testing.T, answer string) {
		zones := 0
		err := readZones(strings.NewReader(answer), "inside", func(h skein.Held) error {
			zones++
			if again, err := zone.ParseName(string(h.Zone)); err != nil || !again.Equal(h.Zone) {
				t.Errorf("%q: %v", h.Zone, err)
			}
			return nil
		})
		if zones > strings.Count(answer, "{") {
			t.Errorf("%d zones of %q, %v", zones, answer, err)
		}
	})
}
