package daemon

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/skein-dns/skein/internal/api"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/door/caller"
	"github.com/skein-dns/skein/internal/door/whm"
	"github.com/skein-dns/skein/internal/door/whmapi"
)

// The actions of cPanel servers that are remembered, so that one that comes
// round a circle of them is taken once. An action that is still on its way
// after that time comes as another one would.
const (
	rememberedActions = 50_000
	rememberedFor     = time.Hour
)

// startWHM listens as a cPanel DNSONLY server does: to the cPanel servers of
// its cluster, and to whoever edits zones by WHM API 1.
func (n *node) startWHM(ctx context.Context) (func(context.Context) error, error) {
	if len(n.WHM) == 0 {
		return nil, nil
	}
	certificate, err := n.whmTLS()
	if err != nil {
		return nil, err
	}
	log := n.log.With("part", "whm")
	door := whm.New(whm.Options{Control: n.control, Ids: n.ids, Hostname: n.whmName(), Scratch: n.Data, Now: time.Now, Log: log})
	gate := caller.NewGate(n.control, time.Now, log)
	json := n.jsonCalls().WHM()
	return n.serveAll(ctx, "whm", n.WHM, certificate, gate.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/json-api/") {
			json.ServeHTTP(w, r)
			return
		}
		door.ServeHTTP(w, r)
	})))
}

// startCPanel listens to whoever edits zones by UAPI or API 2, as at the
// account of a cPanel server.
func (n *node) startCPanel(ctx context.Context) (func(context.Context) error, error) {
	if len(n.CPanel) == 0 {
		return nil, nil
	}
	certificate, err := n.whmTLS()
	if err != nil {
		return nil, err
	}
	gate := caller.NewGate(n.control, time.Now, n.log.With("part", "whm"))
	return n.serveAll(ctx, "cpanel", n.CPanel, certificate, gate.Handler(n.jsonCalls().UAPI()))
}

func (n *node) jsonCalls() *whmapi.Door {
	return whmapi.New(whmapi.Options{Control: n.control, Hostname: n.whmName(), Version: dnsadmin.Spoken, Log: n.log.With("part", "whm")})
}

// serveAll serves a handler over TLS at all addresses of a key.
func (n *node) serveAll(ctx context.Context, key string, at []netip.AddrPort, certificate *tls.Config, h http.Handler) (func(context.Context) error, error) {
	server := api.NewServer(h, n.log)
	server.TLSConfig = certificate.Clone() // a server writes into its own
	server.BaseContext = func(net.Listener) context.Context { return ctx }
	server.Protocols = new(http.Protocols)
	server.Protocols.SetHTTP1(true) // as cPanel's own; a body has deadlines of its own there
	for _, addr := range at {
		l, err := net.Listen(network(addr), addr.String())
		if err != nil {
			return nil, errors.Join(portTaken(key, addr.String(), err), server.Close())
		}
		n.serveHTTP(func() error { return server.ServeTLS(l, "", "") })
	}
	return func(patience context.Context) error { return shutdown(patience, server) }, nil
}

// whmTLS is the certificate of cPanel's ports: an own one, which cPanel servers
// know by name, or that of the API.
func (n *node) whmTLS() (*tls.Config, error) {
	if n.WHMCert == "" {
		return n.tls, nil
	}
	if n.whmCertificate != nil {
		return n.whmCertificate.config(), nil
	}
	var err error
	if n.whmCertificate, err = openCertificate(n.WHMCert, n.WHMKey); err != nil {
		return nil, err
	}
	return n.whmCertificate.config(), nil
}

// whmName is what cPanel servers call this node.
func (n *node) whmName() string {
	if len(n.Hostnames) > 0 {
		return n.Hostnames[0]
	}
	if name, err := os.Hostname(); err == nil {
		return name
	}
	return "localhost"
}
