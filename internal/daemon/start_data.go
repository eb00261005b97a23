package daemon

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/internal/store/observed"
	"github.com/skein-dns/skein/internal/store/sqlite"
)

func (n *node) startData(context.Context) (func(context.Context) error, error) {
	release, err := lockData(n.Data)
	if err != nil {
		return nil, err
	}
	return func(context.Context) error { return release() }, nil
}

// startStore opens the truth, and beside it the file of what was observed.
func (n *node) startStore(ctx context.Context) (func(context.Context) error, error) {
	log := n.log.With("part", "store")
	var err error
	if n.store, err = sqlite.Open(ctx, filepath.Join(n.Data, "skein.db"), sqlite.Options{Log: log}); err != nil {
		return nil, err
	}
	if n.observed, err = observed.Open(ctx, filepath.Join(n.Data, "observed.db"), log); err != nil {
		return nil, errors.Join(err, n.store.Close())
	}
	return func(context.Context) error { return errors.Join(n.observed.Close(), n.store.Close()) }, nil
}

// startSecrets reads the key-encryption key. It is made only while nothing is
// sealed: a new key would open nothing old.
func (n *node) startSecrets(ctx context.Context) (_ func(context.Context) error, err error) {
	if n.KeyFile == "" {
		var given bool
		if n.sealer, given, err = secret.LoadCredential(os.Getenv("CREDENTIALS_DIRECTORY")); given || err != nil {
			n.keyFrom = "systemd credential " + secret.Credential
			return nil, err
		}
	}
	fresh, err := n.nothingSealed(ctx)
	if err != nil {
		return nil, err
	}
	n.keyFrom = n.keyFile()
	n.sealer, err = secret.Load(n.keyFrom, fresh)
	return nil, err
}

func (n *node) nothingSealed(ctx context.Context) (bool, error) {
	_, err := n.store.Setting(ctx, authoritySetting)
	if err == nil {
		return false, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	members, err := n.store.Members(ctx)
	return len(members) == 0, err
}

// purgePeriod is how often history that is older than Keep is dropped.
const purgePeriod = time.Hour

func (n *node) startPurge(ctx context.Context) (func(context.Context) error, error) {
	return n.background(ctx, "purging", func(ctx context.Context) error {
		tick := time.NewTicker(purgePeriod)
		defer tick.Stop()
		for {
			if err := n.store.Purge(ctx, n.control.PurgeBefore()); err != nil && ctx.Err() == nil {
				n.log.Error("purging history", "err", err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	}), nil
}
