// Package fake is test code: a member that is read as well as written, with a
// driver of all three roles, which does what a script of faults says.
//
// It stands in for a cPanel DNSONLY or WHM server until there is a driver for
// those, and has what is documented of them where Skein depends on it:
//
//   - The server keeps whole zones and is given them whole: contents go with the
//     command that saves a zone, by no zone transfer. There is a command that
//     registers a zone without contents, as addzoneconf does.
//   - Zones have no owner there. What it has under a name is the zone of that
//     name, whoever put it in; it takes older contents than it has as well ("can
//     overwrite newer zones"). Only a locked zone, as of the server's own host
//     name, is not to be changed.
//   - Serials are what versions are compared by; people on the server change
//     zones and raise the serial by one.
//   - It can be listed (getzonelist) and zones can be read (getzones), many at a
//     time; a change made there is told to nobody who does not ask.
//   - Synchronize is the role that it has by default.
//
// What differs: the list has serials, which WHM's has not (a driver for it asks
// over DNS), and the commands are lines of JSON over HTTP of its own.
//
// The Server answers DNS with Skein's nameserver. Nothing but test binaries
// links the package.
package fake
