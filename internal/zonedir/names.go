package zonedir

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// zoneFiles calls each with the name and the inode of every zone file of a
// folder; the name is good until each returns. Where nothing changed a million
// names are known, and a string for each, at every look, would be much to throw
// away.
func zoneFiles(folder *os.File, each func(name []byte, inode uint64)) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := unix.ReadDirent(int(folder.Fd()), buf)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return &fs.PathError{Op: "getdents", Path: folder.Name(), Err: err}
		case n <= 0:
			return nil
		}
		for rest := buf[:n]; len(rest) > 0; {
			var name []byte
			var inode uint64
			if name, inode, rest = cutEntry(rest); isOurs(name) {
				each(name, inode)
			}
		}
	}
}

// cutEntry takes the first entry off what getdents64(2) gave: inode and offset of
// 8 octets each, the size of the entry of 2, a type of 1, and the name, which a
// zero ends. An entry without an inode is none.
func cutEntry(b []byte) (name []byte, inode uint64, rest []byte) {
	const inodeAt, sizeAt, nameAt = 0, 16, 19
	size := int(binary.NativeEndian.Uint16(b[sizeAt:]))
	if inode = binary.NativeEndian.Uint64(b[inodeAt:]); inode != 0 {
		name, _, _ = bytes.Cut(b[nameAt:size], []byte{0})
	}
	return name, inode, b[size:]
}
