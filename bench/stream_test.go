package bench

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	streamConns  = 64
	streamWindow = 8 // questions at once on each
)

// stream asks over TCP as fast as the answers come, several at once on each of
// many connections. It is one thread.
type stream struct {
	questions [][]byte
	next      int
	poll      [streamConns]unix.PollFd
	under     [streamConns]int // way: questions without an answer
	have      [streamConns][]byte
	out       []byte
	in        [64 << 10]byte
}

func streams(questions [][]byte) asker {
	return func(b *testing.B, s *subject) func() int {
		c := &stream{questions: questions}
		for i := range c.poll {
			c.poll[i].Fd = -1
		}
		return func() int {
			defer c.close()
			answers, rcodes, err := c.run(s.at, roundFor)
			if err != nil {
				b.Fatalf("%s: %v", s.name, err)
			}
			return checked(b, s, answers, rcodes, []int{0, 3})
		}
	}
}

// connect opens all connections anew: some servers close silent ones soon.
func (c *stream) connect(to netip.AddrPort) error {
	for i := range c.poll {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		c.poll[i] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
		c.under[i], c.have[i] = 0, c.have[i][:0]
		if err := unix.Connect(fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}); err != nil {
			return err
		}
		if err := unix.SetNonblock(fd, true); err != nil {
			return err
		}
	}
	return nil
}

func (c *stream) close() {
	for i := range c.poll {
		unix.Close(int(c.poll[i].Fd))
		c.poll[i].Fd = -1
	}
}

// run asks for so long, and then waits for what is under way.
func (c *stream) run(to netip.AddrPort, long time.Duration) (answers int, rcodes [16]int, err error) {
	if err := c.connect(to); err != nil {
		return 0, rcodes, err
	}
	for end := time.Now().Add(long); ; {
		asking := time.Now().Before(end)
		waiting := 0
		for i := range c.poll {
			if c.under[i] == 0 && asking {
				if err := c.ask(i); err != nil {
					return answers, rcodes, err
				}
			}
			waiting += c.under[i]
		}
		if waiting == 0 {
			return answers, rcodes, nil
		}
		if n, err := unix.Poll(c.poll[:], int(giveUp/time.Millisecond)); n == 0 || err != nil && err != unix.EINTR {
			return answers, rcodes, unix.ETIMEDOUT
		}
		for i := range c.poll {
			if c.poll[i].Revents == 0 {
				continue
			}
			n, err := c.hear(i, &rcodes)
			if err != nil {
				return answers, rcodes, err
			}
			answers += n
		}
	}
}

func (c *stream) ask(i int) error {
	c.out = c.out[:0]
	for range streamWindow {
		q := c.questions[c.next]
		c.next = (c.next + 1) % len(c.questions)
		c.out = append(binary.BigEndian.AppendUint16(c.out, uint16(len(q))), q...)
	}
	c.under[i] = streamWindow
	_, err := unix.Write(int(c.poll[i].Fd), c.out) // little enough to be taken whole
	return err
}

// hear takes what came on a connection.
func (c *stream) hear(i int, rcodes *[16]int) (answers int, err error) {
	n, err := unix.Read(int(c.poll[i].Fd), c.in[:])
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return 0, nil
	case err != nil:
		return 0, err
	case n == 0:
		return 0, unix.ECONNRESET
	}
	have := append(c.have[i], c.in[:n]...)
	for len(have) >= 2 && len(have) >= 2+int(binary.BigEndian.Uint16(have)) {
		rcodes[have[2+3]&15]++
		have = have[2+int(binary.BigEndian.Uint16(have)):]
		answers++
		c.under[i]--
	}
	c.have[i] = append(c.have[i][:0], have...)
	return answers, nil
}
