package nameserver

import (
	"bytes"
	"context"
	"net/netip"
	"runtime"
	"strconv"
	"time"
	"unsafe"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

const (
	// batchSize is how many messages are taken in, and given out, at once.
	batchSize = 64
	// stride keeps the messages of a batch out of each other's cache lines'
	// way: 64 KB apart, all would want the same ones.
	stride = maxTCP + 1 + 320
)

// batch is the work of one thread: messages in, messages out, many with one
// call into the kernel. It takes all its memory when it is made.
type batch struct {
	*quick
	w       writer
	any     bool // answers must say where they leave from
	count   int  // of messages that came
	taken   int  // so many of them were read, the last ones into questions
	next    int  // the first that is not answered
	filled  int  // of answers
	fast    uint64
	came    time.Time // when messages came last
	turn    time.Time // when the scheduler last had the thread
	in, out [batchSize]unix.Mmsghdr
	wants   [batchSize]unix.Iovec
	gives   [batchSize]unix.Iovec
	peers   [batchSize]unix.RawSockaddrInet6 // or Inet4, which is shorter
	control [batchSize][64]byte
	asked   []byte
	said    []byte
	room    int // of an answer in said

	questions [together]plainQuestion
	plain     [together]bool // it is one
	touched   byte
}

func (s *Server) newBatch(u *udpSocket) *batch {
	b := &batch{quick: s.newQuick(), any: u.any, room: (s.opts.MaxUDP + 63) &^ 63}
	b.asked, b.said = outside(batchSize*stride), make([]byte, batchSize*b.room)
	for i := range batchSize {
		b.wants[i].Base = &b.asked[i*stride]
		b.wants[i].SetLen(maxTCP)
		in, out := &b.in[i].Hdr, &b.out[i].Hdr
		in.Name, in.Iov = (*byte)(unsafe.Pointer(&b.peers[i])), &b.wants[i]
		in.SetIovlen(1)
		out.Iov = &b.gives[i]
		out.SetIovlen(1)
	}
	return b
}

// close gives back what is not the runtime's.
func (b *batch) close() {
	b.reader.Close()
	_ = unix.Munmap(b.asked) // which fails for what is the runtime's
}

// outside returns memory that the runtime does not know. What nobody touches of
// it is none: hardly a message is longer than a page. The runtime would clear it,
// and let as much again become garbage.
func outside(size int) []byte {
	mem, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return make([]byte, size)
	}
	return mem
}

// serveUDP answers on a socket until ctx ends and the server is woken.
func (s *Server) serveUDP(ctx context.Context, u *udpSocket) {
	runtime.LockOSThread() // and the thread ends with us: its scheduling is ours
	asBatch()
	b := s.newBatch(u)
	defer b.close()
	answer := func() { b.answerAll(u) }
	fd := uintptr(u.fd)
	for ctx.Err() == nil {
		switch err := b.receive(fd); err {
		case 0:
			for b.next < b.count {
				b.guard(answer)
				b.reader.Leave()
			}
			b.send(fd)
		case unix.EAGAIN:
			b.yield()
			await(fd, unix.POLLIN, s.wake)
		default: // an ICMP error of an answer before
		}
	}
}

// asBatch has a wake-up not interrupt others: so more messages come together
// before they are looked at, where processors are shared.
func asBatch() {
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_BATCH}, 0) // a wish
}

// yieldEvery is below the 10 ms after which the scheduler wants a thread back.
const yieldEvery = 8 * time.Millisecond

// yield gives the scheduler its turn before there is a wait, now and then. It
// takes who never did for one that it has to interrupt, every 20 µs, also while
// he waits.
func (b *batch) yield() {
	if b.came.Sub(b.turn) > yieldEvery {
		runtime.Gosched()
		b.turn = b.came
	}
}

// await waits for a socket. While it waits the thread holds nothing back: not
// the scheduler, not memory.
func await(fd uintptr, event int16, wake int) {
	_, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: event}, {Fd: int32(wake), Events: unix.POLLIN}}, -1)
}

// receive takes in what is there, and does not wait.
func (b *batch) receive(fd uintptr) unix.Errno {
	for i := range b.in {
		b.in[i].Hdr.Namelen = unix.SizeofSockaddrInet6
		if b.any {
			b.in[i].Hdr.Control = &b.control[i][0]
			b.in[i].Hdr.SetControllen(len(b.control[i]))
		}
	}
	n, _, err := unix.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&b.in)), batchSize, unix.MSG_DONTWAIT, 0, 0)
	b.count, b.taken, b.next, b.filled, b.fast = 0, 0, 0, 0, 0
	if err == 0 {
		b.count = int(n)
		b.came = time.Now()
		b.now = uint32(b.came.Unix())
	}
	return err
}

