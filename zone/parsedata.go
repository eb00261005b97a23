package zone

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// ParseRdata reads data in presentation form; relative names in it are below
// origin. The generic form of RFC 3597 is read for every type.
func ParseRdata(t Type, text string, origin Name) (Rdata, error) {
	words, err := wordsOf(text)
	if err != nil {
		return "", fmt.Errorf("%w of %s: %w", ErrRdata, t, err)
	}
	if origin == "" {
		origin = Root
	}
	var buf [512]byte
	b, err := appendRdata(buf[:0], t, words, origin)
	if err != nil {
		return "", err
	}
	return Rdata(b), nil
}

// appendRdata appends the wire form of data that is given in words.
func appendRdata(b []byte, t Type, words []word, origin Name) ([]byte, error) {
	start := len(b)
	shape := t.shape()
	var err error
	switch {
	case len(words) > 0 && !words[0].quoted && string(words[0].text) == `\#`:
		b, err = appendGeneric(b, t, words[1:])
	case shape == nil:
		return appendLibrary(b, t, words, origin)
	default:
		b, err = appendFields(b, shape, words, origin)
	}
	if err == nil && len(b)-start > maxRdata {
		err = fmt.Errorf("it has %d octets, %d are allowed", len(b)-start, maxRdata)
	}
	if err != nil {
		return b, fmt.Errorf("%w of %s: %w", ErrRdata, t, err)
	}
	return b, nil
}

// appendGeneric reads the length and the hex digits after \# (RFC 3597 section 5).
func appendGeneric(b []byte, t Type, words []word) ([]byte, error) {
	if len(words) == 0 {
		return b, errors.New(`\# takes a length and hex digits`)
	}
	length, ok := parseNumber(words[0].text, maxRdata)
	if !ok {
		return b, fmt.Errorf(`%.20q after \# is no length up to %d`, words[0].text, maxRdata)
	}
	start := len(b)
	b, err := appendHex(b, words[1:])
	switch {
	case err != nil:
	case len(b)-start != int(length):
		err = fmt.Errorf(`\# %d is followed by %d octets`, length, len(b)-start)
	case !Rdata(b[start:]).wellFormed(t):
		err = fmt.Errorf("these %d octets are no data of that type", length)
	}
	return b, err
}

func appendFields(b []byte, shape []field, words []word, origin Name) ([]byte, error) {
	for _, f := range shape {
		if len(words) == 0 && f != bitmap {
			return b, fmt.Errorf("it ends too early; it takes %s", listed(shape))
		}
		n := 1
		if f == texts || f == bitmap || f == hexOctets || f == hexLower || f == codeOctets {
			n = len(words)
		}
		var err error
		if b, err = f.append(b, words[:n], origin); err != nil {
			return b, err
		}
		words = words[n:]
	}
	if len(words) > 0 {
		return b, fmt.Errorf("%.40q is too much; it takes %s", words[0].text, listed(shape))
	}
	return b, nil
}

func listed(shape []field) string {
	names := make([]string, len(shape))
	for i, f := range shape {
		names[i] = f.String()
	}
	return strings.Join(names, ", ")
}

// append reads one field.
func (f field) append(b []byte, words []word, origin Name) ([]byte, error) {
	if f == bitmap {
		return appendBitmap(b, words)
	}
	w := words[0].text
	ok := false
	var n uint64
	switch f {
	case number8, algorithm:
		if n, ok = parseNumber(w, 1<<8-1); !ok && f == algorithm {
			var code uint8
			code, ok = dns.StringToAlgorithm[strings.ToUpper(string(w))]
			n = uint64(code)
		}
		b = append(b, byte(n))
	case number16:
		n, ok = parseNumber(w, 1<<16-1)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	case covered:
		t, err := ParseType(string(w))
		b, ok = binary.BigEndian.AppendUint16(b, uint16(t)), err == nil
	case number32:
		n, ok = parseNumber(w, 1<<32-1)
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	case seconds:
		var ttl uint32
		ttl, ok = parseTTL(w)
		b = binary.BigEndian.AppendUint32(b, ttl)
	case moment:
		if n, ok = parseNumber(w, 1<<32-1); len(w) == len(momentLayout) {
			at, err := time.Parse(momentLayout, string(w))
			n, ok = uint64(at.Unix()), err == nil // serial arithmetic: modulo 2³² (RFC 4034 section 3.1.5)
		}
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	case ipv4:
		b, ok = appendIPv4(b, w)
	case ipv6:
		addr, err := netip.ParseAddr(string(w))
		octets := addr.As16()
		b, ok = append(b, octets[:]...), err == nil && addr.Is6() && addr.Zone() == ""
	case locator:
		groups := bytes.Split(w, []byte{':'})
		ok = len(groups) == 4
		for _, group := range groups {
			v, err := strconv.ParseUint(string(group), 16, 16)
			b, ok = binary.BigEndian.AppendUint16(b, uint16(v)), ok && err == nil
		}
	case domain, exactName:
		if len(w) == 1 && w[0] == '@' {
			return origin.AppendWire(b), nil
		}
		return appendNameText(b, w, origin)
	case text:
		return appendText(b, w, false)
	case texts:
		for _, w := range words {
			var err error
			if b, err = appendText(b, w.text, true); err != nil {
				return b, err
			}
		}
		return b, nil
	case salt:
		start := len(b)
		b, ok = append(b, 0), true
		if string(w) != "-" {
			var err error
			b, err = hex.AppendDecode(b, w)
			ok = err == nil && len(w) > 0 && len(w) <= 2*255
		}
		b[start] = byte(len(b) - start - 1)
	case hashed:
		start := len(b)
		b, err := base32.HexEncoding.WithPadding(base32.NoPadding).AppendDecode(append(b, 0), bytes.ToUpper(w))
		n := len(b) - start - 1
		if b[start] = byte(n); err != nil || n < 1 || n > 255 {
			return b, fmt.Errorf("%.40q is not %s", w, f)
		}
		return b, nil
	case tag:
		b, ok = append(append(b, byte(len(w))), w...), isTag(w) && len(w) <= 255
	case value:
		start := len(b)
		b, err := appendOctets(b, w)
		if err == nil && value.end(Rdata(b[start:]), 0) < 0 {
			err = fmt.Errorf("the text %.20q… has %d octets, %d are allowed", w, len(b)-start, maxValue)
		}
		return b, err
	case hexOctets, hexLower:
		return appendHex(b, words)
	case codeOctets:
		w = joined(words)
		var err error
		b, err = base64.StdEncoding.AppendDecode(b, w)
		ok = err == nil
	}
	if !ok {
		return b, fmt.Errorf("%.40q is not %s", w, f)
	}
	return b, nil
}

