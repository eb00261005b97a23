package whm

import (
	"fmt"
	"strings"

	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/zone"
)

// maxName bounds a name before it is looked at. A name has 255 octets at most;
// written in Unicode it is longer.
const maxName = 1100

// parseName reads the name of a zone. Senders name their files by it, so what
// would be none of theirs is refused: the empty labels of .. and .hidden, and
// whatever cannot be in the name of a domain.
func parseName(text string) (zone.Name, error) {
	switch {
	case len(text) > maxName:
		return "", fmt.Errorf("%w %q: it is longer than 255 octets", zone.ErrName, shorten(text))
	case strings.HasPrefix(text, "."):
		return "", fmt.Errorf("%w %q: it begins with a dot", zone.ErrName, shorten(text))
	}
	text = dnsadmin.CleanZone(text)
	name, err := zone.ParseName(text)
	if err != nil {
		return "", err
	}
	if strings.ContainsFunc(string(name), notInDomains) {
		return "", fmt.Errorf("%w %q: a domain has letters, digits, hyphens, underscores and slashes in its name, and dots between them", zone.ErrName, shorten(text))
	}
	return name, nil
}

// notInDomains leaves letters, digits and hyphen (RFC 952), the underscore of services
// (RFC 8552), the slash of RFC 2317, the dot between labels.
func notInDomains(r rune) bool {
	return (r < 'a' || 'z' < r) && (r < 'A' || 'Z' < r) && (r < '0' || '9' < r) && !strings.ContainsRune("-_/.", r)
}

// wire is how this protocol writes a zone's name.
func wire(name zone.Name) string {
	return dnsadmin.WireZone(strings.TrimSuffix(string(name), "."))
}

// plain is how people read it.
func plain(name zone.Name) string { return strings.TrimSuffix(string(name), ".") }
