package zonedir

import "github.com/skein-dns/skein/zone"

// file is what is known of one file. There may be a million of them, of which
// nearly all are plain: what is rare is kept apart.
type file struct {
	*oddity
	seen mark   // as it was last touched
	read mark   // as it was last read
	sum  uint64 // of the bytes that are served
	scan uint32 // the last that found it

	isPlain bool // named as its zone
	looks   int8 // of a file of the first scan, that may still be taken until it is decided
	served  bool // something good was read once, and is served
	trust   bool // it is looked at for itself, not because something happened to it
	queued  bool // in later
	busy    bool // being looked at
	again   bool // touched meanwhile
	held    bool // it was said that somebody has it open for writing

	forgotten bool // it is none of the known files any more
}

// origin returns the zone that the file with a name holds, if the name is good.
func (f *file) origin(name string) zone.Name {
	if f.isPlain {
		return zone.Name(name[:len(name)-len("zone")])
	}
	origin, _ := originOf(name)
	return origin
}

// oddity is what most files have none of. It never changes.
type oddity struct {
	badName error
	beside  includes // of what was read last
	problem string   // of what is there now; "" if that is what is served
}

// file returns what is known of a file, which may be nothing yet.
func (d *Dir) file(name string) *file {
	if f := d.files[name]; f != nil {
		return f
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.add(name)
}

// add notes a file that was not known; d.mu is held.
func (d *Dir) add(name string) *file {
	f := &file{oddity: &d.plain}
	origin, err := originOf(name)
	if err != nil {
		f.oddity = &oddity{badName: err}
	} else {
		f.isPlain = isPlain(name, origin)
		d.claims.add(name, origin, d.files)
	}
	d.files[name] = f
	return f
}
