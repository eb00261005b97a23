package zone

import (
	"fmt"
	"slices"
)

// A type bitmap (RFC 4034 section 4.1.2) is a row of windows: the upper octet
// of the types, the number of octets, and a bit for each type, none of it
// longer than needed and in ascending order.

// bitmapEnd returns the end of d if a bitmap fills it from off on, else -1.
func bitmapEnd(d Rdata, off int) int {
	for last := -1; off < len(d); {
		if off+2 > len(d) || int(d[off]) <= last {
			return -1
		}
		last = int(d[off])
		n := int(d[off+1])
		off += 2 + n
		if n < 1 || n > 32 || off > len(d) || d[off-1] == 0 {
			return -1
		}
	}
	return off
}

// writeBitmap appends the mnemonics of a bitmap; false if one cannot be read back.
func writeBitmap(b []byte, d Rdata) ([]byte, bool) {
	ok := true
	first := true
	for len(d) > 0 {
		window, n := Type(d[0])<<8, int(d[1])
		for i := range 8 * n {
			if d[2+i/8]&(0x80>>(i%8)) == 0 {
				continue
			}
			t := window | Type(i)
			if ok = ok && t.storable(); !first {
				b = append(b, ' ')
			}
			b, first = append(b, t.String()...), false
		}
		d = d[2+n:]
	}
	return b, ok
}

// readBitmap appends the bitmap of types in any order.
func readBitmap(b []byte, words []word, _ Name) ([]byte, error) {
	types := make([]Type, len(words))
	for i, w := range words {
		var err error
		if types[i], err = typeOf(w.text); err != nil {
			return b, fmt.Errorf("%.40q is not a type", w.text)
		}
	}
	slices.Sort(types)
	length := 0 // where that of the current window is written
	for i, t := range types {
		if i == 0 || t>>8 != types[i-1]>>8 {
			b = append(b, byte(t>>8), 0)
			length = len(b) - 1
		}
		for int(b[length]) < int(t&0xff)/8+1 {
			b = append(b, 0)
			b[length]++
		}
		b[len(b)-1] |= 0x80 >> (t & 7)
	}
	return b, nil
}
