package dnsadmin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// serve starts a server of this protocol, and a client that trusts it.
func serve(t *testing.T, h http.HandlerFunc, change ...func(*Options)) *Client {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = false
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	o := Options{Addr: s.Listener.Addr().String(), Host: "example.com", User: "root", Token: "TOKEN123", Roots: roots}
	for _, c := range change {
		c(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// answers is a server that says one thing.
func answers(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	list := func(ctx context.Context, c *Client) (string, error) {
		var all []string
		err := c.ZoneList(ctx, "id", func(zone string) error { all = append(all, zone); return nil })
		return strings.Join(all, " "), err
	}
	zones := func(ctx context.Context, c *Client) (string, error) {
		var all []string
		err := c.Zones(ctx, "id", []string{"a.example"}, func(zone string, text []byte, err error) error {
			if err != nil {
				text = []byte("none")
			}
			all = append(all, zone+"="+string(text))
			return nil
		})
		return strings.Join(all, " "), err
	}
	version := func(ctx context.Context, c *Client) (string, error) {
		v, err := c.Version(ctx)
		return v.String(), err
	}
	exists := func(ctx context.Context, c *Client) (string, error) {
		is, err := c.ZoneExists(ctx, "id", "a.example")
		return map[bool]string{true: "yes", false: "no"}[is], err
	}
	trust := func(ctx context.Context, c *Client) (string, error) {
		return "", c.Trust(ctx, "root", "here.example", "SECRET", Spoken)
	}
	for name, row := range map[string]struct {
		ask    func(context.Context, *Client) (string, error)
		answer string
		want   string
		err    error
	}{
		"a version with a line end":                  {version, "11.138.0.6\n", "11.138.0.6", nil},
		"a version of three parts":                   {version, "11.24.4", "11.24.4.0", nil},
		"a word for a version":                       {version, "unknown", "", ErrAnswer},
		"a page to log in":                           {version, "<!DOCTYPE html>\n<html>…", "", ErrAnswer},
		"a list":                                     {list, "a.example\nb.example\n", "a.example b.example", nil},
		"a list without an end of line":              {list, "a.example\r\nb.example", "a.example b.example", nil},
		"a list of files":                            {list, "a.example.db\nx.db\n", "a.example x.db", nil},
		"a list with names that can be none":         {list, ".hidden\na..example\n.\n\nb.example\n", ". b.example", nil},
		"an empty list":                              {list, "", "", nil},
		"a list that is a page":                      {list, "  <HTML><title>Login</title>", "", ErrAnswer},
		"a list that is a sentence":                  {list, "You do not have access.\n", "", ErrAnswer},
		"a line without end":                         {list, strings.Repeat("a", maxLine+1), "", ErrAnswer},
		"it is there":                                {exists, "1\r\n", "yes", nil},
		"it is not there":                            {exists, "0", "no", nil},
		"nothing is said":                            {exists, "", "no", nil},
		"neither":                                    {exists, "maybe", "", ErrAnswer},
		"zones with an ampersand at the end":         {zones, "cpdnszone-a%2eexample=x%0a&cpdnszone-b.example=y&", "a.example=x\n b.example=y", nil},
		"zones as the documentation's text has them": {zones, "cpdnszone-a.example=x&b.example=y", "a.example=x", nil},
		"a zone whose text is ill encoded":           {zones, "cpdnszone-a.example=%zz&cpdnszone-b.example=y", "a.example=none b.example=y", nil},
		"no zones":                                   {zones, "", "", nil},
		"a sentence instead of zones":                {zones, "Access denied", "", ErrAnswer},
		"trust":                                      {trust, "<html>The trust relationship Has Been Established.</html>", "", nil},
		"no trust":                                   {trust, "<html>Access denied</html>", "", ErrAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := row.ask(t.Context(), serve(t, answers(row.answer)))
			if !errors.Is(err, row.err) || err == nil && got != row.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// What stands before the protocol: the status of an answer, and its end.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for name, row := range map[string]struct {
		server http.HandlerFunc
		change func(*Options)
		err    error
		says   string
	}{
		"a wrong token":            {server: status(401), err: ErrDenied, says: "does not take the token"},
		"a user without rights":    {server: status(403), err: ErrDenied, says: "may not"},
		"a call that there is not": {server: status(404), err: ErrAnswer, says: "404"},
		"a way to log in":          {server: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) }, err: ErrAnswer, says: "/login"},
		"a server in trouble":      {server: status(500), err: ErrAnswer, says: "500"},
		"a server that starts":     {server: status(503), err: ErrAway, says: "503"},
		"half an answer": {server: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "a.example\nb.exam")
		}, err: ErrAway},
		"an answer that stops": {server: func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "a.example\nb.exam")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, change: func(o *Options) { o.Silence = 50 * time.Millisecond }, err: ErrAway, says: "nothing came for 50ms"},
		"no answer for long":                 {server: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, change: func(o *Options) { o.Silence = 50 * time.Millisecond }, err: ErrAway, says: "nothing came for 50ms"},
		"a certificate of another name":      {server: answers(""), change: func(o *Options) { o.Host = "ns1.example.net" }, err: ErrCertificate, says: "SHA256:"},
		"a certificate that nobody signed":   {server: answers(""), change: func(o *Options) { o.Roots = x509.NewCertPool() }, err: ErrCertificate, says: "SHA256:"},
		"another certificate than is pinned": {server: answers(""), change: func(o *Options) { o.Pin = "SHA256:" + strings.Repeat("0", 64) }, err: ErrCertificate, says: "is pinned"},
		"a token with a line end":            {server: answers(""), change: func(o *Options) { o.Token = "A\r\nX-Other: B" }, err: ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if row.change == nil {
				row.change = func(*Options) {}
			}
			c := serve(t, row.server, row.change)
			err := c.ZoneList(t.Context(), "id", func(zone string) error {
				if zone != "a.example" {
					t.Errorf("told of %q", zone)
				}
				return nil
			})
			if !errors.Is(err, row.err) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What is slow and does not stop comes whole, however long it takes.
func TestSlowAnswer(t *testing.T) {
	t.Parallel()
	const lines = 20
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for range lines {
			_, _ = io.WriteString(w, "a.example\n")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	})
	n := 0
	if err := c.ZoneList(t.Context(), "id", func(string) error { n++; return nil }); err != nil || n != lines {
		t.Errorf("%d lines, %v", n, err)
	}
}

func TestNothingListens(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	c, err := New(Options{Addr: l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Version(t.Context()); !errors.Is(err, ErrAway) {
		t.Errorf("a call: %v", err)
	}
	if _, err := c.Fingerprint(t.Context()); !errors.Is(err, ErrAway) {
		t.Errorf("its certificate: %v", err)
	}
}

func TestPlainHTTP(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(answers("11.138.0.6"))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	defer s.Close()
	c, err := New(Options{Addr: s.Listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Version(t.Context()); !errors.Is(err, ErrAnswer) || !strings.Contains(err.Error(), "TLS") {
		t.Errorf("got %v", err)
	}
}

// A certificate that nobody signed is taken by its fingerprint, and shown.
func TestPinned(t *testing.T) {
	t.Parallel()
	alone := func(o *Options) { o.Roots, o.Host = x509.NewCertPool(), "ns1.example.net" }
	c := serve(t, answers("11.138.0.6"), alone)
	cert, err := c.Fingerprint(t.Context())
	if err != nil || cert.Trusted == nil || !slices.Contains(cert.Names, "example.com") {
		t.Fatalf("%+v, %v", cert, err)
	}
	o := c.o
	o.Pin = cert.Pin
	pinned, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer pinned.Close()
	if v, err := pinned.Version(t.Context()); err != nil || v != (Version{11, 138, 0, 6}) {
		t.Errorf("%v, %v", v, err)
	}
	signed := serve(t, answers(""))
	if cert, err := signed.Fingerprint(t.Context()); err != nil || cert.Trusted != nil {
		t.Errorf("one that is trusted: %+v, %v", cert, err)
	}
}

func TestParsePin(t *testing.T) {
	t.Parallel()
	hex := strings.Repeat("ab", 32)
	for text, want := range map[string]string{
		"SHA256:" + hex:                   "SHA256:" + hex,
		" sha256:" + strings.ToUpper(hex): "SHA256:" + hex,
		"sha256 Fingerprint=" + strings.TrimSuffix(strings.Repeat("AB:", 32), ":"): "SHA256:" + hex,
		hex:                 "SHA256:" + hex,
		"SHA256:" + hex[2:]: "",
		"SHA1:" + hex:       "",
		"":                  "",
	} {
		if got, ok := ParsePin(text); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
}

// What is shown of a call has no secret in it.
func TestTrace(t *testing.T) {
	t.Parallel()
	var all []Exchange
	c := serve(t, answers("Trust has been established"), func(o *Options) { o.Trace = func(x Exchange) { all = append(all, x) } })
	if err := c.Trust(t.Context(), "root", "here.example", "SECRET99", Spoken); err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].Call != "POST "+Trust || !strings.Contains(all[0].Request, "clustermaster=here.example&pass=(secret)") ||
		all[0].Answer != "Trust has been established" || all[0].Err != nil {
		t.Errorf("%+v", all)
	}
}

func TestIPsAndPaths(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == GetIPs {
			_, _ = io.WriteString(w, "192.0.2.1\n192.0.2.2:255.255.255.0:192.0.2.255\n2001:db8::1\n")
			return
		}
		_, _ = io.WriteString(w, "ns1.example ns2.example\nns1.example ns3.example\n")
	})
	ips, err := c.IPs(t.Context(), "id")
	if want := []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("2001:db8::1")}; err != nil || !slices.Equal(ips, want) {
		t.Errorf("%v, %v", ips, err)
	}
	paths, err := c.Paths(t.Context(), "id")
	if want := []Peer{{"ns1.example", "ns2.example"}, {"ns1.example", "ns3.example"}}; err != nil || !slices.Equal(paths, want) {
		t.Errorf("%v, %v", paths, err)
	}
}

// A server that speaks an old TLS is none.
func TestOldTLS(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(answers("11.138.0.6"))
	s.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	c, err := New(Options{Addr: s.Listener.Addr().String(), Pin: Pin(s.Certificate())})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Version(t.Context()); !errors.Is(err, ErrAway) {
		t.Errorf("got %v", err)
	}
}

// A server that says nothing of how long its answer is may hang up in the middle
// of a zone: then that zone is not to be had, and those before are.
func TestHangsUp(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"cpdnszone-a.example=x&cpdnszone-b.example=y":  "a.example=x b.example none",
		"cpdnszone-a.example=x&cpdnszone-b.example=y&": "a.example=x b.example=y",
		"cpdnszone-a.example=x&cpdnszone-b":            "a.example=x b none",
	} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			// What is left unread would make the kernel say "reset" instead of the end.
			_, _ = io.Copy(io.Discard, r.Body)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			_, _ = io.WriteString(conn, "HTTP/1.0 200 OK\r\n\r\n"+text)
			conn.(*tls.Conn).NetConn().Close() // without the goodbye of TLS
		})
		var got []string
		err := c.AllZones(t.Context(), "id", func(zone string, text []byte, err error) error {
			if err == nil {
				got = append(got, zone+"="+string(text))
			} else {
				got = append(got, zone+" none")
			}
			return nil
		})
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
}
