package skein

import "github.com/skein-dns/skein/zone"

// ImportMember says which zones of a member come in, and whose they become.
type ImportMember struct {
	Zones    []zone.Name `json:"zones,omitempty" maxItems:"1000" doc:"of the member; all that it lists if none is named"`
	Owner    string      `json:"owner,omitempty" maxLength:"253" doc:"tenant that gets them; your own if not set"`
	TakeOver bool        `json:"take_over,omitempty" doc:"on the member, those that are here and there alike become Skein's"`
	DryRun   bool        `json:"dry_run,omitempty" doc:"say what would become of each, change nothing"`
}

// ImportStep is what becomes of one zone of a member.
type ImportStep struct {
	Zone     zone.Name `json:"zone,omitempty" doc:"not set: of the import as a whole"`
	Action   string    `json:"action" enum:"create,same,ours,differs,waits,fail"`
	Owner    string    `json:"owner,omitempty" doc:"whose it is, or becomes, here"`
	Ours     uint32    `json:"ours,omitempty" doc:"the serial here"`
	Theirs   uint32    `json:"theirs,omitempty" doc:"the serial on the member"`
	TakeOver bool      `json:"take_over,omitempty" doc:"it becomes, or became, Skein's on the member"`
	Left     string    `json:"left,omitempty" doc:"why it stays the member's own there"`
	Reason   string    `json:"reason,omitempty"`
}

// What becomes of a zone of a member.
const (
	ImportCreate  = "create"  // it comes in
	ImportSame    = "same"    // it is here already, with the same records
	ImportOurs    = "ours"    // Skein put it there
	ImportDiffers = "differs" // it is here already, with other records; both stay
	ImportWaits   = "waits"   // a person decides
	ImportFail    = "fail"
)
