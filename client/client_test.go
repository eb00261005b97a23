package client_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

// server starts a handler and returns a client of it.
func server(t *testing.T, h http.HandlerFunc) *client.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return open(t, client.Config{URL: s.URL, Token: "secret"})
}

func open(t *testing.T, config client.Config) *client.Client {
	t.Helper()
	c, err := client.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func answer(status int, doc skein.ErrorDocument) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(doc)
	}
}

func TestErrorsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	sent := &skein.Error{Kind: skein.KindInvalid, What: "what and why", Mend: "the mend", Problems: []skein.Problem{{Line: 3, Name: "www.", Warning: true, Text: "odd"}}}
	c := server(t, answer(422, skein.ErrorDocument{Kind: sent.Kind, Detail: sent.What, Mend: sent.Mend, Problems: sent.Problems}))
	_, err := c.GetZone(t.Context(), "example.com")
	var got *skein.Error
	if !errors.As(err, &got) {
		t.Fatalf("got %T", err)
	}
	if diff := cmp.Diff(sent, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFailedIfMatchIsErrChanged(t *testing.T) {
	t.Parallel()
	c := server(t, answer(412, skein.ErrorDocument{Kind: skein.KindConflict, Detail: "at 18", Changed: true}))
	_, err := c.DeleteZone(t.Context(), "example.com", skein.DeleteBody{Expect: new(skein.Revision(17))})
	if !errors.Is(err, skein.ErrChanged) || skein.KindOf(err) != skein.KindConflict {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsNotTheAPISpeaksOfItself(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]skein.Kind{
		301: skein.KindInternal, 400: skein.KindInvalid, 401: skein.KindUnknown, 403: skein.KindForbidden, 404: skein.KindNotFound,
		409: skein.KindConflict, 429: skein.KindUnavailable, 502: skein.KindUnavailable, 504: skein.KindTimeout, 500: skein.KindInternal,
	} {
		c := server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(status)
			io.WriteString(w, "<html>")
		})
		_, err := c.GetStatus(t.Context())
		if skein.KindOf(err) != kind || !strings.Contains(err.Error(), "not in the API's words") {
			t.Errorf("%d: %v", status, err)
		}
	}
	c := server(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") })
	if _, err := c.GetStatus(t.Context()); skein.KindOf(err) != skein.KindInternal {
		t.Errorf("200 with a page: %v", err)
	}
}

func TestAServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	for where, config := range map[string]client.Config{
		"a port where nobody listens": {URL: "http://" + address},
		"a socket that is not there":  {UnixSocket: filepath.Join(t.TempDir(), "skein.sock")},
	} {
		var e *skein.Error
		_, err := open(t, config).PutZone(t.Context(), "example.com", skein.PutZone{})
		if !errors.As(err, &e) || e.Kind != skein.KindUnavailable || e.Mend != "is skein serve running?" {
			t.Errorf("%s: %v", where, err)
		}
	}
}

func TestADeadlineIsATimeout(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	c := server(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := c.GetStatus(ctx); skein.KindOf(err) != skein.KindTimeout {
		t.Errorf("got %v", err)
	}
}

// breaking breaks the connection of the first requests after reading them.
func breaking(t *testing.T, times int) (c *client.Client, ids func() []string) {
	var seen atomic.Pointer[[]string]
	seen.Store(&[]string{})
	c = server(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		list := append(*seen.Load(), r.Header.Get("Skein-Change-Id"))
		seen.Store(&list)
		if len(list) <= times {
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, "{}")
	})
	return c, func() []string { return *seen.Load() }
}

func TestAChangeIsSentAgainUnderItsIDWhenTheConnectionBreaks(t *testing.T) {
	t.Parallel()
	c, ids := breaking(t, 2)
	if _, err := c.PutZone(t.Context(), "example.com", skein.PutZone{}); err != nil {
		t.Fatal(err)
	}
	got := ids()
	if len(got) != 3 || got[0] == "" || got[0] != got[1] || got[1] != got[2] {
		t.Errorf("sent under the ids %q", got)
	}
	c, ids = breaking(t, 1)
	if _, err := c.EditRecords(t.Context(), "example.com", skein.EditBody{ChangeID: "mine"}); err != nil || ids()[1] != "mine" {
		t.Errorf("the caller's id became %q, %v", ids(), err)
	}
	c, ids = breaking(t, 1000)
	if _, err := c.PutZone(t.Context(), "example.com", skein.PutZone{}); skein.KindOf(err) != skein.KindUnavailable || len(ids()) != 3 {
		t.Errorf("after %d tries: %v", len(ids()), err)
	}
}

func TestWhatCouldHappenTwiceIsNotSentAgain(t *testing.T) {
	t.Parallel()
	c, ids := breaking(t, 1)
	if _, err := c.CreateToken(t.Context(), skein.CreateToken{Name: "x"}); skein.KindOf(err) != skein.KindUnavailable || len(ids()) != 1 {
		t.Errorf("sent %d times: %v", len(ids()), err)
	}
}

