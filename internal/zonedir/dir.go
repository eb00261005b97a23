// Package zonedir serves a folder of zone files.
package zonedir

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/zone"
)

// Options are what a Dir is made of.
type Options struct{ Log *slog.Logger }

// Dir is a folder of zone files: a nameserver.Source.
type Dir struct {
	path   string
	opts   Options
	again  chan struct{}
	files  map[string]time.Time
	broken []string
	served int
}

// Open makes a Dir of a folder that is there.
func Open(path string, o Options) (*Dir, error) {
	if _, err := os.ReadDir(path); err != nil {
		return nil, err
	}
	return &Dir{path: path, opts: o, again: make(chan struct{}, 1), files: map[string]time.Time{}}, nil
}

// Run implements nameserver.Source.
func (d *Dir) Run(ctx context.Context, into nameserver.Updater) error {
	for ready := false; ; {
		d.scan(into)
		if !ready {
			into.Ready()
			ready = true
		}
		select {
		case <-ctx.Done():
			return nil
		case <-d.again:
		case <-time.After(time.Second):
		}
	}
}

// Reload reads what changed at once.
func (d *Dir) Reload() {
	select {
	case d.again <- struct{}{}:
	default:
	}
}

// Report returns how many zones are served, and what is wrong with others.
func (d *Dir) Report() (served int, broken []string) { return d.served, d.broken }

func (d *Dir) scan(into nameserver.Updater) {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		d.opts.Log.Error("reading the folder of zone files", "err", err)
		return
	}
	for _, e := range entries {
		origin, ok := strings.CutSuffix(e.Name(), ".zone")
		if info, err := e.Info(); ok && err == nil && !info.ModTime().Equal(d.files[e.Name()]) {
			d.files[e.Name()] = info.ModTime()
			if err := d.load(into, origin); err != nil {
				d.broken = append(d.broken, fmt.Sprintf("%s: %s", e.Name(), err))
				d.opts.Log.Error("a zone file is broken", "file", e.Name(), "err", err)
				continue
			}
			d.served++
		}
	}
}

func (d *Dir) load(into nameserver.Updater, origin string) error {
	name, err := zone.ParseName(origin)
	if origin == "ROOT" {
		name = zone.Root
	}
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(d.path, origin+".zone"))
	if err != nil {
		return err
	}
	defer f.Close()
	sets, _, err := zone.Parse(f, zone.Options{Origin: name})
	if err != nil {
		return err
	}
	c, err := zone.NewContents(name, sets)
	if err == nil {
		if _, ok := c.SOA(); !ok {
			err = errors.New("there is no SOA")
		}
	}
	if err == nil {
		into.Put(c)
	}
	return err
}