// parseNumber reads decimal digits and nothing else.
func parseNumber(s []byte, most uint64) (n uint64, ok bool) {
	for _, c := range s {
		if c < '0' || '9' < c {
			return 0, false
		}
		if n = n*10 + uint64(c-'0'); n > most {
			return 0, false
		}
	}
	return n, len(s) > 0
}

func appendIPv4(b, s []byte) ([]byte, bool) {
	for i := range 4 {
		part, rest, more := bytes.Cut(s, []byte{'.'})
		n, ok := parseNumber(part, 255)
		if !ok || more != (i < 3) || len(part) > 1 && part[0] == '0' {
			return b, false
		}
		b, s = append(b, byte(n)), rest
	}
	return b, true
}

// appendText appends a character-string. Where several may stand, one that is
// too long becomes several: panels write long keys in one piece.
func appendText(b, s []byte, several bool) ([]byte, error) {
	const most = 255
	start := len(b)
	b, err := appendOctets(append(b, 0), s)
	for n := len(b) - start - 1; n > most && err == nil; n = len(b) - start - 1 {
		if !several {
			return b, fmt.Errorf("the text %.20q… has %d octets, %d are allowed", s, n, most)
		}
		b[start] = most
		start += 1 + most
		b = slices.Insert(b, start, 0)
	}
	b[start] = byte(len(b) - start - 1)
	return b, err
}

func appendOctets(b, s []byte) ([]byte, error) {
	for i := 0; i < len(s); {
		c, n := unescape(s, i)
		if n == 0 {
			return b, fmt.Errorf(`the text %.40q has a malformed escape; \X and \DDD up to \255 are allowed`, s)
		}
		b = append(b, c)
		i += n
	}
	return b, nil
}

func appendHex(b []byte, words []word) ([]byte, error) {
	digits := joined(words)
	b, err := hex.AppendDecode(b, digits)
	if err != nil {
		return b, fmt.Errorf("%.40q are not pairs of hex digits", digits)
	}
	return b, nil
}

func joined(words []word) []byte {
	if len(words) == 1 {
		return words[0].text
	}
	var b []byte
	for _, w := range words {
		b = append(b, w.text...)
	}
	return b
}

// appendLibrary has the DNS library read the data of a type without a shape.
func appendLibrary(b []byte, t Type, words []word, origin Name) ([]byte, error) {
	if _, known := dns.TypeToRR[uint16(t)]; !known {
		return b, fmt.Errorf(`%w of %s: the form of this type is not known here; write \# LENGTH HEX (RFC 3597)`, ErrRdata, t)
	}
	var text []byte
	for _, w := range words {
		if !w.glued {
			text = append(text, ' ')
		}
		if w.quoted {
			text = fmt.Appendf(text, `"%s"`, w.text)
		} else {
			text = append(text, w.text...)
		}
	}
	zp := dns.NewZoneParser(strings.NewReader(fmt.Sprintf(". 0 IN %s %s\n", t, text)), string(origin), "")
	rr, ok := zp.Next()
	if !ok {
		return b, fmt.Errorf("%w: %.60q is no data of type %s (%s)", ErrRdata, text, t, whyNot(zp.Err()))
	}
	if a, ok := rr.(*dns.AMTRELAY); ok && a.GatewayType&0x80 != 0 {
		return b, fmt.Errorf("%w of %s: the discovery bit is not supported, the library loses the relay beside it", ErrRdata, t)
	}
	_, _, _, d, err := FromRR(rr)
	return append(b, d...), err
}

// whyNot takes the reason out of the library's message, without its idea of the line.
func whyNot(err error) string {
	var parse *dns.ParseError
	if !errors.As(err, &parse) {
		return "it is not complete"
	}
	_, why, _ := strings.Cut(parse.Error(), ": ")
	why, _, _ = strings.Cut(why, " at line:")
	return why
}
