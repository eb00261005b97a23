package nameserver

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/skein-dns/skein/zone"
)

// Zones that come, change, fail and go leave nothing behind: the memory of
// blocks is what a fresh load takes, and one or two chunks; and every zone
// answers as if it had just been loaded.
func TestMemoryComesBack(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	random := rand.New(rand.NewPCG(3, 5))
	const zones = 200
	origin := func(i int) zone.Name { return zone.Name(fmt.Sprintf("z%d.", i)) }
	now := map[int]zone.Contents{}
	for serial := uint32(1); serial < 2000; serial++ {
		i := random.IntN(zones)
		switch random.IntN(8) {
		case 0:
			s.Drop(origin(i))
			delete(now, i)
		case 1:
			if _, there := now[i]; there {
				s.Fail(origin(i))
				s.Put(now[i])
			}
		default:
			now[i] = version(t, origin(i), 1+random.IntN(100), serial)
			s.Put(now[i])
		}
	}
	fresh := New(Options{})
	for _, c := range now {
		fresh.Put(c)
	}
	items, chunks := s.zones.arena.Size()
	want, _ := fresh.zones.arena.Size()
	if items != want || chunks > items+items/10+3*(2<<20) {
		t.Errorf("%d octets lie in %d; fresh they are %d", items, chunks, want)
	}
	for i := range zones {
		for _, question := range []string{"ns", "n1", "nosuch"} {
			q, via := query(t, question+"."+string(origin(i))+" A")
			if got, want := ask(t, s, q, via).String(), ask(t, fresh, q, via).String(); got != want {
				t.Fatalf("%s\nfresh it is\n%s", got, want)
			}
		}
	}
}
