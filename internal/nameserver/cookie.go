package nameserver

import (
	"crypto/subtle"
	"encoding/binary"
	"net/netip"
	"time"
)

// CookieSecret makes and verifies DNS cookies (RFC 7873). Servers that answer
// at one address share it; the form of RFC 9018 makes that work across makes.
type CookieSecret [16]byte

const (
	clientCookie = 8
	serverCookie = 16
	// The age of a server cookie that is taken (RFC 9018 section 4.3).
	cookieAge    = time.Hour
	cookieFuture = 5 * time.Minute
)

// cookieFormed says whether the data of a COOKIE option has a length that
// RFC 7873 section 5.2.2 allows.
func cookieFormed(c []byte) bool {
	return len(c) == clientCookie || len(c) >= clientCookie+8 && len(c) <= clientCookie+32
}

// answerCookie makes the COOKIE option of an answer: the client's part and a
// fresh server part.
func answerCookie(secret CookieSecret, client []byte, from netip.Addr, now time.Time) []byte {
	c := append(make([]byte, 0, clientCookie+serverCookie), client[:clientCookie]...)
	c = append(c, 1, 0, 0, 0) // version, reserved
	c = binary.BigEndian.AppendUint32(c, uint32(now.Unix()))
	return binary.LittleEndian.AppendUint64(c, sipHash(secret, append(c, from.Unmap().AsSlice()...)))
}

// cookieHolds reports whether the server part of a COOKIE option was made
// with one of the secrets, for this client, and not long ago.
func cookieHolds(secrets []CookieSecret, c []byte, from netip.Addr, now time.Time) bool {
	if len(c) != clientCookie+serverCookie || c[clientCookie] != 1 {
		return false
	}
	made := int32(binary.BigEndian.Uint32(c[12:]) - uint32(now.Unix())) // serial arithmetic
	if age := -time.Duration(made) * time.Second; age > cookieAge || age < -cookieFuture {
		return false
	}
	input := append(append(make([]byte, 0, 32), c[:16]...), from.Unmap().AsSlice()...)
	for _, secret := range secrets {
		hash := binary.LittleEndian.AppendUint64(nil, sipHash(secret, input))
		if subtle.ConstantTimeCompare(hash, c[16:]) == 1 {
			return true
		}
	}
	return false
}
