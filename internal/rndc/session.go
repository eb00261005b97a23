package rndc

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"strconv"
	"sync"
	"time"
)

// session is what the server keeps of one connection.
type session struct {
	nonce   string
	greeted bool // the first message was answered, and with it the nonce is known
}

func newSession() *session {
	var random [4]byte
	rand.Read(random[:])
	return &session{nonce: strconv.FormatUint(uint64(binary.BigEndian.Uint32(random[:])), 10)}
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
	if !s.seen.fresh(Get(m.Ctrl, "_frm")+";"+Get(m.Ctrl, "_to")+";"+Get(m.Ctrl, "_ser")+";"+Get(m.Ctrl, "_tim"), now) {
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

const (
	replayFor  = 900 * time.Second
	maxReplays = 100_000
)

// replays remembers messages for replayFor at least, or the last maxReplays
// of them: what is forgotten early would still need the nonce of its connection.
type replays struct {
	mu         sync.Mutex // owns the rest
	seed       maphash.Seed
	young, old map[uint64]bool // by hash: a peer must not choose what memory it costs
	turn       time.Time       // when young grows old
}

// fresh notes a message; false if it was seen before.
func (r *replays) fresh(id string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.young == nil {
		r.seed = maphash.MakeSeed()
	}
	if now.Sub(r.turn) >= replayFor {
		r.young = nil // so old that even its being old is over
	}
	if r.young == nil || !now.Before(r.turn) || len(r.young) >= maxReplays {
		r.old, r.young, r.turn = r.young, map[uint64]bool{}, now.Add(replayFor)
	}
	hash := maphash.String(r.seed, id)
	if r.young[hash] || r.old[hash] {
		return false
	}
	r.young[hash] = true
	return true
}
