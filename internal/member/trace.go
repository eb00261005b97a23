package member

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// Transaction is one exchange with a member, as its debug log shows it.
type Transaction struct {
	At      time.Time     `json:"at"` // when it began
	What    string        `json:"what"`
	Request string        `json:"request,omitempty"`
	Answer  string        `json:"answer,omitempty"`
	Took    time.Duration `json:"took_ns"`
	Outcome string        `json:"outcome"` // done, or what went wrong
}

// TraceDone is the outcome of an exchange that brought an answer.
const TraceDone = "done"

// Trace takes transactions as they end. It must not block for long, and is
// called from several goroutines. A nil Trace takes none.
type Trace func(Transaction)

// Record reports a transaction that began at a time and ends now.
func (t Trace) Record(began, now time.Time, what, request, answer string, err error) {
	if t == nil {
		return
	}
	outcome := TraceDone
	if err != nil {
		outcome = err.Error()
	}
	t(Transaction{At: began, What: what, Request: request, Answer: answer, Took: now.Sub(began), Outcome: outcome})
}

// AsksSerial asks a nameserver for the serial of a zone.
type AsksSerial = func(ctx context.Context, addr netip.AddrPort, name zone.Name) (uint32, error)

// Serial is a question that is reported; nil stays nil.
func (t Trace) Serial(ask AsksSerial) AsksSerial {
	if ask == nil || t == nil {
		return ask
	}
	return func(ctx context.Context, addr netip.AddrPort, name zone.Name) (uint32, error) {
		began := time.Now()
		serial, err := ask(ctx, addr, name)
		t.Record(began, time.Now(), "dns", "SOA "+string(name), fmt.Sprintf("serial %d", serial), err)
		return serial, err
	}
}

// AsksSignature asks a nameserver what it makes of a TSIG key.
type AsksSignature = func(ctx context.Context, addr netip.AddrPort, key, algorithm, secret string) (string, error)

// Signature is a question that is reported; nil stays nil.
func (t Trace) Signature(ask AsksSignature) AsksSignature {
	if ask == nil || t == nil {
		return ask
	}
	return func(ctx context.Context, addr netip.AddrPort, key, algorithm, secret string) (string, error) {
		began := time.Now()
		verdict, err := ask(ctx, addr, key, algorithm, secret)
		t.Record(began, time.Now(), "dns", "a question signed with "+key, verdict, err)
		return verdict, err
	}
}

// redacted stands where a secret was.
const redacted = "(secret)"

// Redact returns a Trace in whose texts no secret of the member appears,
// whoever put it there.
func (t Trace) Redact(s skein.MemberSecrets) Trace {
	if t == nil {
		return nil
	}
	var pairs []string
	for _, secret := range []string{s.RNDC, s.TSIG, s.Audit, s.Token} {
		if secret != "" {
			pairs = append(pairs, secret, redacted)
		}
	}
	clean := strings.NewReplacer(pairs...)
	return func(x Transaction) {
		x.What, x.Request = clean.Replace(x.What), clean.Replace(x.Request)
		x.Answer, x.Outcome = clean.Replace(x.Answer), clean.Replace(x.Outcome)
		t(x)
	}
}
