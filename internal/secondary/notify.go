package secondary

import (
	"net/netip"
	"slices"
	"time"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// Notified implements nameserver.NotifySink. It is known only to primaries: by
// their address, or by their key.
func (s *Set) Notified(name zone.Name, from netip.AddrPort, key string, serial uint32, hasSerial bool) (known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for z := s.zones[name.Canonical()]; z != nil; z = z.twin {
		at, signed := z.sender(from, key)
		if at >= 0 || signed {
			known = true
			s.notified(z, at, signed, serial, hasSerial)
		}
	}
	return known
}

// sender finds who sent a NOTIFY among a zone's primaries: the place of its
// address, -1 for none, and whether it was signed with a key of theirs.
func (z *member) sender(from netip.AddrPort, key string) (at int, signed bool) {
	if key != "" {
		owner := ownerName(key)
		signed = slices.ContainsFunc(z.peers, func(p Peer) bool { return p.Key != nil && p.Key.OwnerName() == owner })
	}
	return slices.IndexFunc(z.peers, func(p Peer) bool { return p.Addr.Addr().Unmap() == from.Addr().Unmap() }), signed
}

func ownerName(key string) string { return xfr.Key{Name: key}.OwnerName() }

func (s *Set) notified(z *member, at int, signed bool, serial uint32, hasSerial bool) {
	if z.served() && z.failures == 0 && hasSerial && !zone.SerialLess(z.state.SOA.Serial, serial) && (!s.opts.Older || serial == z.state.SOA.Serial) {
		return // it is here already
	}
	now := time.Now()
	if at >= 0 && signed {
		s.primary(z.peers[at].Addr).up() // it is there
	}
	z.order.heard, z.order.by, z.order.signed, z.order.serial, z.order.known = true, at+1, signed, serial, hasSerial
	if !signed && now.Before(z.quiet) {
		now = z.quiet // so that anybody's datagrams do not keep us asking
	}
	if z.phase == queued && now.After(z.try) {
		return
	}
	s.schedule(z, now)
}
