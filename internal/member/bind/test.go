package bind

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

const (
	skewWorth    = 30 * time.Second // from here a clock's difference is worth a word
	dnsPatience  = 3 * time.Second
	xfrPatience  = 8 * time.Second
	xfrAgain     = 2 * time.Second // a zone that missed its first transfer waits a minute by itself
	cleanTimeout = 10 * time.Second
)

// Test implements member.Driver. It looks in the order in which things build
// on each other and stops where the next look could tell nothing.
func (d *Driver) Test(ctx context.Context, self zone.Name) []skein.Check {
	t := &tester{driver: d, self: self}
	for _, look := range []func(context.Context) bool{t.connect, t.version, t.clock, t.key, t.view, t.dns, t.transfer, t.zones} {
		if !look(ctx) {
			break
		}
	}
	t.good("try", "", "dig +short %s SOA @%s%s", "ZONE", d.m.Address, portFlag(d.m.Port))
	return t.checks
}

func portFlag(port uint16) string {
	if port == 53 {
		return ""
	}
	return " -p " + strconv.Itoa(int(port))
}

type tester struct {
	driver *Driver
	self   zone.Name
	checks []skein.Check
	status string // what rndc status said
}

func (t *tester) good(name, mend, format string, args ...any) {
	t.checks = append(t.checks, skein.Check{Name: name, OK: true, Text: fmt.Sprintf(format, args...), Mend: mend})
}

func (t *tester) warn(name, mend, format string, args ...any) {
	t.checks = append(t.checks, skein.Check{Name: name, OK: true, Warn: true, Text: fmt.Sprintf(format, args...), Mend: mend})
}

func (t *tester) bad(name, mend, format string, args ...any) {
	t.checks = append(t.checks, skein.Check{Name: name, Text: fmt.Sprintf(format, args...), Mend: mend})
}

// connect looks whether rndc answers at all. Key, clock and allowed address
// cannot be told apart from outside, so a failure names them all.
func (t *tester) connect(ctx context.Context) bool {
	at := t.driver.m.RNDC()
	a, err := t.driver.client.Call(ctx, "status")
	switch {
	case err == nil && a.Result == 0:
		t.status = a.Text
		t.good("rndc", "", "rndc answers at %s; key, clock and our address are accepted", at)
		return true
	case err == nil:
		t.bad("rndc", "the channel must not be read-only; see the controls statement", "rndc at %s refuses status: %s %s", at, a.Err, a.Text)
	case errors.Is(err, rndc.ErrRejected), errors.Is(err, rndc.ErrAuth):
		t.bad("rndc", fmt.Sprintf("one of four, and the log of named there says which: the secret is not the one in its key statement; "+
			"the algorithm is another (ours is %s); the clocks differ by more than 300 seconds (run chrony or ntpd on both); "+
			"our address is not in the allow list of its controls statement", t.driver.m.Algorithm),
			"something listens at %s and closes the connection without an answer", at)
	case errors.Is(err, syscall.ECONNREFUSED):
		t.bad("rndc", fmt.Sprintf("start named there; put `inet … port %d allow { … } keys { … };` into its controls statement; or give the right --address and --rndc-port", at.Port()),
			"nothing listens at %s: the connection was refused", at)
	case isTimeout(err) && connected(ctx, at.String()):
		t.bad("rndc", "it may not be named at all, or named hangs: is --rndc-port right? Restart named there if rndc status hangs on the machine itself, too",
			"%s accepts connections and does not answer", at)
	case isTimeout(err):
		t.bad("rndc", fmt.Sprintf("a firewall drops TCP to port %d, or the address is wrong or the machine down", at.Port()), "no connection to %s: nothing answers there", at)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		t.bad("rndc", "look at the address, and at the routes between the two machines", "%s cannot be reached: %v", at, err)
	default:
		t.bad("rndc", "look at the rndc key's algorithm and secret, and at the address", "rndc to %s failed: %v", at, err)
	}
	return false
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout() || errors.Is(err, context.DeadlineExceeded)
}

func connected(ctx context.Context, addr string) bool {
	conn, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "tcp", addr)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

func (t *tester) version(context.Context) bool {
	version := field(t.status, "version:")
	major, minor, ok := parseVersion(version)
	switch {
	case !ok:
		t.warn("version", "", "it does not say a version that is known: %q", version)
	case major < 9 || major == 9 && minor < 11:
		t.bad("version", "install BIND 9.18 or newer; before 9.11, zones cannot be added and shown over rndc", "it is %s", version)
		return false
	case major == 9 && minor < 18:
		t.warn("version", "plan for 9.18 or newer: it gets security fixes no longer", "it is %s", version)
	default:
		t.good("version", "", "it is %s", version)
	}
	return true
}

// parseVersion finds 9.18 in "BIND 9.18.49-1~deb12u3-Debian (…)". Another
// server that speaks rndc may call itself as it likes.
func parseVersion(s string) (major, minor int, ok bool) {
	rest, found := strings.CutPrefix(s, "BIND ")
	if !found {
		return 0, 0, false
	}
	_, err := fmt.Sscanf(rest, "%d.%d", &major, &minor)
	return major, minor, err == nil
}

func (t *tester) clock(ctx context.Context) bool {
	before := time.Now()
	a, err := t.driver.client.Call(ctx, "null")
	if err != nil || a.Time.IsZero() {
		return true // it answered a moment ago; what fails now shows below
	}
	skew := a.Time.Sub(before.Truncate(time.Second)).Round(time.Second)
	if skew.Abs() >= skewWorth {
		t.warn("clock", "run chrony or ntpd on both machines: from 300 seconds on, rndc and TSIG refuse everything", "its clock is %s off ours", skew)
	} else {
		t.good("clock", "", "its clock agrees with ours")
	}
	return true
}

