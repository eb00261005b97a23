package web_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/skein-dns/skein/internal/web"
)

// built is a console as the build leaves it.
func built(t *testing.T) fstest.MapFS {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte("console()"))
	z.Close()
	return fstest.MapFS{
		"index.html":          {Data: []byte(`<meta name="style-nonce" content="STYLE-NONCE"><script src="/app/assets/main-1.js">`)},
		"assets/main-1.js.gz": {Data: packed.Bytes()},
		"mark.png":            {Data: []byte("PNG")},
	}
}

func askConsole(t *testing.T, path, encodings string) *httptest.ResponseRecorder {
	t.Helper()
	mux := http.NewServeMux()
	web.Register(mux, built(t))
	r, w := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
	r.Header.Set("Accept-Encoding", encodings)
	mux.ServeHTTP(w, r)
	return w
}

func TestTheConsoleIsOneDocument(t *testing.T) {
	t.Parallel()
	policy := regexp.MustCompile(`style-src 'self' 'nonce-([A-Z0-9]{20,})'`)
	seen := map[string]bool{}
	for _, path := range []string{"/", "/claim", "/zones", "/zones/example.com.", "/servers/add"} {
		w := askConsole(t, path, "gzip")
		if w.Code != 200 {
			t.Fatalf("%s: %d", path, w.Code)
		}
		nonce := policy.FindStringSubmatch(w.Header().Get("Content-Security-Policy"))
		if nonce == nil || !strings.Contains(w.Body.String(), `content="`+nonce[1]+`"`) || seen[nonce[1]] {
			t.Errorf("%s: the document has not the nonce of its policy, or an old one:\n%v\n%s", path, w.Header(), w.Body)
			continue
		}
		seen[nonce[1]] = true
		if strings.Contains(w.Header().Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s allows too much: %s", path, w.Header().Get("Content-Security-Policy"))
		}
	}
}

func TestFilesOfTheConsole(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		path, encodings string
		code            int
		encoding, body  string
		kept            bool
	}{
		"packed, for a browser":  {path: "/app/assets/main-1.js", encodings: "gzip, br", code: 200, encoding: "gzip", kept: true},
		"packed, for a program":  {path: "/app/assets/main-1.js", code: 200, body: "console()", kept: true},
		"not packed":             {path: "/app/mark.png", encodings: "gzip", code: 200, body: "PNG"},
		"the document by itself": {path: "/app/index.html", code: 404, body: "404 page not found\n"},
		"none of that name":      {path: "/app/assets/main-0.js", code: 404, body: "404 page not found\n"},
		"outside":                {path: "/app/..%2f..%2fui.go", code: 404, body: "404 page not found\n"},
		"a page that is none":    {path: "/zonez", code: 404, body: "404 page not found\n"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			w := askConsole(t, row.path, row.encodings)
			kept := strings.Contains(w.Header().Get("Cache-Control"), "immutable")
			if w.Code != row.code || w.Header().Get("Content-Encoding") != row.encoding || kept != row.kept {
				t.Errorf("%d, headers %v", w.Code, w.Header())
			}
			if row.encoding == "" && w.Body.String() != row.body {
				t.Errorf("body %q, want %q", w.Body, row.body)
			}
		})
	}
}
