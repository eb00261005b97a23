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
		said := ""
		for {
			err := n.drain(ctx, queue)
			switch {
			case err == nil:
				said = ""
			case ctx.Err() == nil && err.Error() != said: // once, not at every look
				said = err.Error()
				n.log.Error("the Plesk spool is not delivered; trying on", "err", err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	}), nil
}

// drain delivers what is there, unless a hook is at it.
func (n *node) drain(ctx context.Context, queue *spool.Spool) error {
	turn, err := queue.TryTurn()
	if errors.Is(err, spool.ErrBusy) {
		return nil
	}
	if err != nil {
		return err
	}
	defer turn.Release()
	return turn.Deliver(ctx, func(ctx context.Context, push spool.Entry) error {
		return SpoolVerdict(n.plesk.Handle(ctx, localPlesk(), push.ID, push.Body))
	})
}

// SpoolVerdict says what is to become of a push that was handed to the Plesk
// door: nil, it is done; *spool.Refused, put it aside with the report, since
// no retry will mend it; else keep it, and try again before any later one.
func SpoolVerdict(report skein.DoorReport, err error) error {
	// Only this kind is about the push. A token that is not known, or an address
	// where there is no Skein, is for an administrator to set right.
	if skein.KindOf(err) == skein.KindInvalid {
		return &spool.Refused{Report: []byte(err.Error() + "\n")}
	}
	if err != nil {
		return err
	}
	for _, task := range report.Tasks {
		if task.Outcome == "refused" {
			text, err := json.MarshalIndent(report, "", "  ")
			return errors.Join(&spool.Refused{Report: append(text, '\n')}, err)
		}
	}
	return nil
}
