package whmapi

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/door/caller"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store/sqlite"
	"github.com/skein-dns/skein/zone"
)

// root is who runs the node.
var root = skein.Actor{Name: "root", Door: "cli", Source: "admin", Admin: true}

// now is always the same moment.
var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// world is a node as far as clients of cPanel see it: the door behind its gate,
// over the control of a node with a store of its own.
type world struct {
	testing.TB
	control *control.Control
	whm     http.Handler
	cpanel  http.Handler
	log     *lines
	tokens  map[string]string // by the name of who has it
}

// exampleText is example.com as its panel sent it.
const exampleText = `; cPanel first:11.138.0.6 (update_time):1767225600
$TTL 14400
@ 86400 IN SOA ns1.example.net. hostmaster.example.net. (
	2026010101 ; serial
	3600 1800 1209600 86400 )

@ 86400 IN NS ns1.example.net.
www 14400 IN A 192.0.2.10
mail IN MX 10 mx.example.net.
text 300 IN TXT "say \"hello\"" "\200"
`

// newWorld has the panels cpanel-1, which has example.com and example.net, and
// cpanel-2, which has other.example; root with a token, and one that may look.
func newWorld(t testing.TB) *world {
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
	w := &world{TB: t, log: &lines{}, tokens: map[string]string{}}
	w.control, err = control.New(control.Config{Store: db, Cluster: memberless{}, Sealer: sealer, Now: func() time.Time { return now },
		Drivers: []control.Driver{{Name: "whm", Roles: []skein.Role{skein.RoleStandalone, skein.RoleWriteOnly}, Needs: control.Needs{RNDC: true, Transfer: true}}}})
	w.must(err)
	w.must(w.control.Start(t.Context()))
	w.token("cpanel-1", skein.CreateToken{})
	w.token("cpanel-2", skein.CreateToken{})
	w.token("root", skein.CreateToken{Admin: true})
	w.token("reader", skein.CreateToken{Role: skein.RoleReadOnly})
	w.token("acme", skein.CreateToken{Source: "cpanel-1", Scope: skein.Scope{Permissions: []skein.Permission{skein.PermitRecords}, Zones: []zone.Name{"example.com."}}})
	w.put("cpanel-1", "example.com.", exampleText, true)
	w.put("cpanel-1", "example.net.", "@ 3600 SOA ns1 hostmaster 7 3600 1800 1209600 300\n@ 3600 NS ns1.example.org.\n", false)
	w.put("cpanel-2", "other.example.", "@ 3600 SOA ns1 hostmaster 7 3600 1800 1209600 300\n@ 3600 NS ns1.example.org.\n", false)
	_, err = w.control.EditPool(t.Context(), root, skein.DefaultPool, skein.EditPool{Rule: skein.PoolKeep, Nameservers: []skein.PoolNameserver{
		{Name: "ns1.example.net.", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.53"), netip.MustParseAddr("2001:db8::53")}}, {Name: "ns2.example.net.", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.54")}}}}, nil)
	w.must(err)
	log := slog.New(slog.NewTextHandler(w.log, nil))
	door := New(Options{Control: w.control, Hostname: "skein.example.net", Version: "11.138.0.6", Log: log})
	gate := caller.NewGate(w.control, time.Now, log)
	w.whm, w.cpanel = gate.Handler(door.WHM()), gate.Handler(door.UAPI())
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) token(name string, in skein.CreateToken) {
	w.Helper()
	in.Name = name
	made, err := w.control.CreateToken(w.Context(), root, in)
	w.must(err)
	w.tokens[name] = made.Secret
}

// put puts a zone in, as a text that is kept if keep says so.
func (w *world) put(source string, name zone.Name, text string, keep bool) {
	w.Helper()
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: name})
	w.must(err)
	in := control.PutZone{Name: name, Sets: sets, Tolerant: true}
	if keep {
		in.Text = []byte(text)
	}
	_, err = w.control.PutZone(w.Context(), skein.Actor{Name: source, Door: "whm", Source: source}, in)
	w.must(err)
}

// send makes a request with somebody's token and returns status and body.
func (w *world) send(who string, h http.Handler, r *http.Request) (int, string) {
	r.Header.Set("Authorization", "whm root:"+w.tokens[who])
	r.RemoteAddr = "192.0.2.1:1234"
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

// memberless is a cluster without members: nobody is there whom a setting
// could be about. What else it is asked for panics.
type memberless struct{ control.Cluster }

func (memberless) SetThreshold(int, bool) {}

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
