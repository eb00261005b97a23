package whm

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/member/fake"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// server is a cPanel server as its documents have it, with what can go wrong.
// It keeps zones and answers DNS with the fake member's means, and calls with
// its own: by path and arguments, over TLS with a certificate that nobody signed.
// Like a real one it does nothing twice under one dnsuniqid. What the documents
// leave open is taken as Skein's own door has it; no real server was asked.
type server struct {
	*fake.Server
	addr netip.AddrPort
	cert tls.Certificate
	web  *http.Server

	mu      sync.Mutex // owns the rest
	version string
	token   string
	panel   int // accounts; -1: DNSONLY
	refused map[string]string
	faults  map[string]func(http.ResponseWriter, *http.Request) // by path
	seen    map[string]bool
	calls   []string
	paused  chan struct{}

	poisoned string // in a body, it makes its call fail
}

func newServer(t *testing.T) *server {
	t.Helper()
	f, err := fake.New(servertest.Free(t), servertest.Free(t))
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Server: f, cert: certificate(t, "ns1.example.net"), addr: servertest.Free(t), version: "11.138.0.6", token: "TOKEN123", panel: -1,
		refused: map[string]string{}, faults: map[string]func(http.ResponseWriter, *http.Request){}, seen: map[string]bool{}}
	s.listen(t)
	t.Cleanup(func() { s.Resume(); s.web.Close(); f.Stop() })
	return s
}

// certificate makes one for a name that its own key signed.
func certificate(t *testing.T, name string) tls.Certificate {
	t.Helper()
	return signed(t, name, nil)
}

// signed makes one for a name; an authority signs it, or its own key.
func signed(t *testing.T, name string, by *tls.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour),
		IsCA: by == nil, BasicConstraintsValid: true}
	parent, signer := c, crypto.PrivateKey(key)
	if by != nil {
		parent, signer = by.Leaf, by.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// pin is that of the certificate which it shows.
func (s *server) pin(t *testing.T) string {
	t.Helper()
	return dnsadmin.Pin(s.cert.Leaf)
}

func (s *server) listen(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", s.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().(*net.TCPAddr).AddrPort()
	web, with := &http.Server{Handler: http.HandlerFunc(s.handle), ErrorLog: log.New(io.Discard, "", 0)}, &tls.Config{Certificates: []tls.Certificate{s.cert}}
	s.web = web
	go func() { _ = web.Serve(tls.NewListener(l, with)) }()
}

func (s *server) stop() {
	s.Resume()
	s.web.Close()
	s.Server.Stop()
}

func (s *server) start(t *testing.T) {
	t.Helper()
	if err := s.Server.Start(); err != nil {
		t.Fatal(err)
	}
	s.listen(t)
}

// Pause has it take calls and not answer.
func (s *server) Pause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused = make(chan struct{})
}

func (s *server) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paused != nil {
		close(s.paused)
		s.paused = nil
	}
}

// fault has calls to a path answered otherwise until the returned function is called.
func (s *server) fault(path string, answer http.HandlerFunc) (heal func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[path] = answer
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.faults, path)
	}
}

