package skein

import (
	"time"

	"github.com/skein-dns/skein/zone"
)

// Lookup is what each member of a zone's pool answers to one question.
type Lookup struct {
	Zone    zone.Name      `json:"zone" doc:"the nearest zone that the name is in"`
	Name    zone.Name      `json:"name"`
	Type    string         `json:"type"`
	Answers []LookupAnswer `json:"answers" nullable:"false" doc:"one of each member"`
}

// LookupAnswer is what one member answers.
type LookupAnswer struct {
	Member        string        `json:"member"`
	Outcome       LookupOutcome `json:"outcome" enum:"answers,no-data,no-name,referral,fails,silent,not-asked"`
	Code          string        `json:"code,omitempty" doc:"the response code as it came, such as NXDOMAIN"`
	Authoritative bool          `json:"authoritative,omitempty"`
	Answer        []string      `json:"answer,omitempty" nullable:"false" doc:"records as lines of a zone file"`
	Authority     []string      `json:"authority,omitempty" nullable:"false" doc:"the records beside an answer that has none: a SOA, or to whom it refers"`
	NSID          string        `json:"nsid,omitempty" doc:"how the server that answered names itself (RFC 5001), if it does: which instance of an anycast address it was"`
	Took          time.Duration `json:"took,omitempty" doc:"nanoseconds"`
	Reason        string        `json:"reason,omitempty" doc:"why there is no answer"`
}

// LookupOutcome sorts answers by what they mean.
type LookupOutcome string

// The outcomes.
const (
	LookupAnswers  LookupOutcome = "answers"
	LookupNoData   LookupOutcome = "no-data"   // the name is there, and has nothing of the type
	LookupNoName   LookupOutcome = "no-name"   // NXDOMAIN
	LookupReferral LookupOutcome = "referral"  // other nameservers have that part
	LookupFails    LookupOutcome = "fails"     // it refuses, cannot, or answers for others
	LookupSilent   LookupOutcome = "silent"    // nothing came back
	LookupNotAsked LookupOutcome = "not-asked" // it answers DNS at no address that is known
)
