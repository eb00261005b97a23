package skein

import (
	"net/netip"
	"time"

	"github.com/skein-dns/skein/zone"
)

// Trace is the way that a resolver which remembers nothing goes from the root
// of the DNS down to a zone.
type Trace struct {
	Zone   zone.Name    `json:"zone"`
	Steps  []TraceStep  `json:"steps" nullable:"false" doc:"from the root down; the last one is of the zone itself, if the way leads there"`
	Faults []TraceFault `json:"faults" nullable:"false" doc:"what is wrong on the way"`
}

// TraceStep is what the nameservers of one zone on the way say of the zone.
type TraceStep struct {
	Zone        zone.Name     `json:"zone" doc:"whose nameservers were asked"`
	Servers     []TraceServer `json:"servers" nullable:"false" doc:"one of each address"`
	Unasked     int           `json:"unasked,omitempty" doc:"addresses that were not asked as well: above the zone a few are enough"`
	Refers      zone.Name     `json:"refers,omitempty" doc:"the zone below that they refer to"`
	Nameservers []zone.Name   `json:"nameservers,omitempty" nullable:"false" doc:"those that the zone below is delegated to; in the last step those that the zone names itself"`
}

// TraceServer is what one address of a nameserver says.
type TraceServer struct {
	Name        zone.Name     `json:"name"`
	Address     netip.Addr    `json:"address,omitzero"`
	Glue        bool          `json:"glue,omitempty" doc:"the address came with the delegation"`
	Outcome     TraceOutcome  `json:"outcome" enum:"answers,refers,no-name,lame,silent,not-asked"`
	Code        string        `json:"code,omitempty" doc:"the response code as it came, such as REFUSED"`
	Nameservers []zone.Name   `json:"nameservers,omitempty" nullable:"false" doc:"the NS records of its answer"`
	Took        time.Duration `json:"took,omitempty" doc:"nanoseconds"`
	Reason      string        `json:"reason,omitempty" doc:"why it says nothing, or nothing of use"`
}

// TraceOutcome sorts what servers on the way say by what it means.
type TraceOutcome string

// The outcomes.
const (
	TraceAnswers  TraceOutcome = "answers"   // it has the zone
	TraceRefers   TraceOutcome = "refers"    // others have what is asked for
	TraceNoName   TraceOutcome = "no-name"   // there is no delegation
	TraceLame     TraceOutcome = "lame"      // it is named for a zone, and does not have that
	TraceSilent   TraceOutcome = "silent"    // nothing came back
	TraceNotAsked TraceOutcome = "not-asked" // its address is not known, or is not to be asked
)

// TraceFault is one thing that is wrong, and the mend.
type TraceFault struct {
	Zone    zone.Name `json:"zone" doc:"of the step where it shows"`
	Warning bool      `json:"warning,omitempty" doc:"resolvers find the zone all the same"`
	Text    string    `json:"text"`
	Mend    string    `json:"mend" doc:"what to do about it"`
}
