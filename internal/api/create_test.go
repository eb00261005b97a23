package api

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

// Whoever creates a zone is told what it became, where it is and at which revision.
func TestCreatedZone(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, Config{Control: &stub{put: func(p control.PutZone) (control.Result, error) {
		return control.Result{Zone: skein.Zone{Name: p.Name, Revision: 7, Serial: 3}, Created: true, Changed: !p.DryRun}, nil
	}}})
	for body, want := range map[string]struct {
		status         int
		etag, location string
	}{
		`{"name":"example.com","file":"@ 1 SOA a b 1 2 3 4 5"}`:                {http.StatusCreated, `"7"`, "/api/v1/zones/example.com."},
		`{"name":"example.com","file":"@ 1 SOA a b 1 2 3 4 5","dry_run":true}`: {http.StatusOK, `"7"`, ""},
	} {
		resp, text := ask(t, url, "POST /api/v1/zones", body)
		var result skein.ZoneResult
		if err := json.Unmarshal([]byte(text), &result); err != nil || result.Zone.Name != "example.com." || result.Zone.Serial != 3 || !result.Created {
			t.Errorf("%s: %v: %s", body, err, text)
		}
		if resp.StatusCode != want.status || resp.Header.Get("ETag") != want.etag || resp.Header.Get("Location") != want.location {
			t.Errorf("%s: %d, %v; want %v", body, resp.StatusCode, resp.Header, want)
		}
	}
}
