package nameserver

import (
	"encoding/binary"
	"errors"
	"fmt"

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

// Import serves a zone from octets of Export, which it copies. They must be as
// Export gave them: whoever kept them answers for that.
func (s *Server) Import(octets []byte, name zone.Name) error {
	key := name.Key()
	apex := wireOfKey(key)
	b := block.Block(octets)
	if len(b) < block.MinSize || len(b) > arena.MaxItem || len(b)%8 != 0 || int(binary.LittleEndian.Uint32(b)) != len(b) ||
		!b.Names(apex) || b.State() != block.Answering {
		return fmt.Errorf("%w of %s", errImport, name)
	}
	defer s.telling(name)()
	defer s.zones.write(key).Unlock()
	return s.zones.set(apex, b, kept{})
}

var errImport = errors.New("the octets are no zone")
