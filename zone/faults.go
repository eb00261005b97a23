package zone

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/miekg/dns"
)

// fault says why nameservers refuse data that is well formed all the same; ""
// if they do not. One such record keeps a whole zone off a secondary: seen
// with BIND 9.18, for every row here.
func (d Rdata) fault(t Type) string {
	switch uint16(t) {
	case dns.TypeDS, dns.TypeCDS:
		return wrongDigest(d[3], len(d)-4, map[byte]int{1: 20, 2: 32, 4: 48}, "digest")
	case dns.TypeSSHFP:
		return wrongDigest(d[1], len(d)-2, map[byte]int{1: 20, 2: 32}, "fingerprint")
	case dns.TypeZONEMD:
		return wrongDigest(d[5], len(d)-6, map[byte]int{1: 48, 2: 64}, "digest")
	case dns.TypeDNSKEY, dns.TypeCDNSKEY:
		return missing(d[4:], "key")
	case dns.TypeTLSA, dns.TypeSMIMEA:
		return missing(d[3:], "certificate or digest")
	case dns.TypeOPENPGPKEY:
		return missing(d, "key")
	case dns.TypeRRSIG:
		return missing(d[nameEnd(d, 18):], "signature")
	case dns.TypeCAA:
		if !isTag(d[2 : 2+int(d[1])]) {
			return "its tag is not of letters and digits (RFC 8659 section 4.1)"
		}
	case dns.TypeNAPTR:
		flags := textEnd(d, 4)
		services := textEnd(d, flags)
		return wrongRegexp([]byte(d[services+1 : textEnd(d, services)]))
	case dns.TypeSVCB, dns.TypeHTTPS:
		return wrongMandatory([]byte(d[nameEnd(d, 2):]))
	case dns.TypeX25:
		if _, ok := parseNumber([]byte(d[1:]), 1<<63); !ok || len(d) < 5 {
			return "its address has not four digits at least (RFC 1183 section 3.1)"
		}
	}
	return ""
}

func missing(rest Rdata, what string) string {
	if len(rest) > 0 {
		return ""
	}
	return "it has no " + what
}

// wrongDigest compares the length of a digest with that of its kind.
func wrongDigest(kind byte, have int, lengths map[byte]int, what string) string {
	if want := lengths[kind]; want != 0 && have != want {
		return fmt.Sprintf("its %s of type %d has %d octets; %d are right", what, kind, have, want)
	}
	if have == 0 {
		return "it has no " + what
	}
	return ""
}

// wrongRegexp checks the form of a NAPTR's regular expression: a delimiter,
// the expression, the delimiter, what replaces it, the delimiter, and i or
// nothing (RFC 3402 section 3.2).
func wrongRegexp(s []byte) string {
	if len(s) == 0 {
		return ""
	}
	delimiter := s[0]
	parts := 0
	rest := s[1:]
	for i := 0; i < len(rest) && parts < 2; i++ {
		switch rest[i] {
		case '\\':
			i++
		case delimiter:
			parts++
			rest, i = rest[i+1:], -1
		}
	}
	if bytes.IndexByte([]byte("0123456789i\\\x00"), delimiter) >= 0 || parts < 2 || len(rest) > 0 && string(rest) != "i" {
		return "its regular expression is not of the form !expression!replacement! (RFC 3402 section 3.2)"
	}
	return ""
}

// wrongMandatory checks that the parameters that a service calls mandatory
// are there (RFC 9460 section 8).
func wrongMandatory(params []byte) string {
	var mandatory []byte
	there := map[uint16]bool{}
	for len(params) >= 4 {
		key, n := binary.BigEndian.Uint16(params), int(binary.BigEndian.Uint16(params[2:]))
		if key == 0 {
			mandatory = params[4 : 4+n]
		}
		there[key] = true
		params = params[4+n:]
	}
	last := uint16(0)
	for ; len(mandatory) >= 2; mandatory = mandatory[2:] {
		key := binary.BigEndian.Uint16(mandatory)
		if !there[key] || key <= last {
			return fmt.Sprintf("its mandatory parameter %s is missing, or listed out of order (RFC 9460 section 8)", dns.SVCBKey(key))
		}
		last = key
	}
	return ""
}
