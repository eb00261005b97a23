package sqlite

import (
	"maps"
	"slices"

	"github.com/skein-dns/skein/zone"
)

const (
	maxChunk = 16 << 10 // a chunk is split above this, in octets before packing
	minChunk = 2 << 10  // and joined with a neighbour below this
)

// chunk is a run of owner names in canonical order. first bounds it from
// below; it need not be the key of a name that is there.
type chunk struct {
	num   int64
	first []byte
	sets  []zone.RRset
}

// weigh guesses the encoded size of a set.
func weigh(s zone.RRset) int {
	n := len(s.Name) + 10
	for _, d := range s.Data {
		n += len(d) + 2
	}
	return n
}

func weight(sets []zone.RRset) (n int) {
	for _, s := range sets {
		n += weigh(s)
	}
	return n
}

// cut divides contents into chunks of about equal weight. A name is never
// divided, so one with huge sets makes a huge chunk.
func cut(c zone.Contents) []chunk {
	sets := slices.Collect(c.All())
	total := weight(sets)
	target := total
	if total > maxChunk {
		target = total / (total/(maxChunk*3/4) + 1) // leaves room to grow
	}
	var chunks []chunk
	heavy := 0
	for i, s := range sets {
		newName := i == 0 || !s.Name.Equal(sets[i-1].Name)
		if i == 0 || newName && heavy >= target {
			chunks = append(chunks, chunk{first: []byte(s.Name.Key())})
			heavy = 0
		}
		last := &chunks[len(chunks)-1]
		last.sets = append(last.sets, s)
		heavy += weigh(s)
	}
	if len(chunks) > 0 {
		chunks[0].first = []byte{}
	}
	return chunks
}

// packed is a chunk as it is stored.
type packed struct{ first, data []byte }

func packChunks(chunks []chunk) []packed {
	all := make([]packed, len(chunks))
	for i, c := range chunks {
		all[i] = packed{c.first, packSets(c.sets)}
	}
	return all
}

func (t *txn) insertChunk(zoneNum int64, c packed) error {
	_, err := t.exec(`INSERT INTO chunk (zone, first, data) VALUES (?, ?, ?)`, zoneNum, c.first, c.data)
	return err
}

// The ways to find one chunk of a zone.
const (
	selectChunk = `SELECT num, first, data FROM chunk WHERE zone = ?`
	chunkAt     = selectChunk + ` AND first <= ? ORDER BY first DESC LIMIT 1`
	chunkBefore = selectChunk + ` AND first < ? ORDER BY first DESC LIMIT 1`
	chunkAfter  = selectChunk + ` AND first > ? ORDER BY first LIMIT 1`
	boundAfter  = `SELECT first FROM chunk WHERE zone = ? AND first > ? ORDER BY first LIMIT 1`
)

func (t *txn) chunk(query string, zoneNum int64, key []byte) (c chunk, found bool, err error) {
	var data []byte
	found, err = t.row(query, []any{zoneNum, key}, &c.num, &c.first, &data)
	if found {
		c.sets, err = unpackSets(data)
	}
	return c, found, err
}

// editContents applies a delta, chunk by chunk: its cost follows the delta.
func (t *txn) editContents(zoneNum int64, origin zone.Name, d zone.Delta) error {
	parts := byName(d)
	for len(parts) > 0 {
		key := []byte(parts[0].key)
		c, _, err := t.chunk(chunkAt, zoneNum, key) // none: the zone is empty
		if err != nil {
			return err
		}
		n := len(parts) // how many parts fall into this chunk
		if n > 1 {
			var bound []byte
			found, err := t.row(boundAfter, []any{zoneNum, key}, &bound)
			if err != nil {
				return err
			}
			if found {
				n = slices.IndexFunc(parts, func(p part) bool { return p.key >= string(bound) })
			}
			if n < 0 {
				n = len(parts)
			}
		}
		if err := t.editChunk(zoneNum, origin, c, parts[:n]); err != nil {
			return err
		}
		parts = parts[n:]
	}
	return nil
}

// part is what a delta does to one name.
type part struct {
	key   string
	delta zone.Delta
}

// byName divides a delta into parts in canonical order.
func byName(d zone.Delta) []part {
	deltas := map[string]*zone.Delta{}
	at := func(name zone.Name) *zone.Delta {
		key := name.Key()
		if deltas[key] == nil {
			deltas[key] = &zone.Delta{}
		}
		return deltas[key]
	}
	for _, s := range d.Del {
		p := at(s.Name)
		p.Del = append(p.Del, s)
	}
	for _, s := range d.Add {
		p := at(s.Name)
		p.Add = append(p.Add, s)
	}
	parts := make([]part, 0, len(deltas))
	for _, key := range slices.Sorted(maps.Keys(deltas)) {
		parts = append(parts, part{key, *deltas[key]})
	}
	return parts
}

func (t *txn) editChunk(zoneNum int64, origin zone.Name, c chunk, parts []part) error {
	before, err := zone.NewContents(origin, c.sets)
	if err != nil {
		return err
	}
	var d zone.Delta
	for _, p := range parts {
		d.Del, d.Add = append(d.Del, p.delta.Del...), append(d.Add, p.delta.Add...)
	}
	after, err := before.Apply(d)
	if err != nil {
		return notApplicable(origin, err)
	}
	c.sets = slices.Collect(after.All())
	emptied := len(c.sets) == 0 && len(c.first) > 0 // then the chunk before covers its range
	if weight(c.sets) < minChunk && !emptied {
		if c, after, err = t.join(zoneNum, origin, c, after); err != nil {
			return err
		}
	}
	return t.putChunks(zoneNum, c, after)
}

// join takes a neighbour's sets into a chunk that became small, if both
// together are one good chunk. The later one's row goes.
func (t *txn) join(zoneNum int64, origin zone.Name, c chunk, have zone.Contents) (chunk, zone.Contents, error) {
	query := chunkBefore
	if len(c.first) == 0 {
		query = chunkAfter
	}
	near, found, err := t.chunk(query, zoneNum, c.first)
	if err != nil || !found || len(c.sets) > 0 && weight(near.sets)+weight(c.sets) > maxChunk*3/4 {
		return c, have, err
	}
	gone := c.num
	if len(c.first) == 0 {
		gone, near.num, near.first = near.num, c.num, c.first
	}
	if _, err := t.exec(`DELETE FROM chunk WHERE num = ?`, gone); err != nil {
		return c, have, err
	}
	near.sets = append(near.sets, c.sets...)
	have, err = zone.NewContents(origin, near.sets)
	return near, have, err
}

// putChunks writes a chunk's new contents back, as several if they grew large.
func (t *txn) putChunks(zoneNum int64, c chunk, contents zone.Contents) error {
	pieces := packChunks(cut(contents))
	if len(pieces) == 0 && c.num != 0 {
		_, err := t.exec(`DELETE FROM chunk WHERE num = ?`, c.num)
		return err
	}
	for i, piece := range pieces {
		if i > 0 || c.num == 0 {
			if err := t.insertChunk(zoneNum, piece); err != nil {
				return err
			}
			continue
		}
		if _, err := t.exec(`UPDATE chunk SET data = ? WHERE num = ?`, piece.data, c.num); err != nil {
			return err
		}
	}
	return nil
}
