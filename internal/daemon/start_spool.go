package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/spool"
)

// spoolPeriod is how often the node looks into the spool of the hook on its own machine.
const spoolPeriod = 3 * time.Second

// startSpool delivers what the hook could not while the node was away.
func (n *node) startSpool(ctx context.Context) (func(context.Context) error, error) {
	queue, err := spool.Open(PleskSpool(n.Data))
	if err != nil {
		return nil, err
	}
	return n.background(ctx, "the spool", func(ctx context.Context) error {
		tick := time.NewTicker(spoolPeriod)
		defer tick.Stop()
		for {
			n.drain(ctx, queue)
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	}), nil
}

// drain delivers what is there, unless a hook is at it.
func (n *node) drain(ctx context.Context, queue *spool.Spool) {
	turn, err := queue.TryTurn()
	if err == nil {
		err = turn.Deliver(ctx, n.deliver)
		turn.Release()
	}
	if err != nil && !errors.Is(err, spool.ErrBusy) && ctx.Err() == nil {
		n.log.Error("delivering the Plesk spool", "err", err)
	}
}

func (n *node) deliver(ctx context.Context, push spool.Entry) error {
	report, err := n.plesk.Handle(ctx, localPlesk(), push.ID, push.Body)
	switch skein.KindOf(err) {
	case skein.KindInvalid, skein.KindForbidden, skein.KindConflict, skein.KindNotFound:
		return &spool.Refused{Report: []byte(err.Error() + "\n")}
	}
	if err != nil {
		return err
	}
	refused := false
	for _, task := range report.Tasks {
		n.log.Info("delivered from the Plesk spool", "command", task.Command, "subject", task.Subject, "outcome", task.Outcome, "text", task.Text)
		refused = refused || task.Outcome == "refused"
	}
	if !refused {
		return nil
	}
	text, err := json.MarshalIndent(report, "", "  ")
	return errors.Join(&spool.Refused{Report: text}, err)
}
