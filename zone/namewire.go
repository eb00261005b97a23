package zone

import "fmt"

// NameFromWire reads an uncompressed wire name that fills b exactly.
func NameFromWire(b []byte) (Name, error) { return nameFromWire(b) }

func nameFromWire[T ~string | ~[]byte](b T) (Name, error) {
	if nameEnd(b, 0) != len(b) {
		return "", fmt.Errorf("%w: %x is no uncompressed name", ErrName, string(b))
	}
	var buf [maxNameWire]byte
	return Name(appendName(buf[:0], b)), nil
}

// appendName appends the presentation form of a valid wire name.
func appendName[T ~string | ~[]byte](text []byte, b T) []byte {
	if len(b) == 1 {
		return append(text, '.')
	}
	for off := 0; b[off] != 0; {
		end := off + 1 + int(b[off])
		for off++; off < end; off++ {
			switch c := b[off]; {
			case plain[c]:
				text = append(text, c)
			case ' ' <= c && c <= '~':
				text = append(text, '\\', c)
			default:
				text = appendDDD(text, c)
			}
		}
		text = append(text, '.')
	}
	return text
}

func appendDDD(text []byte, c byte) []byte {
	return append(text, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
}

// nameEnd returns where the uncompressed name at off ends; -1 if it is none.
func nameEnd[T ~string | ~[]byte](b T, off int) int {
	for start := off; off < len(b); off += int(b[off]) + 1 {
		switch {
		case b[off] > maxLabel || off-start >= maxNameWire:
			return -1
		case b[off] == 0:
			return off + 1
		}
	}
	return -1
}

// AppendWire appends the uncompressed wire form, case kept. n must be a valid Name.
func (n Name) AppendWire(b []byte) []byte {
	if n == Root {
		return append(b, 0)
	}
	b, err := appendLabels(b, n)
	if err != nil {
		panic(fmt.Sprintf("zone: %q is not a Name made by ParseName", string(n)))
	}
	return append(b, 0)
}
