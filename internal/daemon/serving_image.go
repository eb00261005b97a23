package daemon

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"runtime"
	"slices"
	"sync"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/image"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// imaged is a nameserver whose zones can be kept in a file as they are served.
type imaged interface {
	nameserver.Updater
	// Export appends the octets of a zone; false for one that cannot be kept so.
	Export(to []byte, name zone.Name) ([]byte, bool)
	// Import serves zones from octets of Export, which it copies, and says which.
	Import(zones []nameserver.Exported)
}

// keeping is the image of what is served. Its head is the cursor that the feed
// goes on from, so that a start reads from the store what changed since, and
// nothing else; that the cursor fits the store's history is what says that the
// image is of this store. A zone that has no octets is read from the store: it
// is large, or something was wrong with it.
type keeping struct {
	path   string // "" for none
	keeper image.Keeper
}

// The key of a zone in the image: its revision as a little-endian uint64, and
// its id, its pool and its name, each after its length as a uint16.
func appendImageKey(b []byte, name zone.Name, v version) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(v.revision))
	for _, s := range []string{string(v.id), v.pool.Value(), string(name)} {
		b = append(binary.LittleEndian.AppendUint16(b, uint16(len(s))), s...)
	}
	return b
}

func parseImageKey(b []byte) (name zone.Name, v version, ok bool) {
	if len(b) < 8 {
		return "", v, false
	}
	at := skein.Revision(binary.LittleEndian.Uint64(b))
	rest := string(b[8:])
	var parts [3]string
	for i := range parts {
		if len(rest) < 2 {
			return "", v, false
		}
		end := 2 + int(rest[0]) + int(rest[1])<<8
		if len(rest) < end {
			return "", v, false
		}
		parts[i], rest = rest[2:end], rest[end:]
	}
	name, err := zone.ParseName(parts[2])
	if err != nil || parts[0] == "" || rest != "" {
		return "", v, false
	}
	return name, versionOf(skein.Zone{ID: skein.ZoneID(parts[0]), Pool: parts[1]}, at), true
}

// restore serves what is in the image, and returns the cursor to go on from; ""
// if everything is to be read.
func (s *serving) restore(ctx context.Context, into imaged) store.Cursor {
	if s.keeping.path == "" {
		return ""
	}
	r, err := image.Open(s.keeping.path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.log.Info("the image of the zones is not used; all are read from the store", "image", s.keeping.path, "why", err)
		}
		return ""
	}
	defer r.Close()
	cursor := store.Cursor(r.Head())
	if _, _, err := s.store.Entries(ctx, cursor, 1); cursor == "" || err != nil {
		s.log.Info("the image of the zones is not of this store's history; all are read", "image", s.keeping.path, "why", err)
		return ""
	}
	rest, err := s.takeImage(into, r)
	if err == nil {
		err = s.serveByID(ctx, into, rest)
	}
	if err == nil {
		s.everything() // of what there was to count, nothing is a change
		s.keeping.keeper.Begun()
		return cursor
	}
	s.log.Warn("the image of the zones is of no use; all are read from the store", "image", s.keeping.path, "why", err)
	if err := s.dropDeleted(ctx, into); err != nil && ctx.Err() == nil {
		s.log.Error("looking for zones that went meanwhile", "err", err)
	}
	return ""
}

var (
	errImageKey     = errors.New("it holds what is no zone")
	errImageHorizon = errors.New("it is of a time behind that at which the nameserver is to be kept")
)

// takeImage serves the zones of an image, and returns those without octets.
func (s *serving) takeImage(into imaged, r *image.Reader) (rest []skein.ZoneID, err error) {
	sees := s.sees()
	s.mu.Lock()
	s.served = make(map[zone.Name]version, r.Records())
	s.mu.Unlock()
	var mu sync.Mutex // owns rest and wrong
	var wrong error
	err = r.Each(runtime.GOMAXPROCS(0), func(records []image.Record) {
		zones, versions, err := parseImage(records, sees)
		var without []skein.ZoneID
		if err == nil {
			into.Import(zones)
			without = s.rememberImage(zones, versions)
		}
		mu.Lock()
		defer mu.Unlock()
		rest, wrong = append(rest, without...), cmp.Or(wrong, err)
	})
	return rest, cmp.Or(err, wrong)
}

