package zone

import (
	"strings"

	"github.com/miekg/dns"
)

// parseTTL reads seconds, or BIND's form with units: 1w2d3h4m5s.
func parseTTL(s []byte) (uint32, bool) {
	if len(s) == 0 || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	var total, n uint64
	digits := false
	for _, c := range s {
		if '0' <= c && c <= '9' {
			n, digits = n*10+uint64(c-'0'), true
		} else {
			unit := unitSeconds(c)
			if unit == 0 || !digits {
				return 0, false
			}
			total, n, digits = total+n*unit, 0, false
		}
		if total+n > 1<<32-1 {
			return 0, false
		}
	}
	return uint32(total + n), true
}

func unitSeconds(c byte) uint64 {
	switch c | 0x20 {
	case 's':
		return 1
	case 'm':
		return 60
	case 'h':
		return 3600
	case 'd':
		return 86400
	case 'w':
		return 604800
	}
	return 0
}

// isClass reports whether a word is a class, and whether it is the one that is served.
func isClass(s []byte) (is, served bool) {
	if len(s) == 0 || !strings.ContainsRune("CcHhIi", rune(s[0])) {
		return false, false
	}
	switch up := strings.ToUpper(string(s)); up {
	case "IN", "CLASS1":
		return true, true
	case "CH", "HS", "CS":
		return true, false
	default:
		n, found := strings.CutPrefix(up, "CLASS")
		_, number := parseNumber([]byte(n), 1<<16-1)
		return found && number, false
	}
}

// typeOf is ParseType, quick where the mnemonic is written in capitals, and
// quicker for the types that nearly all records have.
func typeOf(s []byte) (Type, error) {
	switch string(s) {
	case "A":
		return TypeA, nil
	case "AAAA":
		return TypeAAAA, nil
	case "NS":
		return TypeNS, nil
	case "MX":
		return TypeMX, nil
	case "TXT":
		return TypeTXT, nil
	case "CNAME":
		return TypeCNAME, nil
	case "PTR":
		return TypePTR, nil
	case "RRSIG":
		return TypeRRSIG, nil
	case "NSEC":
		return TypeNSEC, nil
	}
	if code, ok := dns.StringToType[string(s)]; ok && Type(code).storable() {
		return Type(code), nil
	}
	return ParseType(string(s))
}
