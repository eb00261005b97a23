package api

import (
	"net/http"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/zone"
)

// The list of deleted zones is whole, in whatever parts it is read.
func TestDeletedZonesInParts(t *testing.T) {
	t.Parallel()
	var gone []skein.DeletedZone
	for at := skein.Revision(2500); at > 0; at-- {
		gone = append(gone, skein.DeletedZone{Zone: skein.Zone{Name: zone.Name("a.example."), Revision: at, Deleted: true}, Last: at - 1})
	}
	url, _ := serve(t, Config{Control: &stub{gone: gone}})
	c, err := client.New(client.Config{URL: url, Token: goodToken})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for z, err := range c.AllDeletedZones(t.Context(), "") {
		if err != nil || z != gone[n] {
			t.Fatalf("entry %d: %+v, %v", n, z, err)
		}
		n++
	}
	if n != len(gone) {
		t.Errorf("%d of %d came", n, len(gone))
	}
	for _, cursor := range []string{"x", "LTE", "MA"} { // nothing, -1, 0
		if resp, text := ask(t, url, "GET /api/v1/zones:deleted?cursor="+cursor, ""); resp.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("cursor %s: %d %s", cursor, resp.StatusCode, text)
		}
	}
}

// A zone that is back is a new resource; one that would be back is none.
func TestUndeletedZone(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, Config{Control: &stub{}})
	for body, want := range map[string]struct {
		status   int
		location string
	}{
		`{}`:               {http.StatusCreated, "/api/v1/zones/example.com."},
		`{"dry_run":true}`: {http.StatusOK, ""},
	} {
		resp, text := ask(t, url, "POST /api/v1/zones/example.com/undelete", body)
		if resp.StatusCode != want.status || resp.Header.Get("Location") != want.location || resp.Header.Get("ETag") != `"7"` {
			t.Errorf("%s: %d %v %s", body, resp.StatusCode, resp.Header, text)
		}
	}
}
