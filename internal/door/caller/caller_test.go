package caller

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
)

// registry knows one token of each kind, and refuses what comes from elsewhere
// than 192.0.2.0/24.
type registry struct{ broken error }

func (r registry) Authenticate(_ context.Context, secret string) (skein.Actor, error) {
	if r.broken != nil {
		return skein.Actor{}, r.broken
	}
	switch secret {
	case "PANEL":
		return skein.Actor{Name: "token of web1", Source: "web1"}, nil
	case "RESELLER":
		return skein.Actor{Name: "token of acme", Source: "acme", Tenant: "acme", Role: skein.RoleReseller}, nil
	}
	return skein.Actor{}, &skein.Error{Kind: skein.KindUnknown, What: "the token is wrong or has expired"}
}

func (registry) Admit(_ context.Context, a skein.Actor) error {
	if !netip.MustParsePrefix("192.0.2.0/24").Contains(a.Addr) {
		return &skein.Error{Kind: skein.KindForbidden, What: "nothing is taken from " + a.Addr.String()}
	}
	return nil
}

// call says who called, or the status.
func call(h http.Handler, authorization, from string) string {
	r := httptest.NewRequest(http.MethodGet, "/scripts2/showversion", nil)
	r.RemoteAddr = from
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	text, _ := io.ReadAll(w.Body) // of memory
	if w.Code != http.StatusOK {
		return fmt.Sprintf("%d %s", w.Code, text)
	}
	return string(text)
}

var tellActor = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	a := Actor(r.Context())
	fmt.Fprintf(w, "%s as %s by %s from %s", a.Name, a.Source, a.Door, a.Addr)
})

func TestWhoCalls(t *testing.T) {
	t.Parallel()
	const panel = "token of web1 as web1 by whm from 192.0.2.7"
	for situation, c := range map[string]struct{ authorization, from, want string }{
		"an API token":            {"whm root:PANEL", "192.0.2.7:1", panel},
		"IPv4 in IPv6":            {"whm root:PANEL", "[::ffff:192.0.2.7]:1", panel},
		"scheme in upper case":    {"WHM root:PANEL", "192.0.2.7:1", panel},
		"of a cPanel account":     {"cpanel web1:PANEL", "192.0.2.7:1", panel},
		"basic":                   {"Basic " + base64.StdEncoding.EncodeToString([]byte("root:PANEL")), "192.0.2.7:1", panel},
		"base64 of 2008":          {"WHM " + base64.StdEncoding.EncodeToString([]byte("root:PANEL")), "192.0.2.7:1", panel},
		"the user is the tenant":  {"whm acme:RESELLER", "192.0.2.7:1", "token of acme as acme by whm from 192.0.2.7"},
		"the user is another one": {"whm bob:PANEL", "192.0.2.7:1", "401 the token is not one of the user \"bob\""},
		"a wrong token":           {"whm root:WRONG", "192.0.2.7:1", "401 the token is wrong"},
		"no token":                {"", "192.0.2.7:1", "401 this needs an API token"},
		"no user":                 {"whm :PANEL", "192.0.2.7:1", "401 "},
		"a scheme of others":      {"Bearer PANEL", "192.0.2.7:1", "401 "},
		"from elsewhere":          {"whm root:PANEL", "198.51.100.7:1", "403 nothing is taken from 198.51.100.7"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			g := NewGate(registry{}, time.Now, slog.New(slog.DiscardHandler))
			if got := call(g.Handler(tellActor), c.authorization, c.from); got != c.want && !(strings.HasPrefix(c.want, "4") && strings.HasPrefix(got, c.want)) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Who tries tokens is slowed down, and nobody else; nothing that was tried is
// in the log.
func TestTryingTokens(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var log bytes.Buffer
	h := NewGate(registry{}, func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil))).Handler(tellActor)
	for i := range failureBurst {
		if got := call(h, fmt.Sprintf("whm root:TRIED%d", i), "192.0.2.7:1"); !strings.HasPrefix(got, "401 ") {
			t.Fatalf("attempt %d: %s", i, got)
		}
	}
	for _, token := range []string{"TRIED", "PANEL"} { // the right one is not looked at, too
		if got := call(h, "whm root:"+token, "192.0.2.7:2"); !strings.HasPrefix(got, "429 ") {
			t.Errorf("one more: %s", got)
		}
	}
	if got := call(h, "whm root:PANEL", "192.0.2.8:1"); !strings.HasPrefix(got, "token of web1") {
		t.Errorf("a neighbour: %s", got)
	}
	now = now.Add(failurePeriod)
	if got := call(h, "whm root:PANEL", "192.0.2.7:1"); !strings.HasPrefix(got, "token of web1") {
		t.Errorf("later: %s", got)
	}
	if strings.Contains(log.String(), "TRIED") {
		t.Errorf("tokens in the log:\n%s", &log)
	}
}

// Trouble of ours is no wrong token, and its reason is for the log.
func TestTroubleOfOurs(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := NewGate(registry{broken: errors.New("disk full")}, time.Now, slog.New(slog.NewTextHandler(&log, nil))).Handler(tellActor)
	if got := call(h, "whm root:PANEL", "192.0.2.7:1"); !strings.HasPrefix(got, "503 ") || strings.Contains(got, "disk") {
		t.Errorf("%s", got)
	}
	if !strings.Contains(log.String(), "disk full") {
		t.Errorf("the log: %s", &log)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for kind, want := range map[skein.Kind]int{
		skein.KindInvalid: 400, skein.KindForbidden: 403, skein.KindUnknown: 401, skein.KindNotFound: 404, skein.KindConflict: 409,
		skein.KindUnavailable: 503, skein.KindTimeout: 503, skein.KindInternal: 503,
	} {
		if got := Status(&skein.Error{Kind: kind}); got != want {
			t.Errorf("%s: %d, want %d", kind, got, want)
		}
	}
	if got := Status(nil); got != 200 {
		t.Errorf("no error: %d", got)
	}
}
