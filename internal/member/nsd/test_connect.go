package nsd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/skein-dns/skein/internal/nsdctl"
)

// connect looks whether nsd-control is answered at all.
func (t *tester) connect(ctx context.Context) bool {
	const name = "nsd-control"
	d, at := t.driver, t.driver.m.Endpoint
	version, err := d.Status(ctx)
	again := fmt.Sprintf("paste what `skein member config nsd --name %s` prints there once more, and restart NSD: it reads certificates only when it starts", d.m.Name)
	switch {
	case err == nil:
		t.said = version
		return t.Good(name, "it answers nsd-control at %s; the certificates of both sides are accepted", at)
	case errors.Is(err, nsdctl.ErrImpostor):
		return t.Bad(name, again+"; if it keeps the certificate that it has, give that (/etc/nsd/nsd_server.pem) with --server-certificate-file; "+
			"if neither is of use, something between us may answer in its place", "%s shows another certificate than the one that we know of it", at)
	case errors.Is(err, nsdctl.ErrRejected):
		return t.Bad(name, again+"; or give a certificate that its server-cert-file signed (as nsd-control-setup makes them) with --certificate-file and --private-key-file",
			"%s does not take our certificate", at)
	case errors.Is(err, nsdctl.ErrHungUp) && d.client.Unprotected(ctx):
		return t.Bad(name, "put the control-interface that is a path behind those that are addresses, or take it out, and restart NSD: where a path comes first, NSD protects none of them",
			"%s takes commands from anybody, without a certificate", at)
	case errors.Is(err, nsdctl.ErrHungUp), errors.Is(err, nsdctl.ErrCut):
		return t.Bad(name, "its log says why (`journalctl -u nsd` there); is it NSD's control-port that --endpoint says? If so, "+again, "%s closes the connection without an answer", at)
	case errors.Is(err, nsdctl.ErrNoTLS), errors.Is(err, nsdctl.ErrAnswer):
		return t.Bad(name, "give its control-interface and control-port (8952 by default) with --endpoint HOST:PORT", "what listens at %s does not speak the protocol of nsd-control", at)
	case errors.Is(err, nsdctl.ErrSilent):
		return t.Bad(name, "is --endpoint right, and is it NSD that listens there? If so it hangs: restart it if nsd-control status hangs on the machine itself, too",
			"%s accepts connections and does not answer", at)
	case errors.Is(err, syscall.ECONNREFUSED):
		return t.Bad(name, "start NSD there, with `control-enable: yes` and that address as a control-interface (a restart makes it listen there); or give the right --endpoint",
			"nothing listens at %s: the connection was refused", at)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return t.Bad(name, "look at the address, and at the routes between the two machines", "there is no way to %s: %v", at, err)
	case timedOut(err):
		return t.Bad(name, "one of three: a firewall drops TCP to that port, the address is wrong, or the machine is down", "no connection to %s: nothing answers there", at)
	}
	return t.Bad(name, "look at --endpoint, and at the control-interface there", "nsd-control to %s failed: %v", at, err)
}

func timedOut(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout() || errors.Is(err, context.DeadlineExceeded)
}
