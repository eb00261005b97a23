package observed

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/skein-dns/skein/zone"
)

// Given returns digests of what a member was given last of zones; nil of one
// that it was not given, or that was taken from it.
func (f *File) Given(ctx context.Context, member string, zones []zone.Name) ([][]byte, error) {
	digests := make([][]byte, len(zones))
	for i, name := range zones {
		err := f.db.QueryRowContext(ctx, `SELECT digest FROM given WHERE member = ? AND zone = ?`, member, string(name.Canonical())).Scan(&digests[i])
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("looking for what %s was given: %w", member, err)
		}
	}
	return digests, nil
}

// Give keeps digests for Given, all or none; nil takes a zone away.
func (f *File) Give(ctx context.Context, member string, zones []zone.Name, digests [][]byte) error {
	if err := f.give(ctx, member, zones, digests); err != nil {
		return fmt.Errorf("keeping what %s was given: %w", member, err)
	}
	return nil
}

func (f *File) give(ctx context.Context, member string, zones []zone.Name, digests [][]byte) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for i, name := range zones {
		if digests[i] == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM given WHERE member = ? AND zone = ?`, member, string(name.Canonical()))
		} else {
			_, err = tx.ExecContext(ctx, `INSERT INTO given (member, zone, digest) VALUES (?, ?, ?)
				ON CONFLICT DO UPDATE SET digest = excluded.digest`, member, string(name.Canonical()), digests[i])
		}
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}
