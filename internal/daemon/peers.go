package daemon

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/internal/xfr"
)

const dnsPort = 53

// transferAccess reads who may transfer zones: addresses and networks, and
// keys as key:NAME; with tls: before it over TLS alone. A key that is not
// named may transfer either way, since that is what it was given for.
func transferAccess(who []string, keys []nameserver.Key) (a nameserver.Access, err error) {
	a.Keys = keys
	named := map[string]bool{}
	for _, w := range who {
		rest, encrypted := strings.CutPrefix(w, "tls:")
		nets, names := &a.TransferNets, &a.TransferKeys
		if encrypted {
			nets, names = &a.TLSTransferNets, &a.TLSTransferKeys
		}
		name, isKey := strings.CutPrefix(rest, "key:")
		if !isKey {
			net, err := parseNet(rest)
			if err != nil {
				return a, err
			}
			*nets = append(*nets, net)
			continue
		}
		if !known(keys, name) {
			return a, fmt.Errorf("the file of tsig-key has no key %q", name)
		}
		named[ownerName(name)] = true
		*names = append(*names, name)
	}
	for _, key := range keys {
		if !named[ownerName(key.Name)] {
			a.TransferKeys = append(a.TransferKeys, key.Name)
		}
	}
	return a, nil
}

func ownerName(key string) string { return xfr.Key{Name: key}.OwnerName() }

func known(keys []nameserver.Key, name string) bool {
	for _, key := range keys {
		if ownerName(key.Name) == ownerName(name) {
			return true
		}
	}
	return false
}

// notifyTargets reads who is told of changes.
func notifyTargets(who []string, keys []nameserver.Key) (all []nameserver.Target, err error) {
	for _, w := range who {
		at, key, err := peer(w, keys)
		if err != nil {
			return nil, err
		}
		all = append(all, nameserver.Target{Addr: at, Key: key})
	}
	return all, nil
}

// primaries reads who is transferred from.
func primaries(who []string, keys []nameserver.Key) (all []secondary.Primary, err error) {
	for _, w := range who {
		at, key, err := peer(w, keys)
		if err != nil {
			return nil, err
		}
		all = append(all, secondary.Primary{Addr: at, Key: key})
	}
	return all, nil
}

// peer reads ADDR or ADDR:PORT, and behind it /key:NAME if messages are to be signed.
func peer(who string, keys []nameserver.Key) (at netip.AddrPort, key string, err error) {
	text, key, signed := strings.Cut(who, "/key:")
	if addr, err := netip.ParseAddr(text); err == nil {
		at = netip.AddrPortFrom(addr, dnsPort)
	} else if at, err = netip.ParseAddrPort(text); err != nil || at.Port() == 0 {
		return at, "", fmt.Errorf("%q is not ADDR, ADDR:PORT or ADDR:PORT/key:NAME, such as 192.0.2.53:53/key:ns2", who)
	}
	if signed && !known(keys, key) {
		return at, "", fmt.Errorf("the file of tsig-key has no key %q", key)
	}
	return at, key, nil
}
