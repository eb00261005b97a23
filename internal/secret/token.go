package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
)

// TokenPrefix makes tokens easy to recognise where they should not be.
const TokenPrefix = "skein_"

const tokenSize = 32 // random octets

// NewToken returns a new random token, to be shown once, and the hash to keep.
// A plain hash is enough: 256 random bits cannot be guessed.
func NewToken() (token Text, hash []byte) {
	var random [tokenSize]byte
	_, _ = rand.Read(random[:])
	token = Text(TokenPrefix + base64.RawURLEncoding.EncodeToString(random[:]))
	return token, HashToken(string(token))
}

// HashToken returns the hash under which a token is kept: SHA-256 of its text.
func HashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// LooksLikeToken reports whether s has the form of a token, so that what has
// not need not be looked up.
func LooksLikeToken(s string) bool {
	rest, ok := strings.CutPrefix(s, TokenPrefix)
	raw, err := base64.RawURLEncoding.DecodeString(rest)
	return ok && err == nil && len(raw) == tokenSize
}

// Equal compares in a time that does not tell where a and b differ.
func Equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// Text is a secret. However it is printed, logged or marshalled, it says
// "[secret]"; convert it to string where the secret itself is needed.
type Text string

const redacted = "[secret]"

func (Text) String() string               { return redacted }
func (Text) GoString() string             { return redacted }
func (Text) Format(f fmt.State, _ rune)   { _, _ = f.Write([]byte(redacted)) }
func (Text) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (Text) LogValue() slog.Value         { return slog.StringValue(redacted) }
