package nameserver

import (
	"encoding/binary"

	"github.com/skein-dns/skein/internal/nameserver/arena"
	"github.com/skein-dns/skein/internal/nameserver/block"
	"github.com/skein-dns/skein/zone"
)

// Export appends the octets that a zone is served from, which Import of the
// same program takes back; false for a zone that has none: it is large, or
// broken, or not there.
func (s *Server) Export(to []byte, name zone.Name) (octets []byte, ok bool) {
	apex := wireOfKey(name.Key())
	s.zones.mu.RLock()
	defer s.zones.mu.RUnlock()
	_, b := s.zones.apexes.find(s.zones.arena, apex)
	if b == nil || b.State() != block.Answering {
		return to, false
	}
	return append(to, b...), true
}

// Exported is a zone as Export gave it.
type Exported struct {
	Name   zone.Name
	Octets []byte
	Served bool // Import says so
}

// Import serves zones from octets of Export, which it copies, and says of each
// whether it is served. They must be as Export gave them: whoever kept them
// answers for that. Many at once cost less than one after another.
func (s *Server) Import(zones []Exported) {
	for i, z := range zones {
		zones[i].Served = isExport(z.Octets, z.Name)
	}
	if len(s.opts.Tell) > 0 {
		for _, z := range zones {
			if z.Served {
				defer s.telling(z.Name)()
			}
		}
	}
	s.zones.restore(zones)
}

// isExport reports whether octets are those of the zone of a name.
func isExport(octets []byte, name zone.Name) bool {
	b := block.Block(octets)
	return len(b) >= block.MinSize && len(b) <= arena.MaxItem && len(b)%8 == 0 && int(binary.LittleEndian.Uint32(b)) == len(b) &&
		b.Names(wireOfKey(name.Key())) && b.State() == block.Answering
}

// restore serves those zones of which Served is set, and takes it back where
// that fails.
func (x *index) restore(zones []Exported) {
	if x.arena == nil { // there is no memory for zones
		for i := range zones {
			zones[i].Served = false
		}
		return
	}
	x.arena.Provide(x.restoreAll(zones))
}

// restoreAll does that, and returns where memory will soon be needed.
func (x *index) restoreAll(zones []Exported) (soon []byte) {
	for i := range x.writing {
		x.writing[i].Lock()
		defer x.writing[i].Unlock()
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, z := range zones {
		if z.Served {
			b := block.Block(z.Octets)
			zones[i].Served = x.replace(b.Apex(), b, kept{}) == nil
		}
	}
	return x.arena.Ahead()
}
