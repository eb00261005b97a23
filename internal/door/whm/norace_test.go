//go:build !race

package whm

// share is which part of a large batch is sent.
const share = 1
