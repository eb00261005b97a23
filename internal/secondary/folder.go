package secondary

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// Folder is a set of secondary zones that is kept in a folder and feeds a
// nameserver: a nameserver.Source and NotifySink. The list of zones and their
// contents are on disk, so that a restart answers at once. A change of the
// list is on disk when it returns. Contents are written as they come, or within
// a few seconds while many come, and are on disk a second later: another
// transfer brings them back.
type Folder struct {
	*Set
	log       *slog.Logger
	keys      map[string]xfr.Key // by owner name
	disk      *disk
	catalogs  map[zone.Name]bool // that are followed, by canonical name
	primaries []Primary          // of those, and of the zones that they list
	lists     *follower

	changes sync.Mutex // one change of the list at a time; taken before mu

	mu     sync.Mutex // owns the rest
	into   nameserver.Updater
	kept   map[zone.Name]*holding // by canonical name
	once   map[string]string      // options: zones by the million have the same
	nextID uint64
	fresh  []*holding // wait for their first writing
}

// holding is what a folder knows of one zone.
type holding struct {
	id    uint64
	name  zone.Name
	setup Setup // owned by Folder.mu

	writing   sync.Mutex // held while contents change, in the nameserver and on disk; taken before Folder.mu
	stored    stored     // owned by writing
	gone      bool       // owned by writing
	waits     bool       // for its first writing; owned by writing
	confirmed time.Time  // the contents that wait; owned by writing
}

// Setup is how one zone of a folder is kept.
type Setup struct {
	Label     string    `json:"label,omitempty"`     // for whoever made the zone to find again
	Options   string    `json:"options,omitempty"`   // likewise
	Primaries []Primary `json:"primaries,omitempty"` // in the order in which they are asked; of a catalog's zone: none, it has the catalogs'
	Catalog   zone.Name `json:"catalog,omitempty"`   // that lists the zone, canonical
	Member    string    `json:"member,omitempty"`    // its label there
}

// Primary is a server to transfer from.
type Primary struct {
	Addr netip.AddrPort `json:"addr"`
	Key  string         `json:"key,omitempty"` // name of the TSIG key; "" none
}

// FolderOptions are what a Folder is made of. Only Dir must be given; Options'
// Keeper is the folder itself.
type FolderOptions struct {
	Options
	Dir  string // kept between runs; one Folder at a time
	Keys []xfr.Key
	// Catalogs are the catalog zones (RFC 9432) whose zones are served beside
	// those that are added, and Primaries the servers of all of them.
	Catalogs  []zone.Name
	Primaries []Primary
}

// Open reads the list of zones.
func Open(o FolderOptions) (*Folder, error) {
	f := &Folder{log: o.Log, keys: map[string]xfr.Key{}, kept: map[zone.Name]*holding{}, once: map[string]string{}, catalogs: map[zone.Name]bool{}, primaries: o.Primaries}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	for _, k := range o.Keys {
		if err := k.Check(); err != nil {
			return nil, err
		}
		f.keys[k.OwnerName()] = k
	}
	for _, name := range o.Catalogs {
		f.catalogs[name.Canonical()] = true
	}
	if err := f.check(Setup{Primaries: o.Primaries}); err != nil && len(o.Catalogs) > 0 {
		return nil, fmt.Errorf("following catalogs: %w", err)
	}
	var entries []entry
	var err error
	if f.disk, entries, err = openDisk(o.Dir, f.log); err != nil {
		return nil, fmt.Errorf("opening the folder of secondary zones: %w", err)
	}
	f.nextID = f.disk.list.last
	for _, e := range entries {
		f.kept[e.Zone.Canonical()] = &holding{id: e.ID, name: e.Zone, setup: f.sharing(e.Setup)}
	}
	f.lists = newFollower(f, o)
	o.Keeper = f
	f.Set = New(o.Options)
	return f, f.forsake()
}

// Close gives the files back. Run must have ended.
func (f *Folder) Close() error { return f.disk.close() }

const flushEvery = time.Second

// Run implements nameserver.Source: it serves what is on disk, says Ready, and
// keeps all of it in step until ctx ends. It is called once.
func (f *Folder) Run(ctx context.Context, into nameserver.Updater) error {
	f.load(ctx, into)
	into.Ready()
	var parts sync.WaitGroup
	parts.Go(func() { f.lists.Run(ctx) })
	parts.Go(func() {
		f.writeUntil(ctx)
	})
	f.Set.Run(ctx)
	parts.Wait()
	f.writeFresh()
	return f.disk.flush()
}

// load serves what is on disk, and makes all zones be looked at soon: what
// their primaries told while nobody listened is lost.
func (f *Folder) load(ctx context.Context, into nameserver.Updater) {
	f.mu.Lock()
	f.into = into
	all := make([]*holding, 0, len(f.kept))
	for _, k := range f.kept {
		all = append(all, k)
	}
	f.mu.Unlock()
	work := make(chan *holding)
	var readers sync.WaitGroup
	for range max(2, runtime.GOMAXPROCS(0)) {
		readers.Go(func() {
			for k := range work {
				f.loadZone(k, time.Duration(len(all))*time.Second/StartRate)
			}
		})
	}
	for _, k := range all {
		if ctx.Err() != nil {
			break
		}
		work <- k
	}
	close(work)
	readers.Wait()
}

func (f *Folder) loadZone(k *holding, spread time.Duration) {
	contents, stored, confirmed, err := f.disk.load(k.id, k.name)
	if err != nil {
		f.log.Warn("a stored zone cannot be read; it is transferred anew", "zone", k.name, "err", err)
	}
	k.writing.Lock()
	defer k.writing.Unlock()
	if k.gone {
		return
	}
	k.stored = stored
	soa, ok := contents.SOA()
	if ok {
		f.into.Put(contents)
	} else {
		f.into.Fail(k.name)
	}
	f.mu.Lock()
	peers, look := f.peers(k.setup), time.Now().Add(time.Duration(f.opts.Random()*float64(spread)))
	f.mu.Unlock()
	f.Set.Put(Ref{Name: k.name}, peers, State{Loaded: ok, SOA: soa, Since: confirmed, Confirmed: confirmed}, look)
}

// check refuses what could never be transferred.
func (f *Folder) check(setup Setup) error {
	switch {
	case len(setup.Primaries) == 0:
		return errors.New("the zone has no primaries")
	case !utf8.ValidString(setup.Label):
		return errors.New("the zone's file name is no UTF-8")
	case !utf8.ValidString(setup.Options):
		return errors.New("the zone's options are no UTF-8")
	}
	for _, p := range setup.Primaries {
		if !p.Addr.IsValid() || p.Addr.Port() == 0 {
			return fmt.Errorf("the primary %s has no address and port", p.Addr)
		}
		if _, ok := f.keys[ownerName(p.Key)]; p.Key != "" && !ok {
			return fmt.Errorf("the TSIG key %q is not known here", p.Key)
		}
	}
	return nil
}

// peers is a setup with what the set needs to ask. A key that was taken away
// since leaves the primary without one.
func (f *Folder) peers(setup Setup) []Peer {
	primaries := setup.Primaries
	if setup.Catalog != "" {
		primaries = f.primaries
	}
	peers := make([]Peer, len(primaries))
	for i, p := range primaries {
		peers[i].Addr = p.Addr
		if k, ok := f.keys[ownerName(p.Key)]; ok {
			peers[i].Key = &k
		}
	}
	return peers
}
