package xfr

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/tsig"
	"github.com/skein-dns/skein/zone"
)

// Request asks one server about one zone.
type Request struct {
	Server netip.AddrPort
	Zone   zone.Name
	Key    *Key          // nil: unsigned
	Have   zone.Contents // not zero: IXFR from there
	Source netip.Addr    // local address; zero: the system chooses
	TLS    *TLS          // nil: plain TCP, and UDP for serials
	// Limits; zero takes ten million records, 2 GiB and ten minutes.
	MaxRecords int
	MaxOctets  int // of records, uncompressed
	Timeout    time.Duration

	conns *Conns // nil: each transfer has a connection of its own
}

const (
	dialTimeout = 10 * time.Second
	idleTimeout = 30 * time.Second // between two reads
)

// Fetch transfers the zone. With Have it asks for differences and takes what
// the server gives: those, the whole zone, or word that Have is current (Have
// is returned then). Where differences are not understood or do not apply, it
// asks for the whole zone. Contents older than Have are refused.
func Fetch(ctx context.Context, r Request) (zone.Contents, Kind, error) {
	r = r.withLimits()
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	ixfr := !r.Have.IsZero()
	c, kind, err := r.fetch(ctx, ixfr)
	if ixfr && worthAXFR(err) && ctx.Err() == nil {
		var again error
		if c, kind, again = r.fetch(ctx, false); again != nil {
			err = fmt.Errorf("%w; and the whole zone: %w", err, again)
		} else {
			err = nil
		}
	}
	switch {
	case err == nil:
		return c, kind, nil
	case outer.Err() != nil:
		err = outer.Err()
	case ctx.Err() != nil:
		err = fmt.Errorf("%w: it was not complete after %v", ErrBroken, r.Timeout)
	}
	return zone.Contents{}, "", fmt.Errorf("transferring %s from %s: %w", r.Zone, r.Server, err)
}

func (r Request) withLimits() Request {
	if r.MaxRecords == 0 {
		r.MaxRecords = 10_000_000
	}
	if r.MaxOctets == 0 {
		r.MaxOctets = 2 << 30
	}
	if r.Timeout == 0 {
		r.Timeout = 10 * time.Minute
	}
	return r
}

// worthAXFR tells whether a failed IXFR may succeed as AXFR: not where nobody
// answers, and not where the server would only say the same again.
func worthAXFR(err error) bool {
	var rcode rcodeError
	switch {
	case err == nil, errors.Is(err, ErrUnreachable), errors.Is(err, ErrSignature), errors.Is(err, ErrUntrusted), errors.Is(err, ErrBackwards), errors.Is(err, errTooLarge):
		return false
	case errors.As(err, &rcode):
		return rcode == dns.RcodeFormatError || rcode == dns.RcodeNotImplemented || rcode == dns.RcodeServerFailure
	}
	return true
}

// fetch makes one attempt, and another where the connection of an earlier
// transfer turns out to be closed.
func (r Request) fetch(ctx context.Context, ixfr bool) (c zone.Contents, kind Kind, err error) {
	for {
		to := server{r.Server, r.Source, r.TLS}
		used := r.conns.take(to)
		over := used
		if over == nil {
			fresh, err := r.dial(ctx, "tcp")
			if err != nil {
				return c, "", err
			}
			over = newConn(fresh)
		}
		stop := context.AfterFunc(ctx, func() { over.Close() })
		c, kind, err = r.fetchOver(over, ixfr)
		if !stop() || err != nil {
			over.Close()
		} else {
			r.conns.give(to, over)
		}
		if used == nil || !errors.Is(err, errClosed) || ctx.Err() != nil {
			return c, kind, err
		}
	}
}

func (r Request) fetchOver(over *conn, ixfr bool) (c zone.Contents, kind Kind, err error) {
	q := new(dns.Msg)
	if soa, ok := r.Have.SOA(); ok && ixfr {
		q.SetIxfr(string(r.Zone), soa.Serial, string(soa.MName), string(soa.RName))
	} else {
		q.SetAxfr(string(r.Zone))
	}
	wire, v, err := r.pack(q)
	if err != nil {
		return c, "", err
	}
	if err := writeFrame(over, wire); err != nil {
		return c, "", fmt.Errorf("%w: %w", errClosed, err)
	}
	return r.receive(over, q, v)
}

