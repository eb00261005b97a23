package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

// document reads a problem document and checks what holds of all of them.
func document(t *testing.T, resp *http.Response, body string) skein.ErrorDocument {
	t.Helper()
	var doc skein.ErrorDocument
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatalf("status %d with a body that is no document: %v\n%s", resp.StatusCode, err, body)
	}
	if got := resp.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type %q", got)
	}
	if doc.Status != resp.StatusCode || doc.Title != http.StatusText(resp.StatusCode) || doc.Type == "" || doc.Detail == "" || doc.Kind == "" {
		t.Errorf("status %d, but the document says %+v", resp.StatusCode, doc)
	}
	if doc.RequestID == "" || doc.RequestID != resp.Header.Get("Skein-Request-Id") {
		t.Errorf("request id %q in the document, %q in the header", doc.RequestID, resp.Header.Get("Skein-Request-Id"))
	}
	return doc
}

func TestEveryKindHasItsStatus(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		when    string
		err     error
		status  int
		kind    skein.Kind
		says    string
		header  string
		changed bool
		code    bool
	}{
		{when: "what was sent is wrong", err: &skein.Error{Kind: skein.KindInvalid, What: "no SOA"}, status: 422, kind: skein.KindInvalid, says: "no SOA"},
		{when: "nobody is signed in", err: &skein.Error{Kind: skein.KindUnknown, What: "who are you"}, status: 401, kind: skein.KindUnknown, says: "who are you", header: "WWW-Authenticate"},
		{when: "it is not allowed", err: &skein.Error{Kind: skein.KindForbidden, What: "not yours"}, status: 403, kind: skein.KindForbidden, says: "not yours"},
		{when: "it is not there", err: &skein.Error{Kind: skein.KindNotFound, What: "no zone"}, status: 404, kind: skein.KindNotFound, says: "no zone"},
		{when: "it is somebody else's", err: &skein.Error{Kind: skein.KindConflict, What: "belongs to plesk1"}, status: 409, kind: skein.KindConflict, says: "belongs to plesk1"},
		{when: "it has changed", err: &skein.Error{Kind: skein.KindConflict, What: "at 18, not 17", Cause: skein.ErrChanged}, status: 412, kind: skein.KindConflict, says: "at 18, not 17", changed: true},
		{when: "the disk is full", err: &skein.Error{Kind: skein.KindUnavailable, What: "disk full", Cause: errors.New("/secret/path")}, status: 503, kind: skein.KindUnavailable, says: "disk full", header: "Retry-After"},
		{when: "a one-time code is missing", err: &skein.Error{Kind: skein.KindUnknown, What: "and the code", Cause: skein.ErrCodeNeeded}, status: 401, kind: skein.KindUnknown, says: "and the code", code: true},
		{when: "too many logins failed", err: &skein.Error{Kind: skein.KindUnavailable, What: "too many", Cause: control.ErrTooMany}, status: 429, kind: skein.KindUnavailable, says: "too many", header: "Retry-After"},
		{when: "time is up", err: &skein.Error{Kind: skein.KindTimeout, What: "too slow"}, status: 504, kind: skein.KindTimeout, says: "too slow"},
		{when: "a deadline passed below", err: fmt.Errorf("reading: %w", context.DeadlineExceeded), status: 504, kind: skein.KindTimeout, says: "longer than the server allows"},
		{when: "an error has no kind", err: errors.New("sqlite: secret detail"), status: 500, kind: skein.KindInternal, says: "something went wrong inside Skein"},
		{when: "an error is marked internal", err: &skein.Error{Kind: skein.KindInternal, What: "secret detail"}, status: 500, kind: skein.KindInternal, says: "something went wrong inside Skein"},
		{when: "the kind is of the future", err: &skein.Error{Kind: "strange", What: "secret detail"}, status: 500, kind: skein.KindInternal, says: "something went wrong inside Skein"},
		{when: "the error is wrapped", err: fmt.Errorf("door: %w", &skein.Error{Kind: skein.KindNotFound, What: "no zone"}), status: 404, kind: skein.KindNotFound, says: "no zone"},
	} {
		t.Run(row.when, func(t *testing.T) {
			t.Parallel()
			url, log := serve(t, Config{Control: &stub{fails: row.err}})
			resp, body := ask(t, url, "GET /api/v1/zones/example.com", "")
			doc := document(t, resp, body)
			if resp.StatusCode != row.status || doc.Kind != row.kind || doc.Changed != row.changed || doc.Code != row.code || !strings.Contains(doc.Detail, row.says) {
				t.Errorf("got %d %+v", resp.StatusCode, doc)
			}
			if row.header != "" && resp.Header.Get(row.header) == "" {
				t.Errorf("%s is missing", row.header)
			}
			if strings.Contains(body, "secret") {
				t.Errorf("the answer tells what only the log may: %s", body)
			}
			if row.kind == skein.KindInternal && (!strings.Contains(log.String(), "secret detail") || !strings.Contains(log.String(), doc.RequestID)) {
				t.Errorf("the log does not have the cause under the request id:\n%s", log)
			}
		})
	}
}

