package daemon

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/intake"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/zone"
)

// startIntake makes the door that zones are transferred in by. Control tells it
// what there is, so it comes first.
func (n *node) startIntake(ctx context.Context) (_ func(context.Context) error, err error) {
	n.service = newService(publisher{n.server, n.cluster})
	n.intake, err = intake.New(ctx, intake.Options{Service: n.service, States: n.observed, Log: n.log.With("part", "intake")})
	return nil, err
}

// startTransfers lets it work, before the nameserver answers: what expired
// while the node was away is not in service again for a moment.
func (n *node) startTransfers(ctx context.Context) (func(context.Context) error, error) {
	if err := n.intake.Start(ctx, n.control); err != nil {
		return nil, err
	}
	return n.background(ctx, "the intake", n.intake.Run), nil
}

// notified is the way of NOTIFYs from the nameserver, which listens before
// there is an intake and answers after.
type notified struct{ *node }

func (n notified) Notified(name zone.Name, from netip.AddrPort, key string, serial uint32, hasSerial bool) bool {
	return n.intake.Notified(name, from, key, serial, hasSerial)
}

// expires is what is left of the time of a zone that is transferred in.
func (n *node) expires(name zone.Name) (left time.Duration, is bool) { return n.intake.Expires(name) }

// sources is the intake as control tells it of sources; the nameserver is told
// the keys that their NOTIFYs are signed with.
type sources struct {
	*intake.Intake
	access *access
}

func (s sources) SetSource(of skein.Source, secrets skein.SourceSecrets) error {
	if err := s.Intake.SetSource(of, secrets); err != nil {
		return err
	}
	keys := make([]nameserver.Key, len(secrets.Keys))
	for i, k := range secrets.Keys {
		keys[i] = nameserver.Key{Name: k.Name, Algorithm: k.Algorithm, Secret: k.Secret}
	}
	s.access.know(of.Name, keys)
	return nil
}

func (s sources) RemoveSource(name string) error {
	s.access.know(name, nil)
	return s.Intake.RemoveSource(name)
}

// know has the nameserver check signatures with the keys of a source.
func (a *access) know(source string, keys []nameserver.Key) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if slices.Equal(a.sources[source], keys) {
		return
	}
	if a.sources[source] = keys; len(keys) == 0 {
		delete(a.sources, source)
	}
	a.apply()
}

// service is a nameserver in which some zones have expired, whatever it is fed.
type service struct {
	imaged

	mu      sync.RWMutex // held for writing while what is expired changes
	expired map[zone.Name]bool
}

func newService(into imaged) *service {
	return &service{imaged: into, expired: map[zone.Name]bool{}}
}

// Put implements nameserver.Updater.
func (s *service) Put(c zone.Contents) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.imaged.Put(c)
	if s.expired[c.Origin().Canonical()] {
		s.imaged.Fail(c.Origin())
	}
}

// Import implements imaged.
func (s *service) Import(zones []nameserver.Exported) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.imaged.Import(zones)
	for _, z := range zones {
		if z.Served && s.expired[z.Name.Canonical()] {
			s.imaged.Fail(z.Name)
		}
	}
}

// Expire implements intake.Service.
func (s *service) Expire(name zone.Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expired[name.Canonical()] = true
	s.imaged.Fail(name)
}

// Revive implements intake.Service.
func (s *service) Revive(name zone.Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.expired, name.Canonical())
	if c, served := s.imaged.Current(name); !served && !c.IsZero() {
		s.imaged.Put(c)
	}
}
