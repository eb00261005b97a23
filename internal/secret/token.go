package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// The prefixes make tokens, and secrets of sessions, easy to recognise where
// they should not be.
const (
	TokenPrefix   = "skein_"
	SessionPrefix = "skein-session_"
)

const tokenSize = 32 // random octets

// NewToken returns a new random token, to be shown once, and the hash to keep.
// A plain hash is enough: 256 random bits cannot be guessed.
func NewToken() (token Text, hash []byte) { return random(TokenPrefix) }

// The forms of tokens that cPanel's programs take; no other characters.
const (
	whmLength  = 32 // of A-Z and 0-9
	whmLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

	hashLines, hashLine = 29, 32 // of an access hash: lines, and hexadecimal digits in each
)

// NewWHMToken returns a new token in the form of WHM's API tokens (165 random
// bits), and the hash to keep.
func NewWHMToken() (token Text, hash []byte) {
	text := make([]byte, 0, whmLength)
	var raw [2 * whmLength]byte
	for len(text) < whmLength {
		_, _ = rand.Read(raw[:])
		for _, b := range raw {
			// What is beyond the last multiple of 36 would favour some letters.
			if int(b) < 256-256%len(whmLetters) && len(text) < whmLength {
				text = append(text, whmLetters[int(b)%len(whmLetters)])
			}
		}
	}
	return Text(text), HashToken(string(text))
}

// NewAccessHash returns a new token in the form that WHM had before it had API
// tokens, in many lines, and the hash to keep, which is that of the lines joined.
func NewAccessHash() (token Text, hash []byte) {
	var raw [hashLines * hashLine / 2]byte
	_, _ = rand.Read(raw[:])
	text := hex.EncodeToString(raw[:])
	var lines strings.Builder
	for line := range slices.Chunk([]byte(text), hashLine) {
		lines.Write(line)
		lines.WriteByte('\n')
	}
	return Text(lines.String()), HashToken(text)
}

// Joined is a token as it is hashed: an access hash may come with its lines as
// they were shown, or without their ends.
func Joined(presented string) string {
	return strings.NewReplacer("\r", "", "\n", "").Replace(presented)
}

// NewSession returns the new secret of a session, and the hash to keep.
func NewSession() (session Text, hash []byte) { return random(SessionPrefix) }

func random(prefix string) (token Text, hash []byte) {
	var raw [tokenSize]byte
	_, _ = rand.Read(raw[:])
	token = Text(prefix + base64.RawURLEncoding.EncodeToString(raw[:]))
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
	return looksLike(TokenPrefix, s) || consistsOf(s, whmLength, whmLetters) || consistsOf(s, hashLines*hashLine, "0123456789abcdef")
}

func consistsOf(s string, length int, letters string) bool {
	return len(s) == length && strings.Trim(s, letters) == ""
}

// LooksLikeSession reports whether s has the form of a session's secret.
func LooksLikeSession(s string) bool { return looksLike(SessionPrefix, s) }

func looksLike(prefix, s string) bool {
	rest, ok := strings.CutPrefix(s, prefix)
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
