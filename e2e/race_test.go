//go:build race

package e2e

// buildFlags: the binary under test looks for races when the tests do.
func buildFlags() []string { return []string{"-race"} }
