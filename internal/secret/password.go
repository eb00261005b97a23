package secret

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The parameters of new passwords' hashes: what OWASP asks of argon2id.
const (
	passwordMemory  = 19 << 10 // KiB
	passwordPasses  = 2
	passwordThreads = 1
	saltSize        = 16
	hashSize        = 32

	// maxMemory and maxPasses bound what a stored hash may ask for.
	maxMemory = 256 << 10
	maxPasses = 16
)

// HashPassword returns the hash under which a password is kept: argon2id (RFC
// 9106) with a salt of its own, as a PHC string. It takes 19 MiB of memory, and
// tens of milliseconds.
func HashPassword(password string) string {
	var salt [saltSize]byte
	_, _ = rand.Read(salt[:])
	hash := argon2.IDKey([]byte(password), salt[:], passwordPasses, passwordMemory, passwordThreads, hashSize)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, passwordMemory, passwordPasses, passwordThreads,
		base64.RawStdEncoding.EncodeToString(salt[:]), base64.RawStdEncoding.EncodeToString(hash))
}

// NobodysPassword is the hash of a password that nobody knows, with today's
// parameters: comparing with it takes as long as with somebody's.
const NobodysPassword = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// PasswordFits reports whether a password is the one of a hash. It takes what
// the hash asks for; a hash that is none fits nothing.
func PasswordFits(hash, password string) bool {
	fields := strings.Split(hash, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" || fields[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false
	}
	var memory, passes uint32
	var threads uint8
	if n, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads); n != 3 || err != nil ||
		memory > maxMemory || passes == 0 || passes > maxPasses || threads == 0 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(fields[4])
	if err != nil || len(salt) < saltSize {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(fields[5])
	if err != nil || len(want) < saltSize || len(want) > 2*hashSize {
		return false
	}
	return Equal(argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(want))), want)
}
