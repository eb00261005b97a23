package api

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func newClient(t *testing.T, url string) *client.Client {
	t.Helper()
	return withToken(t, url, goodToken)
}

func withToken(t *testing.T, url, token string) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{URL: url, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestEventsAreToldInOrder(t *testing.T) {
	t.Parallel()
	live := make(chan skein.Event, 4)
	url, _ := serve(t, Config{Control: &stub{events: live}})
	live <- skein.Event{Revision: 18, Kind: "zone", Zone: "example.com.", Text: "two\nlines"}
	live <- skein.Event{Kind: "member", Member: "ns2", State: "unreachable"}
	var got []skein.Event
	for e, err := range newClient(t, url).Events(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, e); len(got) == 2 {
			break
		}
	}
	if got[0].Revision != 18 || got[0].Text != "two\nlines" || got[1].Member != "ns2" {
		t.Errorf("got %+v", got)
	}
}

func TestAReaderThatComesBackIsToldWhatItMissed(t *testing.T) {
	t.Parallel()
	live := make(chan skein.Event, 1)
	entry := func(revision skein.Revision, refused string) skein.AuditEntry {
		return skein.AuditEntry{Change: skein.Change{Revision: revision, Action: "zone.replace", Zone: "example.com.", Refused: refused}}
	}
	url, _ := serve(t, Config{Control: &stub{events: live, audit: []skein.AuditEntry{
		entry(19, ""), entry(0, "not yours"), entry(18, ""), entry(17, ""), entry(16, ""),
	}}})
	live <- skein.Event{Revision: 20, Kind: "zone"}
	var got []skein.Revision
	for e, err := range newClient(t, url).Events(t.Context(), 17) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, e.Revision); e.Revision == 20 {
			break
		}
	}
	if len(got) != 3 || got[0] != 18 || got[1] != 19 {
		t.Errorf("told of %v after 17", got)
	}
}

func TestWhatCannotBeToldAgainIsSaidToBeLost(t *testing.T) {
	t.Parallel()
	var long []skein.AuditEntry
	for i := range maxMissed {
		long = append(long, skein.AuditEntry{Change: skein.Change{Revision: skein.Revision(5000 - i)}})
	}
	for when, row := range map[string]struct {
		token string
		audit []skein.AuditEntry
	}{
		"the break was long":          {goodToken, long},
		"the log does not reach back": {goodToken, long[:3]},
		"the log may not be read":     {panelToken, nil},
	} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			url, _ := serve(t, Config{Control: &stub{events: make(chan skein.Event), audit: row.audit}})
			for e, err := range withToken(t, url, row.token).Events(t.Context(), 17) {
				if err != nil || e.Kind != "notice" || e.State != skein.EventsLost || e.Text == "" {
					t.Errorf("told of %+v, %v", e, err)
				}
				break
			}
		})
	}
}

func TestAPanelHearsOfItsOwnZonesOnly(t *testing.T) {
	t.Parallel()
	live := make(chan skein.Event, 8)
	url, _ := serve(t, Config{Control: &stub{events: live}})
	live <- skein.Event{Revision: 1, Kind: "zone", Zone: "theirs.example.", State: skein.ZoneCreated}
	live <- skein.Event{Kind: "member", Member: "ns2", State: "failing", Text: "refused"}
	live <- skein.Event{Revision: 2, Kind: "zone", Zone: "panel.example.", State: skein.ZoneCreated}
	live <- skein.Event{Kind: "notice", State: skein.EventsLost}
	var got []string
	for e, err := range withToken(t, url, panelToken).Events(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, e.Kind+" "+string(e.Zone)); e.Kind == "notice" {
			break
		}
	}
	if len(got) != 2 || got[0] != "zone panel.example." {
		t.Errorf("it hears of %q", got)
	}
}

func TestAStreamThatBreaksSaysSo(t *testing.T) {
	t.Parallel()
	stopping, stop := context.WithCancel(t.Context())
	defer stop()
	live := make(chan skein.Event, 1)
	url, _ := serve(t, Config{Stopping: stopping, Control: &stub{events: live}})
	live <- skein.Event{Revision: 1}
	var last error
	for _, err := range newClient(t, url).Events(t.Context(), 0) {
		stop() // the server goes down once the stream stands
		last = err
	}
	if skein.KindOf(last) != skein.KindUnavailable {
		t.Errorf("the stream ended with %v", last)
	}
}

func TestTooManyStreamsAreRefusedAndEndedOnesMakeRoom(t *testing.T) {
	t.Parallel()
	c := Config{Control: &stub{events: make(chan skein.Event)}}
	url, _ := serve(t, c)
	browser := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // not the default one, whose connections every server that ends closes
	open := func() (*http.Response, context.CancelFunc) {
		ctx, cancel := context.WithCancel(t.Context())
		req, _ := http.NewRequestWithContext(ctx, "GET", url+"/api/v1/events", nil)
		req.Header.Set("Authorization", "Bearer "+goodToken)
		resp, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		return resp, cancel
	}
	var ends []context.CancelFunc
	for range maxStreams {
		resp, end := open()
		if ends = append(ends, end); resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
			t.Fatalf("stream %d: %d", len(ends), resp.StatusCode)
		}
	}
	resp, body := ask(t, url, "GET /api/v1/events", "")
	if document(t, resp, body); resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d", resp.StatusCode)
	}
	for _, end := range ends {
		end()
	}
	for { // until the server has noticed; the test's own deadline ends it
		resp, end := open()
		end()
		if resp.StatusCode == 200 {
			return
		}
	}
}

func TestAFailedLookBackEndsTheStreamBeforeItBegins(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, Config{Control: &stub{events: make(chan skein.Event), fails: errors.New("broken")}})
	resp, body := ask(t, url, "GET /api/v1/events", "", "Last-Event-ID: 5")
	if doc := document(t, resp, body); doc.Kind != skein.KindInternal || strings.Contains(body, "broken") {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
}

// deadlines records the deadlines that are set for writing.
type deadlines struct {
	http.ResponseWriter
	set []time.Time
}

func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

func (d *deadlines) FlushError() error { return nil }

// Over HTTP/2 a deadline that passes between two events would end the stream.
func TestNoDeadlineHangsOverAnIdleStream(t *testing.T) {
	t.Parallel()
	w := &deadlines{ResponseWriter: httptest.NewRecorder()}
	o := &stream{w: w, control: http.NewResponseController(w)}
	if err := o.event(skein.Event{Kind: "zone"}); err != nil {
		t.Fatal(err)
	}
	if n := len(w.set); n < 2 || w.set[0].IsZero() || !w.set[n-1].IsZero() {
		t.Errorf("deadlines were set to %v, want one for the write, and none after it", w.set)
	}
}
