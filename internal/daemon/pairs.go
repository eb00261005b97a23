package daemon

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/probe"
)

// asksSignature asks a nameserver what it makes of a TSIG key.
type asksSignature func(ctx context.Context, addr netip.AddrPort, key, algorithm, secret string) (string, error)

// pairs looks whether a member and those that it transfers from, besides this
// node, know the keys that they have together. What is wrong there is no reason
// not to take a member in: it has this node.
func (ask asksSignature) pairs(ctx context.Context, m skein.Member, s skein.MemberSecrets) (checks []skein.Check) {
	for _, p := range m.Others {
		k := control.PairKey(m, s, p.Key)
		warn := func(text, where, driver string) {
			checks = append(checks, skein.Check{Name: "primary", OK: true, Warn: true, Text: text,
				Mend: fmt.Sprintf("paste again on %[1]s what `skein member config %[2]s --name %[1]s` prints, and have it read that; "+
					"a Skein nameserver is given the keys in the file of --tsig-key, and started again", where, driver)})
		}
		verdict, err := ask(ctx, netip.AddrPortFrom(p.Address, p.Port), k.Name, k.Algorithm, k.Secret)
		switch {
		case err != nil:
			checks = append(checks, skein.Check{Name: "primary", OK: true, Warn: true,
				Text: fmt.Sprintf("member %s, which it is to transfer from as well, does not answer at %s port %d", p.Member, p.Address, p.Port),
				Mend: "skein member test " + p.Member + " says more"})
			continue
		case refuses(verdict):
			warn(fmt.Sprintf("member %s would refuse its transfers: it does not know the key %s, or has another secret of it (%s)", p.Member, k.Name, verdict), p.Member, "bind")
			continue
		}
		if verdict, err = ask(ctx, m.DNS(), k.Name, k.Algorithm, k.Secret); err == nil && refuses(verdict) && k.Name != m.TSIGKey {
			warn(fmt.Sprintf("it cannot transfer from member %s: it does not know the key %s, or has another secret of it (%s)", p.Member, k.Name, verdict), m.Name, m.Driver)
			continue
		}
		checks = append(checks, skein.Check{Name: "primary", OK: true, Text: fmt.Sprintf("it can transfer from member %s as well, with a key of their own", p.Member)})
	}
	return checks
}

func refuses(verdict string) bool {
	return verdict == string(probe.SignatureUnknown) || verdict == string(probe.SignatureWrong)
}
