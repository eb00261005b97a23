// Package nameserver is the embedded authoritative nameserver: immutable zone
// views in an apex index, lookup, responses, listeners, zone transfers out
// with its own IXFR chains, and NOTIFY scheduling. It knows nothing of the
// control plane: what it serves comes from a Source. See DESIGN.md.
package nameserver

import (
	"context"
	"net/netip"

	"github.com/skein-dns/skein/zone"
)

// Source is where zones, access rules and keys come from: the control node's
// feed, a folder of zone files, a set of secondary zones.
type Source interface {
	// Run feeds into until ctx ends or the source fails for good. It calls
	// into.Ready once everything that is there at the start has been put.
	Run(ctx context.Context, into Updater) error
}

// Updater takes what a Source feeds; the Server is it. Calls for one zone
// come one after the other.
type Updater interface {
	// Put serves contents from now on. The first SOA decides the serial. The
	// difference to what was served before extends the zone's IXFR chain, so a
	// Source should derive new contents from Current by Apply where it can.
	Put(c zone.Contents)
	// Drop stops serving a zone.
	Drop(name zone.Name)
	// Fail makes the zone answer SERVFAIL (expired, broken) until the next Put.
	Fail(name zone.Name)
	// Current returns what is served now.
	Current(name zone.Name) (zone.Contents, bool)
	// SetAccess replaces keys and rules.
	SetAccess(a Access)
	// Ready says that the start-up load is complete.
	Ready()
}

// Access says who may do what, beyond asking questions.
type Access struct {
	Keys            []Key
	TransferKeys    []string       // names of keys that may transfer every zone
	TransferNets    []netip.Prefix // peers that may transfer without a key
	TLSTransferKeys []string       // likewise, but over TLS alone (RFC 9103)
	TLSTransferNets []netip.Prefix
	UpdateKeys      []string       // names of keys that may update every zone (RFC 2136)
	UpdateNets      []netip.Prefix // peers that may update without a key
	Closed          []Closed
}

// Closed is a zone that whoever may transfer all others may not, and of which
// nothing is told, but to some: a catalog, which names zones.
type Closed struct {
	Zone zone.Name
	Keys []string // names of keys
}

// Key is a TSIG key (RFC 8945).
type Key struct {
	Name      string // with or without final dot
	Algorithm string // hmac-sha256, …
	Secret    string // base64
}

// NotifySink takes NOTIFY messages (RFC 1996) that arrived and passed TSIG;
// a secondary implements it. A nil sink answers NOTAUTH.
type NotifySink interface {
	Notified(name zone.Name, from netip.AddrPort, key string, serial uint32, hasSerial bool) (known bool)
}

// Target is a peer to be sent NOTIFY.
type Target struct {
	Addr   netip.AddrPort
	Key    string     // name of the key in Access that signs; "" unsigned
	Source netip.Addr // local address to send from: the one that the peer knows as its primary; zero: the system chooses
}

// Transfer tells of a finished outgoing transfer: a hint that the peer is
// about to serve Serial.
type Transfer struct {
	Zone   zone.Name
	Peer   netip.AddrPort
	Key    string
	Serial uint32
	Kind   string // AXFR or IXFR
}
