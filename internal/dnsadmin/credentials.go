package dnsadmin

import (
	"encoding/base64"
	"strings"
)

// The schemes of an Authorization header.
const (
	SchemeWHM    = "whm"    // of WHM: API tokens and access hashes
	SchemeCPanel = "cpanel" // of a cPanel account: API tokens
	SchemeBasic  = "basic"
)

// maxCredentials bounds the header in octets; an access hash takes about 1000.
const maxCredentials = 8 << 10

// Credentials takes apart an Authorization header such as "whm root:TOKEN". The
// scheme is returned in lower case, however it was written. White space is left
// out of the secret: access hashes are given with CR and LF, of which a client
// that folds its headers makes spaces. What was sent in base64, as a client of
// 2008 does, is decoded.
func Credentials(header string) (scheme, user, secret string, ok bool) {
	if len(header) > maxCredentials {
		return "", "", "", false
	}
	scheme, rest, found := strings.Cut(strings.TrimSpace(header), " ")
	scheme = strings.ToLower(scheme)
	rest = strings.TrimSpace(rest)
	if !found || scheme != SchemeWHM && scheme != SchemeCPanel && scheme != SchemeBasic {
		return "", "", "", false
	}
	if scheme == SchemeBasic || !strings.Contains(rest, ":") {
		plain, err := base64.StdEncoding.DecodeString(noSpace(rest))
		if err != nil {
			return "", "", "", false
		}
		rest = string(plain)
	}
	user, secret, found = strings.Cut(rest, ":")
	user, secret = strings.TrimSpace(user), noSpace(secret)
	if !found || user == "" || secret == "" {
		return "", "", "", false
	}
	return scheme, user, secret, true
}

func noSpace(text string) string { return strings.Join(strings.Fields(text), "") }
