package api

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// meant is what control was asked about.
type meant struct {
	stub
	names []zone.Name
}

func (m *meant) Sync(_ context.Context, _ skein.Actor, r skein.SyncRequest) (skein.SyncJob, error) {
	m.names = append(m.names, r.Zone)
	return skein.SyncJob{}, nil
}

func (m *meant) ImportMember(_ context.Context, _ skein.Actor, in control.ImportMember, _ func(skein.ImportStep) error) error {
	m.names = append(m.names, in.Zones...)
	return nil
}

func (m *meant) Lookup(_ context.Context, _ skein.Actor, name zone.Name, of zone.Type) (skein.Lookup, error) {
	m.names = append(m.names, name)
	return skein.Lookup{Type: of.String()}, nil
}

// Names come as people write them, and are whole from there on.
func TestNamesOfRequestsBecomeAbsolute(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		what, body string
		status     int
		want       []zone.Name
	}{
		"a zone to synchronise":         {"POST /sync", `{"zone":"Bücher.example"}`, 200, []zone.Name{"xn--bcher-kva.example."}},
		"all zones to synchronise":      {"POST /sync", `{}`, 200, []zone.Name{""}},
		"no name to synchronise":        {"POST /sync", `{"zone":"a..b"}`, 422, nil},
		"zones to take in":              {"POST /members/ns2/import", `{"zones":["a.example","b.example."]}`, 200, []zone.Name{"a.example.", "b.example."}},
		"zones to take in, one is none": {"POST /members/ns2/import", `{"zones":["a.example","a..b"]}`, 422, nil},
		"a name to look up":             {"GET /lookup?name=www.example.com&type=type65", "", 200, []zone.Name{"www.example.com."}},
		"a name to look up is missing":  {"GET /lookup", "", 422, nil},
		"no name to look up":            {"GET /lookup?name=a..b", "", 422, nil},
		"no type to look up":            {"GET /lookup?name=www.example.com&type=AXFR", "", 422, nil},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			ctl := &meant{}
			url, _ := serve(t, Config{Control: ctl})
			answer, text := ask(t, url, strings.Replace(row.what, " ", " "+prefix, 1), row.body)
			if answer.StatusCode != row.status || !slices.Equal(ctl.names, row.want) {
				t.Errorf("%s: %d %s; asked about %q", row.what, answer.StatusCode, text, ctl.names)
			}
		})
	}
}
