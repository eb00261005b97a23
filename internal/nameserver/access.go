package nameserver

import (
	"net/netip"
	"slices"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/tsig"
)

// access is Access, prepared for look-ups. It never changes.
type access struct {
	keys         map[string]tsig.Key // by tsig.Key.Name
	transferKeys map[string]bool     // likewise
	transferNets []netip.Prefix
	tlsKeys      map[string]bool // likewise, over TLS alone
	tlsNets      []netip.Prefix
	updateKeys   map[string]bool
	updateNets   []netip.Prefix
}

// newAccess leaves out keys that cannot be used, and returns why.
func newAccess(a Access) (x *access, problems []error) {
	x = &access{
		keys:         map[string]tsig.Key{},
		transferKeys: named(a.TransferKeys), transferNets: a.TransferNets,
		tlsKeys: named(a.TLSTransferKeys), tlsNets: a.TLSTransferNets,
		updateKeys: named(a.UpdateKeys), updateNets: a.UpdateNets,
	}
	for _, k := range a.Keys {
		key, err := tsig.NewKey(k.Name, k.Algorithm, k.Secret)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		x.keys[key.Name()] = key
	}
	return x, problems
}

func named(keys []string) map[string]bool {
	set := map[string]bool{}
	for _, k := range keys {
		set[dns.CanonicalName(k)] = true
	}
	return set
}

func (x *access) key(name string) (tsig.Key, bool) {
	k, ok := x.keys[dns.CanonicalName(name)]
	return k, ok
}

// mayTransfer says whether a peer may have zones: by the key that it signed
// with, or by its address. Over UDP the address may be another's, so what it
// gets there must be small.
func (x *access) mayTransfer(r *request) bool {
	return allowed(r, x.transferKeys, x.transferNets) || r.via == overTLS && allowed(r, x.tlsKeys, x.tlsNets)
}

// mayUpdate says whether a peer may change zones.
func (x *access) mayUpdate(r *request) bool { return allowed(r, x.updateKeys, x.updateNets) }

func allowed(r *request, keys map[string]bool, nets []netip.Prefix) bool {
	if key := r.key(); key != "" && keys[key+"."] {
		return true
	}
	from := r.from.Addr().Unmap()
	return slices.ContainsFunc(nets, func(p netip.Prefix) bool { return p.Contains(from) })
}
