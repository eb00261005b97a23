// Package skein is the vocabulary of Skein: what the product's words mean, as
// Go types that are also the wire types of the REST API. No I/O.
//
// A zone comes in through a door from a source, is checked and committed by
// control as a change with a revision, is published with a serial, and every
// member of its pool is brought to serve it; a receipt says which members were
// told and which were seen serving it.
package skein
