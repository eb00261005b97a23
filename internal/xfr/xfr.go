// Package xfr speaks zone transfers: AXFR (RFC 5936) and IXFR (RFC 1995),
// signed with TSIG (RFC 8945), in both directions, and asks for serials. It
// knows contents and the wire, and nothing of who may what.
package xfr

import (
	"errors"
	"fmt"

	"github.com/miekg/dns"
)

// Kind is the kind of a transfer.
type Kind string

// The kinds. Current: the server has nothing newer.
const (
	AXFR    Kind = "AXFR"
	IXFR    Kind = "IXFR"
	Current Kind = "current"
)

// Errors that callers tell apart.
var (
	// ErrUnreachable: nothing answers there.
	ErrUnreachable = errors.New("the server does not answer")
	// ErrRefused: the server will not give the zone to us.
	ErrRefused = errors.New("the server refused")
	// ErrSignature: the answer is not signed as it should be.
	ErrSignature = errors.New("the answer is not signed as it should be")
	// ErrBroken: what came is no complete, consistent answer about that zone.
	ErrBroken = errors.New("the answer is broken")
	// ErrBackwards: the server's serial is older than what we have.
	ErrBackwards = errors.New("the server has an older serial")
)

// rcodeError is a refusal by its response code.
type rcodeError int

func (e rcodeError) Error() string {
	text := dns.RcodeToString[int(e)]
	if text == "" {
		text = fmt.Sprintf("RCODE %d", int(e))
	}
	switch int(e) {
	case dns.RcodeRefused:
		return text + ": it does not allow this to us, or has no such zone"
	case dns.RcodeNotAuth:
		return text + ": it does not serve the zone, or does not accept the key"
	case dns.RcodeServerFailure:
		return text + ": it has not loaded the zone, or is overloaded"
	}
	return text
}

// Is makes every response code a refusal.
func (e rcodeError) Is(target error) bool { return target == ErrRefused || target == e }
