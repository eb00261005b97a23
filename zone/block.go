package zone

import "strings"

// blocks keeps many small strings and slices in few pieces of memory: a zone
// has three of them a record. What is kept holds on to its whole block, so
// blocks stay small.
type blocks struct {
	text strings.Builder
	data []Rdata
}

const (
	firstBlock = 512 // octets
	maxBlock   = 8 << 10
)

// keep returns a copy of b.
func (k *blocks) keep(b []byte) string {
	if k.text.Cap()-k.text.Len() < len(b) {
		size := max(min(2*k.text.Cap(), maxBlock), firstBlock, len(b))
		k.text = strings.Builder{}
		k.text.Grow(size)
	}
	from := k.text.Len()
	k.text.Write(b) // within capacity, so that no earlier string moves
	return k.text.String()[from:]
}

// room returns an empty slice with room for n data.
func (k *blocks) room(n int) []Rdata {
	if cap(k.data)-len(k.data) < n {
		k.data = make([]Rdata, 0, max(min(2*cap(k.data), maxBlock/16), firstBlock/32, n))
	}
	from := len(k.data)
	k.data = k.data[:from+n]
	return k.data[from : from : from+n]
}
