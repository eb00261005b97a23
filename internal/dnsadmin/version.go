package dnsadmin

import (
	"fmt"
	"strconv"
	"strings"
)

// Spoken is the version that a server of ours says to be of: the newest that the
// documents which this package is written from describe. Callers choose old ways
// of speaking by it.
const Spoken = "11.138.0.6"

// Version is the version of a cPanel server: 11.138.0.6.
type Version [4]int

// ParseVersion reads a version: three numbers with dots between them, a fourth
// or none, and whatever follows that.
func ParseVersion(text string) (v Version, ok bool) {
	parts := strings.SplitN(strings.TrimSpace(text), ".", len(v)+1)
	for i, part := range parts {
		if i == len(v) {
			break
		}
		digits := part[:len(part)-len(strings.TrimLeft(part, "0123456789"))]
		n, err := strconv.Atoi(digits)
		if err != nil || len(digits) > 9 {
			return v, i > 2
		}
		if v[i] = n; len(digits) < len(part) {
			return v, i >= 2
		}
	}
	return v, len(parts) > 2
}

// Less reports whether v is older than o.
func (v Version) Less(o Version) bool {
	for i := range v {
		if v[i] != o[i] {
			return v[i] < o[i]
		}
	}
	return false
}

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d.%d", v[0], v[1], v[2], v[3]) }
