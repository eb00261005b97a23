// Package tsig signs and verifies DNS messages in wire form (RFC 8945). The
// DNS library signs only messages that it packs itself, and cannot say which
// of the RFC's errors a bad signature is; a server must answer each its way.
package tsig

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strings"
)

// Key is a shared secret with its names. The zero value is no key.
type Key struct {
	name      string // canonical wire form
	algorithm string // canonical wire form
	secret    []byte
	digest    func() hash.Hash
}

// ErrKey is wrapped by every refusal of a key. It never quotes the secret.
var ErrKey = errors.New("the TSIG key cannot be used")

// NewKey takes names in presentation form, with or without final dot, and the
// secret in base64.
func NewKey(name, algorithm, secret string) (Key, error) {
	raw, err := base64.StdEncoding.DecodeString(secret)
	if err != nil || len(raw) == 0 {
		return Key{}, fmt.Errorf("%w: %s: its secret is not base64", ErrKey, name)
	}
	wire, ok := pack(name)
	if !ok {
		return Key{}, fmt.Errorf("%w: %q is no domain name", ErrKey, name)
	}
	algorithm = strings.ToLower(strings.TrimSuffix(algorithm, "."))
	if algorithm == "hmac-md5" {
		algorithm = "hmac-md5.sig-alg.reg.int"
	}
	key := Key{name: wire, secret: raw}
	if key.digest = digest(algorithm); key.digest == nil {
		return Key{}, fmt.Errorf("%w: %s: algorithm %q is not one of hmac-sha256, -sha224, -sha384, -sha512, -sha1, -md5", ErrKey, name, algorithm)
	}
	key.algorithm, _ = pack(algorithm)
	return key, nil
}

// digest knows the algorithms of RFC 8945 section 6 but for the truncated ones.
func digest(algorithm string) func() hash.Hash {
	switch algorithm {
	case "hmac-sha256":
		return sha256.New
	case "hmac-sha224":
		return sha256.New224
	case "hmac-sha384":
		return sha512.New384
	case "hmac-sha512":
		return sha512.New
	case "hmac-sha1":
		return sha1.New
	case "hmac-md5.sig-alg.reg.int":
		return md5.New
	}
	return nil
}

// Name returns the key's name in presentation form, lower case, with a final dot.
func (k Key) Name() string { return unpack(k.name) }

func (k Key) mac(parts ...[]byte) []byte {
	h := hmac.New(k.digest, k.secret)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// pack returns the canonical wire form of a name without escapes, which is
// all that names of keys and algorithms are.
func pack(name string) (wire string, ok bool) {
	var b strings.Builder
	for label := range strings.SplitSeq(strings.TrimSuffix(strings.ToLower(name), "."), ".") {
		if len(label) == 0 || len(label) > 63 || strings.Contains(label, `\`) {
			return "", false
		}
		b.WriteByte(byte(len(label)))
		b.WriteString(label)
	}
	b.WriteByte(0)
	return b.String(), b.Len() <= 255
}

func unpack(wire string) string {
	var b strings.Builder
	for len(wire) > 0 && wire[0] != 0 {
		b.WriteString(wire[1:1+int(wire[0])] + ".")
		wire = wire[1+int(wire[0]):]
	}
	return b.String()
}
