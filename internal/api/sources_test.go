package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

func connect(t *testing.T, c Config) *client.Client {
	t.Helper()
	url, _ := serve(t, c)
	cl, err := client.New(client.Config{URL: url, Token: goodToken})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// Of two administrators who edit one source, the second is told.
func TestASourceIsEditedAsItWasRead(t *testing.T) {
	t.Parallel()
	seen := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	c := connect(t, Config{Control: &stub{source: skein.Source{Name: "plesk-1", Door: skein.DoorPlesk, Status: &skein.SourceStatus{Heard: seen}}}})
	first, etag, err := c.GetSource(t.Context(), "plesk-1")
	if err != nil || etag == "" {
		t.Fatal(etag, err)
	}
	body := first.AsNew()
	body.Silence, body.Expect = time.Hour, etag
	if made, err := c.EditSource(t.Context(), body); err != nil || made.Silence != time.Hour {
		t.Fatalf("%+v, %v", made, err)
	}
	body.Paused = true
	if _, err := c.EditSource(t.Context(), body); skein.KindOf(err) != skein.KindConflict || !strings.Contains(err.Error(), "changed meanwhile") {
		t.Errorf("the second edit: %v", err)
	}
	body.Expect = ""
	if made, err := c.EditSource(t.Context(), body); err != nil || !made.Paused {
		t.Errorf("without an ETag: %+v, %v", made, err)
	}
}

// What is only observed of a source is no edit of it.
func TestASourceThatIsHeardHasTheSameETag(t *testing.T) {
	t.Parallel()
	silent := skein.Source{Name: "plesk-1", Door: skein.DoorPlesk}
	heard := silent
	heard.Status = &skein.SourceStatus{Zones: 7, Heard: time.Now()}
	paused := silent
	paused.Paused = true
	if sourceTag(silent) != sourceTag(heard) || sourceTag(silent) == sourceTag(paused) {
		t.Errorf("silent %s, heard %s, paused %s", sourceTag(silent), sourceTag(heard), sourceTag(paused))
	}
}

func TestASourceKeepsItsName(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, Config{Control: &stub{}})
	resp, body := ask(t, url, "PUT /api/v1/sources/plesk-1", `{"name":"plesk-2"}`)
	if doc := document(t, resp, body); resp.StatusCode != 422 || !strings.Contains(doc.Detail, "plesk-2") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

// Whoever looked at one version does not let another through.
func TestWhatWaitsIsDecidedAsItWasSeen(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	ctl := &stub{waiting: skein.WaitingDetail{Waiting: skein.Waiting{ID: 17, Source: "plesk-2", At: at}}}
	c := connect(t, Config{Control: ctl})
	_, etag, err := c.GetWaiting(t.Context(), 17)
	if err != nil || etag == "" {
		t.Fatal(etag, err)
	}
	ctl.waiting.At = at.Add(time.Nanosecond) // a newer change has come
	if _, err := c.ReleaseWaiting(t.Context(), 17, etag); skein.KindOf(err) != skein.KindConflict {
		t.Errorf("release: %v", err)
	}
	if err := c.DiscardWaiting(t.Context(), 17, etag); skein.KindOf(err) != skein.KindConflict {
		t.Errorf("discard: %v", err)
	}
	if len(ctl.did) > 0 {
		t.Fatalf("all the same: %v", ctl.did)
	}
	if _, etag, err = c.GetWaiting(t.Context(), 17); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReleaseWaiting(t.Context(), 17, etag); err != nil {
		t.Error(err)
	}
	if err := c.DiscardWaiting(t.Context(), 17, ""); err != nil {
		t.Error(err)
	}
	if !slices.Equal(ctl.did, []string{"released", "discarded"}) {
		t.Errorf("%v", ctl.did)
	}
}

// Each that is left is named with its reason, and nothing of what only the log may know.
func TestWhatIsLeftOfManyIsNamed(t *testing.T) {
	t.Parallel()
	c := connect(t, Config{Control: &stub{fails: &skein.Error{Kind: skein.KindConflict, What: "it has changed"}}})
	got, err := c.ReleaseAllWaiting(t.Context(), skein.WaitingFilter{Zone: "example.com", Kinds: []string{skein.WaitingHold}})
	if err != nil || got.Done != 2 || len(got.Failed) != 2 || got.Failed[0].Name != "example.com." {
		t.Fatalf("%+v, %v", got, err)
	}
	if text := got.Failed[0].Text; strings.Contains(text, "secret") || !strings.Contains(text, "7") {
		t.Errorf("%q", text)
	}
	if text := got.Failed[1].Text; text != "number 8: it has changed" {
		t.Errorf("%q", text)
	}
}

// A change that was kept for a person says its number.
func TestAProblemCarriesTheNumberOfWhatWaits(t *testing.T) {
	t.Parallel()
	kept := &skein.Error{Kind: skein.KindConflict, What: "the zone belongs to plesk-1; your version waits as number 17", Mend: "skein conflict show 17", Waiting: 17}
	url, _ := serve(t, Config{Control: &stub{put: func(control.PutZone) (control.Result, error) { return control.Result{}, kept }}})
	resp, body := ask(t, url, "PUT /api/v1/zones/example.com", `{"file":"@ 1 SOA a b 1 2 3 4 5"}`)
	if doc := document(t, resp, body); resp.StatusCode != http.StatusConflict || doc.Waiting != 17 {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	c := connect(t, Config{Control: &stub{put: func(control.PutZone) (control.Result, error) { return control.Result{}, kept }}})
	_, err := c.ImportZone(t.Context(), "example.com", skein.PutZone{ZoneContents: skein.ZoneContents{File: "@ 1 SOA a b 1 2 3 4 5"}})
	if e, ok := err.(*skein.Error); !ok || e.Waiting != 17 {
		t.Errorf("the client got %v", err)
	}
}

// A source may be bound to networks: control is told where who calls comes from.
func TestControlKnowsWhereACallComesFrom(t *testing.T) {
	t.Parallel()
	ctl := &stub{}
	url, _ := serve(t, Config{Control: ctl})
	if resp, body := ask(t, url, "GET /api/v1/sources/plesk-1", ""); resp.StatusCode != http.StatusOK {
		t.Fatal(resp.StatusCode, body)
	}
	if from := ctl.came.Addr; !from.IsLoopback() || from.Is4In6() || from.Zone() != "" {
		t.Errorf("control was told of %s", from)
	}
}

// Records say whose they are, if not the origin's; sent back, that is no obstacle.
func TestOverlaysAreMarked(t *testing.T) {
	t.Parallel()
	sets, _, err := zone.Parse(strings.NewReader("@ 300 SOA a b 1 2 3 4 5\n@ 300 NS a\n_ACME 60 TXT x\nwww 60 TXT x\n"), zone.Options{Origin: "example.com."})
	if err != nil {
		t.Fatal(err)
	}
	url, _ := serve(t, Config{Control: &stub{sets: sets,
		over: []skein.Overlay{{Name: "_acme.example.com.", Type: "TXT", Source: "certbot"}, {Name: "gone.example.com.", Type: "A", Source: "admin", Absent: true}},
		put:  func(control.PutZone) (control.Result, error) { return control.Result{}, nil }}})
	resp, body := ask(t, url, "GET /api/v1/zones/example.com/records", "")
	var list skein.RecordList
	if err := json.Unmarshal([]byte(body), &list); err != nil || resp.StatusCode != 200 {
		t.Fatal(resp.StatusCode, err, body)
	}
	for _, r := range list.Records {
		if want := map[bool]string{true: "certbot"}[r.Name == "_ACME.example.com."]; r.Source != want {
			t.Errorf("%s %s is of %q, want %q", r.Name, r.Type, r.Source, want)
		}
	}
	again, _ := json.Marshal(map[string]any{"records": list.Records})
	if resp, body := ask(t, url, "PUT /api/v1/zones/example.com", string(again)); resp.StatusCode != 200 {
		t.Errorf("sent back: %d %s", resp.StatusCode, body)
	}
}
