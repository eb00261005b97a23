package xfr

import (
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/tsig"
)

// Key is a TSIG key.
type Key struct {
	Name      string // with or without final dot
	Algorithm string // hmac-sha256, …
	Secret    string // base64
}

// OwnerName returns the key's name as TSIG carries it: what names of keys are compared by.
func (k Key) OwnerName() string { return dns.CanonicalName(k.Name) }

// AlgorithmName returns the key's algorithm as a domain name, as TSIG carries it.
func (k Key) AlgorithmName() string {
	if strings.EqualFold(strings.TrimSuffix(k.Algorithm, "."), "hmac-md5") {
		return dns.HmacMD5
	}
	return dns.CanonicalName(k.Algorithm)
}

// Check says what is wrong with a key, without ever quoting its secret.
func (k Key) Check() error {
	_, err := k.key()
	return err
}

func (k Key) key() (tsig.Key, error) { return tsig.NewKey(k.Name, k.Algorithm, k.Secret) }

// verifier checks the signatures of an answer; the zero value those of an
// answer that needs none.
type verifier struct{ signed *tsig.Stream }

func (v verifier) message(wire []byte, sigAt int) error {
	if v.signed == nil {
		return nil
	}
	if err := v.signed.Next(wire, sigAt, time.Now()); err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return nil
}

func (v verifier) end() error {
	if v.signed == nil {
		return nil
	}
	if err := v.signed.End(); err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return nil
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
