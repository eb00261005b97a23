package nameserver

import (
	"net/netip"
	"slices"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/tsig"
	"github.com/skein-dns/skein/zone"
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
	hidden       []hidden
}

// hidden is a zone of which not everybody is told.
type hidden struct {
	name zone.Name
	wire []byte          // of the name, in lower case
	keys map[string]bool // like transferKeys; nil: for all who may transfer
}

// newAccess leaves out keys that cannot be used, and returns why. Private are
// zones that only those see who may transfer.
func newAccess(a Access, private []zone.Name) (x *access, problems []error) {
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
	for _, name := range private {
		x.hidden = append(x.hidden, hidden{name: name, wire: wireOfKey(name.Key())})
	}
	for _, c := range a.Closed {
		x.hidden = append(x.hidden, hidden{name: c.Zone, wire: wireOfKey(c.Zone.Key()), keys: named(c.Keys)})
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

// maySee says whether a peer is told of a name: of one in a zone that is not
// for everybody only some are.
func (x *access) maySee(r *request, name zone.Name) bool {
	for _, h := range x.hidden {
		if name.IsSubdomainOf(h.name) {
			return h.lets(r, x)
		}
	}
	return true
}

func (h hidden) lets(r *request, x *access) bool {
	if h.keys == nil {
		return x.mayTransferAll(r)
	}
	return allowed(r, h.keys, nil)
}

// mayTransfer says whether a peer may have a zone.
func (x *access) mayTransfer(r *request, apex zone.Name) bool {
	for _, h := range x.hidden {
		if apex.Equal(h.name) {
			return h.lets(r, x)
		}
	}
	return x.mayTransferAll(r)
}

// mayTransferAll says whether a peer may have all zones that are not closed:
// by the key that it signed with, or by its address. Over UDP the address may
// be another's, so what it gets there must be small.
func (x *access) mayTransferAll(r *request) bool {
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
