package whm

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzDoor: whatever is called with whatever, the door answers with lines that
// are fit for a page and a status of the few; what it keeps are zones with names
// of domains; and the same call, which a sender may repeat, changes nothing more.
func FuzzDoor(f *testing.F) {
	scratch := f.TempDir() // what the door keeps there has no name
	f.Fuzz(func(t *testing.T, path, query string, body []byte) {
		c := newFake()
		door := c.door(scratch)
		call := func(body []byte) (int, string) {
			r := httptest.NewRequest(http.MethodPost, "https://skein.example.net/", bytes.NewReader(body))
			r.URL.Path, r.URL.RawQuery = path, query
			w := httptest.NewRecorder()
			door.ServeHTTP(w, r)
			return w.Code, w.Body.String()
		}
		call2 := func() string {
			status, text := call(body)
			switch status {
			case http.StatusOK, http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusNotImplemented:
			default:
				t.Fatalf("status %d: %s", status, text)
			}
			if !utf8.ValidString(text) {
				t.Errorf("no text: %q", text)
			}
			for line := range strings.Lines(text) {
				if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), unicode.IsControl) {
					t.Errorf("not fit for a page: %q", line)
				}
			}
			return text
		}
		if path == "/scripts2/getzone_local" { // answers with octets as they were given
			_, _ = call(body)
			return
		}
		call2()
		names := c.names()
		for _, name := range names {
			if parsed, err := parseName(plain(name)); err != nil || parsed != name || strings.HasPrefix(string(name), ".") || strings.ContainsAny(string(name), " \\\"") {
				t.Errorf("a zone %q: %v", name, err)
			}
		}
		before := len(c.done)
		call2()
		if again := c.names(); len(again) != len(names) || strings.Contains(string(body), "dnsuniqid=") && len(c.done) != before {
			t.Errorf("repeated: %v, was %v; %d changes, were %d", again, names, len(c.done), before)
		}
	})
}
