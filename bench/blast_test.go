package bench

import (
	"net/netip"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	blastSockets = 256 // as many client ports
	blastWindow  = 4   // questions under way on each: together more than a server answers at once
	blastLost    = 200 * time.Millisecond
)

// blast asks as fast as the answers come, from many ports, with few calls into
// the kernel, so that it costs less than any server that it asks. It is one thread.
type blast struct {
	questions [][]byte
	next      int
	sockets   [blastSockets]blastSocket
	poll      [blastSockets]unix.PollFd
	in, out   [blastWindow]unix.Mmsghdr
	iov       [2 * blastWindow]unix.Iovec
	buf       [2 * blastWindow][2048]byte
}

type blastSocket struct {
	under int // way: questions without an answer
	last  time.Time
}

func newBlast(tb testing.TB, server netip.AddrPort, questions [][]byte) *blast {
	tb.Helper()
	b := &blast{questions: questions}
	for i := range b.sockets {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			err = unix.Connect(fd, &unix.SockaddrInet4{Port: int(server.Port()), Addr: server.Addr().As4()})
		}
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { unix.Close(fd) })
		b.poll[i] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
	}
	for i := range b.iov {
		b.iov[i].Base = &b.buf[i][0]
		head := &b.in[i%blastWindow].Hdr
		if i >= blastWindow {
			head = &b.out[i-blastWindow].Hdr
		}
		head.Iov = &b.iov[i]
		head.SetIovlen(1)
	}
	return b
}

// run asks for so long. It returns how many answers came, by rcode.
func (b *blast) run(long time.Duration) (answers int, rcodes [16]int) {
	now := time.Now()
	for end := now.Add(long); now.Before(end); now = time.Now() {
		for i := range b.sockets {
			b.ask(i, now)
		}
		if n, _ := unix.Poll(b.poll[:], 50); n <= 0 {
			continue
		}
		for i := range b.sockets {
			if b.poll[i].Revents != 0 {
				answers += b.hear(i, &rcodes)
			}
		}
	}
	return answers, rcodes
}

// ask fills the window of a socket.
func (b *blast) ask(i int, now time.Time) {
	s := &b.sockets[i]
	if s.under > 0 && now.Sub(s.last) > blastLost {
		s.under = 0
	}
	n := blastWindow - s.under
	if n == 0 {
		return
	}
	for j := range n {
		q := b.questions[b.next]
		b.next = (b.next + 1) % len(b.questions)
		copy(b.buf[blastWindow+j][:], q)
		b.iov[blastWindow+j].SetLen(len(q))
	}
	sent, _, err := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(b.poll[i].Fd), uintptr(unsafe.Pointer(&b.out)), uintptr(n), 0, 0, 0)
	if err == 0 {
		s.under += int(sent)
	}
	s.last = now
}

// hear takes what came to a socket.
func (b *blast) hear(i int, rcodes *[16]int) int {
	for j := range blastWindow {
		b.iov[j].SetLen(len(b.buf[j]))
	}
	n, _, err := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(b.poll[i].Fd), uintptr(unsafe.Pointer(&b.in)), blastWindow, unix.MSG_DONTWAIT, 0, 0)
	if err != 0 {
		return 0
	}
	for j := range int(n) {
		rcodes[b.buf[j][3]&15]++
	}
	b.sockets[i].under = max(0, b.sockets[i].under-int(n))
	return int(n)
}
