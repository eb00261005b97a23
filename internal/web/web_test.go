package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/web"
)

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	mux := http.NewServeMux()
	web.Register(mux, nil)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// A strict content security policy, and a server without the Internet: what a
// page needs is here, and nothing of it is inline.
func TestPagesNeedNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	reference := regexp.MustCompile(`(?:src|href)="([^"]*)"`)
	inline := regexp.MustCompile(`(?i)<script>|<style|\sstyle=|\son\w+=|javascript:|https?://`)
	for _, page := range []string{"/", "/claim"} {
		body := get(t, page).Body.String()
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s has %q", page, found)
		}
		for _, m := range reference.FindAllStringSubmatch(body, -1) {
			if strings.HasPrefix(m[1], "/api/") {
				continue // the API's own tests have them
			}
			if w := get(t, m[1]); w.Code != 200 {
				t.Errorf("%s leads to %s: %d", page, m[1], w.Code)
			}
		}
	}
	script := get(t, "/claim.js").Body.String()
	if found := regexp.MustCompile(`innerHTML|eval\(|https?://`).FindString(script); found != "" {
		t.Errorf("claim.js has %q", found)
	}
}

func TestPagesCanBeReadByEverybody(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"/", "/claim"} {
		w := get(t, page)
		if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/html") {
			t.Errorf("%s is %s", page, got)
		}
		for _, part := range []string{`<html lang="en">`, `name="viewport"`, "<title>", "<main>", "<h1>"} {
			if !strings.Contains(w.Body.String(), part) {
				t.Errorf("%s has no %s", page, part)
			}
		}
	}
	if claim := get(t, "/claim").Body.String(); !strings.Contains(claim, `role="alert"`) || !strings.Contains(claim, `<label for="code">`) {
		t.Error("the claim page does not tell what went wrong, or has a field without a label")
	}
}

func TestWithoutTheConsoleAPageSaysHowToBuildIt(t *testing.T) {
	t.Parallel()
	if page := get(t, "/").Body.String(); !strings.Contains(page, "make ui") {
		t.Errorf("the start page does not say it:\n%s", page)
	}
}

func TestOtherPathsAreNotPages(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/index.html", "/pages/claim.html", "/favicon.ico", "/zones", "/app/index.html"} {
		if w := get(t, path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