func TestAWaitThatTimesOutHasTheReceiptSoFar(t *testing.T) {
	t.Parallel()
	receipt := skein.Receipt{Zone: "example.com.", Revision: 17}
	c := server(t, answer(504, skein.ErrorDocument{Kind: skein.KindTimeout, Detail: "one is missing", Receipt: &receipt}))
	got, err := c.WaitZone(t.Context(), "example.com", client.WaitQuery{Timeout: time.Second})
	if skein.KindOf(err) != skein.KindTimeout || got.Revision != 17 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestThePinnedAuthorityIsTheOnlyOne(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"status":"ok"}`) }))
	t.Cleanup(s.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if health, err := open(t, client.Config{URL: s.URL, CA: ca}).GetHealth(t.Context()); err != nil || health.Status != "ok" {
		t.Errorf("pinned: %v", err)
	}
	if _, err := open(t, client.Config{URL: s.URL}).GetHealth(t.Context()); skein.KindOf(err) != skein.KindUnavailable || !strings.Contains(err.Error(), "not trusted here") {
		t.Errorf("not pinned: %v", err)
	}
	other := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	if _, err := open(t, client.Config{URL: other, CA: ca}).GetHealth(t.Context()); err == nil || !strings.Contains(err.Error(), "for another name") {
		t.Errorf("another name: %v", err)
	}
}

func TestTheUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "skein.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"status":"ok"}`) }))
	s.Listener.Close()
	s.Listener = listener
	s.Start()
	t.Cleanup(s.Close)
	if health, err := open(t, client.Config{UnixSocket: path}).GetHealth(t.Context()); err != nil || health.Status != "ok" {
		t.Error(err)
	}
}

func TestAddressesThatCannotWorkAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	for why, config := range map[string]client.Config{
		"nothing at all":         {},
		"no scheme":              {URL: "ns1.example.net:8443"},
		"a token in the clear":   {URL: "http://ns1.example.net:8443"},
		"another scheme":         {URL: "ftp://ns1.example.net"},
		"a CA that is not PEM":   {URL: "https://ns1.example.net", CA: []byte("MIIB…")},
		"an address with spaces": {URL: "https://ns1 .example.net"},
	} {
		if _, err := client.New(config); skein.KindOf(err) != skein.KindInvalid {
			t.Errorf("%s: %v", why, err)
		}
	}
}

func TestEveryPartOfAListIsRead(t *testing.T) {
	t.Parallel()
	c := server(t, func(w http.ResponseWriter, r *http.Request) {
		next := map[string]string{"": "a", "a": "b"}[r.FormValue("cursor")]
		fmt.Fprintf(w, `{"zones":[{"name":"%s1."},{"name":"%s2."}],"next":"%s"}`, r.FormValue("cursor"), r.FormValue("cursor"), next)
	})
	var names []string
	for z, err := range c.AllZones(t.Context(), skein.ZoneFilter{}, "") {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, string(z.Name))
	}
	if diff := cmp.Diff([]string{"1.", "2.", "a1.", "a2.", "b1.", "b2."}, names); diff != "" {
		t.Error(diff)
	}
}

func TestNamesThatAreHardOnAPath(t *testing.T) {
	t.Parallel()
	var got string
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/zones/{name}", func(w http.ResponseWriter, r *http.Request) {
		got = r.PathValue("name")
		io.WriteString(w, "{}")
	})
	c := server(t, mux.ServeHTTP)
	for _, name := range []string{"example.com.", ".", "0/25.2.0.192.in-addr.arpa.", `a\.b.example.`, "bücher.example", "../../etc", "100%.example", "a b?c#d.example"} {
		if _, err := c.GetZone(t.Context(), name); err != nil || got != name {
			t.Errorf("%q arrived as %q, %v", name, got, err)
		}
	}
}

// Only changes of zones wait, and only those of the client that is to.
func TestWaitingIsAskedForWithChanges(t *testing.T) {
	var asked []string
	c := server(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.RequestURI())
		io.WriteString(w, "{}")
	})
	waiting := c.Waiting(client.WaitQuery{For: "majority", Timeout: time.Minute})
	for _, c := range []*client.Client{waiting, c} {
		_, _ = c.DeleteZone(t.Context(), "example.com", skein.DeleteBody{})
		_, _ = c.ImportZone(t.Context(), "example.com", skein.PutZone{DryRun: true})
		_, _ = c.ReleaseWaiting(t.Context(), 17, "")
		_, _ = c.GetZone(t.Context(), "example.com")
	}
	want := []string{
		"DELETE /api/v1/zones/example.com?timeout=1m0s&wait=majority",
		"PUT /api/v1/zones/example.com/file?dry_run=true&timeout=1m0s&wait=majority",
		"POST /api/v1/waiting/17/release?timeout=1m0s&wait=majority",
		"GET /api/v1/zones/example.com",
		"DELETE /api/v1/zones/example.com",
		"PUT /api/v1/zones/example.com/file?dry_run=true",
		"POST /api/v1/waiting/17/release",
		"GET /api/v1/zones/example.com",
	}
	if !slices.Equal(asked, want) {
		t.Errorf("%q", asked)
	}
}
