package nameserver

import (
	"context"
	"fmt"
	"iter"
	"net"
	"strings"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

func isTransfer(m *dns.Msg) bool {
	return m.Opcode == dns.OpcodeQuery && len(m.Question) == 1 && m.Question[0].Qclass == dns.ClassINET &&
		(m.Question[0].Qtype == dns.TypeAXFR || m.Question[0].Qtype == dns.TypeIXFR)
}

// transfer answers AXFR and IXFR over TCP. It waits for a place as long as it
// takes: a transfer is never failed for load.
func (s *Server) transfer(ctx context.Context, conn *net.TCPConn, r *request) error {
	v, rcode := s.transferable(r)
	if rcode != dns.RcodeSuccess {
		s.stats.TransferFailures.Add(1)
		s.log.Info("a transfer was refused", "peer", r.from, "key", r.key, "zone", r.msg.Question[0].Name, "rcode", dns.RcodeToString[rcode])
		m := new(dns.Msg)
		m.SetRcode(r.msg, rcode)
		return writeFrame(conn, s.sign(m, r))
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	v = s.newest(v)
	sets, kind := v.transferSets(r.msg)
	if err := s.stream(conn, r, sets); err != nil {
		s.stats.TransferFailures.Add(1)
		return err
	}
	s.stats.Transfers.Add(1)
	if s.opts.OnTransfer != nil {
		s.opts.OnTransfer(Transfer{Zone: v.contents.Origin(), Peer: r.from, Key: strings.TrimSuffix(r.key, "."), Serial: v.serial, Kind: kind})
	}
	return nil
}

// newest is for one that waited: the zone may have changed meanwhile.
func (s *Server) newest(v *view) *view {
	if later := s.zones.view(v.contents.Origin().Key()); later != nil && !later.failed {
		return later
	}
	return v
}

func (s *Server) transferable(r *request) (*view, int) {
	name, err := zone.ParseName(r.msg.Question[0].Name)
	if err != nil {
		return nil, dns.RcodeFormatError
	}
	v := s.zones.view(name.Key())
	switch {
	case v == nil:
		return nil, dns.RcodeNotAuth
	case !r.access.mayTransfer(r.key, r.from.Addr()):
		return nil, dns.RcodeRefused
	case v.failed:
		return nil, dns.RcodeServerFailure
	}
	return v, dns.RcodeSuccess
}

// transferSets chooses what to send: the whole zone, differences, or the
// single SOA that says that the client is current.
func (v *view) transferSets(q *dns.Msg) (iter.Seq[zone.RRset], string) {
	if q.Question[0].Qtype == dns.TypeAXFR {
		return xfr.Whole(v.contents), "AXFR"
	}
	serial, ok := ixfrSerial(q)
	if ok && !zone.SerialLess(serial, v.serial) {
		return func(yield func(zone.RRset) bool) { yield(v.soa) }, "IXFR"
	}
	if steps, reaches := v.since(serial); ok && reaches {
		return xfr.Increments(steps), "IXFR"
	}
	return xfr.Whole(v.contents), "AXFR"
}

func ixfrSerial(q *dns.Msg) (uint32, bool) {
	if len(q.Ns) != 1 {
		return 0, false
	}
	soa, ok := q.Ns[0].(*dns.SOA)
	if !ok {
		return 0, false
	}
	return soa.Serial, true
}

// stream writes the messages, each signed if the request was.
func (s *Server) stream(conn *net.TCPConn, r *request, sets iter.Seq[zone.RRset]) error {
	mac, first := "", true
	if sig := r.msg.IsTsig(); sig != nil {
		mac = sig.MAC
	}
	for m, err := range xfr.Messages(r.msg, sets) {
		if err != nil {
			return err
		}
		var wire []byte
		if r.key == "" {
			wire, err = m.Pack()
		} else {
			key := r.access.keys[r.key]
			m.SetTsig(key.OwnerName(), key.AlgorithmName(), 300, now())
			wire, mac, err = dns.TsigGenerate(m, key.Secret, mac, !first)
		}
		if err != nil {
			return fmt.Errorf("packing a message of the transfer: %w", err)
		}
		if err := writeFrame(conn, wire); err != nil {
			return err
		}
		first = false
	}
	return nil
}

// smallIXFR answers an IXFR over UDP: the single SOA, which tells the client
// that it is current, or to come back over TCP (RFC 1995 section 2).
func (s *Server) smallIXFR(r *request, m *dns.Msg, name zone.Name) {
	v := s.zones.view(name.Key())
	if v == nil || v.failed || !r.access.mayTransfer(r.key, r.from.Addr()) {
		return
	}
	answer{authoritative: true, answer: []zone.RRset{v.soa}}.into(m)
}
