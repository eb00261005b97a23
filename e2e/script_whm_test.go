package e2e

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/skein-dns/skein/internal/servertest"
)

// asked are the calls whose arguments travel in the query.
var asked = []string{"showversion", "gethostname", "getzonelist_local", "addzoneconf_local", "cleandns_local", "getips_local", "getpath_local"}

// whm calls a door as cPanel::PublicAPI does: its headers, its order of
// arguments, its content type that says nothing.
func (s *story) whm(ts *testscript.TestScript, neg bool, args []string) {
	to, endpoint := s.door(ts, args[0])
	secret, err := os.ReadFile(to.tokenOf(args[1]))
	ts.Check(err)
	path := args[2]
	if !strings.Contains(path, "/") {
		path = "scripts2/" + path
	}
	var pairs []string
	for _, arg := range args[3:] {
		key, value, _ := strings.Cut(arg, "=")
		if file, ok := strings.CutPrefix(value, "@"); ok {
			value = ts.ReadFile(file)
		}
		pairs = append(pairs, url.QueryEscape(key)+"="+strings.ReplaceAll(url.QueryEscape(value), "+", "%20"))
	}
	if strings.HasSuffix(path, "_local") && !strings.Contains(strings.Join(args, " "), " dnsuniqid=") {
		s.uniqid++
		pairs = append(pairs, fmt.Sprintf("dnsuniqid=%s%04d", strings.Repeat("story", 5), s.uniqid))
	}
	at, form, method := "https://"+endpoint+"/"+path, strings.Join(pairs, "&"), http.MethodPost
	if slices.Contains(asked, args[2]) {
		at, form, method = at+"?"+form, "", http.MethodGet
	}
	q, err := http.NewRequest(method, at, strings.NewReader(form))
	ts.Check(err)
	q.Header.Set("Authorization", "whm root:"+strings.TrimSpace(string(secret)))
	q.Header.Set("User-Agent", "cPanel::PublicAPI/2.8 HTTP-Tiny/0.080")
	q.Header.Set("Connection", "close")
	if method == http.MethodPost {
		q.Header.Set("Content-Type", "application/octet-stream")
	}
	client := &http.Client{Timeout: deadline, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	answer, err := client.Do(q)
	if err != nil {
		ts.Fatalf("%s: %v", args[2], err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s\n", text)
	if (answer.StatusCode/100 != 2) != neg {
		ts.Fatalf("%s: %s\n%s", args[2], answer.Status, text)
	}
}

// relay stands before a cluster's door: it writes down what is asked, and may
// answer in the cluster's stead, as servers do that are old, ill, or others.
type relay struct {
	s      *story
	to     *cluster
	listen net.Listener
	pass   *httputil.ReverseProxy

	mu    sync.Mutex // guards what follows
	how   string
	cert  tls.Certificate
	calls []string // the call and its arguments, as they came
}

func (s *story) startRelay(ts *testscript.TestScript, args []string) {
	if s.relays[args[0]] != nil {
		ts.Fatalf("%s is started already", args[0])
	}
	r := &relay{s: s, to: serverOf[*cluster](ts, s, args[1])}
	r.pass = httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "https", Host: r.to.whm})
	r.pass.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	r.renew()
	listen, err := net.Listen("tcp", servertest.Free(s.t).String())
	ts.Check(err)
	r.listen = tls.NewListener(listen, &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		cert := r.cert
		return &cert, nil
	}})
	server := &http.Server{Handler: r}
	server.SetKeepAlivesEnabled(false) // another certificate is met by the next call
	go server.Serve(r.listen)
	ts.Defer(func() { server.Close() })
	s.relays[args[0]] = r
	ts.Setenv(short(args[0])+"_WHM", r.endpoint())
}

func (r *relay) endpoint() string { return r.listen.Addr().String() }

func (r *relay) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	q.Body = io.NopCloser(bytes.NewReader(body))
	call := strings.TrimPrefix(q.URL.Path, "/scripts2/")
	r.mu.Lock()
	r.calls = append(r.calls, call+" "+q.URL.RawQuery+string(body))
	how := r.how
	r.mu.Unlock()
	switch version, is := strings.CutPrefix(how, "version="); {
	case is && call == "showversion":
		fmt.Fprintln(w, version)
	case how == "panel" && call == "/json-api/listaccts":
		fmt.Fprint(w, `{"metadata":{"version":1,"command":"listaccts","result":1,"reason":"OK"},"data":{"acct":[{"user":"alice"},{"user":"bob"}]}}`)
	case how == "html":
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!DOCTYPE html><html><title>WHM Login</title><form id=login_form></form></html>")
	case how == "half":
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, "cpdnszone-")
		panic(http.ErrAbortHandler)
	default:
		r.pass.ServeHTTP(w, q)
	}
}

// renew gives it another certificate, which nobody has signed.
func (r *relay) renew() {
	cert, err := tls.X509KeyPair(pair(certificate(r.s.t, "relay.example.net")))
	if err != nil {
		r.s.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cert = cert
}

func pair(cert, key string) ([]byte, []byte) { return []byte(cert), []byte(key) }

// says has it answer otherwise from the next call on.
func (s *story) says(ts *testscript.TestScript, args []string) {
	r := s.relayOf(ts, args[0])
	switch how, _, _ := strings.Cut(args[1], "="); how {
	case "html", "half", "version", "panel", "itself":
		r.mu.Lock()
		r.how = args[1]
		r.mu.Unlock()
	case "certificate":
		r.renew()
	default:
		ts.Fatalf("a relay cannot answer %s", args[1])
	}
}

func (s *story) relayOf(ts *testscript.TestScript, name string) *relay {
	r := s.relays[name]
	if r == nil {
		ts.Fatalf("there is no relay %s", name)
	}
	return r
}

func (s *story) relayed(ts *testscript.TestScript, neg bool, args []string) {
	r := s.relayOf(ts, args[0])
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	find := func() (match []string, all string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		all = strings.Join(r.calls, "\n")
		return pattern.FindStringSubmatch(all), all
	}
	if neg {
		if match, all := find(); match != nil {
			ts.Fatalf("this went through %s:\n%s", args[0], all)
		}
		return
	}
	eventually(s.t, "a call goes through "+args[0], func() error {
		match, all := find()
		if match == nil {
			return fmt.Errorf("these went:\n%s", all)
		}
		if len(match) > 1 {
			ts.Setenv("MATCH", match[1])
		}
		return nil
	})
}
