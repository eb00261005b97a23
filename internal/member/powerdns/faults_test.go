package powerdns

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// Whatever answers, nothing is taken for done that was not, and what went wrong
// is said.
func TestFaults(t *testing.T) {
	t.Parallel()
	says := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}
	}
	half := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "  ")
	}
	stops := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "  ")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	elsewhere := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://192.0.2.1/", http.StatusTemporaryRedirect)
	}
	for what, row := range map[string]struct {
		answer http.HandlerFunc
		kind   error // nil: of the zone alone
		says   string
	}{
		"a page to log in":       {says(200, "<!DOCTYPE html><html>Log in</html>"), nil, "no API of PowerDNS"},
		"half an answer":         {half, member.ErrAway, ""},
		"an answer that stops":   {stops, member.ErrAway, "it does not answer"},
		"nothing for long":       {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, member.ErrAway, "it does not answer"},
		"a key that is not its":  {says(401, "Unauthorized"), member.ErrDenied, "--token-file"},
		"kept out by a proxy":    {says(403, "no entry"), member.ErrDenied, "no entry"},
		"a proxy without it":     {says(502, "bad gateway"), member.ErrAway, "bad gateway"},
		"an error of its own":    {says(500, "Internal Server Error"), nil, "Internal Server Error"},
		"a refusal with reasons": {says(422, `{"error": "no", "errors": ["because"]}`), nil, "no; because (422)"},
		"somebody else's":        {elsewhere, nil, "307"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(row.answer)
			t.Cleanup(server.Close)
			s := &stage{published: map[string]zone.Contents{}}
			s.publish(t, "a.example.", text(1))
			o := s.options()
			o.Silence = time.Minute
			if row.kind == member.ErrAway {
				o.Silence = 200 * time.Millisecond
			}
			for _, mode := range []string{Secondary, Native} {
				m := skein.Member{Name: "ns2", Endpoint: server.URL, Primaries: []skein.Primary{{}}, TSIGKey: "k", Settings: map[string]string{Mode: mode}}
				d, err := New(m, skein.MemberSecrets{Token: "T", TSIG: tsigSecret}, o)
				if err != nil {
					t.Fatal(err)
				}
				defer d.Close()
				right := func(call string, err error) {
					t.Helper()
					if err == nil || row.kind != nil && !errors.Is(err, row.kind) ||
						row.kind == nil && errors.Is(err, member.ErrAway) || !strings.Contains(err.Error(), row.says) {
						t.Errorf("%s, %s: %v", mode, call, err)
					}
				}
				for _, action := range []member.Action{member.ActionAdd, member.ActionRetransfer, member.ActionDelete} {
					var told []error
					err := d.Apply(t.Context(), []member.Step{{Action: action, Zone: "a.example."}}, func(_ int, err error) { told = append(told, err) })
					if err == nil && len(told) == 1 {
						err = told[0]
					}
					right(string(action), err)
				}
				_, err = d.Has(t.Context(), []zone.Name{"a.example."})
				right("has", err)
				_, err = d.Status(t.Context())
				right("status", err)
				right("inventory", d.Inventory(t.Context(), func(skein.Held) error { t.Error("a zone is told of"); return nil }))
				read := d.Read(t.Context(), []zone.Name{"a.example."}, func(_ int, _ zone.Contents, e error) { err = e })
				if read != nil {
					err = read
				}
				right("read", err)
			}
		})
	}
}

// What the server has is listed with whose it is, and read.
func TestListAndRead(t *testing.T) {
	t.Parallel()
	for _, backend := range backEnds {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.member.Settings = nativeMode
			s.start(backend)
			s.ownZones(t)
			d := s.driver(t)
			s.put(t, "ours.example.", text(7))
			must(t, d, member.ActionAdd, "ours.example.")
			got := map[zone.Name]skein.ListedZone{}
			if err := d.List(t.Context(), func(l skein.ListedZone) error { got[l.Zone] = l; return nil }); err != nil {
				t.Fatal(err)
			}
			for name, want := range map[zone.Name]skein.ListedZone{
				"ours.example.": {Ours: true, Owner: "skein-ns2.example.net"}, "own.example.": {}, "theirs.example.": {Owner: "skein-ns7.example.org"},
			} {
				want.Zone, want.Serial = name, 1
				if want.Ours {
					want.Serial = 7
				}
				if got[name] != want || len(got) != 3 {
					t.Errorf("%d zones: %+v", len(got), got[name])
				}
			}
			enough := errors.New("enough")
			if err := d.Inventory(t.Context(), func(skein.Held) error { return enough }); !errors.Is(err, enough) {
				t.Error(err)
			}
			names := []zone.Name{"own.example.", "nowhere.example.", "OURS.example."}
			serials := map[int]uint32{0: 1, 2: 7}
			err := d.Read(t.Context(), names, func(i int, c zone.Contents, err error) {
				soa, _ := c.SOA()
				if i == 1 && !errors.Is(err, member.ErrAbsent) || i != 1 && (err != nil || soa.Serial != serials[i]) {
					t.Errorf("%s: serial %d, %v", names[i], soa.Serial, err)
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// The debug log has every exchange, and no secret.
func TestTrace(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.start(servertest.LMDB)
	s.put(t, "a.example.", text(1))
	var said calls
	d := s.driver(t, func(_ *skein.Member, secrets *skein.MemberSecrets, o *Options) {
		o.Trace = member.Trace(said.take).Redact(*secrets)
	})
	must(t, d, member.ActionAdd, "a.example.")
	if len(said.all) < 4 {
		t.Errorf("%d exchanges", len(said.all))
	}
	for _, x := range said.all {
		for _, secret := range []string{s.secrets.Token, s.secrets.TSIG} {
			if strings.Contains(x.What+x.Request+x.Answer+x.Outcome, secret) {
				t.Errorf("a secret is in %+v", x)
			}
		}
	}
}
