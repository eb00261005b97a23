// Package block is the flat form of a small zone: one run of octets without a
// pointer in it, of at most Max octets, that can lie anywhere. It holds the
// answers to most questions ready for the wire, and gives the zone's records
// back exactly. It knows how answers lie in octets; which answer is right is
// its maker's business.
//
// Names stand in canonical order (RFC 4034 section 6.1), every empty
// non-terminal among them, and are found by a hash table from the apex down.
// An answer is kept as a Tail: all that follows the question in a message.
// Where the question may be longer than the one it was made for (below a cut,
// at a wildcard, in a negative answer), the pointers in it are listed, and
// move with the length.
package block
