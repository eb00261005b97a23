package zone

import (
	"encoding/binary"
	"fmt"

	"github.com/miekg/dns"
)

// Record is one record of a message.
type Record struct {
	Name  Name
	Type  Type
	Class uint16
	TTL   uint32
	Data  Rdata // names uncompressed; left out of classes and types that no zone holds
}

// Records reads records of a message, most kinds without the DNS library, since
// zone transfers bring them by the million.
type Records struct {
	Message []byte
	owner   []byte // wire form of the name before
	name    Name   // the same
}

const (
	recordHead = 10 // type, class, TTL and length of the data
	pointer    = 0xC0
)

// Next reads the record at an offset, and returns where it ends. It fails for
// what is malformed, data of its type included.
func (r *Records) Next(off int) (rec Record, end int, err error) {
	var buf [maxNameWire]byte
	owner, at, ok := inFull(buf[:0], r.Message, off, len(r.Message))
	if !ok || at+recordHead > len(r.Message) {
		return rec, off, fmt.Errorf("%w: it has no name, type or length", ErrRdata)
	}
	if string(owner) != string(r.owner) {
		var text [4 * maxNameWire]byte
		r.owner, r.name = append(r.owner[:0], owner...), Name(appendName(text[:0], owner))
	}
	head := r.Message[at : at+recordHead]
	at += recordHead
	rec = Record{Name: r.name, Type: Type(binary.BigEndian.Uint16(head)), Class: binary.BigEndian.Uint16(head[2:]), TTL: binary.BigEndian.Uint32(head[4:])}
	if end = at + int(binary.BigEndian.Uint16(head[8:])); end > len(r.Message) {
		return rec, off, fmt.Errorf("%w: its data is cut short", ErrRdata)
	}
	switch {
	case rec.Class != dns.ClassINET || !rec.Type.storable():
		return rec, end, nil
	case at == end && !rec.Type.mayBeEmpty():
		return rec, off, fmt.Errorf("%w: the %s record of %s has no data", ErrRdata, rec.Type, rec.Name)
	}
	if rec.Type.shape() == nil {
		rec.Data, err = r.rare(off, end)
	} else if rec.Data, ok = r.data(rec.Type, at, end); !ok {
		err = fmt.Errorf("%w of %s %s: %d octets", ErrRdata, rec.Name, rec.Type, end-at)
	}
	if err != nil {
		return rec, off, err
	}
	return rec, end, nil
}

// mayBeEmpty: of types that the library knows only two may have no data at all.
func (t Type) mayBeEmpty() bool {
	_, known := dns.TypeToRR[uint16(t)]
	return !known || t == Type(dns.TypeAPL) || t == Type(dns.TypeNULL)
}

// data reads the data of a type that has a shape; false if it is none.
func (r *Records) data(t Type, from, end int) (Rdata, bool) {
	raw := Rdata(r.Message[from:end])
	var buf [512]byte
	b, at, ok := buf[:0], 0, true
	for _, f := range t.shape() {
		if f == domain || f == exactName {
			if b, at, ok = inFull(b, r.Message, from+at, end); !ok {
				return "", false
			}
			at -= from
			continue
		}
		next := f.end(raw, at)
		if next < 0 {
			return "", false
		}
		b, at = append(b, raw[at:next]...), next
	}
	switch {
	case at != len(raw) || len(b) > maxRdata:
		return "", false
	case len(b) == len(raw): // a compressed name is shorter than what it stands for
		return raw, true
	}
	return Rdata(b), true
}

// rare reads the data of a record that the library knows.
func (r *Records) rare(off, end int) (Rdata, error) {
	rr, at, err := dns.UnpackRR(r.Message[:end], off)
	if err == nil && at != end {
		err = fmt.Errorf("%w: %d octets too many", ErrRdata, end-at)
	}
	if err != nil {
		return "", err
	}
	_, _, _, d, err := FromRR(rr)
	return d, err
}

// inFull appends the name at an offset to b, uncompressed, and returns where it
// ends; false if it is none, or does not end before the end. Pointers lead back
// only, so that they come to an end.
func inFull(b, message []byte, off, end int) (name []byte, after int, ok bool) {
	start, bound := len(b), off
	for at := off; at < end; {
		size := int(message[at])
		switch {
		case size >= pointer:
			if at+2 > end {
				return b, 0, false
			}
			to := int(binary.BigEndian.Uint16(message[at:]) &^ (pointer << 8))
			if after == 0 {
				after = at + 2
			}
			if to >= bound {
				return b, 0, false
			}
			at, bound, end = to, to, len(message)
			continue
		case size > maxLabel || at+1+size > end || len(b)-start+1+size > maxNameWire:
			return b, 0, false
		}
		b = append(b, message[at:at+1+size]...)
		at += 1 + size
		if size == 0 {
			if after == 0 {
				after = at
			}
			return b, after, true
		}
	}
	return b, 0, false
}
