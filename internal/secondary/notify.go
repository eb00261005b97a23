package secondary

import (
	"net/netip"
	"slices"
	"time"

	"github.com/skein-dns/skein/zone"
)

// Notified implements nameserver.NotifySink. It is known only to primaries: by
// their address, or by their key.
func (s *Set) Notified(name zone.Name, from netip.AddrPort, key string, serial uint32, hasSerial bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.zones[name.Canonical()]
	if z == nil {
		return false
	}
	signed := key != "" && slices.ContainsFunc(z.setup.Primaries, func(p Primary) bool { return p.Key != "" && ownerName(p.Key) == ownerName(key) })
	at := slices.IndexFunc(z.setup.Primaries, func(p Primary) bool { return p.Addr.Addr().Unmap() == from.Addr().Unmap() })
	switch {
	case !signed && at < 0:
		return false
	case z.loaded && z.failures == 0 && hasSerial && !zone.SerialLess(z.soa.Serial, serial):
		return true // it is here already
	}
	now := time.Now()
	if at >= 0 && signed {
		s.primary(z.setup.Primaries[at].Addr).up() // it is there
	}
	z.order.heard, z.order.by, z.order.signed, z.order.serial, z.order.known = true, at+1, signed, serial, hasSerial
	if !signed && now.Before(z.quiet) {
		now = z.quiet // so that anybody's datagrams do not keep us asking
	}
	if z.state == queued && now.After(z.try) {
		return true
	}
	s.schedule(z, now)
	return true
}
