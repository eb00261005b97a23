package fake

import "github.com/skein-dns/skein/zone"

// The commands: each is a POST to its path with a request as JSON, answered
// with replies, one a line.
const (
	callVersion  = "/version"
	callList     = "/list"     // every zone with its serial, then an end
	callRead     = "/read"     // zones with their contents, then an end
	callHas      = "/has"      // which of these zones are there, then an end
	callSave     = "/save"     // a zone with its contents, whatever was there
	callRegister = "/register" // a zone without contents, if it is not there
	callRemove   = "/remove"
)

type request struct {
	Zones []zone.Name `json:"zones,omitempty"`
	Text  string      `json:"text,omitempty"` // contents as a zone file
}

type reply struct {
	Zone    zone.Name `json:"zone,omitempty"`
	Serial  uint32    `json:"serial,omitempty"`
	Text    string    `json:"text,omitempty"`
	Absent  bool      `json:"absent,omitempty"`
	Locked  bool      `json:"locked,omitempty"`
	Version string    `json:"version,omitempty"`
	End     bool      `json:"end,omitempty"` // nothing was left out
}
