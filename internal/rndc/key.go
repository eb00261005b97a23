package rndc

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

	"github.com/skein-dns/skein/internal/namedconf"
)

// Key signs both directions. Its name does not travel.
type Key struct {
	Name      string
	Algorithm string // hmac-md5, hmac-sha1, …, hmac-sha512
	Secret    string `json:"-"` // base64
}

// String leaves the secret out, so that it gets into no log.
func (k Key) String() string { return k.Algorithm + ":" + k.Name }

// octetMD5 is not sent: MD5 has a form of its own in the frame.
const octetMD5 = 157

// algorithm returns an algorithm's octet in the frame and its hash.
func algorithm(name string) (octet byte, h func() hash.Hash, ok bool) {
	switch strings.ToLower(strings.TrimSuffix(name, ".")) {
	case "hmac-md5", "hmac-md5.sig-alg.reg.int":
		return octetMD5, md5.New, true
	case "hmac-sha1":
		return 161, sha1.New, true
	case "hmac-sha224":
		return 162, sha256.New224, true
	case "hmac-sha256":
		return 163, sha256.New, true
	case "hmac-sha384":
		return 164, sha512.New384, true
	case "hmac-sha512":
		return 165, sha512.New, true
	}
	return 0, nil, false
}

// signature returns the only field of the _auth table: base64 of the HMAC,
// for SHA behind the algorithm's octet and filled up with NUL.
func (k Key) signature(body []byte) (Field, error) {
	octet, h, ok := algorithm(k.Algorithm)
	if !ok {
		return Field{}, fmt.Errorf("rndc knows no algorithm %q; it is one of hmac-md5, hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384, hmac-sha512", k.Algorithm)
	}
	secret, err := base64.StdEncoding.DecodeString(k.Secret)
	if err != nil || len(secret) == 0 {
		return Field{}, errors.New("the secret of the rndc key is not base64")
	}
	mac := hmac.New(h, secret)
	mac.Write(body)
	sum := mac.Sum(nil)
	if octet == octetMD5 {
		return Field{Name: "hmd5", Value: base64.RawStdEncoding.EncodeToString(sum)}, nil
	}
	value := make([]byte, 89)
	value[0] = octet
	base64.StdEncoding.Encode(value[1:], sum)
	return Field{Name: "hsha", Value: string(value)}, nil
}

// verify returns which key made the signature of body. As with BIND a key of
// the same secret and another algorithm is another key.
func verify(keys []Key, sig Field, body []byte) (int, error) {
	for i, k := range keys {
		want, err := k.signature(body)
		if err == nil && want.Name == sig.Name && hmac.Equal([]byte(want.Value), []byte(sig.Value)) {
			return i, nil
		}
	}
	return 0, ErrAuth
}

// ParseKeys reads the key statements of a file in rndc.key's form; other
// statements are left out. A file without a key is an error.
func ParseKeys(text string) ([]Key, error) {
	list, err := namedconf.Statements(text)
	if err != nil {
		return nil, err
	}
	var keys []Key
	for _, s := range list {
		if !s.Is("key") || !s.HasBlock {
			continue
		}
		said := namedconf.ParseKey(s, "")
		k := Key{Name: said.Name, Algorithm: said.Algorithm, Secret: said.Secret}
		if _, err := k.signature(nil); err != nil {
			return nil, fmt.Errorf("key %q: %w", k.Name, err)
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: there is no key statement, such as key \"name\" { algorithm hmac-sha256; secret \"…\"; };", namedconf.ErrSyntax)
	}
	return keys, nil
}
