package nameserver

import (
	"bytes"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// wildcard says whether what is kept for a wildcard's own name also holds, but
// for the lengths, for the names that it stands for.
type wildcard struct {
	*compiler
	name   zone.Name
	sample zone.Name // one of those
}

// wildcard returns nil if a node is none.
func (c *compiler) wildcard(n zone.Node) *wildcard {
	if !strings.HasPrefix(string(n.Name), "*.") {
		return nil
	}
	wire := n.Name.AppendWire(nil)
	w := &wildcard{compiler: c, name: n.Name}
	if sample, ok := nameOf(append([]byte("\x06\x00skein"), wire[2:]...)); ok {
		if p := c.locate(sample.Key(), c.other); p.kind == nowhere && p.wildcard() == n.Key {
			w.sample = sample
		}
	}
	return w
}

// standsFor says whether the answers for a type hold. They do not if they
// depend on the name in other ways than its length: when it is also a target.
func (w *wildcard) standsFor(t zone.Type) bool {
	if w.sample == "" {
		return false
	}
	for _, do := range []bool{false, true} {
		a := w.ask(question{name: w.name, qtype: t, dnssec: do})
		for _, sets := range [][]signedSet{a.answers, a.authority, a.additional} {
			for _, s := range sets {
				if _, is := w.tree.Node(s.Name.Key()); !is && !s.Name.Equal(w.name) {
					return false
				}
			}
		}
		if !w.sameFor(t, do, a) {
			return false
		}
	}
	return true
}

// sameFor has the answer moved to the sample, and compares it with what is
// said there, but for the proof that nothing is closer: that comes to it.
func (w *wildcard) sameFor(t zone.Type, do bool, a answer) bool {
	kept := w.tail(w.name, t, a, moveOthers)
	if kept == nil {
		return false
	}
	b := w.ask(question{name: w.sample, qtype: t, dnssec: do})
	if do && w.chain.kind != unsigned {
		b.authority = nil
	}
	want, counts, ok := w.sections(w.sample, t, b)
	moved := kept.Reply(len(w.sample.AppendWire(nil)) - len(w.name.AppendWire(nil)))
	return ok && a.rcode == b.rcode && counts == kept.Counts && bytes.Equal(moved.AppendRecords(nil), want)
}
