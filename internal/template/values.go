package template

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// Values are what variables stand for, by their names without the signs. One
// that is missing, or empty, has no value.
type Values map[string]string

// variable is one of those that there are.
type variable struct {
	name string
	read func(value string) (string, error) // the value as it is written into a zone
}

// variables are those of WHM's page Edit Zone Templates, with its names. Each
// value is of one kind, so that none can bring a record of its own along.
var variables = [...]variable{
	{"cpversion", word},
	{"domain", host},
	{"ftpip", ipv4},
	{"ip", ipv4},
	{"ipv6", ipv6},
	{"maildomain", host},
	{"nameserver", host}, {"nameserver2", host}, {"nameserver3", host}, {"nameserver4", host},
	{"nameservera", ipv4}, {"nameservera2", ipv4}, {"nameservera3", ipv4}, {"nameservera4", ipv4},
	{"nameserverentry", host}, {"nameserverentry2", host}, {"nameserverentry3", host}, {"nameserverentry4", host},
	{"nsttl", seconds},
	{"reseller", word},
	{"rpemail", mailbox},
	{"serial", number},
	{"ttl", seconds},
}

// find returns the variable of a name.
func find(name string) (variable, error) {
	for _, v := range variables {
		if v.name == name {
			return v, nil
		}
	}
	return variable{}, fmt.Errorf("there is no variable %%%.40s%%; the nearest is %%%s%%", name, nearest(name))
}

// Read checks values and returns them as they are written into a zone: names
// without a final dot, a mail address as a name. The error is a sentence for people.
func (v Values) Read() (Values, error) {
	read := make(Values, len(v))
	for _, name := range slices.Sorted(maps.Keys(v)) { // of two that are wrong, always the same is told
		value := v[name]
		known, err := find(name)
		if err != nil {
			return nil, err
		}
		if value == "" {
			continue
		}
		if read[name], err = known.read(value); err != nil {
			return nil, fmt.Errorf("%%%s%% cannot be %.100q: %w", name, value, err)
		}
	}
	return read, nil
}

func host(s string) (string, error) {
	name, err := zone.ParseName(s)
	if err == nil && name == zone.Root {
		err = fmt.Errorf("it is no name of a host")
	}
	return undotted(name), err
}

// undotted is a name as templates want it: they write the final dot themselves.
func undotted(name zone.Name) string { return strings.TrimSuffix(string(name), ".") }

// mailbox reads a mail address, or the name that a SOA has for it (RFC 1035
// section 8).
func mailbox(s string) (string, error) {
	local, domain, isAddress := strings.Cut(s, "@")
	if !isAddress {
		return host(s)
	}
	name, err := zone.ParseName(domain)
	if err != nil {
		return "", err
	}
	if local == "" || len(local) > 63 || name == zone.Root {
		return "", fmt.Errorf("it is no mail address")
	}
	wire := append([]byte{byte(len(local))}, local...)
	name, err = zone.NameFromWire(name.AppendWire(wire))
	return undotted(name), err
}

func ipv4(s string) (string, error) { return address(s, netip.Addr.Is4, "an IPv4 address") }

func ipv6(s string) (string, error) {
	return address(s, func(a netip.Addr) bool { return a.Is6() && !a.Is4In6() }, "an IPv6 address")
}

func address(s string, is func(netip.Addr) bool, what string) (string, error) {
	a, err := netip.ParseAddr(s)
	if err != nil || !is(a) || a.Zone() != "" {
		return "", fmt.Errorf("it is to be %s", what)
	}
	return a.String(), nil
}

func seconds(s string) (string, error) { return upTo(s, 1<<31-1) } // RFC 2181 section 8
func number(s string) (string, error)  { return upTo(s, 1<<32-1) }

func upTo(s string, most uint64) (string, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n > most {
		return "", fmt.Errorf("it is to be a number up to %d", most)
	}
	return strconv.FormatUint(n, 10), nil
}

// word is a name or a version that goes into comments and texts.
func word(s string) (string, error) {
	const signs = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@+"
	if len(s) > 100 || strings.Trim(s, signs) != "" {
		return "", fmt.Errorf("it is to be letters, digits and signs of .-_@+")
	}
	return s, nil
}

// nearest returns the variable whose name has the least edit distance to a text.
func nearest(text string) (best string) {
	text = strings.ToLower(text[:min(len(text), 40)])
	least := len(text) + 100
	for _, v := range variables {
		if d := distance(text, v.name); d < least {
			best, least = v.name, d
		}
	}
	return best
}

// distance is how many octets are to be put in, taken out or replaced to make
// b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above := row[0] // of the row before, one to the left
		row[0] = i + 1
		for j := range len(b) {
			d := above
			if a[i] != b[j] {
				d++
			}
			above = row[j+1]
			row[j+1] = min(d, row[j]+1, above+1)
		}
	}
	return row[len(b)]
}
