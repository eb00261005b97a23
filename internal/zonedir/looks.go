package zonedir

import (
	"runtime"
	"time"
)

// waiting is a file that is to be looked at now.
type waiting struct {
	name string
	file *file
}

// pending is one that is to be looked at later.
type pending struct {
	name string
	at   time.Time
}

// atOnce is how many files are looked at at once.
func atOnce() int { return max(4, runtime.GOMAXPROCS(0)) }

// ahead is how many files are sent off, or come back, before anybody has to wait.
const ahead = 64

// startLooks has looks carried out until stop is called, which waits for those
// that were begun, and leaves the others.
func (d *Dir) startLooks() (stop func()) {
	d.looks, d.results = make(chan look, ahead), make(chan result, ahead)
	for range atOnce() {
		go func(looks <-chan look, results chan<- result) {
			with := &looker{opened: openedFile{buf: make([]byte, readAtOnce)}}
			for l := range looks {
				results <- l.do(with)
			}
		}(d.looks, d.results)
	}
	return func() {
		for empty := false; !empty; {
			select {
			case <-d.looks:
				d.reading--
			default:
				empty = true
			}
		}
		close(d.looks)
		for ; d.reading > 0; d.reading-- {
			<-d.results
		}
	}
}

// start sends files off to be looked at, so many ahead.
func (d *Dir) start(now time.Time) {
	for len(d.later) > 0 && !d.later[0].at.After(now) {
		name := d.later[0].name
		if f := d.files[name]; f != nil {
			d.now = append(d.now, waiting{name, f})
		}
		d.later = d.later[1:]
	}
	if len(d.later) == 0 {
		d.later = nil
	}
	for d.reading < ahead && len(d.now) > 0 {
		name, f := d.now[0].name, d.now[0].file
		d.now = d.now[1:]
		if f.forgotten {
			continue
		}
		f.queued = false
		if f.busy {
			f.again = true
			continue
		}
		l := look{dir: d, name: name, origin: f.origin(name), known: f, file: *f}
		f.busy, f.again, f.trust = true, false, false
		d.reading++
		if f.badName == nil {
			if owner := d.claims.owner(name, l.origin); owner != name {
				l.rival = owner
			}
		}
		d.looks <- l
	}
	if len(d.now) == 0 {
		d.now = nil // once it was long
	}
}

// finishMore takes over what else has been found by now.
func (d *Dir) finishMore() {
	for {
		select {
		case r := <-d.results:
			d.finish(r)
		default:
			return
		}
	}
}
