package bench

import (
	"fmt"
	"net/netip"
	"os"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// echoEnv has the test binary be an echo at this address.
const echoEnv = "SKEIN_BENCH_ECHO"

// TestMain is the echo, in a process of its own, if that is asked for.
func TestMain(m *testing.M) {
	if at := os.Getenv(echoEnv); at != "" {
		fmt.Fprintln(os.Stderr, echo(netip.MustParseAddrPort(at)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func echoCommand(b *testing.B, at netip.AddrPort) []string {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	return []string{"env", echoEnv + "=" + at.String(), self}
}

// echo sends every message back as an answer: what the system takes for that
// is the floor under every nameserver.
func echo(at netip.AddrPort) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()})
	}
	if err != nil {
		return err
	}
	const batch = 64
	var heads [batch]unix.Mmsghdr
	var iov [batch]unix.Iovec
	var peers [batch]unix.RawSockaddrInet4
	var buf [batch][2048]byte
	for i := range heads {
		iov[i].Base = &buf[i][0]
		heads[i].Hdr.Name, heads[i].Hdr.Iov = (*byte)(unsafe.Pointer(&peers[i])), &iov[i]
		heads[i].Hdr.SetIovlen(1)
	}
	for {
		for i := range heads {
			iov[i].SetLen(len(buf[i]))
			heads[i].Hdr.Namelen = unix.SizeofSockaddrInet4
		}
		n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&heads)), batch, unix.MSG_WAITFORONE, 0, 0)
		if errno != 0 {
			continue
		}
		for i := range int(n) {
			iov[i].SetLen(int(heads[i].Len))
			buf[i][2] |= 0x80
		}
		unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&heads)), n, 0, 0, 0)
	}
}
