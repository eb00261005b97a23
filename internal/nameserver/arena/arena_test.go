package arena_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/skein-dns/skein/internal/nameserver/arena"
)

// shelf is an owner of items: one a number, found by one atomic word, as an
// index does it.
type shelf struct {
	t      testing.TB
	arena  *arena.Arena
	places [512]atomic.Uint64
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	a, err := arena.New(true)
	if err != nil {
		t.Fatal(err)
	}
	return &shelf{t: t, arena: a}
}

// item is the number of its place, and its version all over.
func item(place, version, size int) []byte {
	b := bytes.Repeat(binary.LittleEndian.AppendUint32(nil, uint32(version)), size/4)
	binary.LittleEndian.PutUint32(b, uint32(size))
	binary.LittleEndian.PutUint32(b[4:], uint32(place))
	return b
}

func (s *shelf) put(place, version, size int) {
	s.t.Helper()
	to, err := s.arena.Add(item(place, version, size))
	if err != nil {
		s.t.Fatal(err)
	}
	s.free(arena.Ref(s.places[place].Swap(uint64(to))))
}

func (s *shelf) free(r arena.Ref) {
	s.t.Helper()
	if r == 0 {
		return
	}
	size := len(s.arena.Item(r))
	s.arena.Free(r)
	if err := s.arena.Compact(32*size, s); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) Refers(item []byte, at arena.Ref) bool {
	return s.places[binary.LittleEndian.Uint32(item[4:])].Load() == uint64(at)
}

func (s *shelf) Moved(item []byte, _, to arena.Ref) {
	s.places[binary.LittleEndian.Uint32(item[4:])].Store(uint64(to))
}

// check fails unless an item is whole: of its place, and of one version.
func check(t testing.TB, b []byte, place int) (whole bool) {
	t.Helper()
	if binary.LittleEndian.Uint32(b[4:]) != uint32(place) {
		t.Errorf("place %d holds what is of place %d", place, binary.LittleEndian.Uint32(b[4:]))
		return false
	}
	if !bytes.Equal(b[8:len(b)-4], b[12:]) { // every four octets are those before
		t.Errorf("place %d is of several versions", place)
		return false
	}
	return true
}

// What a reader that is in found stays as it is while everything is replaced,
// and once it is out nothing is kept for it.
func TestAReaderKeepsWhatItFound(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for place := range s.places {
		s.put(place, 1, 8<<10)
	}
	idle, reader := s.arena.Reader(), s.arena.Reader()
	defer idle.Close() // waits for a message: never in, and in nobody's way
	reader.Enter()
	held := s.arena.Item(arena.Ref(s.places[7].Load()))
	for version := 2; version < 12; version++ {
		for place := range s.places {
			s.put(place, version, 8<<10)
		}
	}
	if check(t, held, 7); binary.LittleEndian.Uint32(held[8:]) != 1 {
		t.Error("what the reader holds is of another version")
	}
	items, waiting := s.arena.Size()
	reader.Leave()
	reader.Close()
	for place := range s.places {
		s.put(place, 12, 8<<10)
	}
	if check := held[8:12]; !bytes.Equal(check, []byte{0xDB, 0xDB, 0xDB, 0xDB}) && binary.LittleEndian.Uint32(check) == 1 {
		t.Error("the memory was not given back when the reader left")
	}
	if _, chunks := s.arena.Size(); chunks > items+items/8+3*(2<<20) {
		t.Errorf("%d octets lie in %d octets of chunks (%d while the reader was in)", items, chunks, waiting)
	}
}

// Readers at full speed see whole items only, while all are replaced and moved
// without pause.
func TestNobodySeesPoison(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for place := range s.places {
		s.put(place, 1, 4<<10)
	}
	var stop atomic.Bool
	var readers sync.WaitGroup
	for n := range 3 {
		readers.Go(func() {
			r := s.arena.Reader()
			defer r.Close()
			random := rand.New(rand.NewPCG(uint64(n), 1))
			for !stop.Load() {
				r.Enter()
				for range 16 {
					place := random.IntN(len(s.places))
					if !check(t, s.arena.Item(arena.Ref(s.places[place].Load())), place) {
						stop.Store(true)
					}
				}
				r.Leave()
			}
		})
	}
	random := rand.New(rand.NewPCG(9, 9))
	for version := 2; version < 8_000 && !stop.Load(); version++ {
		s.put(random.IntN(len(s.places)), version, 16+8*random.IntN(1000))
	}
	stop.Store(true)
	readers.Wait()
}

// Whatever came and went, the chunks are hardly larger than what lies in them.
func TestWasteStaysLow(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	random := rand.New(rand.NewPCG(1, 2))
	for version := range 4_000 {
		place := random.IntN(len(s.places))
		if random.IntN(5) == 0 {
			s.free(arena.Ref(s.places[place].Swap(0)))
			continue
		}
		s.put(place, version, 16+8*random.IntN(8000))
	}
	if items, chunks := s.arena.Size(); chunks > items+items/10+3*(2<<20) { // the one in use, one being emptied, half of one tolerated
		t.Errorf("%d octets lie in %d octets of chunks", items, chunks)
	}
	if err := s.arena.Settle(s); err != nil {
		t.Fatal(err)
	}
	if items, chunks := s.arena.Size(); chunks > items+items/16+2*(2<<20) { // the one in use, what others have no room for
		t.Errorf("settled, %d octets lie in %d octets of chunks", items, chunks)
	}
}

// Address space is opened piece by piece, and items lie on both sides of each border.
func TestItemsLieAllOver(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	var places []arena.Ref
	for i := range 45 * (2 << 20) / arena.MaxItem { // the chunks of small pages, those of one piece, and more
		to, err := s.arena.Add(item(i, 1, arena.MaxItem))
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, to)
	}
	for i, at := range places {
		if !check(t, s.arena.Item(at), i) {
			break
		}
	}
}

// Where items will lie next has memory before they come, so that who adds one
// does not wait for that with the lock held; and it is told of once.
func TestMemoryIsThereAhead(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	const size = 64 << 10
	told := 0
	for version := range 12 * (2 << 20) / size {
		to, err := s.arena.Add(item(0, version, size))
		if err != nil {
			t.Fatal(err)
		}
		next := s.arena.Ahead()
		if next == nil {
			continue
		}
		if s.arena.Ahead() != nil {
			t.Fatal("it is told of twice")
		}
		told++
		s.arena.Provide(next)
		pages := make([]byte, len(next)/unix.Getpagesize())
		if _, _, err := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&next[0])), uintptr(len(next)), uintptr(unsafe.Pointer(&pages[0]))); err != 0 {
			t.Fatal(err)
		}
		if n := bytes.Count(pages, []byte{1}); n != len(pages) {
			t.Errorf("%d of %d pages are there", n, len(pages))
		}
		for n := 0; &s.arena.Item(to)[0] != &next[0]; n++ {
			if n > (2<<20)/size {
				t.Fatal("nothing comes to lie there")
			}
			if to, err = s.arena.Add(item(0, version, size)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if told < 2 {
		t.Errorf("told %d times", told)
	}
}
