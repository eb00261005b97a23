// Package catalog speaks catalog zones (RFC 9432): zones whose records list
// other zones. It reads them as a consumer and makes them as a producer, and
// knows contents only: no transfers, no store.
package catalog

import (
	"fmt"

	"github.com/skein-dns/skein/zone"
)

// The labels that give names in a catalog their meaning (RFC 9432 section 4).
const (
	labelVersion = "version" // TXT at the catalog's top: the schema
	labelZones   = "zones"   // above the members
	labelGroup   = "group"   // TXT of a member (section 4.3.2)
	labelOwner   = "coo"     // PTR of a member: the catalog that it moves to (section 4.3.1)
)

// schema is the only version that there is (section 4.2.1).
const schema = "2"

// Member is a zone that a catalog lists.
type Member struct {
	ID     string    // its label below zones, lower case, escaped as in names; it never changes, or the zone begins anew
	Zone   zone.Name // canonical
	Groups []string  // what they mean is the consumer's business
	Owner  zone.Name // change of ownership: the catalog that it moves to; "" stays
}

// under returns the name that a label has below another name.
func under(label string, parent zone.Name) (zone.Name, error) {
	name, err := zone.ParseName(label + "." + string(parent))
	if err != nil {
		return "", fmt.Errorf("the label %q below %s: %w", label, parent, err)
	}
	return name, nil
}
