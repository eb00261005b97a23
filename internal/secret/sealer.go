package secret

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"github.com/skein-dns/skein"
)

// A sealed value, sizes in octets:
//
//	1   version, 1
//	8   id of the key-encryption key
//	12  nonce of the wrapping
//	48  data key (32), encrypted under the key-encryption key, and its tag
//	12  nonce of the value
//	n   value, encrypted under the data key, and its tag (16)
//
// Both encryptions are AES-256-GCM, with version, key id and purpose as
// additional data. A value has a data key of its own, so changing the
// key-encryption key means wrapping 32 octets again.
const (
	version   = 1
	keySize   = 32
	idSize    = 8
	nonceSize = 12
	tagSize   = 16
	headSize  = 1 + idSize
	wrapSize  = nonceSize + keySize + tagSize
	overhead  = headSize + wrapSize + nonceSize + tagSize
)

// Sealer encrypts and decrypts. It is safe for concurrent use.
type Sealer struct {
	keys []kek // the first one seals, all open
}

// kek is a key-encryption key.
type kek struct {
	id   [idSize]byte
	aead cipher.AEAD
}

func newKEK(key []byte) (kek, error) {
	sum := sha256.Sum256(append([]byte("skein key id\x00"), key...))
	aead, err := gcm(key)
	return kek{[idSize]byte(sum[:idSize]), aead}, err
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Seal encrypts plain. Purpose names what it is for ("member ns2"): only the
// same purpose opens it, so that sealed values cannot be exchanged.
func (s *Sealer) Seal(purpose string, plain []byte) ([]byte, error) {
	k := s.keys[0]
	var dataKey [keySize]byte
	var nonces [2 * nonceSize]byte
	_, _ = rand.Read(dataKey[:]) // never fails: crypto/rand ends the program instead
	_, _ = rand.Read(nonces[:])
	data, err := gcm(dataKey[:])
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, overhead+len(plain))
	out = append(append(out, version), k.id[:]...)
	about := additional(out, purpose)
	out = append(out, nonces[:nonceSize]...)
	out = k.aead.Seal(out, nonces[:nonceSize], dataKey[:], about)
	out = append(out, nonces[nonceSize:]...)
	return data.Seal(out, nonces[nonceSize:], plain, about), nil
}

// Open decrypts what Seal made for the same purpose.
func (s *Sealer) Open(purpose string, sealed []byte) ([]byte, error) {
	if len(sealed) < overhead || sealed[0] != version {
		return nil, fmt.Errorf("opening the secret of %s: it is not a sealed value that this Skein knows", purpose)
	}
	k, err := s.key(purpose, sealed[1:headSize])
	if err != nil {
		return nil, err
	}
	about := additional(sealed[:headSize], purpose)
	wrap, value := sealed[headSize:headSize+wrapSize], sealed[headSize+wrapSize:]
	dataKey, err := k.aead.Open(nil, wrap[:nonceSize], wrap[nonceSize:], about)
	if err != nil {
		return nil, tampered(purpose)
	}
	data, err := gcm(dataKey)
	if err != nil {
		return nil, err
	}
	plain, err := data.Open(nil, value[:nonceSize], value[nonceSize:], about)
	if err != nil {
		return nil, tampered(purpose)
	}
	return plain, nil
}

func (s *Sealer) key(purpose string, id []byte) (kek, error) {
	for _, k := range s.keys {
		if bytes.Equal(k.id[:], id) {
			return k, nil
		}
	}
	return kek{}, &skein.Error{Kind: skein.KindUnavailable,
		What: fmt.Sprintf("the secret of %s was encrypted with key %x, which the key file does not hold", purpose, id),
		Mend: "put back the key file that belongs to this data directory"}
}

func additional(head []byte, purpose string) []byte {
	return append(bytes.Clone(head), purpose...)
}

func tampered(purpose string) error {
	return fmt.Errorf("opening the secret of %s: it was altered, or is another one's", purpose)
}
