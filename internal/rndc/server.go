package rndc

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Handler answers commands. It gets the peer and the key that signed.
type Handler func(ctx context.Context, from net.Addr, key Key, command string) Answer

// Server is the other side: it makes every check that named makes, and like
// named closes the connection without a word when one fails.
type Server struct {
	Keys    []Key
	Handler Handler
	Now     func() time.Time               // time.Now by default
	Refused func(from net.Addr, why error) // for the log; may be nil
	Conns   int                            // at once; 100 by default

	seen replays
}

const (
	maxSkew    = 300 * time.Second
	replayFor  = 900 * time.Second
	maxReplays = 100_000
	serverIdle = 30 * time.Second
)

// Serve answers on l until ctx ends.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Conns == 0 {
		s.Conns = 100
	}
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	var running sync.WaitGroup
	defer running.Wait()
	places := make(chan struct{}, s.Conns)
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		select {
		case places <- struct{}{}:
		default:
			conn.Close()
			continue
		}
		running.Go(func() {
			defer func() { <-places }()
			defer conn.Close()
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			defer stop()
			if err := s.serve(ctx, conn); err != nil && s.Refused != nil && ctx.Err() == nil {
				s.Refused(conn.RemoteAddr(), err)
			}
		})
	}
}

func (s *Server) serve(ctx context.Context, conn net.Conn) error {
	var random [4]byte
	rand.Read(random[:])
	nonce := strconv.FormatUint(uint64(binary.BigEndian.Uint32(random[:])), 10)
	for first := true; ; first = false {
		conn.SetDeadline(time.Now().Add(serverIdle))
		body, err := readFrame(conn, MaxRequest)
		if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || isReset(err) || isTimeout(err) {
			return nil
		}
		if err != nil {
			return err
		}
		m, which, err := ParseFrame(body, s.Keys...)
		if err == nil {
			err = s.check(m, nonce, first)
		}
		if err != nil {
			return err
		}
		command := Get(m.Data, "type")
		var a Answer
		if !first { // the first message of a connection is never carried out
			if a = (Answer{}); command != "null" {
				a = s.Handler(ctx, conn.RemoteAddr(), s.Keys[which], command)
			}
		}
		frame, err := AppendFrame(nil, s.reply(m, a, nonce, command), s.Keys[which])
		if err != nil {
			return err
		}
		conn.SetDeadline(time.Now().Add(serverIdle))
		if _, err := conn.Write(frame); err != nil {
			return nil
		}
	}
}

// check makes the checks beyond the signature.
func (s *Server) check(m Message, nonce string, first bool) error {
	now := s.Now()
	sent, err := strconv.ParseInt(Get(m.Ctrl, "_tim"), 10, 64)
	if err != nil {
		return errors.New("no time in the message")
	}
	if skew := now.Sub(time.Unix(sent, 0)); skew > maxSkew || skew < -maxSkew {
		return errors.New("clock skew")
	}
	if exp := Get(m.Ctrl, "_exp"); exp != "" {
		if until, err := strconv.ParseInt(exp, 10, 64); err != nil || time.Unix(until, 0).Before(now) {
			return errors.New("expired")
		}
	}
	if !first && Get(m.Ctrl, "_nonce") != nonce {
		return errors.New("bad auth: wrong nonce")
	}
	if !s.seen.fresh(Get(m.Ctrl, "_frm")+";"+Get(m.Ctrl, "_to")+";"+Get(m.Ctrl, "_ser")+";"+Get(m.Ctrl, "_tim"), now) {
		return errors.New("duplicate")
	}
	return nil
}

func (s *Server) reply(m Message, a Answer, nonce, command string) Message {
	now := s.Now().Unix()
	out := Message{
		Ctrl: []Field{
			{Name: "_ser", Value: Get(m.Ctrl, "_ser")},
			{Name: "_tim", Value: strconv.FormatInt(now, 10)},
			{Name: "_exp", Value: strconv.FormatInt(now+60, 10)},
			{Name: "_rpl", Value: "1"},
			{Name: "_nonce", Value: nonce},
		},
		Data: []Field{{Name: "type", Value: command}, {Name: "result", Value: strconv.Itoa(a.Result)}},
	}
	if a.Result != 0 {
		out.Data = append(out.Data, Field{Name: "err", Value: a.Err})
	}
	if a.Text != "" {
		out.Data = append(out.Data, Field{Name: "text", Value: a.Text})
	}
	return out
}

// replays remembers messages for as long as their time is accepted.
type replays struct {
	mu   sync.Mutex // owns the rest
	seen map[string]time.Time
	next time.Time // when to forget the old ones
}

func (r *replays) fresh(id string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[string]time.Time{}
	}
	if now.After(r.next) || len(r.seen) >= maxReplays {
		for old, at := range r.seen {
			if now.Sub(at) > replayFor {
				delete(r.seen, old)
			}
		}
		r.next = now.Add(replayFor / 10)
	}
	if at, again := r.seen[id]; again && now.Sub(at) <= replayFor || len(r.seen) >= maxReplays {
		return false
	}
	r.seen[id] = now
	return true
}

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
