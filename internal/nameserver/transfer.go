package nameserver

import (
	"context"
	"fmt"
	"iter"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

func (r *request) isTransfer() bool {
	return r.opcode == dns.OpcodeQuery && r.qclass == dns.ClassINET && (r.qtype == dns.TypeAXFR || r.qtype == dns.TypeIXFR)
}

// transfer answers AXFR (RFC 5936) and IXFR (RFC 1995) over TCP. It waits for
// a turn as long as it takes: a transfer is never failed for load.
func (d *desk) transfer(ctx context.Context, c *connection, r *request) error {
	s := d.Server
	v, no := s.transferable(r)
	if c.noTransfers {
		v, no = nil, answer{rcode: dns.RcodeRefused, reason: causeProhibited}
	}
	if v == nil {
		s.stats.TransferFailures.Add(1)
		s.log.Info("a transfer was refused", "peer", r.from, "key", r.key(), "zone", printable(r.name), "rcode", dns.RcodeToString[no.rcode])
		d.add(s.write(&d.w, r, no))
		return d.flush(c)
	}
	if !s.conns.keep(c) {
		return context.Canceled
	}
	defer s.conns.letGo(c)
	done, err := s.turns.take(ctx, peerOf(r))
	if err != nil {
		return err
	}
	defer done()
	v = s.newest(v)
	sets, kind := v.transfer(r)
	if err := d.stream(c, r, v.soa, sets); err != nil {
		s.stats.TransferFailures.Add(1)
		s.log.Info("a transfer was not finished", "peer", r.from, "zone", v.contents.Origin(), "error", err)
		return err
	}
	s.stats.Transfers.Add(1)
	if s.opts.OnTransfer != nil {
		s.opts.OnTransfer(Transfer{Zone: v.contents.Origin(), Peer: r.from, Key: r.key(), Serial: v.serial, Kind: kind})
	}
	return nil
}

// peerOf says who stands in the queue: a key is one peer, wherever it asks from.
func peerOf(r *request) string {
	if key := r.key(); key != "" {
		return key
	}
	return r.from.Addr().String()
}

func printable(wire []byte) zone.Name {
	name, _ := nameOf(wire)
	return name
}

// newest is for one that waited: the zone may have changed meanwhile.
func (s *Server) newest(v *view) *view {
	if serial, ok := s.zones.serial(v.apex); ok && serial == v.serial {
		return v
	}
	if later := s.zones.view(v.apex); later != nil && !later.failed {
		return later
	}
	return v
}

// transferable finds the zone to transfer; if there is none for this peer, no
// says why.
func (s *Server) transferable(r *request) (v *view, no answer) {
	name, ok := nameOf(r.name)
	if !ok {
		return nil, answer{rcode: dns.RcodeFormatError}
	}
	v = s.zones.view(name.Key())
	switch {
	case v == nil:
		return nil, answer{rcode: dns.RcodeNotAuth, reason: causeNotAuthoritative}
	case !r.access.mayTransfer(r, v.contents.Origin()):
		return nil, answer{rcode: dns.RcodeRefused, reason: causeProhibited}
	case v.failed:
		return nil, answer{rcode: dns.RcodeServerFailure, reason: causeInvalidData}
	}
	if _, ok := r.ixfrSerial(); r.qtype == dns.TypeIXFR && !ok {
		return nil, answer{rcode: dns.RcodeFormatError}
	}
	return v, answer{}
}

// transfer chooses what to send: the whole zone, the difference, or the single
// SOA that says that the client is current.
func (v *view) transfer(r *request) (sets iter.Seq[zone.RRset], kind string) {
	if r.qtype == dns.TypeAXFR {
		return v.whole(), "AXFR"
	}
	serial, _ := r.ixfrSerial()
	if !zone.SerialLess(serial, v.serial) {
		return func(yield func(zone.RRset) bool) { yield(v.soa) }, "IXFR"
	}
	if step, ok := v.history.since(serial); ok {
		return xfr.Increments([]xfr.Version{step}), "IXFR"
	}
	return v.whole(), "AXFR"
}

// whole yields the records of an AXFR: SOA, everything else, SOA.
func (v *view) whole() iter.Seq[zone.RRset] {
	return func(yield func(zone.RRset) bool) {
		if !yield(v.soa) {
			return
		}
		for node := range v.contents.Nodes() {
			for _, s := range node.Sets {
				if s.Type == zone.TypeSOA {
					continue
				}
				for _, part := range withTTLs(node, s) {
					if !yield(part) {
						return
					}
				}
			}
		}
		yield(v.soa)
	}
}

// stream writes the messages of a transfer, as full as they go, each signed if
// the request was.
func (d *desk) stream(c *connection, r *request, soa zone.RRset, sets iter.Seq[zone.RRset]) error {
	w := &d.w
	opt, send := d.optFor(r, answer{answers: []signedSet{{RRset: soa}}}), answer{authoritative: true}
	w.begin(r)
	w.names.exact = true
	w.limit = maxTCP - opt.room() - signatureRoom(r)
	flush := func() error {
		d.add(w.finish(r, send, opt, false, maxTCP))
		return d.flush(c)
	}
	var wire [maxName + 1]byte
	for set := range sets {
		owner := set.Name.AppendWire(wire[:0])
		for _, data := range set.Data {
			if w.one(owner, set, data) {
				continue
			}
			if err := flush(); err != nil {
				return err
			}
			r.name = nil // in the first message only; padding is for all
			r.edns.present = r.edns.present && r.edns.padding && r.via == overTLS
			w.begin(r)
			w.names.exact = true
			if !w.one(owner, set, data) {
				return fmt.Errorf("a record of %s %s is larger than a message", set.Name, set.Type)
			}
		}
	}
	return flush()
}

// smallIXFR answers an IXFR over UDP: the difference if it fits, else the
// single SOA, which has the client come back over TCP (RFC 1995 section 2).
func (s *Server) smallIXFR(r *request, name zone.Name) answer {
	v, no := s.transferable(r)
	if v == nil {
		return no
	}
	var a answer // without AA, as BIND and Knot do
	sets, kind := v.transfer(r)
	size := 0
	for set := range sets {
		for _, d := range set.Data {
			size += len(set.Name) + 11 + len(d) // a bound: nothing compressed
		}
		if kind == "AXFR" || size > minUDP-headerSize-len(r.name)-4 {
			a.answers = []signedSet{{RRset: v.soa}}
			break
		}
		a.answers = append(a.answers, signedSet{RRset: set})
	}
	return a
}
