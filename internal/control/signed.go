package control

import (
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

const typeDNSKEY = zone.Type(48) // RFC 4034 section 2

// hasKeys reports whether contents are meant to be signed: DNSKEY at the apex.
func hasKeys(c zone.Contents) bool {
	_, keys := c.Get(c.Origin(), typeDNSKEY)
	return keys
}

// signed reports whether contents come signed by their source. They are served
// as they are: what is changed in them would not validate. It is enough that c
// has the apex.
func signed(c zone.Contents) bool {
	_, signatures := c.Get(c.Origin(), zone.TypeRRSIG)
	return signatures && hasKeys(c)
}

func isSigned(z skein.Zone) error {
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("zone %s is signed by its source %q and served as it is: anything changed here would not validate", z.Name, z.Origin),
		Mend: "change it where it is signed"}
}

// serialBack says that the serial of a primary is not ahead of what it sent
// before, or of what is served and cannot be renumbered.
func serialBack(z skein.Zone, sent, last uint32) *skein.Error {
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("the serial of zone %s goes back: its source sent %d after %d", z.Name, sent, last),
		Mend: "raise the serial there, or release this version if it is the right one"}
}

// serialHeld reports whether contents whose serial is their primary's wait.
// Before is what that sent last. A serial that is ahead of it, but behind what
// overlays have raised the published one to, is raised too, unless what is
// signed would be broken by that.
func serialHeld(z skein.Zone, before, sent uint32, isSigned bool) bool {
	if zone.SerialLess(z.Serial, sent) && sent != 0 {
		return false
	}
	return isSigned || !zone.SerialLess(before, sent)
}
