package rndc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Handler answers commands. It gets the peer and the key that signed.
type Handler func(ctx context.Context, from net.Addr, key Key, command string) Answer

// Server is the other side: it makes every check that named makes, and like
// named closes the connection without a word when one fails. Its fields are
// not to be changed once it serves; it may serve several listeners.
type Server struct {
	Keys     []Key
	KeysFrom func(netip.Addr) []Key // instead of Keys: those of an address, as they are now; without any it is not allowed
	Allow    []netip.Prefix         // where connections may come from; anywhere if empty
	ReadOnly bool                   // only commands that change nothing
	Handler  Handler
	Now      func() time.Time               // time.Now by default
	Refused  func(from net.Addr, why error) // for the log; may be nil
	Conns    int                            // at once on one listener; 100 by default. A quarter of them may be of one address

	greetings replays
}

const (
	maxSkew    = 300 * time.Second
	serverIdle = 30 * time.Second
	// acceptPause is how long a lack of descriptors is waited out.
	acceptPause = 50 * time.Millisecond
)

// Serve answers on l until ctx ends.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var running sync.WaitGroup
	defer running.Wait()
	places := newPlaces(cmp.Or(s.Conns, 100))
	for {
		conn, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				conn.Close()
			}
			return nil
		case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.ECONNABORTED):
			time.Sleep(acceptPause)
			continue
		case err != nil:
			return err
		}
		peer := addressOf(conn)
		if !places.take(peer) {
			s.refused(conn, errors.New("too many connections"))
			conn.Close()
			continue
		}
		running.Go(func() {
			defer places.give(peer)
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			if err := s.serve(ctx, conn); err != nil && ctx.Err() == nil {
				s.refused(conn, err)
			}
		})
	}
}

// addressOf is where a connection comes from; not valid for one of another kind than TCP.
func addressOf(conn net.Conn) netip.Addr {
	tcp, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap()
}

func (s *Server) refused(conn net.Conn, why error) {
	if s.Refused != nil {
		s.Refused(conn.RemoteAddr(), why)
	}
}

func (s *Server) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// serve answers one connection. The error says why it was closed, if that is worth a word.
func (s *Server) serve(ctx context.Context, conn net.Conn) error {
	peer := addressOf(conn)
	if len(s.keys(peer)) == 0 {
		return errors.New("its address is not allowed")
	}
	session := newSession()
	for {
		_ = conn.SetDeadline(time.Now().Add(serverIdle))
		body, err := readFrame(conn, session.most())
		if err != nil {
			return worthAWord(err)
		}
		keys := session.likely(s.keys(peer)) // anew for each message: one may have been withdrawn
		m, which, err := ParseFrame(body, keys...)
		if err != nil {
			return err
		}
		if err := s.check(m, session); err != nil {
			return err
		}
		a := s.carryOut(ctx, conn.RemoteAddr(), keys[which], m, session)
		frame, err := AppendFrame(nil, s.reply(m, a, session), keys[which])
		if err != nil {
			return err
		}
		if len(frame)-4 > MaxAnswer {
			return fmt.Errorf("the answer to %q is longer than rndc takes", Get(m.Data, "type"))
		}
		_ = conn.SetDeadline(time.Now().Add(serverIdle))
		if _, err := conn.Write(frame); err != nil {
			return worthAWord(err)
		}
		session.greeted, session.key = true, keys[which]
	}
}

// worthAWord leaves out that a peer went away or was idle for too long.
func worthAWord(err error) error {
	if errors.Is(err, ErrFrame) {
		return err
	}
	return nil
}

// keys are those that may sign what comes from an address.
func (s *Server) keys(from netip.Addr) []Key {
	switch {
	case len(s.Allow) > 0 && !slices.ContainsFunc(s.Allow, func(p netip.Prefix) bool { return p.Contains(from) }):
		return nil
	case s.KeysFrom != nil:
		return s.KeysFrom(from)
	}
	return s.Keys
}

// carryOut has the handler answer. The first message of a connection is never
// carried out: it only fetches the nonce.
func (s *Server) carryOut(ctx context.Context, from net.Addr, key Key, m Message, session *session) Answer {
	command := Get(m.Data, "type")
	name, rest, _ := strings.Cut(strings.TrimSpace(command), " ")
	switch {
	case !session.greeted, name == "null":
		return Answer{}
	case s.ReadOnly && !changesNothing(name, rest):
		return Answer{Result: 25, Err: "failure", Text: "this channel is read-only"}
	}
	return s.Handler(ctx, from, key, command)
}

// changesNothing lists what named allows on a channel that is read-only.
func changesNothing(name, rest string) bool {
	switch name {
	case "null", "status", "showzone", "zonestatus", "testgen":
		return true
	case "nta":
		return strings.HasPrefix(strings.TrimSpace(rest), "-d")
	}
	return false
}