// parseImage returns which zones records are of, and the version of each.
func parseImage(records []image.Record, sees horizon) ([]nameserver.Exported, []version, error) {
	zones, versions := make([]nameserver.Exported, len(records)), make([]version, len(records))
	for i, r := range records {
		name, v, ok := parseImageKey(r.Key)
		switch {
		case !ok:
			return nil, nil, errImageKey
		case sees.hides(v.revision):
			return nil, nil, errImageHorizon
		}
		zones[i], versions[i] = nameserver.Exported{Name: name, Octets: r.Zone}, v
	}
	return zones, versions, nil
}

// rememberImage notes which zones the nameserver has from the image, and
// returns those that it has not.
func (s *serving) rememberImage(zones []nameserver.Exported, versions []version) (rest []skein.ZoneID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, z := range zones {
		if z.Served {
			s.noteServed(z.Name, versions[i], true)
		} else {
			rest = append(rest, versions[i].id)
		}
	}
	return rest
}

// serveByID serves zones from the store. One that was deleted is none of the
// feed's zones up to the cursor, and those behind it come with the feed.
func (s *serving) serveByID(ctx context.Context, into nameserver.Updater, ids []skein.ZoneID) error {
	var entries []store.Entry
	for _, id := range ids {
		z, err := s.store.ZoneByID(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound) || err == nil && z.Deleted:
		case err != nil:
			return err
		default:
			entries = append(entries, store.Entry{Revision: z.Revision, Zone: z})
		}
	}
	s.serve(ctx, into, inTurn(entries))
	return ctx.Err()
}

// keep writes the image if that is worth it; the last one is waited for. The
// cursor is that of what is served now. What comes into service while it is
// written comes with the feed as well, and is then known already.
func (s *serving) keep(into imaged, cursor store.Cursor, last bool) {
	names, changed := s.everything()
	if s.keeping.path == "" || cursor == "" {
		return
	}
	for ; changed > 0; changed-- {
		s.keeping.keeper.Changed()
	}
	if !s.keeping.keeper.Due(names, last) {
		return
	}
	s.keeping.keeper.Keep(func() {
		all := s.names()
		err := image.Write(s.keeping.path, []byte(cursor), len(all), func(w *image.Writer) error { return s.export(into, w, all) })
		if err != nil {
			s.log.Warn("the image of the zones cannot be written; the next start reads more from the store", "image", s.keeping.path, "err", err)
		}
	}, last)
}

// everything returns how many zones there are, and how many changed since it
// was asked last.
func (s *serving) everything() (zones, changed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed, s.changed = s.changed, 0
	return len(s.served) + len(s.failed), changed
}

// exportAtOnce is how many zones are exported while nothing comes into service.
const exportAtOnce = 64

// export adds zones to an image.
func (s *serving) export(into imaged, w *image.Writer, all []zone.Name) error {
	for some := range slices.Chunk(all, exportAtOnce) {
		if err := s.exportSome(into, w, some); err != nil {
			return err
		}
	}
	return nil
}

// names returns all zones.
func (s *serving) names() []zone.Name {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]zone.Name, 0, len(s.served)+len(s.failed))
	for name := range s.served {
		names = append(names, name)
	}
	for name := range s.failed {
		if _, served := s.served[name]; !served {
			names = append(names, name)
		}
	}
	return names
}

// exportSome adds zones to an image.
func (s *serving) exportSome(into imaged, w *image.Writer, names []zone.Name) error {
	for _, r := range s.exported(into, names) {
		octets := func(to []byte) ([]byte, bool) { return append(to, r.Zone...), true }
		kept, err := w.Add(r.Key, octets)
		if err == nil && !kept {
			_, err = w.Add(r.Key, func(to []byte) ([]byte, bool) { return to, true })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// exported returns zones as they are kept. Meanwhile nothing comes into service:
// the octets of each are of the revision that they are kept with.
func (s *serving) exported(into imaged, names []zone.Name) (all []image.Record) {
	s.gate.Lock()
	defer s.gate.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		v, served := s.served[name]
		e, failed := s.failed[name]
		var octets []byte
		switch {
		case failed:
			v = versionOf(e.Zone, v.revision)
		case served:
			octets, _ = into.Export(nil, name)
		default:
			continue // it went meanwhile
		}
		all = append(all, image.Record{Key: appendImageKey(nil, name, v), Zone: octets})
	}
	return all
}
