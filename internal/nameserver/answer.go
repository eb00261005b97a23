package nameserver

import (
	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// question is what a zone is asked.
type question struct {
	name   zone.Name // case as asked
	qtype  zone.Type
	dnssec bool // with signatures and proofs (DO, RFC 3225)
	full   bool // ANY means everything, not one set of our choice (RFC 8482)
}

// signedSet is an RRset with the signatures that go with it, whose TTL is the
// set's (RFC 4034 section 3).
type signedSet struct {
	zone.RRset
	sigs []zone.Rdata
}

// answer is what there is to say to a question: whole RRsets, all from one
// version of one zone, in the order in which they go into the message. It
// knows nothing of messages and their sizes.
type answer struct {
	rcode         int
	authoritative bool
	class         uint16 // of all records; 0 is IN
	answers       []signedSet
	authority     []signedSet
	additional    []signedSet
	glue          int   // so many of additional, from the first, are needed (RFC 9471)
	reason        cause // why it failed
}

// cause is an INFO-CODE of extended DNS errors (RFC 8914).
type cause uint16

// The causes that we have. 0, "other", stands for none here.
const (
	causeProhibited       = cause(dns.ExtendedErrorCodeProhibited)
	causeNotAuthoritative = cause(dns.ExtendedErrorCodeNotAuthoritative)
	causeNotSupported     = cause(dns.ExtendedErrorCodeNotSupported)
	causeInvalidData      = cause(dns.ExtendedErrorCodeInvalidData)
)

// has reports whether a set of this name and type is there already.
func has(sets []signedSet, name zone.Name, t zone.Type) bool {
	for _, s := range sets {
		if s.Type == t && s.Name.Equal(name) {
			return true
		}
	}
	return false
}
