package daemon

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/api"
	"github.com/skein-dns/skein/internal/pki"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/ui"
)

// startListening takes all ports before anything is read or written, so that
// a second node, or another nameserver, is noticed at once.
func (n *node) startListening(context.Context) (func(context.Context) error, error) {
	var err error
	if n.apiAt, err = net.Listen("tcp", n.API); err != nil {
		return nil, portTaken("api", n.API, err)
	}
	if n.localAt, err = listenLocal(Socket(n.Data)); err != nil {
		return nil, errors.Join(err, n.apiAt.Close())
	}
	if err := n.listenDNS(); err != nil {
		return nil, errors.Join(err, n.apiAt.Close(), n.localAt.Close())
	}
	return func(context.Context) error {
		n.apiAt.Close()
		n.localAt.Close()
		return nil
	}, nil
}

func listOf(addrs []netip.AddrPort) string {
	texts := make([]string, len(addrs))
	for i, a := range addrs {
		texts[i] = a.String()
	}
	return strings.Join(texts, ", ")
}

func portTaken(key, at string, err error) error {
	return &skein.Error{Kind: skein.KindUnavailable, What: "cannot listen on " + at, Cause: err,
		Mend: fmt.Sprintf("stop what uses it (ss -lntup shows it), or name another address with --%s ADDR:PORT; ports below 1024 need root", key)}
}

// authoritySetting is where the store keeps the node's certificate authority, sealed.
const authoritySetting = "pki.authority"

// tlsConfig takes the certificate from files, or issues one of its own authority.
func (n *node) tlsConfig(ctx context.Context) (*tls.Config, error) {
	if n.TLSCert != "" {
		var err error
		if n.certificate, err = openCertificate(n.TLSCert, n.TLSKey); err != nil {
			return nil, err
		}
		return n.certificate.config(), nil
	}
	sealed, err := n.store.Setting(ctx, authoritySetting)
	switch {
	case errors.Is(err, store.ErrNotFound):
		err = n.makeAuthority(ctx)
	case err == nil:
		var text []byte
		if text, err = n.sealer.Open(authoritySetting, sealed); err == nil {
			n.authority, err = pki.Parse(text)
		}
	}
	if err != nil {
		return nil, err
	}
	n.showAuthority()
	return n.authority.Config(n.certificateHosts(), time.Now), nil
}

// showAuthority writes the certificate that clients pin beside the data. It is
// no secret, and nothing of the node depends on it.
func (n *node) showAuthority() {
	if have, err := os.ReadFile(CAFile(n.Data)); err == nil && bytes.Equal(have, n.authority.PEM()) {
		return
	}
	if err := os.WriteFile(CAFile(n.Data), n.authority.PEM(), 0o644); err != nil {
		n.log.Warn("the certificate for clients cannot be written", "err", err)
	}
}

func (n *node) makeAuthority(ctx context.Context) error {
	authority, err := pki.New(time.Now())
	if err != nil {
		return err
	}
	text, err := authority.Marshal()
	if err != nil {
		return err
	}
	sealed, err := n.sealer.Seal(authoritySetting, text)
	if err != nil {
		return err
	}
	n.authority = authority
	return n.store.PutSetting(ctx, authoritySetting, sealed)
}

// startCertificates makes what the API and DNS over TLS show.
func (n *node) startCertificates(ctx context.Context) (_ func(context.Context) error, err error) {
	n.tls, err = n.tlsConfig(ctx)
	return nil, err
}

// startAPI serves the API over TLS, and to the command line over the unix socket.
func (n *node) startAPI(ctx context.Context) (func(context.Context) error, error) {
	stopping, stop := context.WithCancel(ctx)
	handler := api.New(api.Config{Control: n.control, Log: n.log.With("part", "api"), Version: Version, PleskDoor: n.pleskDoor, LocalActor: localActor, Metrics: n.writeMetrics, Stopping: stopping, Console: ui.Console()})
	remote, local := api.NewServer(handler, n.log), api.NewServer(handler, n.log)
	remote.TLSConfig, local.ConnContext = n.tls.Clone(), admitPeer // a server writes into its own
	n.serveHTTP(func() error { return remote.ServeTLS(n.apiAt, "", "") })
	n.serveHTTP(func() error { return local.Serve(n.localAt) })
	return func(patience context.Context) error {
		stop() // event streams and waits would hold it up
		return errors.Join(shutdown(patience, remote), shutdown(patience, local))
	}, nil
}

func (n *node) serveHTTP(serve func() error) {
	go func() {
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
			n.failed <- fmt.Errorf("the API ended: %w", err)
		}
	}()
}

// shutdown lets calls end, and cuts those that do not.
func shutdown(ctx context.Context, s *http.Server) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		return s.Close()
	}
	return nil
}

// pleskDoor is the API's way to the door. The administrator's socket is where
// the hook on this machine comes in.
func (n *node) pleskDoor(ctx context.Context, actor skein.Actor, changeID string, body []byte) (skein.DoorReport, error) {
	if actor.Door == "cli" {
		actor = localPlesk()
	}
	return n.plesk.Handle(ctx, actor, changeID, body)
}

// fingerprint is what `skein login` compares.
func (n *node) fingerprint() string {
	if n.authority != nil {
		return n.authority.Fingerprint()
	}
	return pki.Fingerprint(n.certificate.root())
}
