package observed

import (
	"context"
	"fmt"
)

// Transfer is what was observed of the transfers of one zone of a source. What
// it says is the business of who saves it.
type Transfer struct {
	Source, Zone string
	Data         []byte // nil, when saved: it is forgotten
}

// LoadTransfers yields all that is kept.
func (f *File) LoadTransfers(ctx context.Context, yield func(Transfer)) error {
	rows, err := f.db.QueryContext(ctx, `SELECT source, zone, data FROM transfer`)
	if err != nil {
		return fmt.Errorf("loading what was observed of transfers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t Transfer
		if err := rows.Scan(&t.Source, &t.Zone, &t.Data); err != nil {
			return fmt.Errorf("loading what was observed of transfers: %w", err)
		}
		yield(t)
	}
	return rows.Err()
}

// SaveTransfers keeps many at once, or none of them.
func (f *File) SaveTransfers(ctx context.Context, all []Transfer) error {
	if err := f.saveTransfers(ctx, all); err != nil {
		return fmt.Errorf("saving what was observed of transfers: %w", err)
	}
	return nil
}

func (f *File) saveTransfers(ctx context.Context, all []Transfer) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	put, err := tx.PrepareContext(ctx, `INSERT INTO transfer (source, zone, data) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET data = excluded.data`)
	if err != nil {
		return err
	}
	forget, err := tx.PrepareContext(ctx, `DELETE FROM transfer WHERE source = ? AND zone = ?`)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.Data == nil {
			_, err = forget.ExecContext(ctx, t.Source, t.Zone)
		} else {
			_, err = put.ExecContext(ctx, t.Source, t.Zone, t.Data)
		}
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}
