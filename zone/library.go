package zone

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// ToRRs returns the set in the DNS library's form, to be packed into a
// message. An error means data that does not unpack.
func (s RRset) ToRRs() ([]dns.RR, error) {
	rrs := make([]dns.RR, len(s.Data))
	for i, d := range s.Data {
		rr, err := toRR(s.Name, s.Type, s.TTL, d)
		if err != nil {
			return nil, err
		}
		rrs[i] = rr
	}
	return rrs, nil
}

// FromRR returns one record in our form, as the library unpacked it from a
// message; its class is the caller's business. It refuses what a zone cannot hold.
func FromRR(rr dns.RR) (Name, Type, uint32, Rdata, error) {
	h := rr.Header()
	t := Type(h.Rrtype)
	name, err := ParseName(h.Name)
	if err != nil {
		return "", 0, 0, "", err
	}
	if !t.storable() {
		return "", 0, 0, "", fmt.Errorf("%w: %s is a type for questions, a zone cannot hold it", ErrRdata, t)
	}
	d, err := packRdata(rr)
	if err == nil && !d.wellFormed(t) {
		err = fmt.Errorf("%d octets", len(d))
	}
	if err != nil {
		return "", 0, 0, "", fmt.Errorf("%w of %s %s: %w", ErrRdata, name, t, err)
	}
	return name, t, h.Ttl, d, nil
}

func packRdata(rr dns.RR) (Rdata, error) {
	if generic, ok := rr.(*dns.RFC3597); ok {
		raw, err := hex.DecodeString(generic.Rdata)
		return Rdata(raw), err
	}
	rr = escaped(rr)
	buf := make([]byte, dns.Len(rr)+maxNameWire)
	end, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		return "", err
	}
	const fixed = 10 // type, class, TTL and length
	d := Rdata(buf[nameEnd(buf, 0)+fixed : end])
	if isdn, ok := rr.(*dns.ISDN); ok && isdn.SubAddress == "" {
		d = d[:len(d)-1] // the library cannot tell one that is left out from an empty one
	}
	return d, nil
}

func toRR(name Name, t Type, ttl uint32, d Rdata) (dns.RR, error) {
	rr, err := unpack(name, t, ttl, d)
	if err != nil {
		return nil, err
	}
	return escaped(rr), nil
}

func unpack(name Name, t Type, ttl uint32, d Rdata) (dns.RR, error) {
	header := dns.RR_Header{Name: string(name), Rrtype: uint16(t), Class: dns.ClassINET, Ttl: ttl, Rdlength: uint16(len(d))}
	rr, end, err := dns.UnpackRRWithHeader(header, []byte(d), 0)
	if err != nil {
		return nil, fmt.Errorf("%w of %s %s: %w", ErrRdata, name, t, err)
	}
	if end != len(d) {
		return nil, fmt.Errorf("%w of %s %s: %d octets too many", ErrRdata, name, t, len(d)-end)
	}
	return rr, nil
}

// escaped mends a seam of the library: it keeps the octets of CAA and URI as
// they are when it unpacks them, and reads escapes in them when it packs.
func escaped(rr dns.RR) dns.RR {
	switch r := rr.(type) {
	case *dns.CAA:
		c := *r
		c.Value = strings.ReplaceAll(c.Value, `\`, `\\`)
		return &c
	case *dns.URI:
		c := *r
		c.Target = strings.ReplaceAll(c.Target, `\`, `\\`)
		return &c
	}
	return rr
}

// unpacks reports whether the library takes d for data of type t, as a whole:
// alone it would let data pass that ends too early, as dynamic updates do.
func (d Rdata) unpacks(t Type) bool {
	if _, known := dns.TypeToRR[uint16(t)]; !known {
		return true
	}
	if len(d) == 0 {
		return t == Type(dns.TypeNULL) || t == Type(dns.TypeAPL)
	}
	switch uint16(t) { // it takes an end for a name that is empty
	case dns.TypeNXT:
		if nameEnd(d, 0) < 0 {
			return false
		}
	case dns.TypeSVCB, dns.TypeHTTPS:
		if nameEnd(d, 2) < 0 {
			return false
		}
	}
	rr, err := unpack(Root, t, 0, d)
	if err != nil {
		return false
	}
	again, err := packRdata(rr)
	return err == nil && again == d
}
