// Package secret keeps secrets at rest: envelope encryption under a key that
// lies outside the data directory, hashes of tokens, and a string type that
// does not print itself.
package secret
