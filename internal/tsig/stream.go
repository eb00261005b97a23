package tsig

import (
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Errors of a stream.
var (
	ErrUnsigned = errors.New("there is no signature")
	ErrProblem  = errors.New("the signature does not hold")
)

// maxBetween is how many messages may go without a signature between two that
// have one (section 5.3.1).
const maxBetween = 99

// Stream verifies the messages of one answer, such as a zone transfer, in
// their order. A signature covers the one before it, and all messages since
// then; what was not covered yet must not be used. It is for one goroutine.
type Stream struct {
	asked   *Session
	mac     []byte // the signature before
	later   bool   // an answer was signed: from then on only the timers are signed beside it
	between []byte // messages without a signature since then
	count   int    // of them
}

// Stream is for the answer to the request that the session signed.
func (s *Session) Stream() *Stream { return &Stream{asked: s, mac: s.mac} }

// Next verifies one message. at is where its TSIG record begins; -1 says that
// it has none.
func (t *Stream) Next(wire []byte, at int, now time.Time) error {
	if at < 0 {
		switch {
		case !t.later:
			return ErrUnsigned
		case t.count == maxBetween:
			return fmt.Errorf("%w in more than %d messages", ErrUnsigned, maxBetween)
		}
		t.between, t.count = append(t.between, wire...), t.count+1
		return nil
	}
	r, ok := parse(wire, at)
	switch {
	case !ok:
		return fmt.Errorf("%w: it is malformed", ErrProblem)
	case r.name != t.asked.key.name || r.algorithm != t.asked.key.algorithm:
		return fmt.Errorf("%w: it is by another key than %s", ErrProblem, t.asked.key.Name())
	}
	beside := r.variables()
	if t.later {
		beside = r.timers(nil)
	}
	want := t.asked.key.mac(binary.BigEndian.AppendUint16(nil, uint16(len(t.mac))), t.mac, t.between, head(wire, r.id), wire[12:at], beside)
	switch {
	case !hmac.Equal(r.mac, want):
		return fmt.Errorf("%w: messages are not what key %s signed", ErrProblem, t.asked.key.Name())
	case distance(now, r.time) > uint64(r.fudge):
		return fmt.Errorf("%w: key %s signed at %s, and now it is %s; compare the clocks", ErrProblem, t.asked.key.Name(),
			time.Unix(int64(r.time), 0).UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	t.mac, t.later, t.between, t.count = r.mac, true, nil, 0
	return nil
}

// End is for after the last message, which must be signed.
func (t *Stream) End() error {
	if t.count > 0 || !t.later {
		return fmt.Errorf("%w at the end", ErrUnsigned)
	}
	return nil
}
