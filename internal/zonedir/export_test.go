package zonedir

import (
	"io"

	"github.com/skein-dns/skein/zone"
)

// OriginOf is for the fuzz target.
func OriginOf(name string) (origin zone.Name, ours bool, err error) {
	if !isOurs(name) {
		return "", false, nil
	}
	origin, err = originOf(name)
	return origin, true, err
}

// LookAgain is the slow look at everything.
func (d *Dir) LookAgain() { d.scan(false) }

// ReadFile reads a file as those of zones are read.
func ReadFile(path string) ([]byte, error) {
	var f openedFile
	if err := f.open(path); err != nil {
		return nil, err
	}
	defer f.close()
	return io.ReadAll(&f)
}
