package nameserver

import (
	"encoding/binary"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/nameserver/block"
	"github.com/skein-dns/skein/zone"
)

// The sections of a message that hold records, as the header counts them.
const (
	inAnswer = iota
	inAuthority
	inAdditional
)

// writer puts a message together. Its buffer is used again for the next one;
// it is for one goroutine. The zero value is ready for start.
type writer struct {
	buf   []byte
	limit int // octets that records may fill the message to
	names names

	question struct{ end, names int } // how much was there of both when it was written
	asked    zone.Name                // the question's, if it was known as one
}

// start begins with a header, all counts zero, and a question in wire form.
func (w *writer) start(id, flags uint16, name []byte, qtype, qclass uint16) {
	w.names.back(0)
	w.names.exact = false
	w.buf = binary.BigEndian.AppendUint16(w.buf[:0], id)
	w.buf = binary.BigEndian.AppendUint16(w.buf, flags)
	w.buf = append(w.buf, 0, 0, 0, 0, 0, 0, 0, 0)
	if name != nil {
		w.buf[5] = 1
		w.buf = w.names.append(w.buf, name)
		w.buf = binary.BigEndian.AppendUint16(w.buf, qtype)
		w.buf = binary.BigEndian.AppendUint16(w.buf, qclass)
	}
	w.question.end, w.question.names, w.asked = len(w.buf), len(w.names.noted), ""
}

// ask is start for one who asks for many types of a name, one after another.
func (w *writer) ask(name zone.Name, t zone.Type) {
	if name != w.asked {
		var wire [maxName + 1]byte
		w.start(0, 0, name.AppendWire(wire[:0]), uint16(t), dns.ClassINET)
		w.asked = name
		return
	}
	w.names.back(w.question.names)
	w.buf = w.buf[:w.question.end]
	clear(w.buf[6:headerSize])
	binary.BigEndian.PutUint16(w.buf[w.question.end-4:], uint16(t))
}

// name appends a name. Most are the first one, which the question has.
func (w *writer) name(name []byte) {
	if end := headerSize + len(name); len(name) > 1 && end <= len(w.buf) && string(w.buf[headerSize:end]) == string(name) {
		w.buf = append(w.buf, 0xC0, headerSize)
		return
	}
	w.buf = w.names.append(w.buf, name)
}

// set puts a whole RRset and its signatures into a section. Where they do not
// fit together it puts nothing and returns false.
func (w *writer) set(section int, class uint16, s signedSet) bool {
	mark := len(w.buf)
	var wire [maxName + 1]byte
	owner := s.Name.AppendWire(wire[:0])
	for _, d := range s.Data {
		w.record(owner, s.Type, class, s.TTL, d)
	}
	for _, d := range s.sigs {
		w.record(owner, zone.TypeRRSIG, class, s.TTL, d)
	}
	if len(w.buf) > w.limit {
		w.buf = w.buf[:mark]
		return false
	}
	w.count(section, len(s.Data)+len(s.sigs))
	return true
}

// one puts one record into the answer section; false if it does not fit.
func (w *writer) one(owner []byte, s zone.RRset, d zone.Rdata) bool {
	mark := len(w.buf)
	w.record(owner, s.Type, dns.ClassINET, s.TTL, d)
	if len(w.buf) > w.limit {
		w.buf = w.buf[:mark]
		return false
	}
	w.count(inAnswer, 1)
	return true
}

// count raises the number of records of a section in the header.
func (w *writer) count(section, n int) {
	at := 6 + 2*section
	binary.BigEndian.PutUint16(w.buf[at:], binary.BigEndian.Uint16(w.buf[at:])+uint16(n))
}

// record appends one record, whatever room there is.
func (w *writer) record(owner []byte, t zone.Type, class uint16, ttl uint32, d zone.Rdata) {
	w.name(owner)
	w.buf = binary.BigEndian.AppendUint16(w.buf, uint16(t))
	w.buf = binary.BigEndian.AppendUint16(w.buf, class)
	w.buf = binary.BigEndian.AppendUint32(w.buf, ttl)
	size := len(w.buf)
	w.buf = append(w.buf, 0, 0)
	w.data(t, d)
	binary.BigEndian.PutUint16(w.buf[size:], uint16(len(w.buf)-size-2))
}

// data appends record data. Only names of the types of RFC 1035 may be
// compressed (RFC 3597 section 4).
func (w *writer) data(t zone.Type, d zone.Rdata) {
	skip, embedded := block.Compressible(t)
	if embedded == 0 || len(d) < skip {
		w.buf = append(w.buf, d...)
		return
	}
	w.buf = append(w.buf, d[:skip]...)
	var wire [maxName + 1]byte
	rest := append(wire[:0], d[skip:]...)
	for ; embedded > 0; embedded-- {
		end := nameEnd(rest, 0, false)
		if end < 0 || end > maxName {
			break // not the data of this type: as it is
		}
		w.name(rest[:end])
		rest = rest[end:]
	}
	w.buf = append(w.buf, rest...)
}
