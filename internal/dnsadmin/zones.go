package dnsadmin

import (
	"bufio"
	"io"
	"strings"
)

// The beginnings of the names of fields that hold a zone's text, and its keys.
const (
	zonePrefix = "cpdnszone-"
	keyPrefix  = "cpdnskey-"
)

// ZoneKey returns whose text the field of a form is; false for other fields.
func ZoneKey(key string) (zone string, ok bool) {
	name, ok := strings.CutPrefix(key, zonePrefix)
	return CleanZone(name), ok && name != ""
}

// DNSKeyKey returns whose DNSSEC keys the field of a form holds; false for other fields.
func DNSKeyKey(key string) (zone string, ok bool) {
	name, ok := strings.CutPrefix(key, keyPrefix)
	return CleanZone(name), ok && name != ""
}

// CleanZone takes the name of a zone out of an argument: without spaces around
// it, a dot at its end, and the .db of a file's name.
// X.db is a zone that is called so, since there are no files of top-level domains.
func CleanZone(value string) string {
	name := strings.TrimSpace(value)
	if cut, is := strings.CutSuffix(name, ".db"); is && strings.Contains(cut, ".") && !strings.HasSuffix(cut, `\`) {
		name = cut
	}
	if name != "." && !strings.HasSuffix(name, `\.`) { // else it may be of a label
		name = strings.TrimSuffix(name, ".")
	}
	return name
}

// SplitZones reads a list of zones, whose parts commas or bars are between. Empty
// parts are left out.
func SplitZones(value string) (zones []string) {
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r == '|' }) {
		if name := CleanZone(part); name != "" {
			zones = append(zones, name)
		}
	}
	return zones
}

// WireZone writes a zone's name so that no reader takes it for another: what
// stands between the zones of a list, a space, and .db at the end, which might be that of
// a file's name, is escaped as in zone files (RFC 1035 section 5.1).
func WireZone(zone string) string {
	if end := len(zone) - len(".db"); end > 0 && strings.EqualFold(zone[end:], ".db") {
		zone = zone[:end] + `.\100b`
	}
	return wireEscapes.Replace(zone)
}

var wireEscapes = strings.NewReplacer(`\\`, `\\`, `\ `, `\032`, `\,`, `\044`, `\|`, `\124`, `,`, `\044`, `|`, `\124`)

// ZoneWriter writes zones as an answer to getzones has them, and a request to
// synczones: cpdnszone-NAME=TEXT& for each.
type ZoneWriter struct{ to *bufio.Writer }

// NewZoneWriter makes one that writes to w.
func NewZoneWriter(w io.Writer) *ZoneWriter { return &ZoneWriter{to: bufio.NewWriterSize(w, 32<<10)} }

// Write writes a zone.
func (w *ZoneWriter) Write(zone string, text []byte) error {
	_, _ = w.to.WriteString(zonePrefix) // the writer keeps its first error, for the last of these
	encode(w.to, WireZone(zone), lowerDigits, true)
	_ = w.to.WriteByte('=')
	encode(w.to, text, lowerDigits, false)
	return w.to.WriteByte('&')
}

// Flush writes out what is buffered.
func (w *ZoneWriter) Flush() error { return w.to.Flush() }

// The digits that octets are encoded with: the senders of cPanel use small ones
// within zones, and capitals elsewhere.
const (
	lowerDigits = "0123456789abcdef"
	upperDigits = "0123456789ABCDEF"
)

// encode percent-encodes text; dots as well if asked.
func encode[T string | []byte](to io.ByteWriter, text T, digits string, dots bool) {
	for i := range len(text) {
		if c := text[i]; unreserved(c) && (c != '.' || !dots) {
			_ = to.WriteByte(c)
		} else {
			_ = to.WriteByte('%')
			_ = to.WriteByte(digits[c>>4])
			_ = to.WriteByte(digits[c&15])
		}
	}
}

// unreserved are the octets that need no encoding (RFC 3986 section 2.3).
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}
