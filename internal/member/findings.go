package member

import (
	"fmt"

	"github.com/skein-dns/skein"
)

// Findings collects what a driver's test of a member finds out. Each method
// reports whether the test may go on.
type Findings struct{ Checks []skein.Check }

// Good notes what is as it should be.
func (f *Findings) Good(name, format string, args ...any) bool {
	f.Checks = append(f.Checks, skein.Check{Name: name, OK: true, Text: fmt.Sprintf(format, args...)})
	return true
}

// Warn notes what does not keep the member from being enabled.
func (f *Findings) Warn(name, mend, format string, args ...any) bool {
	f.Checks = append(f.Checks, skein.Check{Name: name, OK: true, Warn: true, Text: fmt.Sprintf(format, args...), Mend: mend})
	return true
}

// Bad notes what must be mended first, and how.
func (f *Findings) Bad(name, mend, format string, args ...any) bool {
	f.Checks = append(f.Checks, skein.Check{Name: name, Text: fmt.Sprintf(format, args...), Mend: mend})
	return false
}
