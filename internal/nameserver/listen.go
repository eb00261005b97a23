package nameserver

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Listen takes the addresses; a port of 0 takes any that is free for UDP and
// TCP alike.
func (s *Server) Listen() error {
	inherited, err := inherit(s.opts.Sockets)
	defer inherited.close()
	for _, addr := range s.opts.Listen {
		if err == nil {
			err = s.listen(addr, inherited)
		}
	}
	for _, addr := range s.opts.TLS {
		if err == nil {
			err = s.listenTLS(addr, inherited)
		}
	}
	if err != nil {
		s.close()
	}
	return err
}

func (s *Server) listen(addr netip.AddrPort, inherited *sockets) error {
	for try := 0; ; try++ {
		tcp, err := inherited.listenTCP(addr)
		if err != nil {
			return err
		}
		got := netip.AddrPortFrom(addr.Addr(), uint16(tcp.Addr().(*net.TCPAddr).Port))
		udp, err := inherited.takeUDP(got)
		if udp == nil && err == nil {
			udp, err = listenUDP(got)
		}
		if err == nil {
			s.udp, s.tcp = append(s.udp, udp...), append(s.tcp, tcp)
			return nil
		}
		tcp.Close()
		if addr.Port() != 0 || try == 20 {
			return err
		}
	}
}

func (s *Server) listenTLS(addr netip.AddrPort, inherited *sockets) error {
	if s.tlsConfig == nil {
		return errors.New("there is no certificate to listen with over TLS")
	}
	l, err := inherited.listenTCP(addr)
	if err == nil {
		s.tls = append(s.tls, l)
	}
	return err
}

// TLSAddrs returns where it listens for TLS.
func (s *Server) TLSAddrs() []netip.AddrPort {
	addrs := make([]netip.AddrPort, len(s.tls))
	for i, l := range s.tls {
		addrs[i] = plain(l.Addr().(*net.TCPAddr).AddrPort())
	}
	return addrs
}

// Addrs returns where it listens for UDP and TCP.
func (s *Server) Addrs() []netip.AddrPort {
	addrs := make([]netip.AddrPort, len(s.tcp))
	for i, l := range s.tcp {
		addrs[i] = plain(l.Addr().(*net.TCPAddr).AddrPort())
	}
	return addrs
}

func plain(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// Sockets returns copies of the listening sockets, for a process that takes
// over: while both have them either may answer, and no question is lost. The
// caller closes them.
func (s *Server) Sockets() (files []*os.File, err error) {
	for _, socket := range s.listeners() {
		fd, err := duplicate(socket)
		if err != nil {
			for _, f := range files {
				f.Close()
			}
			return nil, fmt.Errorf("copying a listening socket: %w", err)
		}
		files = append(files, os.NewFile(uintptr(fd), "listening socket"))
	}
	return files, nil
}

// duplicate copies a socket. The File that package net makes would not do: to
// pass it on switches it to blocking, and with it the socket that we read.
func duplicate(socket io.Closer) (fd int, err error) {
	copied := func(own uintptr) { fd, err = unix.FcntlInt(own, unix.F_DUPFD_CLOEXEC, 0) }
	switch socket := socket.(type) {
	case *udpSocket:
		copied(uintptr(socket.fd))
	case syscall.Conn:
		raw, rawErr := socket.SyscallConn()
		if rawErr == nil {
			rawErr = raw.Control(copied)
		}
		err = cmp.Or(rawErr, err)
	}
	return fd, os.NewSyscallError("fcntl", err)
}

func (s *Server) listeners() (all []io.Closer) {
	for _, u := range s.udp {
		all = append(all, u)
	}
	for _, l := range s.tcp {
		all = append(all, l)
	}
	for _, l := range s.tls {
		all = append(all, l)
	}
	return all
}

// stopListening has those return who wait for something new. Closed under a
// reader, a socket would lose what it has read.
func (s *Server) stopListening() {
	past := time.Unix(1, 0)
	unix.Write(s.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	for _, l := range s.tcp {
		l.SetDeadline(past)
	}
	for _, l := range s.tls {
		l.SetDeadline(past)
	}
}

func (s *Server) close() {
	for _, l := range s.listeners() {
		l.Close()
	}
}

// sockets are those of a process before us, by where they listen.
type sockets struct {
	udp map[netip.AddrPort][]*net.UDPConn
	tcp map[netip.AddrPort]*net.TCPListener
}

func inherit(files []*os.File) (*sockets, error) {
	x := &sockets{map[netip.AddrPort][]*net.UDPConn{}, map[netip.AddrPort]*net.TCPListener{}}
	for _, f := range files {
		conn, packetErr := net.FilePacketConn(f)
		if udp, ok := conn.(*net.UDPConn); packetErr == nil && ok {
			at := plain(udp.LocalAddr().(*net.UDPAddr).AddrPort())
			x.udp[at] = append(x.udp[at], udp)
			continue
		}
		l, streamErr := net.FileListener(f)
		if tcp, ok := l.(*net.TCPListener); streamErr == nil && ok {
			x.tcp[plain(tcp.Addr().(*net.TCPAddr).AddrPort())] = tcp
			continue
		}
		return x, fmt.Errorf("file %s is no socket that we could listen on: %w", f.Name(), errors.Join(packetErr, streamErr))
	}
	return x, nil
}

// takeUDP takes all sockets of an address: those who ask there are spread over
// them, so that none must be left.
func (x *sockets) takeUDP(addr netip.AddrPort) (all []*udpSocket, err error) {
	conns := x.udp[addr]
	delete(x.udp, addr)
	for i, conn := range conns {
		u, err := newUDPSocket(conn)
		if err != nil {
			closeAll(all)
			closeAll(conns[i+1:])
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

// listenTCP takes the socket that is there, or opens one.
func (x *sockets) listenTCP(addr netip.AddrPort) (*net.TCPListener, error) {
	if l := x.tcp[addr]; l != nil {
		delete(x.tcp, addr)
		return l, nil
	}
	return net.ListenTCP(family("tcp", addr.Addr()), net.TCPAddrFromAddrPort(addr))
}

// close closes what was not taken.
func (x *sockets) close() {
	for _, conns := range x.udp {
		closeAll(conns)
	}
	for _, l := range x.tcp {
		l.Close()
	}
}

func closeAll[C io.Closer](all []C) {
	for _, c := range all {
		c.Close()
	}
}
