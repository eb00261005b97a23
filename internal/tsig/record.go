package tsig

import "encoding/binary"

const (
	typeTSIG = 250
	classANY = 255
	// fudge is how far clocks may be apart, in seconds (RFC 8945 section 10).
	fudge = 300
)

// record is the one TSIG record of a message.
type record struct {
	name      string // canonical wire form
	algorithm string // canonical wire form
	time      uint64 // seconds, 48 bits
	fudge     uint16
	mac       []byte
	id        uint16
	problem   Problem
	other     []byte
}

// parse reads the TSIG record that begins at an offset and ends the message.
// Its owner may be compressed, the algorithm may not.
func parse(wire []byte, at int) (r record, ok bool) {
	if r.name, at, ok = name(wire, at, true); !ok || len(wire) < at+10 {
		return r, false
	}
	fixed := wire[at : at+10]
	if binary.BigEndian.Uint16(fixed) != typeTSIG || binary.BigEndian.Uint16(fixed[2:]) != classANY || binary.BigEndian.Uint32(fixed[4:]) != 0 {
		return r, false
	}
	if at += 10; len(wire)-at != int(binary.BigEndian.Uint16(fixed[8:])) {
		return r, false
	}
	if r.algorithm, at, ok = name(wire, at, false); !ok || len(wire) < at+10 {
		return r, false
	}
	r.time = uint64(binary.BigEndian.Uint16(wire[at:]))<<32 | uint64(binary.BigEndian.Uint32(wire[at+2:]))
	r.fudge = binary.BigEndian.Uint16(wire[at+6:])
	size := int(binary.BigEndian.Uint16(wire[at+8:]))
	if at += 10; len(wire) < at+size+6 {
		return r, false
	}
	r.mac = wire[at : at+size]
	at += size
	r.id = binary.BigEndian.Uint16(wire[at:])
	r.problem = Problem(binary.BigEndian.Uint16(wire[at+2:]))
	r.other = wire[at+6:]
	return r, len(r.other) == int(binary.BigEndian.Uint16(wire[at+4:]))
}

// name reads a name into canonical wire form and returns where it ends.
func name(wire []byte, at int, pointers bool) (canonical string, end int, ok bool) {
	var b [255]byte
	n := 0
	for bound := at; ; {
		if at >= len(wire) {
			return "", 0, false
		}
		size := int(wire[at])
		switch {
		case size >= 0xC0 && pointers && at+1 < len(wire):
			to := int(binary.BigEndian.Uint16(wire[at:]) & 0x3FFF)
			if end == 0 {
				end = at + 2
			}
			if to >= bound { // only backward, so that it ends
				return "", 0, false
			}
			at, bound = to, to
			continue
		case size > 63 || at+1+size > len(wire) || n+1+size > len(b):
			return "", 0, false
		}
		n += copy(b[n:], wire[at:at+1+size])
		if at += 1 + size; size == 0 {
			if end == 0 {
				end = at
			}
			for i, c := range b[:n] {
				if 'A' <= c && c <= 'Z' { // never a length: those are below 64
					b[i] += 'a' - 'A'
				}
			}
			return string(b[:n]), end, true
		}
	}
}

// variables are what is signed beside the message (RFC 8945 section 4.3.3).
func (r record) variables() []byte {
	b := append([]byte(r.name), 0, classANY, 0, 0, 0, 0)
	b = append(b, r.algorithm...)
	b = binary.BigEndian.AppendUint16(r.timers(b), uint16(r.problem))
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.other)))
	return append(b, r.other...)
}

func (r record) timers(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(r.time>>32))
	b = binary.BigEndian.AppendUint32(b, uint32(r.time))
	return binary.BigEndian.AppendUint16(b, r.fudge)
}

// append appends the record to a message.
func (r record) append(wire []byte) []byte {
	wire = append(wire, r.name...)
	wire = append(wire, 0, typeTSIG, 0, classANY, 0, 0, 0, 0)
	wire = binary.BigEndian.AppendUint16(wire, uint16(len(r.algorithm)+16+len(r.mac)+len(r.other)))
	wire = r.timers(append(wire, r.algorithm...))
	wire = binary.BigEndian.AppendUint16(wire, uint16(len(r.mac)))
	wire = append(wire, r.mac...)
	wire = binary.BigEndian.AppendUint16(wire, r.id)
	wire = binary.BigEndian.AppendUint16(wire, uint16(r.problem))
	wire = binary.BigEndian.AppendUint16(wire, uint16(len(r.other)))
	return append(wire, r.other...)
}

// size is how many octets append appends.
func (r record) size() int {
	return len(r.name) + 10 + len(r.algorithm) + 16 + len(r.mac) + len(r.other)
}
