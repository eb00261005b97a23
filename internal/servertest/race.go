//go:build race

package servertest

// detect has what tests start look for races as they do, but not where the
// Makefile does not either.
func detect() []string {
	return []string{"-race", "-gcflags=modernc.org/sqlite/lib=-race=false", "-gcflags=modernc.org/libc=-race=false",
		"-gcflags=golang.org/x/crypto/argon2=-race=false", "-gcflags=golang.org/x/crypto/blake2b=-race=false"}
}