// answerAll answers the messages that came, from next on.
func (b *batch) answerAll(u *udpSocket) {
	b.reader.Enter()
	for b.next < b.count {
		i := b.next
		if i == b.taken {
			b.take()
		}
		b.next++ // first, so that one that cannot be answered is not tried again
		wire := b.asked[i*stride:][:b.in[i].Len]
		room := b.said[b.filled*b.room:][:0:b.room]
		from := b.from(i)
		if at := i % together; b.plain[at] {
			if out, ok := b.reply(room, wire, &b.questions[at], from.Addr(), overUDP); ok {
				b.fast++
				b.give(i, out)
				continue
			}
		}
		b.reader.Leave() // what follows takes its time
		if len(wire) >= headerSize && int(wire[2]>>3)&15 == dns.OpcodeUpdate {
			b.putOff(u, i, from)
		} else if out := b.handle(&b.w, wire, from, overUDP); out != nil && len(out) <= b.room {
			b.give(i, append(room, out...))
		}
		b.reader.Enter()
	}
}

// take reads some more messages.
func (b *batch) take() {
	from := b.taken
	questions := b.questions[:min(b.count-from, together)]
	b.taken += len(questions) // first, and none is plain, so that one that cannot be read is not tried again
	clear(b.plain[:])
	for at := range questions {
		i := from + at
		b.plain[at] = questions[at].read(b.asked[i*stride:][:b.in[i].Len])
	}
	b.touched ^= b.zones.apexes.fetch(b.zones.arena, questions)
}

// give puts an answer to message i beside the others.
func (b *batch) give(i int, out []byte) {
	at := b.filled
	b.filled++
	b.gives[at].Base = &out[0]
	b.gives[at].SetLen(len(out))
	in, to := &b.in[i].Hdr, &b.out[at].Hdr
	to.Name, to.Namelen = in.Name, in.Namelen
	if b.any {
		to.Control = in.Control
		to.SetControllen(leaveFrom(b.control[i][:in.Controllen]))
	}
}

// send sends the answers. One that cannot be sent does not hold up the others.
func (b *batch) send(fd uintptr) {
	b.stats.Queries.Add(b.fast) // handle counts its own
	b.stats.Responses.Add(b.fast)
	for at := 0; at < b.filled; {
		n, _, err := unix.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&b.out[at])), uintptr(b.filled-at), unix.MSG_DONTWAIT, 0, 0)
		switch err {
		case 0:
			at += int(n)
		case unix.EAGAIN:
			await(fd, unix.POLLOUT, b.wake)
		case unix.EINTR:
		default:
			at++
		}
	}
}

// from returns where message i came from.
func (b *batch) from(i int) netip.AddrPort {
	p := &b.peers[i]
	port := (*[2]byte)(unsafe.Pointer(&p.Port))
	if p.Family == unix.AF_INET {
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(p))
		return netip.AddrPortFrom(netip.AddrFrom4(four.Addr), uint16(port[0])<<8|uint16(port[1]))
	}
	addr := netip.AddrFrom16(p.Addr)
	if p.Scope_id != 0 {
		addr = addr.WithZone(strconv.Itoa(int(p.Scope_id)))
	}
	return netip.AddrPortFrom(addr, uint16(port[0])<<8|uint16(port[1]))
}

// sockaddr is the way back from from.
func sockaddr(to netip.AddrPort) unix.Sockaddr {
	if addr := to.Addr(); addr.Is4() {
		return &unix.SockaddrInet4{Port: int(to.Port()), Addr: addr.As4()}
	}
	scope, _ := strconv.Atoi(to.Addr().Zone())
	return &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16(), ZoneId: uint32(scope)}
}

// putOff has an update carried out beside the questions.
func (b *batch) putOff(u *udpSocket, i int, from netip.AddrPort) {
	wire := bytes.Clone(b.asked[i*stride:][:b.in[i].Len])
	var source []byte
	if b.any {
		control := bytes.Clone(b.control[i][:b.in[i].Hdr.Controllen])
		source = control[:leaveFrom(control)]
	}
	s := b.Server
	s.later(func() {
		s.guard(func() {
			if out := s.handle(new(writer), wire, from, overUDP); out != nil {
				_, _ = unix.SendmsgN(u.fd, out, source, sockaddr(from), unix.MSG_DONTWAIT) // or it is lost, as others are
			}
		})
	})
}

// leaveFrom turns the control message that says where a question went (IP_PKTINFO,
// RFC 3542 section 6) into one that has the answer leave from there. It
// returns its length; 0 if it is none.
func leaveFrom(control []byte) int {
	if len(control) < unix.CmsgLen(0) {
		return 0
	}
	head := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
	data := control[unix.CmsgLen(0):]
	switch {
	case head.Level == unix.IPPROTO_IP && head.Type == unix.IP_PKTINFO && len(data) >= unix.SizeofInet4Pktinfo:
		info := (*unix.Inet4Pktinfo)(unsafe.Pointer(&data[0]))
		info.Ifindex, info.Spec_dst = 0, info.Addr
		return unix.CmsgSpace(unix.SizeofInet4Pktinfo)
	case head.Level == unix.IPPROTO_IPV6 && head.Type == unix.IPV6_PKTINFO && len(data) >= unix.SizeofInet6Pktinfo:
		info := (*unix.Inet6Pktinfo)(unsafe.Pointer(&data[0]))
		if !netip.AddrFrom16(info.Addr).IsLinkLocalUnicast() {
			info.Ifindex = 0
		}
		return unix.CmsgSpace(unix.SizeofInet6Pktinfo)
	}
	return 0
}
