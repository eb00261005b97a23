package sqlite

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// Text implements store.Zones.
func (s *Store) Text(ctx context.Context, id skein.ZoneID) (text []byte, at skein.Revision, err error) {
	err = s.read(ctx, "reading the text of a zone", func(r reader) error {
		var data []byte
		found, err := r.row(`SELECT text.revision, data FROM text JOIN zone ON zone.num = text.zone WHERE zone.id = ?`, []any{id}, &at, &data)
		if err == nil && !found {
			err = notFound("there is no text of this zone")
		}
		if err != nil {
			return err
		}
		text, err = unpack(data)
		return err
	})
	return text, at, err
}

// keepText stores the text that a zone's contents came with, or drops that of
// the contents before.
func (t *txn) keepText(zoneNum int64, at skein.Revision, packed []byte, d zone.Delta) (err error) {
	switch {
	case packed != nil:
		_, err = t.exec(`INSERT INTO text (zone, revision, data) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET revision = excluded.revision, data = excluded.data`, zoneNum, at, packed)
	case !d.IsZero():
		_, err = t.exec(`DELETE FROM text WHERE zone = ?`, zoneNum)
	}
	return err
}
