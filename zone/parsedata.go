package zone

import (
	"errors"
	"fmt"
	"strings"

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
		b, err = appendGeneric(b, t, words[1:], origin)
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
func appendGeneric(b []byte, t Type, words []word, origin Name) ([]byte, error) {
	if len(words) == 0 {
		return b, errors.New(`\# takes a length and hex digits`)
	}
	length, ok := parseNumber(words[0].text, maxRdata)
	if !ok {
		return b, fmt.Errorf(`%.20q after \# is no length up to %d`, words[0].text, maxRdata)
	}
	start := len(b)
	b, err := readHex(b, words[1:], origin)
	switch {
	case err != nil:
		err = fmt.Errorf("%.40q are not pairs of hex digits", joined(words[1:]))
	case len(b)-start != int(length):
		err = fmt.Errorf(`\# %d is followed by %d octets`, length, len(b)-start)
	case !Rdata(b[start:]).wellFormed(t):
		err = fmt.Errorf("these %d octets are no data of that type", length)
	}
	return b, err
}

func appendFields(b []byte, shape []*field, words []word, origin Name) ([]byte, error) {
	for _, f := range shape {
		n := 1
		switch {
		case f.greedy && (len(words) > 0 || f.optional):
			n = len(words)
		case len(words) == 0:
			return b, fmt.Errorf("it ends too early; it takes %s", listed(shape))
		}
		var err error
		if b, err = f.read(b, words[:n], origin); err == errNot {
			err = fmt.Errorf("%.40q is not %s", joined(words[:n]), f.what)
		}
		if err != nil {
			return b, err
		}
		words = words[n:]
	}
	if len(words) > 0 {
		return b, fmt.Errorf("%.40q is too much; it takes %s", words[0].text, listed(shape))
	}
	return b, nil
}

func listed(shape []*field) string {
	names := make([]string, len(shape))
	for i, f := range shape {
		names[i] = f.what
	}
	return strings.Join(names, ", ")
}

// appendLibrary has the DNS library read the data of a type without a shape.
func appendLibrary(b []byte, t Type, words []word, origin Name) ([]byte, error) {
	if _, known := dns.TypeToRR[uint16(t)]; !known {
		return b, fmt.Errorf(`%w of %s: the form of this type is not known here; write \# LENGTH HEX (RFC 3597)`, ErrRdata, t)
	}
	if t == Type(dns.TypeLOC) {
		words = wholeLOC(words)
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