// took returns the calls that came, as "synczones id [names]", and forgets them.
func (s *server) took() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.calls
	s.calls = nil
	return all
}

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	paused, fault, poison := s.paused, s.faults[r.URL.Path], s.poisoned
	s.mu.Unlock()
	if paused != nil {
		select {
		case <-paused:
		case <-r.Context().Done():
			return
		}
	}
	scheme, user, token, ok := dnsadmin.Credentials(r.Header.Get("Authorization"))
	if !ok || scheme != dnsadmin.SchemeWHM || user != "root" || token != s.token {
		http.Error(w, "Token is invalid.", http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if fault != nil {
		fault(w, r)
		return
	}
	if poison != "" && bytes.Contains(body, []byte(poison)) {
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
		return
	}
	answer := s.carryOut(r, body)
	w.Header().Set("Content-Length", fmt.Sprint(len(answer)))
	_, _ = io.WriteString(w, answer)
}

// carryOut does what a call says.
func (s *server) carryOut(r *http.Request, body []byte) string {
	r.Body = io.NopCloser(bytes.NewReader(body))
	args, err := dnsadmin.Values(r, dnsadmin.Large)
	if err != nil {
		return "cannot read that: " + err.Error()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := args.Get("dnsuniqid")
	zones := dnsadmin.SplitZones(args.Get("zone") + "," + args.Get("zones"))
	texts := map[string]string{}
	for _, zone := range zones {
		if text := args.Get("zonedata"); text != "" {
			texts[zone] = text
		}
	}
	for form := dnsadmin.NewForm(bytes.NewReader(body), dnsadmin.Large); ; {
		field, text, err := form.Next()
		if err != nil {
			break
		}
		if zone, is := dnsadmin.ZoneKey(field); is {
			zones, texts[zone] = append(zones, zone), string(text)
		}
	}
	call := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, dnsadmin.Scripts), "_local")
	s.calls = append(s.calls, fmt.Sprintf("%s %s %v", call, id, zones))
	repeated := s.seen[call+" "+id]
	switch r.URL.Path {
	case dnsadmin.ShowVersion:
		return s.version + "\n"
	case dnsadmin.GetHostname:
		return "ns1.example.net\n"
	case "/json-api/listaccts":
		if s.panel < 0 {
			return `{"metadata":{"result":0,"reason":"Unknown app (listaccts) requested","version":1,"command":"listaccts"}}`
		}
		return `{"data":{"acct":[` + strings.TrimSuffix(strings.Repeat(`{"user":"a"},`, s.panel), ",") + `]},"metadata":{"result":1,"reason":"OK","version":1,"command":"listaccts"}}`
	case dnsadmin.GetZoneList:
		var b strings.Builder
		for _, name := range s.Zones() {
			b.WriteString(dnsadmin.WireZone(plain(name)) + "\n")
		}
		return b.String()
	case dnsadmin.ZoneExists:
		if _, is := s.Contents(nameOf(zones[0])); is {
			return "1"
		}
		return "0"
	case dnsadmin.GetZones, dnsadmin.GetAllZones:
		return s.texts(zones)
	case dnsadmin.ReloadZones, dnsadmin.ReloadBIND, dnsadmin.ReconfigBIND:
		return "No reload needed on ns1.example.net"
	case dnsadmin.Trust:
		return "<html>The trust relationship has been established.</html>"
	}
	s.seen[call+" "+id] = true
	if repeated {
		return "" // it was done
	}
	var said strings.Builder
	for _, zone := range zones {
		said.WriteString(s.change(r.URL.Path, zone, texts[zone]))
	}
	return said.String()
}

func nameOf(text string) zone.Name {
	name, err := zone.ParseName(text)
	if err != nil {
		panic(fmt.Sprintf("the driver sent the zone %q: %v", text, err))
	}
	return name
}

// texts is an answer of zones; those that are registered alone are in it, empty.
func (s *server) texts(zones []string) string {
	var b bytes.Buffer
	w := dnsadmin.NewZoneWriter(&b)
	for _, text := range zones {
		c, is := s.Contents(nameOf(text))
		if !is {
			continue
		}
		var file bytes.Buffer
		if !c.IsZero() {
			file.WriteString("; cPanel first:11.138.0.6 (update_time):1767225600 latest:11.138.0.6\n$TTL 14400\n")
			_ = zone.Print(&file, c, zone.PrintOptions{})
		}
		_ = w.Write(text, file.Bytes())
	}
	_ = w.Flush()
	return b.String()
}

// change carries out a call for one zone, and says what became of it.
func (s *server) change(path, text, file string) string {
	name := nameOf(text)
	if why, no := s.refused[key(name)]; no {
		return dnsadmin.Refused(text, why)
	}
	switch path {
	case dnsadmin.AddZoneConf:
		s.Register(name)
		return "added\n"
	case dnsadmin.RemoveZone, dnsadmin.RemoveZones:
		if _, is := s.Contents(name); !is {
			return text + " => there is no such zone\n"
		}
		s.Drop(name)
		return dnsadmin.Deleted(text, "ns1.example.net")
	case dnsadmin.SyncZones, dnsadmin.SaveZone, dnsadmin.QuickZoneAdd:
		c, err := parse(name, []byte(file))
		if err != nil {
			return dnsadmin.Refused(text, err.Error())
		}
		s.Put(c)
		return text + " => saved\n"
	}
	panic("there is no call " + path)
}
