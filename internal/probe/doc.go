// Package probe asks members over DNS what they really serve: SOA questions
// over UDP, thousands in flight from a few sockets, and whole zones by
// transfer with the audit key. What a member says about itself elsewhere is
// not believed; this is.
package probe

import (
	"fmt"
	"time"

	"github.com/skein-dns/skein/zone"
)

// Outcome sorts answers by what they mean for a zone on a server.
type Outcome uint8

// The outcomes.
const (
	NoAnswer  Outcome = iota // nothing came back, or the question could not be sent
	Serves                   // an authoritative answer with a SOA of that name
	Absent                   // REFUSED, NXDOMAIN, NOTAUTH, or only a zone above answers
	NotLoaded                // SERVFAIL: configured, but never transferred or expired
	NotServed                // an answer without authority (AA=0): cached, forwarded or a referral
	Broken                   // any other rcode
)

func (o Outcome) String() string {
	return [...]string{"no answer", "serves", "absent", "not loaded", "not authoritative", "broken"}[o]
}

// Result is what one server said about one zone.
type Result struct {
	Zone    zone.Name
	Outcome Outcome
	Serial  uint32   // with Serves
	SOA     zone.SOA // likewise, whole: zones of another maker may have the same serial
	Rcode   int      // as received; 0 with NoAnswer
	NSID    string   // RFC 5001, "" if the server tells none
	RTT     time.Duration
	// With Serves, of a secondary that tells (RFC 7314): how long it goes on
	// without its primary, and whether that has not answered it for long.
	Left time.Duration
	Lost bool
	Err  error // with NoAnswer: why, if more is known than silence
}

// Text says the result in a few words.
func (r Result) Text() string {
	switch r.Outcome {
	case Serves:
		return fmt.Sprintf("serves serial %d", r.Serial)
	case Absent, NotLoaded, Broken:
		return "answers " + rcodeText(r.Rcode)
	case NotServed:
		return "answers without authority"
	}
	if r.Err != nil {
		return "cannot be asked: " + r.Err.Error()
	}
	return "does not answer DNS questions"
}
