package zone

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// Type is an RR type code. Class is always IN.
type Type uint16

// The types that the rules of a zone speak of.
const (
	TypeA     = Type(dns.TypeA)
	TypeNS    = Type(dns.TypeNS)
	TypeCNAME = Type(dns.TypeCNAME)
	TypeSOA   = Type(dns.TypeSOA)
	TypePTR   = Type(dns.TypePTR)
	TypeMX    = Type(dns.TypeMX)
	TypeTXT   = Type(dns.TypeTXT)
	TypeAAAA  = Type(dns.TypeAAAA)
	TypeSRV   = Type(dns.TypeSRV)
	TypeDNAME = Type(dns.TypeDNAME)
	TypeDS    = Type(dns.TypeDS)
	TypeRRSIG = Type(dns.TypeRRSIG)
	TypeNSEC  = Type(dns.TypeNSEC)
)

// ErrRdata is wrapped by every refusal of record data.
var ErrRdata = errors.New("bad record data")

// String returns the mnemonic, or TYPEn (RFC 3597) where there is none.
func (t Type) String() string { return dns.Type(t).String() }

// ParseType reads a mnemonic or TYPEn, in any case. Query-only types
// (ANY, AXFR, OPT, …) are refused: no zone holds them.
func ParseType(s string) (Type, error) {
	up := strings.ToUpper(s)
	t, ok := dns.StringToType[up]
	if !ok {
		if _, err := fmt.Sscanf(up, "TYPE%d", &t); err != nil || "TYPE"+fmt.Sprint(t) != up {
			return 0, fmt.Errorf("unknown record type %q", s)
		}
	}
	if !Type(t).storable() {
		return 0, fmt.Errorf("%s is a type for questions, a zone cannot hold it", up)
	}
	return Type(t), nil
}

// storable: RFC 6895 section 3.1 sets 128–255 apart for questions and meta-types.
func (t Type) storable() bool { return t != 0 && t != Type(dns.TypeOPT) && (t < 128 || t > 255) }

// Rdata is the data of one record in uncompressed wire form, case kept.
type Rdata string

// RRset is all the records of one name and type. Data is in canonical order
// without duplicates once it is part of Contents. Values are shared: never
// write into Data.
type RRset struct {
	Name Name
	Type Type
	TTL  uint32
	Data []Rdata
}

// Text returns the data in presentation form, or the generic form of RFC 3597
// for a type that the DNS library does not know.
func (d Rdata) Text(t Type) string {
	rr, err := toRR(Root, t, 0, d)
	if _, generic := rr.(*dns.RFC3597); err != nil || generic {
		return fmt.Sprintf(`\# %d %x`, len(d), string(d))
	}
	return strings.TrimPrefix(rr.String(), rr.Header().String())
}

// Canonical returns the data as DNSSEC compares it (RFC 4034 section 6.2 as
// amended by RFC 6840 section 5.1): names of the listed types in lower case.
func (d Rdata) Canonical(t Type) Rdata {
	for _, span := range embeddedNames(t, d) {
		if low := lowerASCII(string(d[span.from:span.to])); low != string(d[span.from:span.to]) {
			d = d[:span.from] + Rdata(low) + d[span.to:]
		}
	}
	return d
}

// Target returns the (last) domain name inside the data of NS, CNAME, DNAME,
// PTR, MX and SRV; ok is false for other types.
func (d Rdata) Target(t Type) (target Name, ok bool) {
	spans := embeddedNames(t, d)
	if t == TypeSOA || len(spans) == 0 {
		return "", false
	}
	last := spans[len(spans)-1]
	name, err := NameFromWire([]byte(d[last.from:last.to]))
	return name, err == nil
}

type span struct{ from, to int }

