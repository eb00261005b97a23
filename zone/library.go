package zone

import (
	"encoding/hex"
	"fmt"

	"github.com/miekg/dns"
)

// ToRRs returns the set in the DNS library's form, for the packages that
// speak DNS on the wire. An error means data that does not unpack.
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

// FromRR returns one record in our form; its class is the caller's business.
// It refuses what a zone cannot hold.
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
	buf := make([]byte, dns.Len(rr)+maxNameWire)
	end, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		return "", err
	}
	const fixed = 10 // type, class, TTL and length
	return Rdata(buf[nameEnd(buf, 0)+fixed : end]), nil
}

func toRR(name Name, t Type, ttl uint32, d Rdata) (dns.RR, error) {
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

// unpacks reports whether the library takes d for data of type t, as a whole:
// alone it would let data pass that ends too early, as dynamic updates do.
func (d Rdata) unpacks(t Type) bool {
	if _, known := dns.TypeToRR[uint16(t)]; !known {
		return true
	}
	if len(d) == 0 {
		return t == Type(dns.TypeNULL) || t == Type(dns.TypeAPL)
	}
	rr, err := toRR(Root, t, 0, d)
	if err != nil {
		return false
	}
	again, err := packRdata(rr)
	return err == nil && again == d
}
