package nameserver

import (
	"slices"

	"github.com/skein-dns/skein/internal/nameserver/block"
	"github.com/skein-dns/skein/zone"
)

// blockRecords is the records of a zone in its block, or in a copy of that.
type blockRecords struct{ block.Block }

// contents unpacks everything.
func (b blockRecords) contents() zone.Contents {
	c, err := zone.NewContents(b.Origin(), b.All())
	if err != nil {
		panic("a zone does not come out of its block as it went in: " + err.Error())
	}
	return c
}

// viewOf makes a view of a block, which is good for as long as the block is.
func viewOf(b block.Block, h history) *view {
	r := blockRecords{b}
	v := &view{contents: r, apex: b.Origin().Key(), serial: b.Serial(), failed: b.State() == block.Failed, history: h}
	if b.Chain() != uint8(unsigned) {
		apex, _ := b.Node(v.apex)
		v.chain = chainOf(apex)
		v.chain.records = blockChain{r, v.chain}
	}
	return v
}

// blockChain is the chain of a zone in a block.
type blockChain struct {
	blockRecords
	chain
}

// NodeAtOrBefore returns a node with the denying set alone.
func (b blockChain) NodeAtOrBefore(key string) (zone.Node, bool) {
	node, ok := b.ChainedAtOrBefore(key)
	node.Sets = b.parts(slices.Values(node.Sets))
	return node, ok
}
