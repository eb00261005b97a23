package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// storeSource stores a source and hands it to the intake. If that refuses, the
// source stays what it was. c.sources is held.
func (c *Control) storeSource(ctx context.Context, before *store.SourceRow, s skein.Source, secrets skein.SourceSecrets) error {
	plain, err := json.Marshal(secrets)
	if err != nil {
		return err
	}
	sealed, err := c.Sealer.Seal(sourcePurpose(s.Name), plain)
	if err != nil {
		return err
	}
	defer c.unknown()
	if err := c.Store.PutSource(ctx, store.SourceRow{Source: s, Sealed: sealed}, before == nil); err != nil {
		return err
	}
	if c.Intake == nil {
		return nil
	}
	failure := c.Intake.SetSource(s, secrets)
	if failure == nil {
		return nil
	}
	if undo := context.WithoutCancel(ctx); before == nil {
		err = c.Store.DeleteSource(undo, s.Name)
	} else {
		err = c.Store.PutSource(undo, *before, false)
	}
	if err != nil {
		c.Log.Error("taking back the change of a source", "source", s.Name, "err", err)
	}
	return &skein.Error{Kind: skein.KindInvalid, Cause: failure,
		What: fmt.Sprintf("source %s cannot be set up so", s.Name), Mend: "correct its settings"}
}

// ensureSource makes the row of a source that a token names, or that comes with
// a tenant, if there is none.
func (c *Control) ensureSource(ctx context.Context, s skein.Source) error {
	if s.Name == "" || s.Name == auth.Administrators || s.Name == auth.Reverse {
		return nil
	}
	c.sources.Lock()
	defer c.sources.Unlock()
	k, err := c.known(ctx)
	if _, there := k.Sources[s.Name]; there || err != nil {
		return err
	}
	s.Created = c.Now().UTC()
	err = c.storeSource(ctx, nil, s, skein.SourceSecrets{})
	if errors.Is(err, store.ErrExists) { // another node was faster
		return nil
	}
	return err
}

// openSource returns a source's secrets.
func (c *Control) openSource(row store.SourceRow) (s skein.SourceSecrets, err error) {
	if len(row.Sealed) == 0 {
		return s, nil
	}
	plain, err := c.Sealer.Open(sourcePurpose(row.Source.Name), row.Sealed)
	if err != nil {
		return s, err
	}
	if json.Unmarshal(plain, &s) != nil { // its error would quote what it read
		return s, fmt.Errorf("the secrets of source %s are not what was stored", row.Source.Name)
	}
	return s, nil
}

// sourcePurpose binds sealed secrets to the source, so that they cannot be exchanged.
func sourcePurpose(source string) string { return "source " + source }
