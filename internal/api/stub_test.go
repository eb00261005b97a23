package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// stub answers for control where a test needs an answer that a real one gives
// only in rare moments. What a test does not set panics.
type stub struct {
	Control
	fails  error // of every call below
	events chan skein.Event
	audit  []skein.AuditEntry
	gone   []skein.DeletedZone
	put    func(control.PutZone) (control.Result, error)

	came    skein.Actor // who asked for the source
	source  skein.Source
	waiting skein.WaitingDetail
	over    []skein.Overlay
	sets    []zone.RRset
	did     []string // what was decided, in order
	wait    func(context.Context) (skein.Receipt, error)
}

// goodToken is an administrator's, panelToken one of the source "panel".
const (
	goodToken  = "good"
	panelToken = "panel"
)

func (s *stub) Authenticate(_ context.Context, secret string) (skein.Actor, error) {
	switch secret {
	case goodToken:
		return skein.Actor{Name: "tester", Door: "api", Source: "tester", Admin: true}, nil
	case panelToken:
		return skein.Actor{Name: "panel", Door: "api", Source: "panel"}, nil
	}
	return skein.Actor{}, &skein.Error{Kind: skein.KindUnknown, What: "this token is not valid"}
}

func (s *stub) Source(_ context.Context, a skein.Actor, _ string) (skein.Source, error) {
	s.came = a
	return s.source, s.fails
}

func (s *stub) EditSource(_ context.Context, _ skein.Actor, n control.NewSource) (skein.Source, error) {
	s.source = n.Source
	return s.source, nil
}

func (s *stub) WaitingDetail(context.Context, skein.Actor, int64) (skein.WaitingDetail, error) {
	return s.waiting, s.fails
}

func (s *stub) Release(context.Context, skein.Actor, control.Decision) (control.Result, error) {
	s.did = append(s.did, "released")
	return control.Result{Changed: true}, nil
}

func (s *stub) Discard(context.Context, skein.Actor, control.Decision) error {
	s.did = append(s.did, "discarded")
	return nil
}

func (s *stub) ReleaseAll(_ context.Context, _ skein.Actor, q control.WaitingQuery) (int, []control.NotReleased, error) {
	return 2, []control.NotReleased{{ID: 7, Zone: q.Zone, Err: errors.New("secret detail")}, {ID: 8, Zone: q.Zone, Err: s.fails}}, nil
}

func (s *stub) Contents(_ context.Context, _ skein.Actor, name zone.Name) (skein.Zone, zone.Contents, error) {
	c, err := zone.NewContents(name, s.sets)
	return skein.Zone{Name: name}, c, err
}

func (s *stub) OverlaysAt(_ context.Context, _ skein.Actor, _ zone.Name, names []zone.Name) (list []skein.Overlay, err error) {
	for _, o := range s.over {
		if slices.ContainsFunc(names, zone.Name(o.Name).Equal) {
			list = append(list, o)
		}
	}
	return list, nil
}

// History knows the zones of the source "panel": those with its name in theirs.
func (s *stub) History(_ context.Context, a skein.Actor, name zone.Name, _ int) ([]skein.Change, error) {
	if !strings.Contains(string(name), a.Source) {
		return nil, &skein.Error{Kind: skein.KindNotFound, What: "no zone"}
	}
	return []skein.Change{{}}, nil
}

func (s *stub) Claim(_ context.Context, code string) (control.NewToken, error) {
	return control.NewToken{}, &skein.Error{Kind: skein.KindUnknown, What: "this code is not valid"}
}

func (s *stub) Zone(context.Context, skein.Actor, zone.Name) (skein.Zone, error) {
	return skein.Zone{}, s.fails
}

func (s *stub) Audit(context.Context, skein.Actor, skein.AuditQuery) ([]skein.AuditEntry, error) {
	return s.audit, s.fails
}

func (s *stub) PutZone(_ context.Context, _ skein.Actor, p control.PutZone) (control.Result, error) {
	return s.put(p)
}

func (s *stub) Deleted(_ context.Context, _ skein.Actor, before skein.Revision, _ string, limit int) (list []skein.DeletedZone, err error) {
	for _, z := range s.gone {
		if (before == 0 || z.Revision < before) && len(list) < limit {
			list = append(list, z)
		}
	}
	return list, nil
}

func (s *stub) UndeleteZone(_ context.Context, _ skein.Actor, u control.UndeleteZone) (control.Result, error) {
	return control.Result{Zone: skein.Zone{Name: u.Name, Revision: 7}, Created: true, Changed: true}, nil
}

func (s *stub) Wait(ctx context.Context, _ skein.Actor, _ zone.Name, _ skein.Revision, _ string) (skein.Receipt, error) {
	return s.wait(ctx)
}

// Hears is as it is with control: an administrator hears of everything, a panel
// of the zones that it knows, and everybody of what was lost.
func (s *stub) Hears(ctx context.Context, a skein.Actor, e skein.Event) bool {
	if a.Admin || e.State == skein.EventsLost {
		return true
	}
	_, err := s.History(ctx, a, e.Zone, 1)
	return e.Kind == "zone" && err == nil
}

func (s *stub) Subscribe() (<-chan skein.Event, func()) { return s.events, func() {} }

// logged keeps what the server logs.
type logged struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// serve starts the API over c and returns its URL and its log.
func serve(t testing.TB, c Config) (url string, log *logged) {
	t.Helper()
	log = &logged{}
	c.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c.Version = "test"
	server := httptest.NewUnstartedServer(New(c))
	server.Config.ErrorLog = slog.NewLogLogger(c.Log.Handler(), slog.LevelError)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, log
}

// ask sends one request, "METHOD /path" with the good token, and returns the
// answer with its body read.
func ask(t testing.TB, url, what, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	method, path, _ := strings.Cut(what, " ")
	req, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+goodToken)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		key, value, _ := strings.Cut(h, ": ")
		req.Header.Set(key, value)
		if value == "" {
			req.Header.Del(key)
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}
