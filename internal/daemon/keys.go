package daemon

import (
	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/rndc"
)

// ParseKeys returns the keys of a text of named.conf's form, as rndc-confgen
// and tsig-keygen write it; none if it is not of that form, since what is
// wrong may quote a secret.
func ParseKeys(text string) []skein.TransferKey {
	parsed, err := rndc.ParseKeys(text)
	if err != nil {
		return nil
	}
	keys := make([]skein.TransferKey, len(parsed))
	for i, k := range parsed {
		keys[i] = skein.TransferKey{Name: k.Name, Algorithm: k.Algorithm, Secret: k.Secret}
	}
	return keys
}
