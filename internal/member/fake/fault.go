package fake

import (
	"slices"

	"github.com/skein-dns/skein/zone"
)

// How something goes wrong.
type How string

// The faults. Refuses and Fails are a pair: what is answered is the same.
const (
	Refuses How = "refuses" // nothing is done, and an error is answered
	Fails   How = "fails"   // it is done, and an error is answered
	Lost    How = "lost"    // it is done, and the connection breaks before the answer
	Hangs   How = "hangs"   // nothing is done or answered while the caller waits
	Garbage How = "garbage" // nothing is done, and the answer is none
	Breaks  How = "breaks"  // the answer breaks off after Lines lines
	Stalls  How = "stalls"  // the answer stops after Lines lines, and the caller waits
)

// Fault is what goes wrong once with calls of a kind. Faults are used up in
// the order in which they were given.
type Fault struct {
	Call  string    // list, read, save …; "" for any
	Zone  zone.Name // calls about it alone; "" for any
	How   How
	Lines int // of the answer that come before it breaks or stalls
	Times int // how often; once if 0, always if negative
}

// Fault adds to what is to go wrong.
func (s *Server) Fault(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		f.Times = max(f.Times, -1)
		if f.Times == 0 {
			f.Times = 1
		}
		s.faults = append(s.faults, f)
	}
}

// Heal forgets every fault that is left.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault takes the next one that is meant for a call. s.mu is held.
func (s *Server) fault(call string, zones []zone.Name) (f Fault, is bool) {
	for i := range s.faults {
		f := &s.faults[i]
		about := f.Zone == "" || slices.ContainsFunc(zones, f.Zone.Equal)
		if f.Call != "" && "/"+f.Call != call || !about {
			continue
		}
		taken := *f
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
		}
		return taken, true
	}
	return Fault{}, false
}
