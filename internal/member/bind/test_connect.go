package bind

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"

	"github.com/skein-dns/skein/internal/rndc"
)

// connect looks whether rndc answers at all.
func (t *tester) connect(ctx context.Context) bool {
	at := t.driver.m.RNDC()
	a, err := t.driver.client.Call(ctx, "status")
	switch {
	case err == nil && a.Result == 0:
		t.status = a.Text
		return t.Good("rndc", "rndc answers at %s; key, clock and our address are accepted", at)
	case err == nil:
		return t.Bad("rndc", "its log says why", "rndc at %s refuses status: %s %s", at, a.Err, a.Text)
	case errors.Is(err, rndc.ErrRejected):
		return t.rejected(ctx)
	case errors.Is(err, rndc.ErrSilent):
		return t.Bad("rndc", "is --rndc-port right, and is it named that listens there? If so it hangs: restart it if rndc status hangs on the machine itself, too",
			"%s accepts connections and does not answer", at)
	case errors.Is(err, rndc.ErrFrame):
		return t.Bad("rndc", "give the address and port of its rndc channel with --rndc-address and --rndc-port (953 by default)", "what listens at %s does not speak rndc", at)
	case errors.Is(err, rndc.ErrAuth):
		return t.Bad("rndc", "the secret of its rndc key may differ from ours; or something between us answers in its place", "%s answers, but not signed with our rndc key", at)
	case errors.Is(err, syscall.ECONNREFUSED):
		return t.Bad("rndc", fmt.Sprintf("start named there; let it listen on that address (`inet %s port %d …` in its controls statement); or give the right --rndc-address and --rndc-port", at.Addr(), at.Port()),
			"nothing listens at %s: the connection was refused", at)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return t.Bad("rndc", "look at the address, and at the routes between the two machines", "there is no way to %s: %v", at, err)
	case timedOut(err):
		return t.Bad("rndc", fmt.Sprintf("one of three: a firewall drops TCP to port %d, the address is wrong, or the machine is down", at.Port()), "no connection to %s: nothing answers there", at)
	}
	return t.Bad("rndc", "look at the algorithm and the secret of the rndc key, and at the address", "rndc to %s failed: %v", at, err)
}

// rejected: the connection was closed without a word. It names the cause if
// that can be found out, else all that there may be.
func (t *tester) rejected(ctx context.Context) bool {
	d, at := t.driver, t.driver.m.RNDC()
	algorithm := fmt.Sprintf("the secret is not that of its key statement, or the algorithm is another (ours is %s); give the key again with --rndc-key-file, or paste the block of `skein member config bind --name %s` again",
		d.m.Algorithm, d.m.Name)
	switch cause, ahead := rndc.Why(ctx, at, d.key, d.opts.RNDC); cause {
	case rndc.CauseClock:
		return t.Bad("clock", "set both clocks, and run chrony or ntpd on both machines: from 300 seconds on, rndc and TSIG refuse everything", "its clock is %s ours, and rndc therefore refuses us", offBy(ahead))
	case rndc.CauseKey:
		return t.Bad("rndc", "one of these: "+algorithm+"; or it is no named that listens there: give the right --rndc-port", "rndc at %s does not take our key", at)
	case rndc.CauseAddress:
		return t.Bad("rndc", fmt.Sprintf("put our address (%s, or behind NAT the one that it sees) into `allow { … }` of its controls statement and run `rndc reconfig` there; "+
			"if it is not named that listens there, give the right --rndc-port", t.ourAddress()), "%s closes connections from us at sight", at)
	}
	return t.Bad("rndc", "one of these, and named's log there says which: "+algorithm+"; the clocks differ by more than 300 seconds (run chrony or ntpd on both); "+
		"our address is not in `allow { … }` of its controls statement; it is no named that listens there", "%s closes the connection without an answer", at)
}

// ourAddress is the one that connections to the member leave from.
func (t *tester) ourAddress() string {
	if a := t.driver.opts.RNDC.Source; a.IsValid() {
		return a.String()
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(t.driver.m.RNDC())) // sends nothing
	if err != nil {
		return "unknown"
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap().String()
}

func (d *Driver) now() time.Time {
	if d.opts.RNDC.Now != nil {
		return d.opts.RNDC.Now()
	}
	return time.Now()
}

func timedOut(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout() || errors.Is(err, context.DeadlineExceeded)
}

func joinPort(addr fmt.Stringer, port uint16) string {
	return net.JoinHostPort(addr.String(), strconv.Itoa(int(port)))
}
