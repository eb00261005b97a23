package sqlite

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// digestSize is the length of the rolling digest in octets.
const digestSize = 16

// Commit implements store.Zones. A zone that is deleted goes with all it
// holds: Delta is not looked at then.
func (s *Store) Commit(ctx context.Context, w store.Write) (store.Commit, error) {
	p, err := s.plan(w)
	if err != nil {
		return store.Commit{}, err
	}
	var c store.Commit
	err = s.write.submit(ctx, func(t *txn) (err error) {
		c, err = t.apply(p)
		return err
	})
	if err != nil {
		return store.Commit{}, err
	}
	return c, nil
}

// planned is a write with everything that can be worked out before its turn
// comes, so that the writer's goroutine does as little as possible.
type planned struct {
	store.Write
	delta          []byte   // packed; nil where a zone is created or deleted
	chunks         []packed // of a new zone
	stamps         []plannedStamp
	text           []byte           // packed; nil where none came
	added, removed int              // records
	before         sql.Null[uint32] // the serial until now; none of a new zone
}

func (p *planned) creates() bool { return p.Expect == 0 && !p.Delete }

func (s *Store) plan(w store.Write) (*planned, error) {
	p := &planned{Write: w, added: records(w.Delta.Add), removed: records(w.Delta.Del)}
	if p.Change.At.IsZero() {
		p.Change.At = s.now()
	}
	p.Change.At, p.Zone.Created, p.Zone.OriginSince = asStored(p.Change.At), asStored(p.Zone.Created), asStored(p.Zone.OriginSince)
	if p.Change.ID == "" {
		p.Change.ID = rand.Text()
	}
	switch {
	case w.Zone.Name == "":
		return nil, invalid("a change needs the name of its zone")
	case p.creates() && w.Zone.ID != "":
		return nil, invalid("a new zone gets its id from the store; %s came with one", w.Zone.Name)
	case !p.creates() && w.Zone.ID == "":
		return nil, invalid("a change of zone %s needs the zone's id", w.Zone.Name)
	case w.Origin+w.Owner+w.Pool != "" && (w.Delete || p.creates()):
		return nil, invalid("zone %s cannot be handed over while it is created or deleted", w.Zone.Name)
	case w.Delete && len(w.Stamps) > 0:
		return nil, invalid("zone %s goes with its stamps: there are none to set", w.Zone.Name)
	}
	if w.Text != nil {
		p.text = pack(w.Text)
	}
	var err error
	if p.stamps, err = planStamps(w.Zone.Name, w.Stamps); err != nil {
		return nil, err
	}
	switch {
	case p.creates():
		whole, err := zone.NewContents(w.Zone.Name, nil)
		if err == nil {
			whole, err = whole.Apply(w.Delta)
		}
		if err != nil {
			return nil, notApplicable(w.Zone.Name, err)
		}
		p.chunks = packChunks(cut(whole))
	case !w.Delete:
		p.delta = pack(zone.EncodeDelta(nil, w.Delta))
	}
	return p, nil
}

func records(sets []zone.RRset) (n int) {
	for _, s := range sets {
		n += len(s.Data)
	}
	return n
}

func notApplicable(name zone.Name, err error) error {
	return &skein.Error{Kind: skein.KindConflict, What: "the change does not fit what is in zone " + string(name), Cause: err,
		Mend: "look at the zone as it is now and make the change again"}
}

func changed(name zone.Name, at, expect skein.Revision) error {
	return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrChanged,
		What: fmt.Sprintf("zone %s is at revision %d, not %d", name, at, expect),
		Mend: "look at the zone as it is now and make the change again"}
}

// apply carries out one write inside its savepoint.
func (t *txn) apply(p *planned) (store.Commit, error) {
	if c, repeated, err := t.repeated(p); repeated || err != nil {
		return c, err
	}
	if p.Waiting != 0 {
		if err := t.dropWaiting(p.Waiting); err != nil {
			return store.Commit{}, err
		}
	}
	if p.creates() {
		return t.create(p)
	}
	h, err := t.headOf(p.Zone)
	if err != nil {
		return store.Commit{}, err
	}
	if h.Revision != p.Expect {
		return store.Commit{}, changed(h.Name, h.Revision, p.Expect)
	}
	p.before = sql.Null[uint32]{V: h.Serial, Valid: true}
	if p.Delete {
		return t.remove(p, h)
	}
	return t.edit(p, h)
}