func TestFindingsTravelWithTheProblem(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, Config{Control: &stub{}})
	resp, body := ask(t, url, "PUT /api/v1/zones/example.com", `{"file":"@ SOA ns host 1 2 3 4 5\n  A 192.0.2.1\nwww A 1.2.3\nmail MX\n"}`)
	doc := document(t, resp, body)
	if resp.StatusCode != 422 || len(doc.Problems) != 2 || doc.Problems[0].Line != 3 || doc.Problems[1].Line != 4 || doc.Mend == "" {
		t.Errorf("got %d %+v", resp.StatusCode, doc)
	}
}

// What HTTP itself refuses is told in the same words.
func TestEveryRefusalIsAProblemDocument(t *testing.T) {
	t.Parallel()
	big := `{"name":"example.com","records":[{"name":"` + strings.Repeat("a", 1<<20) + `"}]}`
	for _, row := range []struct {
		when, what, body string
		headers          []string
		status           int
		says             string
	}{
		{when: "no such path", what: "GET /api/v1/nothing", status: 404, says: "nothing at this path"},
		{when: "a path outside of the API", what: "GET /favicon.ico", status: 404, says: "nothing at this path"},
		{when: "a method that the path does not take", what: "POST /api/v1/status", status: 405, says: "POST is not for this path"},
		{when: "no token", what: "GET /api/v1/zones", headers: []string{"Authorization: "}, status: 401, says: "needs a token"},
		{when: "a wrong token", what: "GET /api/v1/zones", headers: []string{"Authorization: Bearer hunter2"}, status: 401, says: "not valid"},
		{when: "another scheme", what: "GET /api/v1/zones", headers: []string{"Authorization: Basic aHVudGVyMg=="}, status: 401, says: "Bearer"},
		{when: "no JSON", what: "POST /api/v1/tokens", body: `{"name": hunter2`, status: 400, says: "cannot be read"},
		{when: "an empty body", what: "POST /api/v1/tokens", status: 400, says: "cannot be read"},
		{when: "JSON of another shape", what: "POST /api/v1/tokens", body: `["hunter2"]`, status: 422, says: "not what this operation takes"},
		{when: "an unknown field", what: "POST /api/v1/tokens", body: `{"name":"x","password":"hunter2"}`, status: 422, says: "body.password"},
		{when: "a missing field", what: "POST /api/v1/tokens", body: `{}`, status: 422, says: "name"},
		{when: "a wrong type in a field", what: "POST /api/v1/members", body: `{"name":"ns2","port":"hunter2"}`, status: 422, says: "body.port"},
		{when: "an address that is none", what: "POST /api/v1/members", body: `{"name":"ns2","address":"hunter2"}`, status: 422, says: "address"},
		{when: "an unknown parameter", what: "GET /api/v1/zones?limt=5", status: 422, says: "limt"},
		{when: "a limit out of range", what: "GET /api/v1/zones?limit=100000", status: 422, says: "limit"},
		{when: "a cursor of nowhere", what: "GET /api/v1/zones?cursor=***", status: 422, says: "cursor"},
		{when: "another media type", what: "POST /api/v1/tokens", body: `name=x`, headers: []string{"Content-Type: application/x-www-form-urlencoded"}, status: 415, says: "media type"},
		{when: "a zone file that is an image", what: "PUT /api/v1/zones/example.com/file", body: "x", headers: []string{"Content-Type: image/png"}, status: 415, says: "zone file"},
		{when: "too large", what: "PATCH /api/v1/zones/example.com/records", body: big, status: 413, says: "larger"},
		{when: "a name that is none", what: "GET /api/v1/zones/a..b", status: 422, says: "empty label"},
		{when: "a label of 64 octets", what: "GET /api/v1/zones/" + strings.Repeat("a", 64) + ".example", status: 422, says: "63 are allowed"},
		{when: "a name of shell", what: "GET /api/v1/zones/" + strings.ReplaceAll(`";%20rm%20-rf%20%2F`, `"`, "%22") + "..", status: 422, says: "bad domain name"},
		{when: "an ETag that is none", what: "PUT /api/v1/zones/example.com", body: `{"file":"x"}`, headers: []string{"If-Match: seventeen"}, status: 422, says: "If-Match"},
		{when: "contents twice", what: "PUT /api/v1/zones/example.com", body: `{"file":"x","records":[]}`, status: 422, says: "twice"},
		{when: "no contents", what: "PUT /api/v1/zones/example.com", body: `{}`, status: 422, says: "no contents"},
		{when: "a wait without end", what: "GET /api/v1/zones/example.com/wait?timeout=11m", status: 422, says: "timeout"},
		{when: "a wrong code", what: "POST /api/v1/claim", body: `{"code":"hunter2"}`, headers: []string{"Authorization: "}, status: 401, says: "not valid"},
		{when: "a long code", what: "POST /api/v1/claim", body: `{"code":"` + strings.Repeat("x", maxPublic) + `"}`, headers: []string{"Authorization: "}, status: 413, says: "larger"},
		{when: "a form on another site", what: "POST /api/v1/claim", body: `{"code":"hunter2"}`, headers: []string{"Sec-Fetch-Site: cross-site"}, status: 403, says: "another site"},
	} {
		t.Run(row.when, func(t *testing.T) {
			t.Parallel()
			url, log := serve(t, Config{Control: &stub{}})
			resp, body := ask(t, url, row.what, row.body, row.headers...)
			doc := document(t, resp, body)
			if resp.StatusCode != row.status || !strings.Contains(doc.Detail, row.says) {
				t.Errorf("got %d: %s", resp.StatusCode, body)
			}
			if strings.Contains(body+log.String(), "hunter2") {
				t.Errorf("what was sent is repeated:\n%s\n%s", body, log)
			}
			if row.status == 405 && resp.Header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
		})
	}
}

