package cli

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/daemon"
	"github.com/skein-dns/skein/internal/pleskhost"
)

// Clocks that are apart are worth a word: not more, since zones do not suffer.
func TestCheckLooksAtTheClock(t *testing.T) {
	t.Parallel()
	for situation, c := range map[string]struct {
		apart time.Duration
		want  string
	}{
		"they agree":             {0, "within a minute"},
		"this one is behind":     {5 * time.Minute, "about 5m0s apart"},
		"this one is ahead":      {-5 * time.Minute, "about 5m0s apart"},
		"the node says no time":  {-1, "cannot be seen"},
		"within what is allowed": {30 * time.Second, "within a minute"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			l, err := net.Listen("unix", daemon.Socket(dir))
			if err != nil {
				t.Fatal(err)
			}
			node := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", time.Now().Add(c.apart).UTC().Format(http.TimeFormat))
				if c.apart == -1 {
					w.Header().Set("Date", "soon")
				}
				switch r.URL.Path {
				case "/api/v1/doors/plesk":
					json.NewEncoder(w).Encode(skein.DoorReport{Source: "plesk", Mode: skein.ModePush})
				default:
					w.Write([]byte("{}"))
				}
			})}
			go node.Serve(l)
			t.Cleanup(func() { node.Close() })
			check := &hookCheck{app: &app{environ: os.Environ()}}
			check.server(t.Context(), pleskhost.Settings{Data: dir, Mode: skein.ModePush})
			if len(check.checks) != 2 || !check.checks[0].OK || !check.checks[1].OK {
				t.Fatalf("%+v", check.checks)
			}
			clock := check.checks[1]
			if clock.Name != "clock" || !strings.Contains(clock.Text, c.want) || clock.Warn == strings.Contains(c.want, "within") {
				t.Errorf("%+v; want %q", clock, c.want)
			}
		})
	}
}
