package block

import (
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"

	"github.com/skein-dns/skein/zone"
)

const typeNSEC3 = zone.Type(50)

// Hash is how the names of a zone with NSEC3 are hashed (RFC 5155 section 5).
type Hash struct {
	Iterations uint16
	Salt       string
}

// hashSize is how many octets a hash has as a label.
const hashSize = 32

// base32hex is the encoding of RFC 5155 section 3.3, in lower case as the
// names of blocks are.
var base32hex = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// Of returns the hash of a name in lower case wire form, as a label.
func (h Hash) Of(wire []byte) [hashSize]byte { return hashOf(nil, wire, int(h.Iterations), h.Salt) }

// hashOf hashes the name of two parts.
func hashOf[Salt string | []byte](front, wire []byte, iterations int, salt Salt) (label [hashSize]byte) {
	var buf [2 + 255 + 255]byte
	sum := sha1.Sum(append(append(append(buf[:0], front...), wire...), salt...))
	for range iterations {
		sum = sha1.Sum(append(append(buf[:0], sum[:]...), salt...))
	}
	base32hex.Encode(label[:], sum[:])
	return label
}

// hashName hashes the name of two parts as the zone does. What that takes
// stands behind the apex: the iterations, the octets of the salt, the salt.
func (b Block) hashName(front, wire []byte) [hashSize]byte {
	at := headerSize + int(b[atApex])
	salt := b[at+3 : at+3+int(b[at+2])]
	return hashOf(front, wire, b.u16(at), []byte(salt))
}

// appendHash appends it in that form.
func appendHash(to []byte, h Hash) []byte {
	to = binary.LittleEndian.AppendUint16(to, h.Iterations)
	return append(append(to, byte(len(h.Salt))), h.Salt...)
}