func TestAPanicIsA500WithItsTraceInTheLog(t *testing.T) {
	t.Parallel()
	url, log := serve(t, Config{Control: &stub{put: func(control.PutZone) (control.Result, error) { panic("secret detail") }}})
	resp, body := ask(t, url, "PUT /api/v1/zones/example.com", `{"file":"@ SOA ns host 1 2 3 4 5"}`)
	doc := document(t, resp, body)
	if resp.StatusCode != 500 || doc.Kind != skein.KindInternal || strings.Contains(body, "secret") {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
	if !strings.Contains(log.String(), "secret detail") || !strings.Contains(log.String(), "problem_test.go") {
		t.Errorf("the log has no trace:\n%s", log)
	}
}

// DESIGN section 3, promise 8.
func TestPromise8_SecretsAreNeverPrintedOrLogged(t *testing.T) {
	t.Parallel()
	url, log := serve(t, Config{Control: &stub{fails: errors.New("broken")}})
	resp, body := ask(t, url, "GET /api/v1/zones/example.com", "", "Authorization: Bearer hunter2")
	_, more := ask(t, url, "POST /api/v1/members", `{"name":"ns2","secrets":{"rndc":"hunter2","salt":"hunter2"}}`)
	if text := body + more + log.String() + fmt.Sprint(resp.Header); strings.Contains(text, "hunter2") {
		t.Errorf("a secret came out:\n%s", text)
	}
}

func TestWrongTokensAreSlowedDownByAddress(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64 // of the server's clock
	clock := func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, int(passed.Load()), time.UTC) }
	url, _ := serve(t, Config{Control: &stub{fails: &skein.Error{Kind: skein.KindNotFound, What: "no zone"}}, Now: clock})
	for range failureBurst {
		if resp, _ := ask(t, url, "GET /api/v1/zones/a", "", "Authorization: Bearer wrong"); resp.StatusCode != 401 {
			t.Fatalf("a wrong token got %d", resp.StatusCode)
		}
	}
	resp, body := ask(t, url, "GET /api/v1/zones/a", "", "Authorization: Bearer wrong")
	if document(t, resp, body); resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("after %d wrong tokens: %d", failureBurst, resp.StatusCode)
	}
	if resp, _ := ask(t, url, "POST /api/v1/claim", `{"code":"x"}`); resp.StatusCode != 429 {
		t.Errorf("codes can still be tried: %d", resp.StatusCode)
	}
	if resp, _ := ask(t, url, "GET /api/v1/health", ""); resp.StatusCode != 200 {
		t.Errorf("the sign of life is gone: %d", resp.StatusCode)
	}
	passed.Store(int64(failurePeriod))
	if resp, _ := ask(t, url, "GET /api/v1/zones/a", ""); resp.StatusCode != 404 {
		t.Errorf("the right token does not get in after a while: %d", resp.StatusCode)
	}
}

