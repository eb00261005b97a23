package daemon

import "github.com/skein-dns/skein/internal/rndc"

// ParseKey returns algorithm and secret of the first key statement in a text
// of named.conf's form, as rndc-confgen and tsig-keygen write it.
func ParseKey(text string) (algorithm, secret string, ok bool) {
	keys, err := rndc.ParseKeys(text)
	if err != nil || len(keys) == 0 {
		return "", "", false // what is wrong may quote the secret
	}
	return keys[0].Algorithm, keys[0].Secret, true
}
