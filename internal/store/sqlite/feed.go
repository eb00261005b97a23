package sqlite

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// cursor is a place in the feed. Its holder has seen every entry up to
// position, and misses no removal up to base: base is ahead of position only
// while a reader that began from nothing still goes through old zones.
// digest is that of the history at base.
type cursor struct {
	epoch          string
	position, base skein.Revision
	digest         []byte
}

func (c cursor) String() store.Cursor {
	return store.Cursor(fmt.Sprintf("%s:%d:%d:%s", c.epoch, c.position, c.base, hex.EncodeToString(c.digest)))
}

func parseCursor(s store.Cursor) (cursor, error) {
	parts := strings.Split(string(s), ":")
	if len(parts) != 4 {
		return cursor{}, store.ErrCursor
	}
	position, err1 := strconv.ParseInt(parts[1], 10, 64)
	base, err2 := strconv.ParseInt(parts[2], 10, 64)
	digest, err3 := hex.DecodeString(parts[3])
	if errors.Join(err1, err2, err3) != nil || position < 0 || base < position || len(digest) != digestSize {
		return cursor{}, store.ErrCursor
	}
	return cursor{parts[0], skein.Revision(position), skein.Revision(base), digest}, nil
}

// errRewound: the history that the cursor speaks of is not this one, though
// the epoch says so. The database went back behind our back.
var errRewound = errors.New("the database was rewound")

// check reports whether the cursor fits the history.
func (r reader) check(c cursor, pos position) error {
	switch {
	case c.epoch != pos.epoch || c.base < pos.floor:
		return store.ErrCursor
	case c.base > pos.revision:
		return errRewound
	}
	digest := pos.digest
	switch c.base {
	case pos.revision:
	case pos.floor:
		digest = pos.floorDigest
	default:
		found, err := r.row(`SELECT digest FROM version WHERE revision = ?`, []any{c.base}, &digest)
		if err != nil {
			return err
		}
		if !found {
			return store.ErrCursor
		}
	}
	if !bytes.Equal(c.digest, digest) {
		return errRewound
	}
	return nil
}

// Entries implements store.Feed. Limit 0 means 1,000.
func (s *Store) Entries(ctx context.Context, after store.Cursor, limit int) (entries []store.Entry, next store.Cursor, err error) {
	if limit <= 0 {
		limit = 1000
	}
	var from cursor
	if after != "" {
		if from, err = parseCursor(after); err != nil {
			return nil, "", err
		}
	}
	err = s.read(ctx, "reading the feed", func(r reader) error {
		pos, err := r.position()
		if err != nil {
			return err
		}
		if after == "" {
			from = cursor{pos.epoch, 0, pos.floor, pos.floorDigest}
		} else if err := r.check(from, pos); err != nil {
			return err
		}
		err = r.each(func(row scanner) error {
			var h head
			err := row.Scan(h.dest()...)
			entries = append(entries, store.Entry{Revision: h.Revision, Zone: h.zone()})
			return err
		}, selectZone+` WHERE revision > ? ORDER BY revision LIMIT ?`, from.position, limit)
		if err == nil {
			next, err = r.after(from, entries, limit, pos)
		}
		return err
	})
	if errors.Is(err, errRewound) {
		return nil, "", s.rewound(ctx, from.epoch)
	}
	if err != nil {
		return nil, "", err
	}
	return entries, next, nil
}

// after returns the cursor behind a page of entries.
func (r reader) after(from cursor, page []store.Entry, limit int, pos position) (store.Cursor, error) {
	if len(page) < limit { // that was all there is
		return cursor{pos.epoch, pos.revision, pos.revision, pos.digest}.String(), nil
	}
	from.position = page[len(page)-1].Revision
	if from.position > from.base {
		from.base = from.position
		if _, err := r.row(`SELECT digest FROM version WHERE revision = ?`, []any{from.base}, &from.digest); err != nil {
			return "", err
		}
	}
	return from.String(), nil
}

func (r reader) position() (position, error) {
	var p position
	_, err := r.row(selectPosition, nil, p.dest()...)
	return p, err
}

// rewound takes a new epoch, on disk, so that every follower resyncs, also
// those whose cursor happens to fit. It returns ErrCursor.
func (s *Store) rewound(ctx context.Context, epoch string) error {
	err := s.write.submit(ctx, func(t *txn) error {
		if t.pos.epoch != epoch {
			return nil // another follower noticed before
		}
		t.pos.epoch = newEpoch()
		s.log.Warn("the database went back behind our back; followers start over", "revision", t.pos.revision)
		return t.savePosition()
	})
	if err != nil {
		return err
	}
	return store.ErrCursor
}

// Head implements store.Feed.
func (s *Store) Head(ctx context.Context) (head store.Cursor, err error) {
	err = s.read(ctx, "reading the feed's head", func(r reader) error {
		pos, err := r.position()
		head = cursor{pos.epoch, pos.revision, pos.revision, pos.digest}.String()
		return err
	})
	return head, err
}

// Wake implements store.Feed.
func (s *Store) Wake() (hints <-chan struct{}, stop func()) { return s.wakes.add() }

// wakes are the channels of those who want hints. The zero value has none.
type wakes struct {
	mu  sync.Mutex // guards all
	all map[chan struct{}]struct{}
}

func (w *wakes) add() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[chan struct{}]struct{}{}
	}
	w.all[c] = struct{}{}
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all, c)
	}
}

func (w *wakes) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.all {
		select {
		case c <- struct{}{}:
		default: // a hint waits already
		}
	}
}
