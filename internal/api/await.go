package api

import (
	"context"
	"time"

	"github.com/skein-dns/skein"
)

// maxWait bounds how long an answer waits for members.
const maxWait = 10 * time.Minute

// WaitInput says which members the answer to a change waits for. The change is
// made before that, and stays made whatever becomes of the waiting.
type WaitInput struct {
	Wait    string `query:"wait" pattern:"^(all|majority|[0-9]{1,6})$" patternDescription:"all, majority or a number of members" doc:"answer when so many members were seen serving the change: all, majority or a number; at once if missing"`
	Timeout string `query:"timeout" default:"30s" maxLength:"20" example:"30s" doc:"how long wait takes at most, up to 10m"`
}

func (in *WaitInput) awaits() (enough string, limit time.Duration, err error) {
	if in.Wait == "" {
		return "", 0, nil
	}
	limit, err = readTimeout(in.Timeout)
	return in.Wait, limit, err
}

func readTimeout(text string) (time.Duration, error) {
	limit, err := time.ParseDuration(text)
	if err != nil || limit < 0 || limit > maxWait {
		return 0, invalid("timeout is not a time up to 10m", "give it as 30s or 2m")
	}
	return limit, nil
}

// awaited reads what an operation's input says of waiting; "" for at once.
func awaited(in any) (enough string, limit time.Duration, err error) {
	if w, can := in.(interface {
		awaits() (string, time.Duration, error)
	}); can {
		return w.awaits()
	}
	return "", 0, nil
}

// await waits for members to serve the change that an answer tells of. What it
// comes to is a part of the answer, and never an error: the change is made.
func (s *server) await(ctx context.Context, answer any, enough string, limit time.Duration) {
	told, is := answer.(interface{ change() *skein.ZoneResult })
	if enough == "" || !is {
		return
	}
	result := told.change()
	if result == nil || result.DryRun || result.Zone.Name == "" {
		return
	}
	callOf(ctx).read() // what was sent needs no room any more
	receipt, err := s.waitFor(ctx, func(ctx context.Context) (skein.Receipt, error) {
		return s.Control.Wait(ctx, actorOf(ctx), result.Zone.Name, result.Zone.Revision, enough)
	}, limit)
	if err != nil {
		result.Late = problemOf(err, "").Detail
	}
	if receipt.Zone != "" {
		result.Receipt = new(wholeReceipt(receipt))
	}
}

// waitFor gives a wait its place and its time.
func (s *server) waitFor(ctx context.Context, wait func(context.Context) (skein.Receipt, error), limit time.Duration) (skein.Receipt, error) {
	leave, err := s.limits.waits.take("waits")
	if err != nil {
		return skein.Receipt{}, err
	}
	defer leave()
	ctx, stop := s.untilStopping(ctx)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return wait(ctx)
}

func (o *ZoneOut[T]) change() *skein.ZoneResult {
	result, _ := any(&o.Body).(*skein.ZoneResult)
	return result
}

func (o *createdOut) change() *skein.ZoneResult { return &o.Body }
