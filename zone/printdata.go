package zone

import (
	"encoding/hex"
	"strconv"
	"strings"

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

func (d Rdata) appendFields(b []byte, shape []*field) ([]byte, bool) {
	off := 0
	for i, f := range shape {
		end := f.end(d, off)
		if end < 0 {
			return nil, false
		}
		if empty := f.optional && end == off; i > 0 && !empty {
			b = append(b, ' ')
		}
		var ok bool
		if b, ok = f.write(b, d[off:end]); !ok {
			return nil, false
		}
		off = end
	}
	return b, off == len(d)
}