func TestAWaitThatTimesOutBringsTheReceiptSoFar(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, Config{Control: &stub{wait: func(ctx context.Context) (skein.Receipt, error) {
		<-ctx.Done()
		return skein.Receipt{Zone: "example.com.", Revision: 17, Members: []skein.MemberZone{{Member: "ns2", State: skein.StateTold}}},
			&skein.Error{Kind: skein.KindTimeout, What: "1 of 1 members was not seen serving it", Cause: ctx.Err()}
	}}})
	resp, body := ask(t, url, "GET /api/v1/zones/example.com/wait?timeout=1ms", "")
	doc := document(t, resp, body)
	if resp.StatusCode != 504 || doc.Receipt == nil || doc.Receipt.Revision != 17 || doc.Receipt.Members[0].State != skein.StateTold {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
}

func TestAWaitEndsWhenTheServerGoesDown(t *testing.T) {
	t.Parallel()
	stopping, stop := context.WithCancel(t.Context())
	url, _ := serve(t, Config{Stopping: stopping, Control: &stub{wait: func(ctx context.Context) (skein.Receipt, error) {
		stop()
		<-ctx.Done()
		return skein.Receipt{}, &skein.Error{Kind: skein.KindTimeout, What: "stopped", Cause: ctx.Err()}
	}}})
	if resp, _ := ask(t, url, "GET /api/v1/zones/example.com/wait?timeout=10m", ""); resp.StatusCode != 504 {
		t.Errorf("got %d", resp.StatusCode)
	}
}

func TestBrowsersAreToldToTrustNothingElse(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, Config{Control: &stub{}})
	for _, path := range []string{"/", "/claim", "/claim.js", "/api/docs", "/api/docs.js", "/api/openapi.json", "/api/v1/health", "/api/v1/zones", "/nothing"} {
		resp, _ := ask(t, url, "GET "+path, "", "Origin: https://evil.example")
		csp := resp.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
			t.Errorf("%s: %q", path, csp)
		}
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, resp.Header)
		}
	}
}
