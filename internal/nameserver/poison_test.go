package nameserver

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/nameserver/arena"
	"github.com/skein-dns/skein/internal/nameserver/block"
)

// poisoned is a server whose arena overwrites what it gives back.
func poisoned(t testing.TB, o Options) *Server {
	t.Helper()
	s := New(o)
	var err error
	if s.zones.arena, err = arena.New(true); err != nil {
		t.Fatal(err)
	}
	started(t, s)
	return s
}

// While a zone is replaced as fast as it goes, with readers at full load, a
// listener that nobody asks and a transfer that does not get on, no answer
// mixes two versions, nor shows what was freed.
func TestNobodySeesFreedMemory(t *testing.T) {
	t.Parallel()
	local := netip.MustParseAddrPort("127.0.0.1:0")
	s := poisoned(t, Options{Listen: []netip.AddrPort{local, local}}) // the second is idle
	s.SetAccess(Access{TransferNets: loopback})
	var versionsOf []block.Block
	for v := 1; v <= 60; v++ {
		b, ok := compile(newView(marked(t, v), nil), new(tools))
		if !ok {
			t.Fatal("the zone is no block")
		}
		versionsOf = append(versionsOf, b)
	}
	apex := versionsOf[0].Apex()
	swap := func(n int) {
		if err := s.zones.set(apex, versionsOf[n%len(versionsOf)], kept{}); err != nil {
			t.Error(err)
		}
	}
	swap(0)
	stalled, err := net.Dial("tcp", s.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.Close()
	const transfers = 200 // more than the system keeps for who does not read
	for range transfers {
		if err := writeFrame(stalled, packet(0, 1, 0, 0, 0, wireQuestion("z", 252, 1))); err != nil {
			t.Fatal(err)
		}
	}
	var readers sync.WaitGroup
	var done atomic.Int64
	for reader := range 3 {
		readers.Go(func() {
			defer done.Add(1)
			if err := s.readMarked(reader, 100); err != nil {
				t.Error(err)
			}
		})
	}
	var swaps atomic.Int64
	readers.Go(func() { // one who is interrupted in the middle of a batch, for long
		defer done.Add(1)
		k := s.newQuick()
		defer k.reader.Close()
		for range 10 {
			k.one.name.Set(apex)
			k.reader.Enter()
			b, _ := s.zones.apexes.longest(s.zones.arena, &k.one.name, 0)
			was, serial := bytes.Clone(b), b.Serial()
			for until := swaps.Load() + 5_000; swaps.Load() < until && !t.Failed(); {
				runtime.Gosched()
			}
			if !bytes.Equal(b, was) || !bytes.Equal(b, versionsOf[serial-1]) {
				t.Errorf("version %d changed under its reader", serial)
			}
			k.reader.Leave()
		}
	})
	for ; swaps.Load() < 20_000 || done.Load() < 4 && !t.Failed(); swaps.Add(1) {
		swap(int(swaps.Load()))
	}
	readers.Wait()
	in := bufio.NewReader(stalled)
	stalled.SetDeadline(time.Now().Add(20 * time.Second))
	for range transfers {
		wire, err := readFrame(in)
		if err != nil {
			t.Fatal(err)
		}
		if found := versions(unpack(t, wire)); len(found) != 1 {
			t.Errorf("a transfer mixes %v", found)
		}
	}
	if items, chunks := s.zones.arena.Size(); chunks > items+4*(2<<20) {
		t.Errorf("after %d swaps %d octets lie in %d", swaps.Load(), items, chunks)
	}
}

// readMarked asks for a marked zone over UDP, many questions at once, and looks
// at every answer.
func (s *Server) readMarked(reader, times int) error {
	conn, err := net.Dial("udp", s.Addrs()[0].String())
	if err != nil {
		return err
	}
	defer conn.Close()
	questions := []string{
		wireQuestion("z", 15, 1), wireQuestion("z", 2, 1), wireQuestion("alias.z", 16, 1), wireQuestion("x.wild.z", 16, 1), wireQuestion("nosuch.z", 1, 1),
		wireQuestion("a.cut.z", 1, 1), wireQuestion("z", 255, 1), wireQuestion("end.z", 1, 1), wireQuestion("x.old.z", 16, 1),
	}
	buf := make([]byte, 1500)
	for i := range times {
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		const burst = 50
		for range burst {
			if _, err := conn.Write(packet(0, 1, 0, 0, 0, questions[(reader+i)%len(questions)])); err != nil {
				return err
			}
		}
		for range burst {
			n, err := conn.Read(buf)
			if err != nil {
				return err
			}
			m := new(dns.Msg)
			if err := m.Unpack(buf[:n]); err != nil {
				return fmt.Errorf("an answer is malformed: %w", err)
			}
			if found := versions(m); len(found) != 1 {
				return fmt.Errorf("an answer mixes %v: %s", found, m)
			}
		}
	}
	return nil
}
