package zonedir

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/skein-dns/skein/zone"
)

// finish takes over what a look found.
func (d *Dir) finish(r result) {
	d.reading--
	f := r.known
	f.busy = false
	if r.verdict == gone || r.verdict == broken || r.verdict == good {
		d.keeper.Changed()
	}
	switch r.verdict {
	case moving:
		f.seen = r.at.mark()
		d.lookLater(r.name)
	case gone:
		d.forget(r.name, f)
	case broken:
		d.blame(r, f)
	case good:
		d.praise(r, f)
	case writing: // the end of it is an event; the slow look sees it in any case
		if !f.held {
			d.log.Info("a zone file is open for writing; it is read once that ends", "file", r.name)
		}
	case same:
	}
	f.held = r.verdict == writing
	if f.looks > 0 {
		d.decide(r, f)
	}
	if f.again && r.verdict != gone {
		d.lookLater(r.name)
	}
}

// decide is for a file of the first scan: it is not waited for any longer,
// unless it has just been written.
func (d *Dir) decide(r result, f *file) {
	if f.looks--; r.verdict == moving && f.looks > 0 {
		return
	}
	f.looks = 0
	d.undecided--
	if r.verdict == moving || r.verdict == writing {
		d.fail(r.name, f)
	}
}

func (d *Dir) praise(r result, f *file) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f.read, f.sum = r.at.mark(), r.sum
	d.note(f, r.beside, "")
	if !f.served {
		f.served = true
		d.served++
	}
}

// note sets what a file includes and what is wrong with it; d.mu is held.
func (d *Dir) note(f *file, beside includes, problem string) {
	if f.problem != "" {
		d.broken--
	}
	if problem != "" {
		d.broken++
	}
	bad := f.badName
	f.oddity = &d.plain
	if bad != nil || problem != "" || len(beside.read) > 0 {
		f.oddity = &oddity{bad, beside, problem}
	}
}

// blame notes and logs what is wrong with a file, once for each of its states.
func (d *Dir) blame(r result, f *file) {
	problems := []zone.Problem{{Text: r.err.Error()}}
	var parsed *zone.Errors
	if errors.As(r.err, &parsed) {
		problems = parsed.Problems
	}
	text := fmt.Sprintf("%s: %s", where(r.name, problems[0]), problems[0].Text)
	if more := len(problems) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	known := f.problem == text && f.read == r.at.mark()
	d.mu.Lock()
	f.read = r.at.mark()
	d.note(f, r.beside, text)
	d.mu.Unlock()
	d.fail(r.name, f)
	if known {
		return
	}
	consequence := "the zone answers SERVFAIL until it is mended"
	switch {
	case f.served:
		consequence = "what was read before stays served"
	case !d.owns(r.name, f):
		consequence = "it is left out"
	}
	for _, p := range problems[:min(len(problems), maxWarnings)] {
		d.log.Error("a zone file is broken; "+consequence, "file", where(filepath.Join(d.path, r.name), p), "problem", p.Text)
	}
	if more := len(problems) - maxWarnings; more > 0 {
		d.log.Error("a zone file has more problems", "file", r.name, "more", more)
	}
}

// fail makes a zone of which nothing good was ever read answer SERVFAIL.
func (d *Dir) fail(name string, f *file) {
	if !f.served && d.owns(name, f) {
		d.into.Fail(f.origin(name))
	}
}

// owns reports whether it is this file that its zone is served from.
func (d *Dir) owns(name string, f *file) bool {
	return f.badName == nil && d.claims.owner(name, f.origin(name)) == name
}

// forget drops the zone of a file that is gone, or hands it over to the next
// file of the same zone.
func (d *Dir) forget(name string, f *file) {
	d.mu.Lock()
	defer d.mu.Unlock()
	owned := d.owns(name, f)
	delete(d.files, name)
	f.forgotten = true
	d.note(f, includes{}, "")
	if f.served {
		d.served--
	}
	if f.badName != nil {
		return
	}
	origin := f.origin(name)
	next := d.claims.remove(name, origin)
	switch {
	case next == "":
		d.into.Drop(origin)
		d.log.Info("a zone file was removed; its zone is served no more", "zone", origin)
	case owned:
		d.files[next].read = 0
		d.now = append(d.now, waiting{next, d.files[next]})
	}
}