// repeated returns the commit of a change id that was used before.
func (t *txn) repeated(p *planned) (c store.Commit, repeated bool, err error) {
	was := skein.Zone{}
	var at int64
	found, err := t.row(`SELECT revision, zone_id, zone, serial, at FROM change WHERE id = ? AND revision IS NOT NULL`,
		[]any{p.Change.ID}, &was.Revision, &was.ID, &was.Name, &was.Serial, &at)
	if err != nil || !found {
		return c, false, err
	}
	if !was.Name.Equal(p.Zone.Name) {
		return c, true, &skein.Error{Kind: skein.KindConflict,
			What: fmt.Sprintf("change id %q was used before, for zone %s", p.Change.ID, was.Name),
			Mend: "use a new change id for every change"}
	}
	var h head
	if found, err = t.row(selectZone+` WHERE id = ?`, []any{was.ID}, h.dest()...); err != nil {
		return c, true, err
	}
	c = store.Commit{Revision: was.Revision, Zone: h.zone(), Repeated: true}
	if !found || h.Revision != was.Revision { // changed again since: tell of that commit, not of now
		c.Zone.ID, c.Zone.Name, c.Zone.Revision, c.Zone.Serial = was.ID, was.Name, was.Revision, was.Serial
		c.Zone.Changed, c.Zone.Deleted = timeOf(at), false
	}
	return c, true, nil
}

// headOf finds the live zone that a write is for.
func (t *txn) headOf(z skein.Zone) (head, error) {
	var h head
	found, err := t.row(selectZone+` WHERE id = ?`, []any{z.ID}, h.dest()...)
	switch {
	case err != nil:
		return h, err
	case !found || h.Deleted:
		return h, notFound("there is no zone %s any more", z.Name)
	case !h.Name.Equal(z.Name):
		return h, invalid("the zone with id %s is %s, not %s", z.ID, h.Name, z.Name)
	}
	return h, nil
}