// pack signs a question; the verifier is for its answer.
func (r Request) pack(q *dns.Msg) ([]byte, verifier, error) {
	wire, err := q.Pack()
	if err != nil || r.Key == nil {
		return wire, verifier{}, err
	}
	key, err := r.Key.key()
	if err != nil {
		return nil, verifier{}, err
	}
	session := tsig.Ask(key)
	wire = session.Sign(wire, time.Now())
	return wire, verifier{session.Stream()}, nil
}

func (r Request) dial(ctx context.Context, network string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialTimeout}
	if r.Source.IsValid() && network == "tcp" {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(r.Source, 0))
	} else if r.Source.IsValid() {
		dialer.LocalAddr = net.UDPAddrFromAddrPort(netip.AddrPortFrom(r.Source, 0))
	}
	conn, err := dialer.DialContext(ctx, network, r.Server.String())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	switch {
	case r.TLS != nil:
		return r.TLS.client(ctx, idle{conn})
	case network == "tcp":
		return idle{conn}, nil
	}
	return conn, nil
}

// idle is a connection whose peer must do something now and then.
type idle struct{ net.Conn }

func (c idle) Read(b []byte) (int, error) {
	c.SetReadDeadline(time.Now().Add(idleTimeout))
	return c.Conn.Read(b)
}

func (c idle) Write(b []byte) (int, error) {
	c.SetWriteDeadline(time.Now().Add(idleTimeout))
	return c.Conn.Write(b)
}

// errClosed: the connection ended before anything came.
var errClosed = errors.New("it closed the connection without an answer")

var errTooLarge = errors.New("it is larger than allowed")

// receive reads the messages of an answer to q until it is complete.
func (r Request) receive(in io.Reader, q *dns.Msg, v verifier) (zone.Contents, Kind, error) {
	fail := func(err error) (zone.Contents, Kind, error) { return zone.Contents{}, "", err }
	a := &answer{origin: r.Zone, have: r.Have, ixfr: q.Question[0].Qtype == dns.TypeIXFR}
	for n := 0; ; n++ {
		wire, err := readFrame(in)
		if err != nil {
			return fail(cutShort(n, err))
		}
		m, err := r.accept(wire, q, v)
		if err != nil {
			return fail(err)
		}
		if len(m.answer) == 0 {
			return fail(fmt.Errorf("%w: a message is empty", ErrBroken))
		}
		for _, rec := range m.answer {
			if err := a.add(rec); err != nil {
				return fail(err)
			}
			if a.records > r.MaxRecords || a.octets > r.MaxOctets {
				return fail(fmt.Errorf("%w: %w: more than %d records or %d octets", ErrBroken, errTooLarge, r.MaxRecords, r.MaxOctets))
			}
		}
		if !a.endOfMessage() {
			continue
		}
		if err := v.end(); err != nil {
			return fail(err)
		}
		return a.result, a.kind, nil
	}
}

// accept reads a message and checks its signature.
func (r Request) accept(wire []byte, q *dns.Msg, v verifier) (message, error) {
	m, err := parse(wire, q)
	switch {
	case err == nil:
		err = v.message(wire, m.sigAt)
	case r.Key != nil && m.sigError != 0:
		err = fmt.Errorf("%w: %w", err, refusedTSIG(*r.Key, m.sigError))
	}
	return m, err
}

// cutShort says what it means that the stream ends before message n.
func cutShort(n int, err error) error {
	err = unwrapOp(err)
	switch {
	case n == 0 && errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%w: it accepted the connection and then said nothing", ErrUnreachable)
	case n == 0:
		return fmt.Errorf("%w: %w: %w", ErrBroken, errClosed, err)
	}
	return fmt.Errorf("%w: it ends after %d messages: %w", ErrBroken, n, err)
}

func readFrame(in io.Reader) ([]byte, error) {
	var size [2]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		return nil, err
	}
	wire := make([]byte, binary.BigEndian.Uint16(size[:]))
	_, err := io.ReadFull(in, wire)
	return wire, err
}

func writeFrame(out io.Writer, wire []byte) error {
	if _, err := out.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(wire))), wire...)); err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, unwrapOp(err))
	}
	return nil
}
