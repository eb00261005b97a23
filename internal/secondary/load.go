package secondary

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/nameserver"
)

// load serves what is on disk, and makes all zones be looked at soon: what
// their primaries told while nobody listened is lost.
func (s *Set) load(ctx context.Context, into nameserver.Updater) {
	s.mu.Lock()
	s.into = into
	all := make([]*member, 0, len(s.zones))
	for _, z := range s.zones {
		all = append(all, z)
	}
	s.mu.Unlock()
	work := make(chan *member)
	var readers sync.WaitGroup
	for range max(2, runtime.GOMAXPROCS(0)) {
		readers.Go(func() {
			for z := range work {
				s.loadZone(z, time.Duration(len(all))*time.Second/startRate)
			}
		})
	}
	for _, z := range all {
		if ctx.Err() != nil {
			break
		}
		work <- z
	}
	close(work)
	readers.Wait()
}

func (s *Set) loadZone(z *member, spread time.Duration) {
	contents, stored, confirmed, err := s.disk.load(z.id, z.name)
	if err != nil {
		s.log.Warn("a stored zone cannot be read; it is transferred anew", "zone", z.name, "err", err)
	}
	now := time.Now()
	if confirmed.After(now) {
		confirmed = now // the clock went back
	}
	soa, ok := contents.SOA()
	z.writing.Lock()
	defer z.writing.Unlock()
	s.mu.Lock()
	z.stored = stored
	z.soa, z.confirmed, z.since = soa, confirmed, confirmed
	s.setLoaded(z, ok && now.Before(z.expires()) && !z.gone)
	serve, fail := z.loaded, !z.gone && !z.loaded
	s.mu.Unlock()
	if serve {
		s.into.Put(contents)
	} else if fail {
		s.into.Fail(z.name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schedule(z, now.Add(time.Duration(s.opts.Random()*float64(spread))))
}
