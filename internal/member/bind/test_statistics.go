package bind

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/skein-dns/skein"
)

// statistics looks whether the channel lists zones, where one is named. Nothing
// but taking zones in needs that: the member can be enabled without.
func (t *tester) statistics(ctx context.Context) {
	at := t.driver.m.Settings[Statistics]
	if at == "" {
		return
	}
	const name = "statistics"
	zones := 0
	err := t.driver.Inventory(ctx, func(h skein.Held) error {
		if !h.Zone.Equal(t.self) { // which BIND may not have come to take away yet
			zones++
		}
		return nil
	})
	_, port, _ := net.SplitHostPort(at)
	open := fmt.Sprintf("put `statistics-channels { inet * port %s allow { %s; }; };` into its named.conf, with our address as it sees it behind NAT, and run `rndc reconfig` there; or name the right one with --set %s=HOST:PORT",
		port, t.ourAddress(), Statistics)
	switch {
	case err == nil:
		t.Good(name, "its statistics channel at %s lists %d zones of view %s", at, zones, t.driver.text.view)
	case errors.Is(err, errNotThere):
		t.Warn(name, "name a view that it has with --view", "its statistics channel at %s lists no zones of a view %s", at, t.driver.text.view)
	case errors.Is(err, errNoJSON):
		t.Warn(name, "install a BIND with json-c, as those of distributions are; or take the setting away with --set "+Statistics+"=", "its statistics channel at %s has no JSON", at)
	case errors.Is(err, errNoChannel):
		t.Warn(name, open, "what answers at %s is no statistics channel of a BIND", at)
	case errors.Is(err, syscall.ECONNREFUSED):
		t.Warn(name, open, "nothing listens at %s, which is to be its statistics channel", at)
	case timedOut(err):
		t.Warn(name, open+"; a firewall may drop TCP to port "+port, "its statistics channel at %s does not answer", at)
	default: // one that lets us not in closes the connection
		t.Warn(name, open, "its statistics channel at %s does not let us in, or breaks off: %v", at, err)
	}
}
