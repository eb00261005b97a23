package dnsadmin

import (
	"fmt"
	"iter"
	"net/netip"
	"strings"
)

// The texts of answers that somebody reads for more than a person. Those of
// Refused are our own: no document says how a server tells which zones of a
// batch it refuses.

// Deleted is the line of an answer to removezone and removezones for a zone
// that is gone from a node.
func Deleted(zone, node string) string { return zone + arrow + deleted + node + "\n" }

// Added is the answer to a quickzoneadd that worked.
func Added(zone string) string { return fmt.Sprintf("Zone %s has been successfully added\n", zone) }

// Refused is the line of an answer for a zone that was not changed. What is
// between two lines in the reason is put into one.
func Refused(zone, reason string) string {
	return zone + arrow + refused + " " + strings.Join(strings.Fields(reason), " ") + "\n"
}

// Established is what an answer of trustclustermaster.cgi has in it when it worked.
const Established = "has been established"

const (
	arrow   = " => "
	deleted = "deleted from "
	refused = "refused:"
)

// Outcome is what an answer says of a zone.
type Outcome struct {
	Zone    string
	Deleted bool
	Refused bool
	Reason  string // it was refused
}

// Outcomes reads the lines of Deleted and Refused in an answer.
func Outcomes(answer string) iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		for line := range strings.Lines(answer) {
			zone, said, is := strings.Cut(strings.TrimSpace(line), arrow)
			if !is {
				continue
			}
			reason, no := strings.CutPrefix(said, refused)
			o := Outcome{Zone: CleanZone(zone), Deleted: strings.HasPrefix(said, deleted), Refused: no}
			if no {
				o.Reason = strings.TrimSpace(reason)
			}
			if (o.Deleted || o.Refused) && !yield(o) {
				return
			}
		}
	}
}

// ParseIP reads a line of an answer to getips: an address alone, or one with a
// netmask and a broadcast address after colons.
func ParseIP(line string) (netip.Addr, bool) {
	line = strings.TrimSpace(line)
	if a, err := netip.ParseAddr(line); err == nil {
		return a, true
	}
	first, _, _ := strings.Cut(line, ":")
	a, err := netip.ParseAddr(first)
	return a, err == nil
}

// Peer is a line of an answer to getpath: a server and one of its peers.
type Peer struct{ Host, Peer string }

func (p Peer) String() string { return p.Host + " " + p.Peer }
