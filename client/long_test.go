package client

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
)

// Half a zone must never pass for a whole one.
func TestAnAnswerThatIsTooLongIsNotCutShort(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "@ SOA a. b. 1 2 3 4 5\n") }))
	t.Cleanup(server.Close)
	c, err := New(Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if text, err := c.ExportZone(t.Context(), "example.com"); err != nil || len(text) == 0 {
		t.Fatal(err)
	}
	c.most = 10
	if text, err := c.ExportZone(t.Context(), "example.com"); skein.KindOf(err) != skein.KindInternal || !strings.Contains(err.Error(), "more than 10 octets") {
		t.Errorf("%q, %v", text, err)
	}
}
