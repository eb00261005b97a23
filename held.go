package skein

import "github.com/skein-dns/skein/zone"

// Held is a zone as a member has it.
type Held struct {
	Zone   zone.Name
	Serial uint32 // 0 where the member does not tell it without giving the contents
}

// ListedZone is a zone in the list of those that a member has, with whose it is there.
type ListedZone struct {
	Held
	Ours  bool   // Skein put it there
	Owner string // whose it is, where the member says so
}
