package tsig

import (
	"crypto/hmac"
	"encoding/binary"
	"time"
)

// Problem is what is wrong with a signature (RFC 8945 section 3).
type Problem uint16

// The problems. A message with Malformed is answered FORMERR without a TSIG
// record; with any other one NOTAUTH, with the record that Sign appends.
const (
	None      Problem = 0
	BadSig    Problem = 16
	BadKey    Problem = 17
	BadTime   Problem = 18
	BadTrunc  Problem = 22
	Malformed Problem = 0xFFFF // never on the wire
)

// String returns the mnemonic.
func (p Problem) String() string {
	switch p {
	case None:
		return "none"
	case BadSig:
		return "BADSIG"
	case BadKey:
		return "BADKEY"
	case BadTime:
		return "BADTIME"
	case BadTrunc:
		return "BADTRUNC"
	}
	return "malformed"
}

// Session is one signed request and its answers, of which there may be many.
// It is for one goroutine.
type Session struct {
	key     Key
	mac     []byte // of the message before
	many    bool   // an answer went before: only timers are signed (section 5.3.1)
	reply   record // without time and MAC
	time    uint64 // of the answers; 0: now
	unknown bool   // no key, no MAC (section 5.3.2)
}

// Ask begins a session with a request of our own.
func Ask(key Key) *Session {
	return &Session{key: key, reply: record{name: key.name, algorithm: key.algorithm, fudge: fudge}}
}

// Receive verifies a request. at is where its last record begins, which must
// be the TSIG record; find returns a key by its name (see Key.Name). The
// session signs the answers, whatever the problem is; nil if Malformed.
func Receive(wire []byte, at int, find func(name string) (Key, bool), now time.Time) (*Session, Problem) {
	r, ok := parse(wire, at)
	if !ok {
		return nil, Malformed
	}
	s := &Session{reply: record{name: r.name, algorithm: r.algorithm, fudge: fudge, id: r.id}, unknown: true}
	key, known := find(unpack(r.name))
	if !known || key.algorithm != r.algorithm || key.name != r.name {
		return s.fail(r, BadKey, now)
	}
	s.key = key
	if whole := key.digest().Size(); len(r.mac) > whole || len(r.mac) < max(10, whole/2) {
		return nil, Malformed // section 5.2.2.1
	}
	whole := key.mac(head(wire, r.id), wire[12:at], r.variables())
	if !hmac.Equal(r.mac, whole[:len(r.mac)]) {
		return s.fail(r, BadSig, now)
	}
	s.unknown, s.mac = false, r.mac
	switch {
	case distance(now, r.time) > uint64(r.fudge):
		return s.fail(r, BadTime, now)
	case len(r.mac) < len(whole):
		return s.fail(r, BadTrunc, now) // no key of ours is for truncated MACs
	}
	return s, None
}

func (s *Session) fail(r record, p Problem, now time.Time) (*Session, Problem) {
	s.reply.problem = p
	if p == BadTime { // the client's time, and ours beside it (section 5.2.3)
		s.time = r.time
		s.reply.other = record{time: uint64(now.Unix())}.timers(nil)[:6]
	}
	return s, p
}

// Key returns the name of the key that signed; "" if the signature did not hold.
func (s *Session) Key() string {
	if s.unknown || s.reply.problem != None {
		return ""
	}
	return s.key.Name()
}

// Room is how many octets Sign appends.
func (s *Session) Room() int {
	if s.unknown {
		return s.reply.size()
	}
	return s.reply.size() + s.key.digest().Size()
}

// Sign appends a TSIG record to a message and counts it in its header.
func (s *Session) Sign(wire []byte, now time.Time) []byte {
	r := s.reply
	if r.time = s.time; r.time == 0 {
		r.time = uint64(now.Unix())
	}
	r.id = binary.BigEndian.Uint16(wire)
	if !s.unknown {
		signed := [][]byte{wire}
		if s.mac != nil {
			signed = [][]byte{binary.BigEndian.AppendUint16(nil, uint16(len(s.mac))), s.mac, wire}
		}
		if s.many {
			signed = append(signed, r.timers(nil))
		} else {
			signed = append(signed, r.variables())
		}
		r.mac = s.key.mac(signed...)
		s.many = s.mac != nil
		s.mac = r.mac
	}
	wire = r.append(wire)
	binary.BigEndian.PutUint16(wire[10:], binary.BigEndian.Uint16(wire[10:])+1)
	return wire
}

// Verify checks an answer to Ask's request, which is one message.
func (s *Session) Verify(wire []byte, at int, now time.Time) Problem {
	r, ok := parse(wire, at)
	switch {
	case !ok:
		return Malformed
	case r.name != s.key.name || r.algorithm != s.key.algorithm:
		return BadKey
	}
	want := s.key.mac(binary.BigEndian.AppendUint16(nil, uint16(len(s.mac))), s.mac, head(wire, r.id), wire[12:at], r.variables())
	switch {
	case !hmac.Equal(r.mac, want):
		return BadSig
	case distance(now, r.time) > uint64(r.fudge):
		return BadTime
	}
	return r.problem
}

// head is the header as it was signed: the id of the one who signed, and the
// TSIG record not counted.
func head(wire []byte, id uint16) []byte {
	h := binary.BigEndian.AppendUint16(nil, id)
	h = append(h, wire[2:10]...)
	return binary.BigEndian.AppendUint16(h, binary.BigEndian.Uint16(wire[10:])-1)
}

func distance(now time.Time, seconds uint64) uint64 {
	d := now.Unix() - int64(seconds)
	return uint64(max(d, -d))
}
