package block

import (
	"encoding/binary"

	"github.com/skein-dns/skein/zone"
)

// Tail is an answer as it follows the question in a message, compressed for
// one question.
type Tail struct {
	Rcode         uint8
	Authoritative bool
	Counts        [3]uint8 // of the records, by section
	Records       []byte
	Moves         []uint16 // of pointers in Records, that follow the question's length
}

// A tail: octets of records, of moves (uint16 each), verdict, counts.
const (
	tailLen     = 0 // uint16
	tailMoves   = 2 // uint8
	tailVerdict = 3
	tailCounts  = 4
	tailSize    = 7 // the moves follow, then the records

	verdictRcode         = 15
	verdictAuthoritative = 16
	verdictElsewhere     = 32 // in place of the records, a uint16: they are part of another tail
	verdictTimed         = 64 // it is one record, elsewhere, and has another TTL: a uint32 follows

	// ttlAt is where the TTL of a record lies whose owner is a pointer.
	ttlAt = 2 + 2 + 2
)

// Reply is a kept answer. It is part of its block: good for as long as that is.
type Reply struct {
	Rcode         uint8
	Authoritative bool
	Counts        [3]uint8
	Records       []byte // but for the TTL if it is timed
	moves         []byte
	Shift         int // octets that the question is longer than the one it was made for
	ttl           uint32
	timed         bool
	exact         bool
	proofs        proofs
}

func (b Block) tail(at int) (r Reply, ok bool) {
	if at == 0 {
		return r, false
	}
	moves := at + tailSize
	records := moves + 2*int(b[at+tailMoves])
	verdict := b[at+tailVerdict]
	r = Reply{
		Rcode: verdict & verdictRcode, Authoritative: verdict&verdictAuthoritative != 0,
		Counts: [3]uint8(b[at+tailCounts:]), moves: b[moves:records],
	}
	if verdict&verdictTimed != 0 {
		r.timed, r.ttl = true, binary.LittleEndian.Uint32(b[records+2:])
	}
	if verdict&verdictElsewhere != 0 {
		records = b.u16(records)
	}
	r.Records = b[records : records+b.u16(at+tailLen)]
	return r, true
}

// Reply returns the answer for a question that is longer by shift.
func (t *Tail) Reply(shift int) Reply {
	r := Reply{Rcode: t.Rcode, Authoritative: t.Authoritative, Counts: t.Counts, Records: t.Records, Shift: shift}
	for _, m := range t.Moves {
		r.moves = binary.LittleEndian.AppendUint16(r.moves, m)
	}
	return r
}

// AppendRecords appends the records to a message that ends with its question.
func (r *Reply) AppendRecords(message []byte) []byte {
	from := len(message)
	message = append(message, r.Records...)
	if r.timed {
		binary.BigEndian.PutUint32(message[from+ttlAt:], r.ttl)
	}
	if r.Shift != 0 {
		for i := 0; i < len(r.moves); i += 2 {
			at := message[from+int(binary.LittleEndian.Uint16(r.moves[i:])):]
			binary.BigEndian.PutUint16(at, binary.BigEndian.Uint16(at)+uint16(r.Shift))
		}
	}
	return r.proofs.append(message)
}

// headerOctets is where the question begins in a message.
const headerOctets = 12

// Size is how many octets AppendRecords appends, at most.
func (r *Reply) Size() int { return len(r.Records) + r.proofs.size }

// Pointers returns where the compressed names in a tail's records end in a
// pointer; but says which to leave out by where they point to. ok is false if the records are
// malformed.
func Pointers(records []byte, count, but int) (at []uint16, ok bool) {
	note := func(from int) (end int) {
		end = nameEnd(records, from)
		if end >= 2 && end-from >= 2 && records[end-2] >= 0xC0 {
			if int(binary.BigEndian.Uint16(records[end-2:])&0x3FFF) != but {
				at = append(at, uint16(end-2))
			}
		}
		return end
	}
	end := 0
	for range count {
		owner := note(end)
		if owner < 0 || owner+10 > len(records) {
			return nil, false
		}
		t := zone.Type(binary.BigEndian.Uint16(records[owner:]))
		data := owner + 10
		if end = data + int(binary.BigEndian.Uint16(records[owner+8:])); end > len(records) {
			return nil, false
		}
		skip, names := Compressible(t)
		for data += skip; names > 0; names-- {
			if data = note(data); data < 0 || data > end {
				return nil, false
			}
		}
	}
	return at, end == len(records)
}

// nameEnd returns where a name ends that may end in a pointer; -1 if it is none.
func nameEnd(b []byte, at int) int {
	for at < len(b) {
		switch size := int(b[at]); {
		case size == 0:
			return at + 1
		case size >= 0xC0:
			return at + 2
		default:
			at += size + 1
		}
	}
	return -1
}

// Compressible says where in a type's data the names begin that may be
// compressed, and how many there are: those of RFC 1035 only (RFC 3597 section 4).
func Compressible(t zone.Type) (skip, names int) {
	switch t {
	case zone.TypeNS, zone.TypeCNAME, zone.TypePTR, 3, 4, 7, 8, 9: // MD, MF, MB, MG, MR
		return 0, 1
	case zone.TypeSOA, 14: // MINFO
		return 0, 2
	case zone.TypeMX:
		return 2, 1
	}
	return 0, 0
}
