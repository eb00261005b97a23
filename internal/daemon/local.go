package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"syscall"

	"github.com/skein-dns/skein"
)

// listenLocal opens the socket of the command line. One left over by a killed
// node is replaced: the lock on the directory says that nobody else uses it.
func listenLocal(path string) (net.Listener, error) {
	if len(path) > 107 { // sun_path of unix(7)
		return nil, &skein.Error{Kind: skein.KindInvalid, What: "the path " + path + " is too long for a unix socket", Mend: "use a data directory with a shorter path, or a relative one"}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("replacing the socket of the last run: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// peerKey finds in a request's context whether the kernel says that the
// caller is root or this daemon's own user.
type peerKey struct{}

// admitPeer is an http.Server's ConnContext for the unix socket.
func admitPeer(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, peerKey{}, trustedPeer(c))
}

func trustedPeer(c net.Conn) bool {
	unix, ok := c.(*net.UnixConn)
	if !ok {
		return false
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return false
	}
	trusted := false
	err = raw.Control(func(fd uintptr) {
		cred, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
		trusted = err == nil && (cred.Uid == 0 || int(cred.Uid) == os.Geteuid())
	})
	return err == nil && trusted
}

// localActor is the administrator at the machine itself.
func localActor(r *http.Request) (skein.Actor, bool) {
	trusted, _ := r.Context().Value(peerKey{}).(bool)
	if !trusted {
		return skein.Actor{}, false
	}
	return skein.Actor{Name: "admin", Door: "cli", Source: "admin", Tenant: skein.RootTenant, Role: skein.RoleRoot, Admin: true}, true
}

// localPlesk is the Plesk server on this machine: pushes through the unix
// socket or the node's own spool. It is no administrator: a push must not
// replace the zones of others.
func localPlesk() skein.Actor {
	return skein.Actor{Name: "plesk", Door: "plesk", Source: "plesk"}
}
