package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// Signature is what a server makes of our TSIG key (RFC 8945 section 5.2).
type Signature string

// The judgements, with the RFC's names for the errors.
const (
	SignatureGood    Signature = "good"
	SignatureUnknown Signature = "BADKEY"  // it does not know the key, or knows it with another algorithm
	SignatureWrong   Signature = "BADSIG"  // it knows the key with another secret
	SignatureTime    Signature = "BADTIME" // the clocks differ by more than 300 seconds
)

// Signature asks addr for a SOA, signed with key, and tells what became of the
// signature, whatever the answer. The error says that nothing came back, or
// nothing that tells: Knot looks at signatures only for zones that it has, and
// for catalogs over TCP alone.
func (p *Prober) Signature(ctx context.Context, addr netip.AddrPort, name zone.Name, key Key) (Signature, error) {
	k := xfr.Key{Name: key.Name, Algorithm: key.Algorithm, Secret: key.Secret}
	err := errors.New("the prober has no patience") // waits is never empty
	for _, wait := range p.waits {
		client := &dns.Client{Timeout: wait, UDPSize: udpSize, TsigSecret: map[string]string{k.OwnerName(): k.Secret}}
		var answer *dns.Msg
		if answer, _, err = client.ExchangeContext(ctx, signedQuestion(name, k), addr.String()); answer != nil && answer.IsTsig() == nil {
			client.Net = "tcp"
			if better, _, failed := client.ExchangeContext(ctx, signedQuestion(name, k), addr.String()); better != nil {
				answer, err = better, failed
			}
		}
		if answer != nil {
			return judge(answer, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return "", fmt.Errorf("no answer to a signed question: %w", err)
}

// signedQuestion is for one use: its signature goes with its sending.
func signedQuestion(name zone.Name, k xfr.Key) *dns.Msg {
	q := new(dns.Msg)
	q.SetQuestion(string(name), dns.TypeSOA)
	q.RecursionDesired = false
	q.SetTsig(k.OwnerName(), k.AlgorithmName(), 300, time.Now().Unix())
	return q
}

// judge reads the TSIG record of an answer; err is what its own signature is
// worth. An answer that says which error it is may come unsigned.
func judge(answer *dns.Msg, err error) (Signature, error) {
	sig := answer.IsTsig()
	switch {
	case sig == nil:
		return "", fmt.Errorf("a signed question is answered with %s, without a signature", rcodeText(answer.Rcode))
	case sig.Error == dns.RcodeBadKey:
		return SignatureUnknown, nil
	case sig.Error == dns.RcodeBadSig:
		return SignatureWrong, nil
	case sig.Error == dns.RcodeBadTime:
		return SignatureTime, nil
	case err != nil:
		return "", fmt.Errorf("the signature of an answer does not hold: %w", err)
	}
	return SignatureGood, nil
}
