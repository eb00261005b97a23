package zone

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Text returns the data in presentation form, or the generic form of RFC 3597
// where there is none. ParseRdata reads the same data from it.
func (d Rdata) Text(t Type) string { return string(d.appendText(nil, t)) }

func (d Rdata) appendText(b []byte, t Type) []byte {
	if shape := t.shape(); shape != nil {
		if text, ok := d.appendFields(b, shape); ok {
			return text
		}
	} else if text, ok := d.libraryText(t); ok {
		return append(b, text...)
	}
	b = append(b, `\# `...)
	b = strconv.AppendInt(b, int64(len(d)), 10)
	if len(d) > 0 {
		b = hex.AppendEncode(append(b, ' '), []byte(d))
	}
	return b
}

// libraryText returns the DNS library's text of d, if it has one that leads back to d.
func (d Rdata) libraryText(t Type) (string, bool) {
	rr, err := toRR(Root, t, 0, d)
	if _, generic := rr.(*dns.RFC3597); err != nil || generic {
		return "", false
	}
	text := strings.TrimPrefix(rr.String(), rr.Header().String())
	back, err := ParseRdata(t, text, Root)
	return text, err == nil && back == d
}

func (d Rdata) appendFields(b []byte, shape []field) ([]byte, bool) {
	off := 0
	for i, f := range shape {
		end := f.end(d, off)
		if end < 0 {
			return nil, false
		}
		if empty := f == bitmap && end == off; i > 0 && !empty {
			b = append(b, ' ')
		}
		var ok bool
		if b, ok = f.appendText(b, d[off:end]); !ok {
			return nil, false
		}
		off = end
	}
	return b, off == len(d)
}

// appendText appends one field's text; false if it has none that reads back.
func (f field) appendText(b []byte, d Rdata) ([]byte, bool) {
	switch f {
	case number8, algorithm:
		return strconv.AppendUint(b, uint64(d[0]), 10), true
	case number16:
		return strconv.AppendUint(b, uint64(binary.BigEndian.Uint16([]byte(d))), 10), true
	case covered:
		t := Type(binary.BigEndian.Uint16([]byte(d)))
		return append(b, t.String()...), t.storable()
	case number32, seconds:
		return strconv.AppendUint(b, uint64(binary.BigEndian.Uint32([]byte(d))), 10), true
	case moment:
		at := time.Unix(int64(binary.BigEndian.Uint32([]byte(d))), 0).UTC()
		return at.AppendFormat(b, momentLayout), true
	case ipv4:
		return netip.AddrFrom4([4]byte([]byte(d))).AppendTo(b), true
	case ipv6:
		return netip.AddrFrom16([16]byte([]byte(d))).AppendTo(b), true
	case locator:
		for i := 0; i < 8; i += 2 {
			if i > 0 {
				b = append(b, ':')
			}
			b = strconv.AppendUint(b, uint64(binary.BigEndian.Uint16([]byte(d[i:]))), 16)
		}
		return b, true
	case domain, exactName:
		return appendName(b, d), true
	case text:
		return appendQuoted(b, d[1:]), true
	case texts:
		for off := 0; off < len(d); off = textEnd(d, off) {
			if off > 0 {
				b = append(b, ' ')
			}
			b = appendQuoted(b, d[off+1:textEnd(d, off)])
		}
		return b, true
	case salt:
		if len(d) == 1 {
			return append(b, '-'), true
		}
		return appendUpper(b, d[1:]), true
	case hashed:
		return base32.HexEncoding.WithPadding(base32.NoPadding).AppendEncode(b, []byte(d[1:])), len(d) > 1
	case bitmap:
		return appendTypes(b, d)
	case tag:
		return append(b, d[1:]...), isTag(d[1:])
	case value:
		return appendQuoted(b, d), true
	case hexLower:
		return hex.AppendEncode(b, []byte(d)), len(d) > 0
	case hexOctets:
		return appendUpper(b, d), len(d) > 0
	default: // codeOctets
		return base64.StdEncoding.AppendEncode(b, []byte(d)), len(d) > 0
	}
}

func appendUpper(b []byte, d Rdata) []byte {
	start := len(b)
	b = hex.AppendEncode(b, []byte(d))
	copy(b[start:], bytes.ToUpper(b[start:]))
	return b
}

const momentLayout = "20060102150405"

func isTag[T ~string | ~[]byte](s T) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || 'z' < c) && (s[i] < '0' || '9' < s[i]) {
			return false
		}
	}
	return len(s) > 0
}

// appendQuoted appends octets as one quoted string.
func appendQuoted(b []byte, s Rdata) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || '~' < c:
			b = appendDDD(b, c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
