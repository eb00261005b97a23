package xfr

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"github.com/miekg/dns"
)

// Key is a TSIG key. It signs and verifies as the DNS library wants it (dns.TsigProvider).
type Key struct {
	Name      string // with or without final dot
	Algorithm string // hmac-sha256, …
	Secret    string // base64
}

// AlgorithmName returns the key's algorithm as a domain name, as TSIG carries it.
func (k Key) AlgorithmName() string { return dns.CanonicalName(k.Algorithm) }

// OwnerName returns the key's name as TSIG carries it.
func (k Key) OwnerName() string { return dns.CanonicalName(k.Name) }

// Check says what is wrong with a key, without ever quoting its secret.
func (k Key) Check() error {
	if _, ok := dns.IsDomainName(k.Name); !ok || k.Name == "" {
		return fmt.Errorf("the key's name %q is no domain name", k.Name)
	}
	_, err := k.hmac()
	return err
}

func (k Key) hmac() (hash.Hash, error) {
	make, ok := map[string]func() hash.Hash{
		dns.HmacSHA1: sha1.New, dns.HmacSHA224: sha256.New224, dns.HmacSHA256: sha256.New,
		dns.HmacSHA384: sha512.New384, dns.HmacSHA512: sha512.New,
	}[k.AlgorithmName()]
	if !ok {
		return nil, fmt.Errorf("the algorithm %q of key %s is not supported; hmac-sha256 is", strings.TrimSuffix(k.Algorithm, "."), k.Name)
	}
	secret, err := base64.StdEncoding.DecodeString(k.Secret)
	if err != nil || len(secret) == 0 {
		return nil, fmt.Errorf("the secret of key %s is not base64", k.Name)
	}
	return hmac.New(make, secret), nil
}

// Generate implements dns.TsigProvider.
func (k Key) Generate(msg []byte, _ *dns.TSIG) ([]byte, error) {
	h, err := k.hmac()
	if err != nil {
		return nil, err
	}
	h.Write(msg)
	return h.Sum(nil), nil
}

// Verify implements dns.TsigProvider. Name and algorithm of the record must be the key's.
func (k Key) Verify(msg []byte, t *dns.TSIG) error {
	if dns.CanonicalName(t.Hdr.Name) != k.OwnerName() || dns.CanonicalName(t.Algorithm) != k.AlgorithmName() {
		return dns.ErrSecret
	}
	want, err := k.Generate(msg, t)
	if err != nil {
		return err
	}
	got, err := hex.DecodeString(t.MAC)
	if err != nil || !hmac.Equal(got, want) {
		return dns.ErrSig
	}
	return nil
}

// maxUnsigned is how many messages of a transfer may go without a signature
// between two that have one (RFC 8945 section 5.3.1).
const maxUnsigned = 99

// verifier checks the signatures of the messages of one answer. A signature
// covers the one before it, and the messages without one since then.
type verifier struct {
	key      *Key   // nil: nothing is checked
	mac      string // the signature before, in hex; the request's at first
	later    bool   // a signed message was there
	unsigned [][]byte
}

// message checks one message, which TsigVerify writes into.
func (v *verifier) message(wire []byte, sig *dns.TSIG) error {
	switch {
	case v.key == nil:
		return nil
	case sig == nil && !v.later:
		return fmt.Errorf("%w: it has no signature", ErrSignature)
	case sig == nil && len(v.unsigned) == maxUnsigned:
		return fmt.Errorf("%w: more than %d messages in a row have no signature", ErrSignature, maxUnsigned)
	case sig == nil:
		v.unsigned = append(v.unsigned, wire)
		return nil
	}
	if err := dns.TsigVerifyWithProvider(wire, earlier{*v.key, v}, v.mac, v.later); err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, explainTSIG(*v.key, err))
	}
	v.mac, v.later, v.unsigned = sig.MAC, true, nil
	return nil
}

// end is for after the last message, which must be signed.
func (v *verifier) end() error {
	if len(v.unsigned) > 0 {
		return fmt.Errorf("%w: the last message has no signature", ErrSignature)
	}
	return nil
}

// earlier puts the unsigned messages before the one that is verified.
type earlier struct {
	Key
	since *verifier
}

func (e earlier) Verify(msg []byte, t *dns.TSIG) error {
	if len(e.since.unsigned) == 0 {
		return e.Key.Verify(msg, t)
	}
	mac := 2 + len(e.since.mac)/2 // msg begins with the signature before and its length
	all := append([]byte(nil), msg[:mac]...)
	for _, m := range e.since.unsigned {
		all = append(all, m...)
	}
	return e.Key.Verify(append(all, msg[mac:]...), t)
}

func explainTSIG(k Key, err error) error {
	switch err {
	case dns.ErrSecret:
		return fmt.Errorf("it is signed with another key than %s", k.Name)
	case dns.ErrSig:
		return fmt.Errorf("the signature by key %s does not hold", k.Name)
	case dns.ErrTime:
		return fmt.Errorf("it was signed by key %s at another time than now; compare the clocks", k.Name)
	}
	return err
}

// refusedTSIG explains the error within the TSIG record of an answer that
// refuses (RFC 8945 section 5.2).
func refusedTSIG(k Key, code uint16) error {
	switch int(code) {
	case dns.RcodeBadKey:
		return fmt.Errorf("BADKEY: it does not know the key %s, or by another algorithm", k.Name)
	case dns.RcodeBadSig:
		return fmt.Errorf("BADSIG: it has another secret for key %s", k.Name)
	case dns.RcodeBadTime:
		return fmt.Errorf("BADTIME: its clock and ours differ")
	}
	return fmt.Errorf("TSIG error %d", code)
}
