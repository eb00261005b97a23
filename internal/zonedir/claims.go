package zonedir

import (
	"slices"

	"github.com/skein-dns/skein/zone"
)

// claims are the files of each zone, by its canonical origin, of which the
// first is served. A file that is named as its zone and is the only one needs
// no entry, so there are few.
type claims map[zone.Name][]string

// isPlain reports whether a file is named as its zone.
func isPlain(name string, origin zone.Name) bool {
	return len(name) == len(origin)+len("zone") && name[:len(origin)] == string(origin) && name[len(origin):] == "zone"
}

// add notes a new file; files are those that were there before.
func (c claims) add(name string, origin zone.Name, files map[string]*file) {
	origin = origin.Canonical()
	all, ok := c[origin]
	if !ok {
		if isPlain(name, origin) {
			return
		}
		if plain := string(origin) + "zone"; files[plain] != nil {
			all = []string{plain}
		}
	}
	c[origin] = append(all, name)
}

// sort puts the files of each zone in order.
func (c claims) sort() {
	for _, files := range c {
		slices.Sort(files)
	}
}

// owner returns the file that the zone of a file is served from.
func (c claims) owner(name string, origin zone.Name) string {
	if all := c[origin.Canonical()]; len(all) > 0 {
		return all[0]
	}
	return name
}

// remove takes a file out, and returns the one whose turn it is then; "" if none.
func (c claims) remove(name string, origin zone.Name) (next string) {
	origin = origin.Canonical()
	rest := slices.DeleteFunc(c[origin], func(n string) bool { return n == name })
	if len(rest) > 0 {
		next = rest[0]
	}
	if len(rest) == 0 || len(rest) == 1 && isPlain(next, origin) {
		delete(c, origin)
	} else {
		c[origin] = rest
	}
	return next
}
