package daemon

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/zone"
)

// listenDNS takes the ports of the nameserver and has it answer once it is loaded.
func (n *node) listenDNS() (err error) {
	var tell []nameserver.Target
	if n.access.peers, tell, err = n.peers(); err != nil {
		return err
	}
	o := nameserver.Options{
		Listen: n.DNS, TLS: n.TLS, Sockets: n.legacy.sockets, Tell: tell,
		Log: n.log.With("part", "nameserver"), OnTransfer: n.transferred, Notify: notified{n}, Expires: n.expires,
		TLSConfig: &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) { return n.tls.GetCertificate(hello) }},
	}
	if n.Catalog != "" {
		o.Private = []zone.Name{n.Catalog}
	}
	n.server = nameserver.New(o)
	err = n.server.Listen()
	n.legacy.close()
	if err != nil {
		return portTaken("dns", listOf(slices.Concat(n.DNS, n.TLS)), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n.answering, n.answered = cancel, make(chan error, 1)
	go func() { n.answered <- serveLoaded(ctx, n.server) }()
	return nil
}

// peers reads what those may do who are no members, and who of them is told of changes.
func (c Config) peers() (a nameserver.Access, tell []nameserver.Target, err error) {
	var keys []nameserver.Key
	if c.TSIGKeys != "" {
		if keys, err = readTSIGKeys(c.TSIGKeys); err != nil {
			return a, nil, fmt.Errorf("tsig-key: %w", err)
		}
	}
	if a, err = transferAccess(c.AllowTransfer, keys); err != nil {
		return a, nil, fmt.Errorf("allow-transfer: %w", err)
	}
	if tell, err = notifyTargets(c.Notify, keys); err != nil {
		return a, nil, fmt.Errorf("notify: %w", err)
	}
	return a, tell, nil
}

// endAnswering ends the answering, after all parts: at once, or when a
// successor answers. err is why the node ends.
func (n *node) endAnswering(ctx context.Context, err error) error {
	if n.answered == nil {
		return err
	}
	end := n.answering
	if errors.Is(err, errHandOver) {
		var sockets []*os.File
		if sockets, err = n.server.Sockets(); err == nil && handOver(ctx, sockets, n.log) {
			end = n.server.Yield
		}
		legacy{sockets: sockets}.close()
	}
	end()
	defer context.AfterFunc(ctx, n.answering)()
	return errors.Join(err, <-n.answered)
}

// reload reads certificate and cookie secrets again. What cannot be read stays as it was.
func (n *node) reload() {
	for _, c := range []*certificate{n.certificate, n.whmCertificate} {
		if c == nil {
			continue
		}
		if err := c.reload(); err != nil {
			n.log.Error("the certificate before stays in use", "err", err)
		}
	}
	if n.CookieSecretFile != "" {
		if err := n.readCookies(); err != nil {
			n.log.Error("the cookie secrets before stay in use", "err", err)
		}
	}
}

// startNameserver feeds the embedded nameserver from the store. It listens
// already; it answers once all zones are loaded, since a late answer is asked
// for again and a wrong one is believed.
func (n *node) startNameserver(ctx context.Context) (func(context.Context) error, error) {
	listing := n.background(ctx, "the catalogs", func(ctx context.Context) error { return n.list.Run(ctx, n.server.Loaded()) })
	feeding := n.background(ctx, "feeding the nameserver", func(ctx context.Context) error { return n.serving.Run(ctx, n.service) })
	return func(patience context.Context) error { return errors.Join(feeding(patience), listing(patience)) }, nil
}

func serveLoaded(ctx context.Context, s *nameserver.Server) error {
	select {
	case <-s.Loaded():
	case <-ctx.Done():
	}
	return s.Serve(ctx)
}
