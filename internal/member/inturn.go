package member

import (
	"context"
	"errors"
	"fmt"

	"github.com/skein-dns/skein/zone"
)

// InTurn is the Apply of a driver whose member takes one zone after the other:
// save brings a zone to what is published, remove takes it away.
func InTurn(ctx context.Context, driver string, steps []Step, save, remove func(context.Context, zone.Name) error, done func(i int, err error)) error {
	for i, step := range steps {
		var err error
		switch step.Action {
		case ActionAdd, ActionRetransfer:
			err = save(ctx, step.Zone)
		case ActionDelete:
			err = remove(ctx, step.Zone)
		default:
			err = fmt.Errorf("driver %s cannot %s", driver, step.Action)
		}
		if errors.Is(err, ErrAway) {
			return err
		}
		done(i, err)
	}
	return nil
}