func (t *tester) key(ctx context.Context) bool {
	d := t.driver
	a, err := d.client.Call(ctx, "tsig-list")
	switch {
	case err != nil:
		t.bad("tsig-list", "try again", "rndc tsig-list failed: %v", err)
	case a.Result != 0:
		t.warn("tsig-list", "", "it does not list its TSIG keys (%s); the transfer below shows whether ours is known", a.Err)
		return true
	case !d.lists(a.Text):
		t.bad("tsig-list", fmt.Sprintf("paste what `skein member config --name %s` prints into its named.conf and run `rndc reconfig` there; BIND would take zones with an unknown key and never transfer them", d.m.Name),
			"it does not know the TSIG key %s in view %s", d.m.TSIGKey, viewOf(d.m))
		// What else is wrong is found at once, so that it is mended in one go.
		t.add(ctx)
		return false
	default:
		t.good("tsig-list", "", "it knows the TSIG key %s", d.m.TSIGKey)
		return true
	}
	return false
}

// view adds the self-test zone, which shows whether the view exists and takes zones.
func (t *tester) view(ctx context.Context) bool { return t.add(ctx) }

func (t *tester) add(ctx context.Context) bool {
	d := t.driver
	known := d.knowsKey
	d.knowsKey = true // this look is not about the key
	err := d.add(ctx, t.self)
	d.knowsKey = known
	switch {
	case err == nil:
		t.good("allow-new-zones", "", "it takes new zones in view %s", viewOf(d.m))
	case errors.Is(err, member.ErrDenied) && strings.Contains(err.Error(), "no view"):
		t.bad("view", "give the name of a view that it has with --view", "it has no view %s", viewOf(d.m))
	case errors.Is(err, member.ErrDenied):
		t.bad("allow-new-zones", "put `allow-new-zones yes;` into its options statement (or into the view) and run `rndc reconfig` there", "it takes no new zones: %v", err)
	case errors.Is(err, member.ErrForeign):
		t.bad("allow-new-zones", fmt.Sprintf("remove the zone %s there; it is Skein's for tests", t.self), "it has a zone %s that is not ours", t.self)
	default:
		t.bad("allow-new-zones", "look at the log of named there: may it write to its directory?", "the test zone %s could not be added: %v", t.self, err)
	}
	if err == nil && !t.continues() {
		t.clean(ctx)
	}
	return err == nil
}

// continues reports whether nothing failed so far.
func (t *tester) continues() bool {
	for _, c := range t.checks {
		if !c.OK {
			return false
		}
	}
	return true
}

// clean takes the self-test zone away again, whatever else happened.
func (t *tester) clean(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTimeout)
	defer cancel()
	if err := t.driver.delete(ctx, t.self); err != nil {
		t.warn("clean-up", fmt.Sprintf("remove it by hand: rndc delzone -clean %s", t.self), "the test zone is still there: %v", err)
	}
}

// dns looks whether it answers questions at all, before a transfer is judged by answers.
func (t *tester) dns(ctx context.Context) bool {
	d := t.driver
	if d.opts.Serial == nil {
		t.clean(ctx)
		return false
	}
	ask, cancel := context.WithTimeout(ctx, dnsPatience)
	defer cancel()
	_, err := d.opts.Serial(ask, d.m.DNS(), t.self)
	if err != nil && ask.Err() != nil {
		t.bad("dns", fmt.Sprintf("a firewall drops UDP to port %d, named listens elsewhere (listen-on), or --address and --port are not where it answers DNS", d.m.Port),
			"no DNS answer from %s", d.m.DNS())
		t.clean(ctx)
		return false
	}
	t.good("dns", "", "it answers DNS at %s", d.m.DNS())
	return true
}

// transfer waits until the member serves the self-test zone, which it can only
// have from us.
func (t *tester) transfer(ctx context.Context) bool {
	defer t.clean(ctx)
	d := t.driver
	start, retried := time.Now(), time.Now()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for time.Since(start) < xfrPatience {
		ask, cancel := context.WithTimeout(ctx, dnsPatience)
		_, err := d.opts.Serial(ask, d.m.DNS(), t.self)
		cancel()
		if err == nil {
			t.good("transfer", "", "it fetched a test zone from %s, signed", t.primaries())
			return true
		}
		if time.Since(retried) > xfrAgain {
			retried = time.Now()
			d.retransfer(ctx, t.self)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.bad("transfer", "try again", "the test was broken off")
			return false
		}
	}
	t.bad("transfer", fmt.Sprintf("one of these, and the log of named there says which: it cannot reach %s over TCP and UDP (a firewall, or behind NAT another address: --primary-address); "+
		"the secret of its TSIG key %s is not ours although the name is (paste the block of `skein member config --name %s` again); the clocks differ by more than 300 seconds; "+
		"named may not write to its directory", t.primaries(), d.m.TSIGKey, d.m.Name),
		"it took the test zone but did not fetch it from %s within %s", t.primaries(), xfrPatience)
	return false
}

func (t *tester) primaries() string {
	var all []string
	for _, p := range t.driver.m.Primaries {
		all = append(all, net.JoinHostPort(p.Address.String(), strconv.Itoa(int(p.Port))))
	}
	return strings.Join(all, " and ")
}

func (t *tester) zones(context.Context) bool {
	if n := field(t.status, "number of zones:"); n != "" {
		t.good("zones", "", "it has zones already, which stay untouched: %s", n)
	}
	return true
}
