// Package zone is what is in a zone: names, RRsets, whole contents, the
// difference between two contents, zone files, validation and serial
// arithmetic. It is pure: no I/O, no clock, and nothing else of this module.
//
// Three rules hold everywhere. Names are absolute, in presentation form, and
// end in a dot. RDATA is kept in uncompressed wire form with the case it came
// in; canonical form (RFC 4034 section 6) is only for comparing and ordering.
// Contents never change: an edit makes new Contents that share what is equal.
package zone
