package zone

import "errors"

// ErrRdata is wrapped by every refusal of record data.
var ErrRdata = errors.New("bad record data")

// Rdata is the data of one record in uncompressed wire form, case kept.
type Rdata string

// maxRdata is what the length field of a record can say (RFC 1035 section 3.2.1).
const maxRdata = 1<<16 - 1

// Canonical returns the data as DNSSEC compares it (RFC 4034 section 6.2 as
// amended by RFC 6840 section 5.1): names of the listed types in lower case.
func (d Rdata) Canonical(t Type) Rdata {
	off := 0
	for _, f := range t.shape() {
		end := f.end(d, off)
		if end < 0 {
			break
		}
		if f == domain {
			// The octets before labels, at most 63, are no capital letters.
			if low := lowerASCII(d[off:end]); low != d[off:end] {
				d = d[:off] + low + d[end:]
			}
		}
		off = end
	}
	return d
}

// Target returns the domain name that NS, CNAME, DNAME, PTR, MX and SRV data
// point to; ok is false for other types.
func (d Rdata) Target(t Type) (target Name, ok bool) {
	off := 0
	switch t {
	case TypeNS, TypeCNAME, TypeDNAME, TypePTR:
	case TypeMX:
		off = 2
	case TypeSRV:
		off = 6
	default:
		return "", false
	}
	if off > len(d) {
		return "", false
	}
	target, err := nameFromWire(d[off:])
	return target, err == nil
}
