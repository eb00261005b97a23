package auth

import (
	"crypto/subtle"
	"time"

	"github.com/skein-dns/skein"
)

// Token says whether a presented token is the one that is kept, and still
// good. Both are hashes; the time that it takes tells nothing about them.
func Token(presented, kept []byte, expires, now time.Time) error {
	if subtle.ConstantTimeCompare(presented, kept) != 1 {
		return UnknownToken()
	}
	if !expires.IsZero() && !now.Before(expires) {
		return &skein.Error{Kind: skein.KindUnknown, What: "this token has expired", Mend: "make a new one with skein token create"}
	}
	return nil
}

// UnknownToken is the answer to a token that nobody has made.
func UnknownToken() error {
	return &skein.Error{Kind: skein.KindUnknown, What: "this token is not known here", Mend: "make one with skein token create"}
}
