package nameserver

import "encoding/binary"

// names remembers where names stand in a message, so that later ones can
// point to them (RFC 1035 section 4.1.4). It is a hash table of offsets. An
// entry is believed only after the name at its offset was compared, so that
// nothing needs to be taken out when the end of the message is taken back.
type names struct {
	table  [2048]uint16 // 0: free
	filled int
	exact  bool // case counts (RFC 5936 section 3.4)
}

func (n *names) reset(exact bool) { *n = names{exact: exact} }

// append writes a name, compressed as far as what is written already allows.
func (n *names) append(wire, name []byte) []byte {
	var starts [128]uint8
	var hashes [128]uint32
	labels := 0
	for at := 0; name[at] != 0; at += int(name[at]) + 1 {
		starts[labels] = uint8(at)
		labels++
	}
	hash := uint32(2166136261)
	for i := labels - 1; i >= 0; i-- {
		hash = hashLabel(hash, name[starts[i]:])
		hashes[i] = hash
	}
	for i := range labels {
		suffix := name[starts[i]:]
		if at := n.find(wire, suffix, hashes[i]); at > 0 {
			return binary.BigEndian.AppendUint16(wire, 0xC000|uint16(at))
		}
		n.note(len(wire), hashes[i])
		wire = append(wire, suffix[:int(suffix[0])+1]...)
	}
	return append(wire, 0)
}

// hashLabel is FNV-1a over a label with its length, case left out.
func hashLabel(hash uint32, label []byte) uint32 {
	for _, c := range label[:int(label[0])+1] {
		hash = (hash ^ uint32(lower(c))) * 16777619
	}
	return hash
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
	if at > 0x3FFF || n.filled > len(n.table)*3/4 {
		return
	}
	i := hash % uint32(len(n.table))
	for n.table[i] != 0 {
		i = (i + 1) % uint32(len(n.table))
	}
	n.table[i] = uint16(at)
	n.filled++
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
