package whm

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/door/caller"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store/sqlite"
	"github.com/skein-dns/skein/zone"
)

// root is who runs the node.
var root = skein.Actor{Name: "root", Door: "cli", Source: "admin", Admin: true}

// world is a node as far as cPanel servers see it: the door over TLS, in front
// of the control of a node over a store of its own, without members.
type world struct {
	*testing.T
	control *control.Control
	ids     *dnsadmin.Ids
	server  *httptest.Server
	log     *lines
	tokens  map[string]string // by source
	ahead   atomic.Int64      // of the clock
}

func (w *world) now() time.Time         { return time.Now().Add(time.Duration(w.ahead.Load())) }
func (w *world) later(by time.Duration) { w.ahead.Add(int64(by)) }

// newWorld has the sources cpanel-1 and cpanel-2, each with a token.
func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "skein.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	sealer, err := secret.Load(filepath.Join(dir, "key"), true)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, ids: dnsadmin.NewIds(100_000, time.Hour, time.Now), log: &lines{}, tokens: map[string]string{}}
	if w.control, err = control.New(control.Config{Store: db, Cluster: memberless{}, Sealer: sealer, Now: w.now}); err == nil {
		err = w.control.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"cpanel-1", "cpanel-2"} {
		w.tokens[source] = w.token(skein.CreateToken{Name: source})
	}
	log := slog.New(slog.NewTextHandler(w.log, nil))
	door := New(Options{Control: w.control, Ids: w.ids, Hostname: "skein.example.net", Scratch: dir, Now: time.Now, Log: log})
	w.server = httptest.NewTLSServer(caller.NewGate(w.control, time.Now, log).Handler(door))
	t.Cleanup(w.server.Close)
	return w
}

func (w *world) token(in skein.CreateToken) string {
	w.Helper()
	made, err := w.control.CreateToken(w.Context(), root, in)
	if err != nil {
		w.Fatal(err)
	}
	return made.Secret
}

// memberless is a cluster without members: nobody is there whom a setting
// could be about. What else it is asked for panics.
type memberless struct{ control.Cluster }

func (memberless) SetThreshold(int, bool) {}

func (memberless) Status(string) *skein.MemberStatus { return nil }

// lines is a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// answer is the status, if it is not 200, and the body.
func (w *world) send(r *http.Request) string {
	w.Helper()
	resp, err := w.server.Client().Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Sprintf("%s; broken off", text)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Sprintf("%d %s", resp.StatusCode, text)
	}
	return string(text)
}

func (w *world) request(source, method, call string, body io.Reader) *http.Request {
	w.Helper()
	if !strings.HasPrefix(call, "/") {
		call = dnsadmin.Scripts + call
	}
	r, err := http.NewRequestWithContext(w.Context(), method, w.server.URL+call, body)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "whm root:"+w.tokens[source])
	r.Header.Set("Content-Type", "application/octet-stream")
	return r
}

func (w *world) get(source, call string) string {
	w.Helper()
	return w.send(w.request(source, http.MethodGet, call, nil))
}

func (w *world) post(source, call, form string) string {
	w.Helper()
	return w.send(w.request(source, http.MethodPost, call, strings.NewReader(form)))
}

// zoneText is a zone of the panel's kind; serial 0 leaves www out.
func zoneText(name string, serial int, address string) string {
	return fmt.Sprintf("; cPanel first:11.138.0.6 (update_time):1767225600\n$TTL 14400\n%[1]s. 86400 IN SOA ns1.example.net. root.example.net. (\n %[2]d ; serial\n 3600 1800 1209600 86400 )\n"+
		"%[1]s. 86400 IN NS ns1.example.net.\nwww 14400 IN A %[3]s\n", name, serial, address)
}

// pair is a zone in a batch.
func pair(name, text string) string {
	return "cpdnszone-" + url.QueryEscape(name) + "=" + url.QueryEscape(text) + "&"
}

func saving(name, text, id string) string {
	return url.Values{"zone": {name}, "zonedata": {text}, "dnsuniqid": {id}}.Encode()
}

// records are what is published of a zone but the SOA, and its serial.
func (w *world) records(name zone.Name) string {
	_, contents, err := w.control.Contents(w.Context(), root, name)
	if err != nil {
		return string(skein.KindOf(err))
	}
	var b strings.Builder
	soa, _ := contents.SOA()
	fmt.Fprintf(&b, "%d", soa.Serial)
	for set := range contents.All() {
		for _, d := range set.Data {
			if set.Type != zone.TypeSOA && set.Type != zone.TypeNS {
				fmt.Fprintf(&b, " %s %s %s", zone.Relative(set.Name, name), set.Type, d.Text(set.Type))
			}
		}
	}
	return b.String()
}

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, t := range texts {
		all = append(all, netip.MustParsePrefix(t))
	}
	return all
}

func addrs(texts ...string) (all []netip.Addr) {
	for _, t := range texts {
		all = append(all, netip.MustParseAddr(t))
	}
	return all
}
