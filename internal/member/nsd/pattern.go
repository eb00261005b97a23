package nsd

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// PatternSetting is the setting of a member that names its pattern.
const PatternSetting = "pattern"

var patternForm = regexp.MustCompile(`^skein-[a-z0-9_.-]+(\+[A-Za-z0-9_.-]+)?$`)

// CheckPattern says what is wrong with the name of a pattern.
func CheckPattern(s string) error {
	if !patternForm.MatchString(s) {
		return errors.New("it must be skein-NAME, with the member's name, or that and +SOMETHING")
	}
	return nil
}

// patternOf names the pattern that a member's zones are to have: by itself
// skein-NAME, or skein-NAME+SOMETHING if it is set so. Zones that have another
// of these are Skein's as well, and are given the right one.
func patternOf(m skein.Member) (string, error) {
	pattern := m.Settings[PatternSetting]
	if pattern == "" {
		pattern = family(m)
	}
	if CheckPattern(pattern) != nil || !isOurs(pattern, m) {
		return "", fmt.Errorf("its pattern cannot be %q: zones with it are taken for Skein's, so it must be %s or %[2]s+SOMETHING", pattern, family(m))
	}
	return pattern, nil
}

func family(m skein.Member) string { return "skein-" + m.Name }

// isOurs reports whether a pattern is one of the member's. There is no + in the
// name of a member.
func isOurs(pattern string, m skein.Member) bool {
	name, _, _ := strings.Cut(pattern, "+")
	return name == family(m)
}

// text writes a zone's name for NSD: in lower case, without the last dot, and
// with everything but letters, digits, hyphens and underscores as \DDD. NSD
// makes the name of the zone's file of it as it is, so that a zone could choose
// its folder.
func text(name zone.Name) string {
	if name == zone.Root {
		return "."
	}
	var b strings.Builder
	for wire := name.Canonical().AppendWire(nil); wire[0] != 0; {
		label := wire[1 : 1+wire[0]]
		wire = wire[1+len(label):]
		for _, c := range label {
			if isPlain(c) {
				b.WriteByte(c)
			} else {
				fmt.Fprintf(&b, `\%03d`, c)
			}
		}
		if wire[0] != 0 {
			b.WriteByte('.')
		}
	}
	return b.String()
}

func isPlain(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// normal is how we would have written the name of a zone that somebody wrote;
// as it is where it is none.
func normal(written string) string {
	plain := !strings.HasSuffix(written, ".")
	for i := 0; plain && i < len(written); i++ {
		plain = isPlain(written[i]) || written[i] == '.'
	}
	if plain {
		return written
	}
	name, err := zone.ParseName(written)
	if err != nil {
		return written
	}
	return text(name)
}
