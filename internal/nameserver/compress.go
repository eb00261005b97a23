package nameserver

import "encoding/binary"

// names remembers where names stand in a message, so that later ones can
// point to them (RFC 1035 section 4.1.4). It is a hash table of offsets. An
// entry is believed only after the name at its offset was compared, so that
// nothing needs to be taken out when the end of the message is taken back.
type names struct {
	table [2048]uint16 // 0: free
	noted []uint16     // places in table, in the order in which they were filled
	exact bool         // case counts (RFC 5936 section 3.4)

	starts [128]uint8 // of the labels of the name that is being written
	hashes [128]uint32
}

// back forgets all names but those that were noted first. No others stand
// where these were to go, so that each is still found.
func (n *names) back(to int) {
	for _, i := range n.noted[to:] {
		n.table[i] = 0
	}
	n.noted = n.noted[:to]
}

// append writes a name, compressed as far as what is written already allows.
func (n *names) append(wire, name []byte) []byte {
	labels := 0
	for at := 0; name[at] != 0; at += int(name[at]) + 1 {
		n.starts[labels] = uint8(at)
		labels++
	}
	hash := uint64(0)
	for i := labels - 1; i >= 0; i-- {
		start := int(n.starts[i])
		hash = hashLabel(hash, name[start:start+1+int(name[start])])
		n.hashes[i] = uint32(hash >> 32)
	}
	for i := range labels {
		suffix := name[n.starts[i]:]
		if at := n.find(wire, suffix, n.hashes[i]); at > 0 {
			return binary.BigEndian.AppendUint16(wire, 0xC000|uint16(at))
		}
		n.note(len(wire), n.hashes[i])
		wire = append(wire, suffix[:int(suffix[0])+1]...)
	}
	return append(wire, 0)
}

// hashLabel goes on from the hash of an ancestor to that of the name with one
// more label, which comes with its length. Eight octets at a time; the bit that
// tells cases apart is left out, be they letters or not.
func hashLabel(hash uint64, label []byte) uint64 {
	const caseless, odd = 0x2020202020202020, 0x9e3779b97f4a7c15
	for ; len(label) >= 8; label = label[8:] {
		hash = (hash ^ (binary.LittleEndian.Uint64(label) | caseless)) * odd
		hash ^= hash >> 32
	}
	rest := uint64(0)
	for i, c := range label {
		rest |= uint64(c) << (8 * i)
	}
	hash = (hash ^ (rest | caseless)) * odd
	return hash ^ hash>>32
}

func (n *names) find(wire, name []byte, hash uint32) int {
	for i := hash; ; i++ {
		at := int(n.table[i%uint32(len(n.table))])
		if at == 0 || n.same(wire, at, name) {
			return at
		}
	}
}

// note adds an offset, if a pointer reaches it and the table is not too full
// to be quick.
func (n *names) note(at int, hash uint32) {
	if at > 0x3FFF || len(n.noted) > len(n.table)*3/4 {
		return
	}
	i := hash % uint32(len(n.table))
	for n.table[i] != 0 {
		i = (i + 1) % uint32(len(n.table))
	}
	n.table[i] = uint16(at)
	n.noted = append(n.noted, uint16(i))
}

// same compares the name at an offset with an uncompressed one.
func (n *names) same(wire []byte, at int, name []byte) bool {
	for bound := at + 1; at < len(wire); {
		if wire[at] >= 0xC0 {
			if at+1 >= len(wire) {
				return false
			}
			to := int(binary.BigEndian.Uint16(wire[at:]) & 0x3FFF)
			if to >= bound-1 {
				return false
			}
			at, bound = to, to+1
			continue
		}
		size := int(wire[at]) + 1
		if wire[at] != name[0] || at+size > len(wire) {
			return false
		}
		if size == 1 {
			return true
		}
		for i := 1; i < size; i++ {
			if a, b := wire[at+i], name[i]; a != b && (n.exact || lower(a) != lower(b)) {
				return false
			}
		}
		at, name = at+size, name[size:]
	}
	return false
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
