package api

import (
	"context"
	"net/http"
	"testing"

	"github.com/skein-dns/skein"
)

// A panel's push reaches its door as it was sent, whatever it is.
func TestAPushIsTakenAsItIs(t *testing.T) {
	t.Parallel()
	var got string
	door := func(_ context.Context, actor skein.Actor, id string, body []byte) (skein.DoorReport, error) {
		got = actor.Name + " " + id + " " + string(body)
		return skein.DoorReport{}, nil
	}
	url, _ := serve(t, Config{Control: &stub{}, PleskDoor: door})
	for _, body := range []string{`[{"command":"create"}]`, `{"command":"create"}`, `[`, `"text"`} {
		resp, text := ask(t, url, "POST /api/v1/doors/plesk", body, "Skein-Change-Id: 7")
		if want := "tester 7 " + body; resp.StatusCode != http.StatusOK || got != want {
			t.Errorf("%s: %s, and the door got %q: %s", body, resp.Status, got, text)
		}
	}
}
