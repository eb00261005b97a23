package e2e

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/servertest"
)

// webServer is a cPanel server to which a node is a member of its cluster. It
// speaks with cPanel's own client where PUBLICAPI_LIB names that one's lib
// folder, else as that one was seen to, octet for octet.
type webServer struct {
	t     *testing.T
	n     *node
	at    string // ADDR:PORT of the node's door
	token string
	calls int
}

func newWebServer(t *testing.T, n *node, name string) *webServer {
	t.Helper()
	n.ok("", "source", "add", "whm", name)
	file := filepath.Join(t.TempDir(), "token")
	n.ok("", "token", "create", name, "--source", name, "--output", file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return &webServer{t: t, n: n, at: n.whm(), token: strings.TrimSpace(string(text))}
}

// whm is where cPanel servers call a node.
func (n *node) whm() string {
	at := slices.Index(n.args, "--whm")
	if at < 0 {
		n.t.Fatal("the node was not started with --whm")
	}
	return n.args[at+1]
}

// call calls a method of the client, and returns what it says without line ends
// at the end; of what is no success, the error.
func (w *webServer) call(method string, args ...string) string {
	w.t.Helper()
	w.calls++
	if id := fmt.Sprintf("e2e%029d", w.calls); method == "reloadzones_local" || method == "reloadbind_local" {
		args = append([]string{id}, args...)
	} else if strings.HasSuffix(method, "_local") {
		args = append(args, id)
	}
	said := ""
	if lib := os.Getenv("PUBLICAPI_LIB"); lib != "" {
		said = w.perl(lib, method, args)
	} else {
		said = w.replay(method, args)
	}
	return strings.TrimRight(said, "\r\n")
}

func (w *webServer) perl(lib, method string, args []string) string {
	w.t.Helper()
	host, port, _ := net.SplitHostPort(w.at)
	in, err := json.Marshal(map[string]any{"host": host, "port": port, "user": "root", "token": w.token, "method": method, "args": args})
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command("perl", "-I"+lib, "testdata/publicapi.pl")
	cmd.Stdin = bytes.NewReader(in)
	cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+filepath.Join(w.n.data, "ca.pem"))
	out, err := cmd.Output()
	if failed, is := err.(*exec.ExitError); is {
		return string(failed.Stderr)
	}
	if err != nil {
		w.t.Fatalf("perl (apt-get install libhttp-cookiejar-perl liburi-perl): %v", err)
	}
	return string(out)
}

// The names of the client's arguments, in its order; those of GET by themselves.
var (
	posted = map[string][]string{
		"zoneexists_local": {"zone", "dnsuniqid"}, "getzone_local": {"zone", "dnsuniqid"}, "getzones_local": {"zones", "dnsuniqid"}, "getallzones_local": {"dnsuniqid"},
		"savezone_local": {"zone", "zonedata", "dnsuniqid"}, "quickzoneadd_local": {"zone", "zonedata", "dnsuniqid"}, "synczones_local": {"", "dnsuniqid"},
		"removezone_local": {"zone", "dnsuniqid"}, "removezones_local": {"zones", "dnsuniqid"}, "reloadzones_local": {"dnsuniqid", "zone"}, "reloadbind_local": {"dnsuniqid", "zone"},
	}
	got = map[string][]string{
		"showversion": {}, "showhostname": {}, "getzonelist_local": {"dnsuniqid"}, "addzoneconf_local": {"zone", "dnsuniqid"}, "getips_local": {"dnsuniqid"}, "getpath_local": {"dnsuniqid"}, "cleandns_local": {"dnsuniqid"},
	}
)

// replay sends what the client sends, and makes of the answer what it makes.
func (w *webServer) replay(method string, args []string) string {
	w.t.Helper()
	names, post := posted[method]
	if !post {
		names = got[method]
	}
	var pairs []string
	for i, name := range names {
		switch {
		case name == "": // a batch is encoded by the caller
			pairs = append(pairs, strings.TrimSuffix(args[i], "&"))
		default:
			pairs = append(pairs, name+"="+percent(args[i]))
		}
	}
	path, form := strings.Replace(method, "showhostname", "gethostname", 1), strings.Join(pairs, "&")
	var b strings.Builder
	if post {
		fmt.Fprintf(&b, "POST /scripts2/%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Type: application/octet-stream\r\nUser-Agent: cPanel::PublicAPI/2.8 HTTP-Tiny/0.080\r\nAuthorization: whm root:%s\r\nContent-Length: %d\r\n\r\n%s", path, w.at, w.token, len(form), form)
	} else {
		fmt.Fprintf(&b, "GET /scripts2/%s?%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nAuthorization: whm root:%s\r\nUser-Agent: cPanel::PublicAPI/2.8 HTTP-Tiny/0.080\r\n\r\n", path, form, w.at, w.token)
	}
	status, text := w.send(b.String())
	switch {
	case status/100 != 2:
		return fmt.Sprintf("Server Error from 127.0.0.1: %d %s", status, http.StatusText(status))
	case method == "zoneexists_local" && text != "1":
		return "0"
	}
	return text
}

