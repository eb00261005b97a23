package zone

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// idnaProfile maps as browsers do (UTS 46, non-transitional) and refuses what
// RFC 5891 refuses. It works on single labels, and only on those that hold
// something beyond ASCII: all others, underscores and case too, stay as they are.
var idnaProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule())

// toASCII turns labels in Unicode into A-labels. The ideographic full stops
// separate labels too (RFC 3490 section 3.1).
func toASCII(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", errors.New("it is neither ASCII nor UTF-8")
	}
	s = strings.NewReplacer("\u3002", ".", "\uff0e", ".", "\uff61", ".").Replace(s)
	var ascii strings.Builder
	for s != "" {
		dot := Name(s).firstDot()
		label := s[:dot]
		if !isASCII(label) {
			a, err := idnaProfile.ToASCII(label)
			if err != nil || strings.Contains(label, `\`) {
				return "", fmt.Errorf("its label %.80q is no internationalized domain label (RFC 5891)", label)
			}
			label = a
		}
		ascii.WriteString(label)
		if s = s[dot:]; s != "" {
			ascii.WriteByte('.')
			s = s[1:]
		}
	}
	return ascii.String(), nil
}

// Unicode returns the name for people: A-labels as U-labels, but only where
// the U-label is valid and leads back to the same A-label. So nothing that
// turns the direction of text or hides itself reaches a terminal or a page.
func (n Name) Unicode() string {
	if !strings.Contains(string(n.Canonical()), "xn--") {
		return string(n)
	}
	labels := n.Labels()
	for i, label := range labels {
		a := lowerASCII(label)
		if !strings.HasPrefix(a, "xn--") {
			continue
		}
		u, err := idnaProfile.ToUnicode(a)
		if err != nil || isASCII(u) {
			continue
		}
		if back, err := idnaProfile.ToASCII(u); err == nil && back == a {
			labels[i] = u
		}
	}
	return strings.Join(labels, ".") + "."
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
