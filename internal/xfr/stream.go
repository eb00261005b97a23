package xfr

import (
	"fmt"
	"iter"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// maxMessage is how full a message of a transfer gets before compression, in
// octets. maxRecord leaves room for header, question and TSIG beside it.
const (
	maxMessage = 60_000
	maxRecord  = 64_000
)

// Version is one step of a zone's history: from the serial before to Serial.
type Version struct {
	From, To zone.RRset // the SOA sets before and after
	Delta    zone.Delta // without the SOA
}

// Whole yields the records of an AXFR: SOA, everything else, SOA (RFC 5936 section 2.2).
func Whole(c zone.Contents) iter.Seq[zone.RRset] {
	return func(yield func(zone.RRset) bool) {
		soa, ok := c.Get(c.Origin(), zone.TypeSOA)
		if !ok || !yield(soa) {
			return
		}
		for s := range c.All() {
			if s.Type != zone.TypeSOA && !yield(s) {
				return
			}
		}
		yield(soa)
	}
}

// Increments yields the records of an IXFR answer over versions, oldest first
// (RFC 1995 section 4).
func Increments(versions []Version) iter.Seq[zone.RRset] {
	return func(yield func(zone.RRset) bool) {
		if len(versions) == 0 {
			return
		}
		newest := versions[len(versions)-1].To
		all := func(sets []zone.RRset) bool {
			for _, s := range sets {
				if !yield(s) {
					return false
				}
			}
			return true
		}
		if !yield(newest) {
			return
		}
		for _, v := range versions {
			if !yield(v.From) || !all(v.Delta.Del) || !yield(v.To) || !all(v.Delta.Add) {
				return
			}
		}
		yield(newest)
	}
}

// Messages packs records into answers to q. The question stands in the first only.
func Messages(q *dns.Msg, sets iter.Seq[zone.RRset]) iter.Seq2[*dns.Msg, error] {
	return func(yield func(*dns.Msg, error) bool) {
		fresh := func() *dns.Msg {
			m := new(dns.Msg)
			m.SetReply(q)
			m.Authoritative, m.Compress = true, true
			return m
		}
		m, size := fresh(), 0
		for s := range sets {
			rrs, err := s.ToRRs()
			if err != nil {
				yield(nil, fmt.Errorf("packing a transfer: %w", err))
				return
			}
			for i, rr := range rrs {
				n := len(s.Name) + 11 + len(s.Data[i])
				if n > maxRecord {
					yield(nil, fmt.Errorf("packing a transfer: the %s record of %s has %d octets, more than a message of a transfer holds", s.Type, s.Name, len(s.Data[i])))
					return
				}
				if size > 0 && size+n > maxMessage {
					if !yield(m, nil) {
						return
					}
					m, size = fresh(), 0
					m.Question = nil
				}
				m.Answer = append(m.Answer, rr)
				size += n
			}
		}
		if size > 0 {
			yield(m, nil)
		}
	}
}
