package xfr

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// Request asks one server for one zone.
type Request struct {
	Server netip.AddrPort
	Zone   zone.Name
	Key    *Key          // nil: unsigned
	Have   zone.Contents // not zero: IXFR from there
	Source netip.Addr    // local address; zero: the system chooses
	// Limits; zero takes ten million records and ten minutes.
	MaxRecords int
	Timeout    time.Duration
}

// Fetch transfers the zone. With Have it asks for differences and takes what
// the server gives: those, the whole zone, or word that Have is current (Have
// is returned then).
func Fetch(ctx context.Context, r Request) (zone.Contents, Kind, error) {
	if r.MaxRecords == 0 {
		r.MaxRecords = 10_000_000
	}
	if r.Timeout == 0 {
		r.Timeout = 10 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	rrs, err := r.records(ctx)
	if err != nil {
		return zone.Contents{}, "", fmt.Errorf("transferring %s from %s: %w", r.Zone, r.Server, err)
	}
	c, kind, err := Apply(r.Have, rrs)
	if err == nil && !c.Origin().Equal(r.Zone) {
		err = fmt.Errorf("%w: zone %s came", ErrBroken, c.Origin())
	}
	if err == nil && kind == AXFR && !r.Have.IsZero() {
		err = r.notOlder(c)
	}
	if err != nil {
		return zone.Contents{}, "", fmt.Errorf("transferring %s from %s: %w", r.Zone, r.Server, err)
	}
	return c, kind, nil
}

func (r Request) notOlder(c zone.Contents) error {
	mine, ok := r.Have.SOA()
	theirs, _ := c.SOA()
	if ok && zone.SerialLess(theirs.Serial, mine.Serial) {
		return fmt.Errorf("%w: %d, ours is %d", ErrBackwards, theirs.Serial, mine.Serial)
	}
	return nil
}

func (r Request) records(ctx context.Context) ([]dns.RR, error) {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	if r.Source.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(r.Source, 0))
	}
	conn, err := dialer.DialContext(ctx, "tcp", r.Server.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()

	q := new(dns.Msg)
	if soa, ok := r.Have.SOA(); ok {
		q.SetIxfr(string(r.Zone), soa.Serial, string(soa.MName), string(soa.RName))
	} else {
		q.SetAxfr(string(r.Zone))
	}
	t := &dns.Transfer{Conn: &dns.Conn{Conn: conn}, ReadTimeout: 30 * time.Second, WriteTimeout: 10 * time.Second}
	if r.Key != nil {
		t.TsigSecret = map[string]string{r.Key.OwnerName(): r.Key.Secret}
		q.SetTsig(r.Key.OwnerName(), r.Key.AlgorithmName(), 300, time.Now().Unix())
	}
	envelopes, err := t.In(q, "")
	if err != nil {
		return nil, err
	}
	var rrs []dns.RR
	for e := range envelopes {
		if err == nil && e.Error != nil {
			err = explain(e.Error)
		}
		if rrs = append(rrs, e.RR...); err == nil && len(rrs) > r.MaxRecords {
			err = fmt.Errorf("%w: it has more than %d records", ErrBroken, r.MaxRecords)
			conn.Close() // the library's goroutine ends with it
		}
	}
	if err == nil {
		err = ctx.Err()
	}
	return rrs, err
}

func explain(err error) error {
	var rcode *dns.Error
	switch {
	case errors.Is(err, dns.ErrAuth), errors.Is(err, dns.ErrSig), errors.Is(err, dns.ErrSecret), errors.Is(err, dns.ErrTime):
		return fmt.Errorf("%w: TSIG: %w", ErrRefused, err)
	case errors.As(err, &rcode):
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return fmt.Errorf("%w: %w", ErrBroken, err)
}
