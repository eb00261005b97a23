package rndc

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"time"
)

// session is what the server keeps of one connection.
type session struct {
	nonce   string
	greeted bool // the first message was answered, and with it the nonce is known
	key     Key  // that signed last
	seen    replays
}

func newSession() *session {
	var random [4]byte
	rand.Read(random[:])
	return &session{
		nonce: strconv.FormatUint(uint64(binary.BigEndian.Uint32(random[:])), 10),
		seen:  replays{most: maxOfOne, ordered: true},
	}
}

// maxGreeting is what is read from somebody who has shown no key yet. rndc's
// first message is of 213 octets.
const maxGreeting = 4096

// most is how long the next message may be.
func (s *session) most() int {
	if s.greeted {
		return MaxRequest
	}
	return maxGreeting
}

// likely puts the key that signed last in front: where there are many, trying
// them all costs more than the command.
func (s *session) likely(keys []Key) []Key {
	if i := slices.Index(keys, s.key); i > 0 {
		return slices.Concat(keys[i:i+1], keys[:i], keys[i+1:])
	}
	return keys
}

// check makes the checks beyond the signature, with named's words for the log.
func (s *Server) check(m Message, session *session) error {
	now := s.now()
	sent, err := strconv.ParseInt(Get(m.Ctrl, "_tim"), 10, 64)
	if err != nil {
		return errors.New("there is no time in the message")
	}
	if skew := now.Sub(time.Unix(sent, 0)); skew > maxSkew || skew < -maxSkew {
		return errors.New("clock skew")
	}
	if exp := Get(m.Ctrl, "_exp"); exp != "" {
		if until, err := strconv.ParseInt(exp, 10, 64); err != nil || time.Unix(until, 0).Before(now) {
			return errors.New("expired")
		}
	}
	if session.greeted && Get(m.Ctrl, "_nonce") != session.nonce {
		return errors.New("bad auth: not the nonce of this connection")
	}
	// A first message could be repeated on any connection; later ones have the nonce of theirs.
	seen := &s.greetings
	if session.greeted {
		seen = &session.seen
	}
	id := Get(m.Ctrl, "_frm") + ";" + Get(m.Ctrl, "_to") + ";" + Get(m.Ctrl, "_ser") + ";" + Get(m.Ctrl, "_tim")
	if !seen.fresh(id, time.Unix(sent, 0), now) {
		return errors.New("duplicate")
	}
	return nil
}

func (s *Server) reply(m Message, a Answer, session *session) Message {
	now := s.now()
	out := Message{
		Ctrl: []Field{
			{Name: "_ser", Value: Get(m.Ctrl, "_ser")},
			{Name: "_tim", Value: strconv.FormatInt(now.Unix(), 10)},
			{Name: "_exp", Value: strconv.FormatInt(now.Unix()+60, 10)},
			{Name: "_rpl", Value: "1"},
			{Name: "_nonce", Value: session.nonce},
		},
		Data: []Field{{Name: "type", Value: Get(m.Data, "type")}, {Name: "result", Value: strconv.Itoa(a.Result)}},
	}
	if a.Result != 0 {
		out.Data = append(out.Data, Field{Name: "err", Value: a.Err})
	}
	if a.Text != "" {
		out.Data = append(out.Data, Field{Name: "text", Value: a.Text})
	}
	return out
}
