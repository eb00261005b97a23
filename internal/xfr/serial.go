package xfr

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// serialTries are how long each UDP question waits for its answer.
var serialTries = [...]time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// Serial asks the server for the serial of the zone, by UDP, and by TCP where
// that does not do; over TLS if r says so. Have and the limits of r do not matter.
func Serial(ctx context.Context, r Request) (uint32, error) {
	serial, err := r.serial(ctx)
	if err != nil {
		return 0, fmt.Errorf("asking %s for the serial of %s: %w", r.Server, r.Zone, err)
	}
	return serial, nil
}

func (r Request) serial(ctx context.Context) (uint32, error) {
	if r.TLS != nil {
		return r.askTCP(ctx)
	}
	var last error
	for _, patience := range serialTries {
		serial, err := r.askUDP(ctx, patience)
		switch {
		case err == nil:
			return serial, nil
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case errors.Is(err, errTruncated), errors.Is(err, rcodeError(dns.RcodeRefused)):
			// Knot tells the serial of a catalog to those who may transfer it, and over TCP alone.
			return r.askTCP(ctx)
		case !errors.Is(err, ErrUnreachable):
			return 0, err
		}
		last = err
	}
	return 0, last
}

func (r Request) askUDP(ctx context.Context, patience time.Duration) (uint32, error) {
	q := soaQuestion(r.Zone)
	wire, v, err := r.pack(q)
	if err != nil {
		return 0, err
	}
	conn, err := r.dial(ctx, "udp")
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := conn.Write(wire); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	conn.SetReadDeadline(time.Now().Add(patience))
	for forged := error(nil); ; {
		var buf [4096]byte
		n, err := conn.Read(buf[:])
		if err != nil {
			// What was thrown away explains more than that nothing else came.
			if forged != nil {
				return 0, forged
			}
			return 0, fmt.Errorf("%w: %w", ErrUnreachable, unwrapOp(err))
		}
		serial, err := r.answered(buf[:n], q, v)
		// Anybody can send a datagram in the server's name: what does not belong
		// here, or is not signed, does not end the waiting for what does.
		if errors.Is(err, ErrBroken) || errors.Is(err, ErrSignature) {
			forged = err
			continue
		}
		return serial, err
	}
}

// unwrapOp leaves out addresses, which the caller names.
func unwrapOp(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

func (r Request) askTCP(ctx context.Context) (uint32, error) {
	q := soaQuestion(r.Zone)
	wire, v, err := r.pack(q)
	if err != nil {
		return 0, err
	}
	conn, err := r.dial(ctx, "tcp")
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := writeFrame(conn, wire); err != nil {
		return 0, err
	}
	answer, err := readFrame(conn)
	if err != nil {
		return 0, cutShort(0, err)
	}
	return r.answered(answer, q, v)
}

func soaQuestion(name zone.Name) *dns.Msg {
	q := new(dns.Msg)
	q.SetQuestion(string(name), dns.TypeSOA)
	q.RecursionDesired = false
	return q
}

var errTruncated = errors.New("the answer is truncated")

// answered reads the answer to a question for the SOA.
func (r Request) answered(wire []byte, q *dns.Msg, v verifier) (uint32, error) {
	m, err := r.accept(wire, q, v)
	if err != nil {
		return 0, err
	}
	switch {
	case m.truncated:
		return 0, errTruncated
	case !m.authoritative:
		return 0, fmt.Errorf("%w: it has no authority over the zone", ErrRefused)
	}
	for _, rec := range m.answer {
		if s, err := setOf(rec); err == nil && s.Type == zone.TypeSOA && s.Name.Equal(r.Zone) {
			soa, err := zone.ParseSOA(s.Data[0])
			if err != nil {
				return 0, fmt.Errorf("%w: %w", ErrBroken, err)
			}
			return soa.Serial, nil
		}
	}
	return 0, fmt.Errorf("%w: it has no SOA for the zone", ErrRefused)
}
