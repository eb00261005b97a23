package whm

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/zone"
)

// captured is what cPanel's own client was seen to send, in the order in which
// it did: the whole request, with another token.
func captured(t *testing.T, token string) (requests []string) {
	t.Helper()
	read := func(file string) string {
		text, err := os.ReadFile("../../dnsadmin/testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	lines := func(text string) []string {
		return strings.Split(strings.ReplaceAll(strings.TrimRight(text, "\n"), "\r", ""), "\n")
	}
	head := map[string][]string{}
	for method, file := range map[string]string{"GET": "zonelist.http", "POST": "zoneexists.http"} {
		for _, line := range lines(read(file))[1:] {
			if line == "" {
				break
			}
			head[method] = append(head[method], line)
		}
	}
	for _, line := range lines(read("captured.txt")) {
		method, rest, _ := strings.Cut(line, " ")
		target, body, _ := strings.Cut(strings.TrimSpace(rest), " ")
		_, body, _ = strings.Cut(body, "] ")
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", method, target)
		for _, h := range head[method] {
			h = strings.Replace(h, "TOKEN123", token, 1)
			if strings.HasPrefix(h, "Content-Length: ") {
				h = fmt.Sprintf("Content-Length: %d", len(body))
			}
			b.WriteString(h + "\r\n")
		}
		requests = append(requests, b.String()+"\r\n"+body)
	}
	return requests
}

// raw sends octets over a connection of their own, and returns the answer.
func (w *world) raw(request string) (status int, body string) {
	w.Helper()
	conn, err := tls.Dial("tcp", w.server.Listener.Addr().String(), &tls.Config{RootCAs: w.server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"})
	if err != nil {
		w.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		w.Fatal(err)
	}
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		w.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	if _, err := in.ReadByte(); err != io.EOF { // the client asked for that
		w.Errorf("the connection is not closed: %v", err)
	}
	return resp.StatusCode, string(text)
}

// What was captured of cPanel::PublicAPI 2.8 is answered as it expects.
func TestCapturedRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text, other := zoneText("example.com", 2026010101, "192.0.2.10"), zoneText("example.net", 7, "192.0.2.7")
	if got := w.post("cpanel-1", "synczones_local", pair("example.com", text)+pair("example.net", other)+"dnsuniqid=before"); !strings.HasPrefix(got, "2 zones were taken") {
		t.Fatal(got)
	}
	want := []string{
		dnsadmin.Spoken + "\n",
		"skein.example.net\n",
		"1",
		"example.com\nexample.net\n",
		text,
		dnsadminPair("example.com", text) + dnsadminPair("example.net", other),
		dnsadminPair("example.com", text) + dnsadminPair("example.net", other),
		"example.com => refused: …has no NS records at its apex…\n", // as it was captured
		"example.com => refused: …has no NS records at its apex…\n",
		"example.com => refused: …example.net => refused: …0 zones were taken by skein.example.net, 2 were refused\n",
		"example.com => added to skein.example.net as soon as its contents come\n",
		"example.com => deleted from skein.example.net\n",
		"example.com => deleted from skein.example.net\nexample.net => deleted from skein.example.net\n", // the first by the same id, which is no second time
		"No reload needed on skein.example.net\n",
		"No reload needed on skein.example.net\n",
		"No reload needed on skein.example.net\n",
		"Nothing to clean up on skein.example.net\n",
		"",
		"",
		"No trust relationship: …",
	}
	requests := captured(t, w.tokens["cpanel-1"])
	if len(requests) != len(want) {
		t.Fatalf("%d requests, %d answers", len(requests), len(want))
	}
	for i, request := range requests {
		status, got := w.raw(request)
		target := strings.Fields(request)[1]
		if status != http.StatusOK || !like(want[i], got) {
			t.Errorf("%s: %d\n%s\nwant\n%s", target, status, got, want[i])
		}
	}
}

// like compares a text with one that has … where anything may stand.
func like(want, got string) bool {
	parts := strings.Split(want, "…")
	for i, part := range parts {
		at := strings.Index(got, part)
		if at < 0 || i == 0 && at != 0 {
			return false
		}
		got = got[at+len(part):]
	}
	return got == "" || len(parts) > 1 && parts[len(parts)-1] == ""
}

// The answer that the client of setup looks for, and what control gets of it.
func TestCapturedTrust(t *testing.T) {
	t.Parallel()
	f := newFake()
	w := f.world(&world{T: t})
	requests := captured(t, "any")
	status, got := w.raw(requests[len(requests)-1])
	if status != http.StatusOK || !strings.Contains(strings.ToLower(got), "has been established") {
		t.Errorf("%d %s", status, got)
	}
	if in := f.trusted; in.Host != "web1.example.org" || in.User != "root" || in.Token != "TOK2" || in.Version != "11.138.0.6" {
		t.Errorf("%+v", in)
	}
	for kind, want := range map[skein.Kind]string{skein.KindForbidden: "200 No trust relationship: no", skein.KindUnavailable: "503 no"} {
		f.trouble = func(zone.Name) error { return &skein.Error{Kind: kind, What: "no"} }
		if status, got := w.raw(requests[len(requests)-1]); strings.TrimSpace(fmt.Sprint(status, " ", got)) != want {
			t.Errorf("%s: %d %s", kind, status, got)
		}
	}
}