// embeddedNames finds the names whose case does not count. Of the types listed
// in RFC 4034 section 6.2, those that still occur.
func embeddedNames(t Type, d Rdata) []span {
	skip, names := 0, 1
	switch uint16(t) {
	case dns.TypeNS, dns.TypeMD, dns.TypeMF, dns.TypeCNAME, dns.TypeMB, dns.TypeMG, dns.TypeMR, dns.TypePTR, dns.TypeDNAME:
	case dns.TypeSOA, dns.TypeMINFO, dns.TypeRP:
		names = 2
	case dns.TypeMX, dns.TypeAFSDB, dns.TypeRT, dns.TypeKX:
		skip = 2
	case dns.TypePX:
		skip, names = 2, 2
	case dns.TypeSRV:
		skip = 6
	case dns.TypeRRSIG, dns.TypeSIG:
		skip = 18
	default:
		return nil
	}
	spans := make([]span, 0, 2)
	for ; names > 0; names-- {
		end := nameEnd(d, skip)
		if end < 0 {
			return nil
		}
		spans = append(spans, span{skip, end})
		skip = end
	}
	return spans
}

func nameEnd(d Rdata, off int) int {
	for off < len(d) {
		n := int(d[off])
		if n == 0 {
			return off + 1
		}
		if n > 63 {
			return -1
		}
		off += n + 1
	}
	return -1
}

// normalize sorts the data canonically and drops duplicates. It copies.
func (s RRset) normalize() RRset {
	type pair struct{ canonical, data Rdata }
	if len(s.Data) == 1 {
		return s
	}
	pairs := make([]pair, len(s.Data))
	for i, d := range s.Data {
		pairs[i] = pair{d.Canonical(s.Type), d}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(a.canonical, b.canonical) })
	pairs = slices.CompactFunc(pairs, func(a, b pair) bool { return a.canonical == b.canonical })
	s.Data = make([]Rdata, len(pairs))
	for i, p := range pairs {
		s.Data[i] = p.data
	}
	return s
}

// Equal compares canonically: case of names and order of data do not count,
// the TTL does.
func (s RRset) Equal(o RRset) bool {
	if s.Type != o.Type || s.TTL != o.TTL || len(s.Data) != len(o.Data) || !s.Name.Equal(o.Name) {
		return false
	}
	a, b := s.normalize(), o.normalize()
	return slices.EqualFunc(a.Data, b.Data, func(x, y Rdata) bool {
		return x == y || x.Canonical(s.Type) == y.Canonical(s.Type)
	})
}

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

// FromRR returns one record in our form.
func FromRR(rr dns.RR) (Name, Type, uint32, Rdata, error) {
	h := rr.Header()
	name, err := ParseName(h.Name)
	if err != nil {
		return "", 0, 0, "", err
	}
	if generic, ok := rr.(*dns.RFC3597); ok {
		var raw []byte
		if _, err := fmt.Sscanf(generic.Rdata, "%x", &raw); err != nil && generic.Rdata != "" {
			return "", 0, 0, "", fmt.Errorf("%w: %v", ErrRdata, err)
		}
		return name, Type(h.Rrtype), h.Ttl, Rdata(raw), nil
	}
	buf := make([]byte, dns.Len(rr)+maxNameWire)
	end, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		return "", 0, 0, "", fmt.Errorf("%w of %s %s: %v", ErrRdata, h.Name, Type(h.Rrtype), err)
	}
	return name, Type(h.Rrtype), h.Ttl, Rdata(buf[len(name.AppendWire(nil))+10 : end]), nil
}

func toRR(name Name, t Type, ttl uint32, d Rdata) (dns.RR, error) {
	header := dns.RR_Header{Name: string(name), Rrtype: uint16(t), Class: dns.ClassINET, Ttl: ttl, Rdlength: uint16(len(d))}
	rr, end, err := dns.UnpackRRWithHeader(header, []byte(d), 0)
	if err != nil {
		return nil, fmt.Errorf("%w of %s %s: %v", ErrRdata, name, t, err)
	}
	if end != len(d) {
		return nil, fmt.Errorf("%w of %s %s: %d octets too many", ErrRdata, name, t, len(d)-end)
	}
	return rr, nil
}