func (t *txn) create(p *planned) (store.Commit, error) {
	key := []byte(p.Zone.Name.Key())
	var taken skein.Revision
	found, err := t.row(`SELECT revision FROM zone WHERE key = ? AND deleted = 0`, []any{key}, &taken)
	if err != nil {
		return store.Commit{}, err
	}
	if found {
		return store.Commit{}, &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
			What: fmt.Sprintf("zone %s exists already", p.Zone.Name), Mend: "change it, or delete it first"}
	}
	var floor uint32
	found, err = t.row(`SELECT serial FROM serial_floor WHERE key = ?`, []any{key}, &floor)
	if err != nil {
		return store.Commit{}, err
	}
	again := p.Revive != "" && p.Serial == floor
	if found && !again && !zone.SerialLess(floor, p.Serial) {
		// The name was created and deleted since the writer asked for the floor.
		return store.Commit{}, &skein.Error{Kind: skein.KindConflict, Cause: store.ErrChanged,
			What: fmt.Sprintf("zone %s had serial %d before; %d is not after it", p.Zone.Name, floor, p.Serial),
			Mend: "choose a serial after it"}
	}
	h := head{Zone: p.Zone}
	h.ID = skein.ZoneID(rand.Text()[:16])
	h.Created, h.Records, h.Deleted = p.Change.At, p.added, false
	if !p.Zone.Created.IsZero() {
		h.Created = p.Zone.Created
	}
	if h.OriginSince.IsZero() {
		h.OriginSince = p.Change.At
	}
	if found { // the name lived before
		if err := t.remember(&h, key); err != nil {
			return store.Commit{}, err
		}
	}
	p.stampHead(&h, t.pos.revision+1)
	res, err := t.exec(`INSERT INTO zone (id, name, key, revision, serial, origin, pool, owner, policy, records, created, changed, origin_since, origin_before, published, pool_before)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, h.ID, h.Name, key, h.Revision, h.Serial, h.Origin, h.Pool, h.Owner, h.Policy,
		h.Records, nanos(h.Created), nanos(h.Changed), nanos(h.OriginSince), h.OriginBefore, h.Published, h.PoolBefore)
	if err != nil {
		return store.Commit{}, err
	}
	if h.num, err = res.LastInsertId(); err != nil {
		return store.Commit{}, err
	}
	t.pos.zones++
	if err := t.holds(h.Zone, 1); err != nil {
		return store.Commit{}, err
	}
	for _, c := range p.chunks {
		if err := t.insertChunk(h.num, c); err != nil {
			return store.Commit{}, err
		}
	}
	if p.text != nil {
		if err := t.keepText(h.num, h.Revision, p.text, p.Delta); err != nil {
			return store.Commit{}, err
		}
	}
	if p.Revive != "" {
		if err := t.revive(h, p.Revive); err != nil {
			return store.Commit{}, err
		}
	}
	return t.finish(p, h, 0)
}

func (t *txn) edit(p *planned, h head) (store.Commit, error) {
	if !zone.SerialLess(h.Serial, p.Serial) && (p.Serial != h.Serial || !p.Delta.IsZero()) {
		// Other contents under the same serial would reach no member.
		return store.Commit{}, invalid("serial %d of %s is not after %d, the one that is published", p.Serial, h.Name, h.Serial)
	}
	if err := t.editContents(h.num, h.Name, p.Delta); err != nil {
		return store.Commit{}, err
	}
	prev := h.Revision
	h.Records += p.added - p.removed
	p.stampHead(&h, t.pos.revision+1)
	if _, err := t.exec(`UPDATE zone SET revision = ?, published = ?, serial = ?, records = ?, changed = ? WHERE num = ?`,
		h.Revision, h.Published, h.Serial, h.Records, nanos(h.Changed), h.num); err != nil {
		return store.Commit{}, err
	}
	if err := t.handOver(&h, p); err != nil {
		return store.Commit{}, err
	}
	if err := t.keepText(h.num, h.Revision, p.text, p.Delta); err != nil {
		return store.Commit{}, err
	}
	return t.finish(p, h, prev)
}

// remove makes a tombstone. The chunks stay with it until it is purged: that
// is how a deleted zone can be brought back, and deleting costs the same for any size.
func (t *txn) remove(p *planned, h head) (store.Commit, error) {
	prev := h.Revision
	if !zone.SerialLess(h.Serial, p.Serial) {
		p.Serial = h.Serial
	}
	p.removed, p.added = h.Records, 0
	h.Deleted, h.Records = true, 0
	p.stampHead(&h, t.pos.revision+1)
	if _, err := t.exec(`UPDATE zone SET revision = ?, published = ?, serial = ?, records = 0, changed = ?, deleted = 1 WHERE num = ?`,
		h.Revision, h.Published, h.Serial, nanos(h.Changed), h.num); err != nil {
		return store.Commit{}, err
	}
	t.pos.zones--
	if err := t.holds(h.Zone, -1); err != nil {
		return store.Commit{}, err
	}
	if _, err := t.exec(`INSERT INTO serial_floor (key, serial) VALUES (?, ?)
		ON CONFLICT DO UPDATE SET serial = excluded.serial`, []byte(h.Name.Key()), h.Serial); err != nil {
		return store.Commit{}, err
	}
	return t.finish(p, h, prev)
}

func (p *planned) stampHead(h *head, revision skein.Revision) {
	if p.Serial != h.Serial || p.Delete || p.creates() {
		h.Published = revision
	}
	h.Revision, h.Serial, h.Changed = revision, p.Serial, p.Change.At
}

// finish writes what every change leaves: stamps, version, audit, position.
func (t *txn) finish(p *planned, h head, prev skein.Revision) (store.Commit, error) {
	for _, st := range p.stamps {
		if err := t.stamp(h.num, st); err != nil {
			return store.Commit{}, err
		}
	}
	digest := p.digest(t.pos.digest, h)
	if _, err := t.exec(`INSERT INTO version (revision, prev, before, zone, serial, at, digest, delta) VALUES (?,?,?,?,?,?,?,?)`,
		h.Revision, prev, p.before, h.num, h.Serial, nanos(p.Change.At), digest, p.delta); err != nil {
		return store.Commit{}, err
	}
	c := p.Change
	c.Revision, c.ZoneID, c.Zone, c.Serial, c.Added, c.Removed, c.Refused = h.Revision, h.ID, h.Name, h.Serial, p.added, p.removed, ""
	gone := sql.Null[string]{V: h.Origin, Valid: p.Delete}
	if err := t.audit(c, gone); err != nil {
		return store.Commit{}, err
	}
	t.pos.revision, t.pos.digest = h.Revision, digest
	return store.Commit{Revision: h.Revision, Zone: h.zone()}, nil
}

// digest chains this change to all before it. Change ids are unique, so two
// histories that part never have the same digest again.
func (p *planned) digest(before []byte, h head) []byte {
	b := append([]byte(nil), before...)
	b = binary.BigEndian.AppendUint64(b, uint64(h.Revision))
	b = binary.BigEndian.AppendUint32(b, h.Serial)
	b = binary.BigEndian.AppendUint64(b, uint64(nanos(p.Change.At)))
	b = append(append(append(b, h.ID...), p.Change.ID...), p.delta...)
	sum := sha256.Sum256(b)
	return sum[:digestSize]
}

// asStored returns t as it will be read back: UTC, without a monotonic clock.
func asStored(t time.Time) time.Time { return timeOf(nanos(t)) }

// nanos and timeOf keep the zero time zero.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func timeOf(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos).UTC()
}
