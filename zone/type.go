package zone

import (
	"fmt"
	"strconv"
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

// String returns the mnemonic, or TYPEn (RFC 3597) where there is none.
func (t Type) String() string {
	if name, rare := rareTypes[t]; rare {
		return name
	}
	return dns.Type(t).String()
}

// ParseType reads a mnemonic or TYPEn, in any case. Query-only types
// (ANY, AXFR, OPT, …) are refused: no zone holds them.
func ParseType(s string) (Type, error) {
	up := strings.ToUpper(s)
	code, ok := dns.StringToType[up]
	if t, rare := rareType(up); rare {
		code, ok = uint16(t), true
	}
	if !ok {
		n, err := strconv.ParseUint(strings.TrimPrefix(up, "TYPE"), 10, 16)
		if err != nil || "TYPE"+strconv.FormatUint(n, 10) != up {
			return 0, fmt.Errorf("unknown record type %.40q", s)
		}
		code = uint16(n)
	}
	t := Type(code)
	if !t.storable() {
		return 0, fmt.Errorf("%s is a type for questions, a zone cannot hold it", up)
	}
	return t, nil
}

// storable: RFC 6895 section 3.1 sets 128–255 apart for questions and
// meta-types; 0 and 65535 are reserved.
func (t Type) storable() bool {
	return t != 0 && t != Type(dns.TypeOPT) && (t < 128 || t > 255) && t != Type(dns.TypeReserved)
}
