package daemon

import "github.com/skein-dns/skein/zone"

// refresh has a zone looked at, at its source's primary, since a push said
// that it changed. Plesk changes its own nameserver before it speaks.
func (n *node) refresh(name zone.Name, source string) bool {
	return n.intake.Refresh(name, source, false)
}