// percent encodes as the client's library does.
func percent(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

func (w *webServer) send(request string) (status int, text string) {
	w.t.Helper()
	ca, err := os.ReadFile(filepath.Join(w.n.data, "ca.pem"))
	if err != nil {
		w.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	conn, err := tls.Dial("tcp", w.at, &tls.Config{RootCAs: roots})
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(deadline))
	if _, err := io.WriteString(conn, request); err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// says demands what a call returns, with … where anything may stand.
func (w *webServer) says(want, method string, args ...string) {
	w.t.Helper()
	said := w.call(method, args...)
	rest, ok := said, true
	for i, part := range strings.Split(want, "…") {
		at := strings.Index(rest, part)
		if ok = at >= 0 && (i > 0 || at == 0); !ok {
			break
		}
		rest = rest[at+len(part):]
	}
	if !ok || rest != "" && !strings.HasSuffix(want, "…") {
		w.t.Errorf("%s %q:\n%s\nwant\n%s", method, args, said, want)
	}
}

// panelZone is a zone as cPanel writes it.
func panelZone(name string, serial int, address string) string {
	return fmt.Sprintf("; cPanel first:11.138.0.6 (update_time):1767225600 latest:11.138.0.6\n; Zone file for %[1]s\n$TTL 14400\n%[1]s.\t86400\tIN\tSOA\tns1.example.net.\troot.web1.example.net.\t(\n\t\t%[2]d ;Serial Number\n\t\t3600 ;refresh\n\t\t1800 ;retry\n\t\t1209600 ;expire\n\t\t86400 )\n"+
		"%[1]s.\t86400\tIN\tNS\tns1.example.net.\n%[1]s.\t86400\tIN\tNS\tns2.example.net.\n%[1]s.\t14400\tIN\tA\t%[3]s\nwww\t14400\tIN\tCNAME\t%[1]s.\n", name, serial, address)
}

// A cPanel server that has Skein as a DNSONLY member of its cluster: what it
// does is answered by two BIND members.
func TestCPanelSource(t *testing.T) {
	t.Parallel()
	n := newNode(t, "--whm", servertest.Free(t).String(), "--hostname", "skein.example.net")
	ns1, ns2 := bringIn(t, n, "ns1.example.net"), bringIn(t, n, "ns2.example.net")
	w := newWebServer(t, n, "web1.example.net")
	both := func(name, address string) {
		t.Helper()
		n.ok("", "wait", name, "--for", "all")
		ns1.answers(name, "A", address)
		ns2.answers(name, "A", address)
	}

	// It is added.
	w.says("11.138.0.6", "showversion")
	w.says("skein.example.net", "showhostname")

	// An account is made.
	first := panelZone("shop.example", 2026010101, "192.0.2.10")
	w.says("0", "zoneexists_local", "shop.example")
	w.says("shop.example => added …", "addzoneconf_local", "shop.example")
	w.says("Zone shop.example has been successfully added", "quickzoneadd_local", "shop.example", first)
	w.says("1", "zoneexists_local", "shop.example")
	both("shop.example", "192.0.2.10")
	w.says(strings.TrimRight(first, "\n"), "getzone_local", "shop.example")
	w.says("No reload needed on skein.example.net", "reloadzones_local", "shop.example")
	w.says("No reload needed on skein.example.net", "reloadbind_local", "")

	// Its zone is edited, with the serial of the panel's.
	second := panelZone("shop.example", 2026010102, "192.0.2.11")
	w.says("shop.example => saved on skein.example.net, serial 2026010102", "savezone_local", "shop.example", second)
	both("shop.example", "192.0.2.11")
	ns2.answers("shop.example", "SOA", "ns1.example.net. root.web1.example.net. 2026010102 3600 1800 1209600 86400")

	// All zones are synchronised; one is broken.
	batch := ""
	for i, name := range []string{"blog.example", "broken.example", "news.example"} {
		text := panelZone(name, 2026010100+i, fmt.Sprintf("192.0.2.2%d", i))
		if name == "broken.example" {
			text = strings.Replace(text, "\tA\t", "\tA\tnonsense", 1)
		}
		batch += "cpdnszone-" + strings.ReplaceAll(name, ".", "%2e") + "=" + percent(text) + "&"
	}
	w.says("broken.example => refused: …line 12: …\n2 zones were taken by skein.example.net, 1 were refused", "synczones_local", batch)
	both("blog.example", "192.0.2.20")
	both("news.example", "192.0.2.22")
	w.says("blog.example\nnews.example\nshop.example", "getzonelist_local")

	// A record that Skein's people put in comes back with the zone, and stays.
	n.ok("", "record", "set", "shop.example", "_acme-challenge", "TXT", "token", "--ttl", "60")
	w.says("…_acme-challenge…", "getzone_local", "shop.example")
	w.says("shop.example => saved on skein.example.net, serial 2026010201", "savezone_local", "shop.example", panelZone("shop.example", 2026010201, "192.0.2.12"))
	both("shop.example", "192.0.2.12")
	ns1.answers("_acme-challenge.shop.example", "TXT", `"token"`)
	w.says("cpdnszone-blog%2eexample=…&cpdnszone-news%2eexample=…&", "getzones_local", "blog.example,news.example,gone.example")
	w.says("cpdnszone-blog%2eexample=…&cpdnszone-news%2eexample=…&cpdnszone-shop%2eexample=…acme-challenge…&", "getallzones_local")
	w.says("127.0.0.1", "getips_local")
	w.says("skein.example.net ns1.example.net\nskein.example.net ns2.example.net", "getpath_local")

	// Accounts end.
	w.says("shop.example => deleted from skein.example.net", "removezone_local", "shop.example")
	w.says("blog.example => deleted from skein.example.net\nnews.example => deleted from skein.example.net\ngone.example => is not on skein.example.net", "removezones_local", "blog.example,news.example,gone.example")
	for _, name := range []string{"shop.example", "blog.example", "news.example"} {
		eventually(t, name+" is gone", func() error {
			for _, s := range []*named{ns1, ns2} {
				if out, err := s.Dig(name, "SOA", "+noall", "+comments"); err != nil || !strings.Contains(out, "status: REFUSED") {
					return fmt.Errorf("%s still serves it (%v): %s", s.Name, err, out)
				}
			}
			return nil
		})
	}

	// The token ends, too.
	w.token = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	w.says("Server Error from 127.0.0.1: 401 Unauthorized…", "showversion")
}
