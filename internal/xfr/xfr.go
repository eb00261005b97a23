// Package xfr speaks zone transfers: AXFR (RFC 5936), IXFR (RFC 1995) and
// NOTIFY (RFC 1996), signed with TSIG (RFC 8945), in both directions. It knows
// contents and the wire, and nothing of who may what.
package xfr

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// Kind is the kind of a transfer.
type Kind string

// The kinds. Current: the server has nothing newer.
const (
	AXFR    Kind = "AXFR"
	IXFR    Kind = "IXFR"
	Current Kind = "current"
)

// Key is a TSIG key.
type Key struct {
	Name      string // with or without final dot
	Algorithm string // hmac-sha256, …
	Secret    string // base64
}

// AlgorithmName returns the key's algorithm as a domain name, as TSIG carries it.
func (k Key) AlgorithmName() string {
	if strings.EqualFold(strings.TrimSuffix(k.Algorithm, "."), "hmac-md5") {
		return dns.HmacMD5
	}
	return dns.CanonicalName(k.Algorithm)
}

// OwnerName returns the key's name as TSIG carries it.
func (k Key) OwnerName() string { return dns.CanonicalName(k.Name) }

// Errors that callers tell apart.
var (
	// ErrRefused: the server will not transfer the zone to us.
	ErrRefused = errors.New("the server refused the transfer")
	// ErrBroken: what came is no complete, consistent transfer of that zone.
	ErrBroken = errors.New("the transfer is broken")
	// ErrBackwards: the server's serial is older than what we have.
	ErrBackwards = errors.New("the server has an older serial")
)

// Sets gathers records in the order of their coming into RRsets.
func Sets(rrs []dns.RR) ([]zone.RRset, error) {
	var sets []zone.RRset
	for _, rr := range rrs {
		name, t, ttl, data, err := zone.FromRR(rr)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBroken, err)
		}
		if n := len(sets); n > 0 && sets[n-1].Type == t && sets[n-1].TTL == ttl && sets[n-1].Name == name {
			sets[n-1].Data = append(sets[n-1].Data, data)
			continue
		}
		sets = append(sets, zone.RRset{Name: name, Type: t, TTL: ttl, Data: []zone.Rdata{data}})
	}
	return sets, nil
}

// Apply takes the records of an IXFR answer, the leading SOA included, and
// returns the contents that result. An answer in the form of an AXFR, and one
// that says "you are current", are understood too (RFC 1995 section 4).
func Apply(have zone.Contents, rrs []dns.RR) (zone.Contents, Kind, error) {
	if len(rrs) == 0 {
		return zone.Contents{}, "", fmt.Errorf("%w: it is empty", ErrBroken)
	}
	newest, ok := rrs[0].(*dns.SOA)
	if !ok {
		return zone.Contents{}, "", fmt.Errorf("%w: it does not begin with a SOA", ErrBroken)
	}
	mine, hasMine := have.SOA()
	if len(rrs) == 1 {
		switch {
		case !hasMine:
			return zone.Contents{}, "", fmt.Errorf("%w: it is a single SOA", ErrBroken)
		case zone.SerialLess(newest.Serial, mine.Serial):
			return zone.Contents{}, "", fmt.Errorf("%w: %d, ours is %d", ErrBackwards, newest.Serial, mine.Serial)
		}
		return have, Current, nil
	}
	last, ok := rrs[len(rrs)-1].(*dns.SOA)
	if !ok || last.Serial != newest.Serial {
		return zone.Contents{}, "", fmt.Errorf("%w: it does not end with the SOA it began with", ErrBroken)
	}
	if _, incremental := rrs[1].(*dns.SOA); !incremental || len(rrs) == 2 {
		c, err := whole(newest, rrs)
		return c, AXFR, err
	}
	if !hasMine {
		return zone.Contents{}, "", fmt.Errorf("%w: differences came without anything to apply them to", ErrBroken)
	}
	c, err := steps(have, mine.Serial, newest.Serial, rrs[1:len(rrs)-1])
	return c, IXFR, err
}

func whole(soa *dns.SOA, rrs []dns.RR) (zone.Contents, error) {
	origin, err := zone.ParseName(soa.Hdr.Name)
	if err != nil {
		return zone.Contents{}, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	sets, err := Sets(rrs[:len(rrs)-1])
	if err != nil {
		return zone.Contents{}, err
	}
	c, err := zone.NewContents(origin, sets)
	if err != nil {
		return zone.Contents{}, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return c, nil
}

// steps applies difference sequences: old SOA, deleted, new SOA, added, …
func steps(c zone.Contents, at, to uint32, rrs []dns.RR) (zone.Contents, error) {
	isSOA := func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeSOA }
	for len(rrs) > 0 {
		old, ok := rrs[0].(*dns.SOA)
		if !ok || old.Serial != at {
			return zone.Contents{}, fmt.Errorf("%w: a difference does not start at serial %d", ErrBroken, at)
		}
		mid := 1 + slices.IndexFunc(rrs[1:], isSOA)
		if mid == 0 {
			return zone.Contents{}, fmt.Errorf("%w: a difference has no new SOA", ErrBroken)
		}
		end := len(rrs)
		if n := slices.IndexFunc(rrs[mid+1:], isSOA); n >= 0 {
			end = mid + 1 + n
		}
		var d zone.Delta
		var err error
		if d.Del, err = Sets(rrs[:mid]); err != nil {
			return zone.Contents{}, err
		}
		if d.Add, err = Sets(rrs[mid:end]); err != nil {
			return zone.Contents{}, err
		}
		if c, err = c.Apply(d); err != nil {
			return zone.Contents{}, fmt.Errorf("%w: %w", ErrBroken, err)
		}
		at, rrs = rrs[mid].(*dns.SOA).Serial, rrs[end:]
	}
	if at != to {
		return zone.Contents{}, fmt.Errorf("%w: the differences end at serial %d, not %d", ErrBroken, at, to)
	}
	return c, nil
}
