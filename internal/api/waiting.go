package api

import (
	"context"
	"strconv"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

func (s *server) waitingRoutes() {
	const tag = "Waiting"
	handle(s, route{id: "list-waiting", method: "GET", path: "/waiting", tag: tag,
		summary: "List what waits for a person", doc: "Holds, conflicts between sources, and approvals, the oldest first, a part at a time: go on with `next` as `cursor`."}, s.listWaiting)
	handle(s, route{id: "get-waiting", method: "GET", path: "/waiting/{id}", tag: tag, timeout: maxTransfer,
		summary: "Show what waits", doc: "With both versions: what the zone holds, and what it would hold.", refuses: []int{404}}, s.getWaiting)
	handle(s, route{id: "release-waiting", method: "POST", path: "/waiting/{id}/release", tag: tag, timeout: maxTransfer,
		summary: "Let a change through", doc: "It is made as if it came now from whoever sent it. With If-Match only if no newer change has taken its place since it was looked at.", refuses: []int{404, 409, 412}}, s.releaseWaiting)
	handle(s, route{id: "discard-waiting", method: "DELETE", path: "/waiting/{id}", tag: tag, status: 204,
		summary: "Drop a change", doc: "The zone stays as it is. With If-Match only if no newer change has taken its place since it was looked at.", refuses: []int{404, 412}}, s.discardWaiting)
	handle(s, route{id: "release-all-waiting", method: "POST", path: "/waiting:release", tag: tag, timeout: maxBulk,
		summary: "Let many changes through", doc: "All that fit the filter. One that fails goes on waiting and does not hold up the others."}, s.releaseAll)
	handle(s, route{id: "discard-all-waiting", method: "POST", path: "/waiting:discard", tag: tag, timeout: maxBulk,
		summary: "Drop many changes", doc: "All that fit the filter."}, s.discardAll)
}

type waitingListInput struct {
	PageInput
	Kinds  []string `query:"kind,explode" enum:"hold,conflict,approval" doc:"only these kinds"`
	Zone   string   `query:"zone" maxLength:"1100" doc:"only of this zone"`
	Source string   `query:"source" maxLength:"200" doc:"only of this source"`
}

func waitingQuery(f skein.WaitingFilter) (control.WaitingQuery, error) {
	q := control.WaitingQuery{Kinds: f.Kinds, Source: f.Source}
	if f.Zone == "" {
		return q, nil
	}
	var err error
	q.Zone, err = parseName(f.Zone)
	return q, err
}

func (s *server) listWaiting(ctx context.Context, in *waitingListInput) (*out[skein.WaitingList], error) {
	q, err := waitingQuery(skein.WaitingFilter{Kinds: in.Kinds, Zone: in.Zone, Source: in.Source})
	if err != nil {
		return nil, err
	}
	after, err := readCursor(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	if after[0] != "" {
		if q.After, err = strconv.ParseInt(after[0], 10, 64); err != nil || q.After <= 0 {
			return nil, invalid("this cursor is not one of this list", "start without a cursor")
		}
	}
	q.Limit = in.Limit
	waiting, err := s.Control.Waiting(ctx, actorOf(ctx), q)
	if err != nil {
		return nil, err
	}
	list := skein.WaitingList{Waiting: notNil(waiting)}
	if len(waiting) >= in.Limit {
		list.Next = writeCursor(strconv.FormatInt(waiting[len(waiting)-1].ID, 10))
	}
	return &out[skein.WaitingList]{list}, nil
}

// WaitingInput names what waits.
type WaitingInput struct {
	ID int64 `path:"id" minimum:"1" example:"17" doc:"its number"`
}

// WaitingOut carries the ETag of what waits.
type WaitingOut struct {
	ETag string `header:"ETag" doc:"for If-Match"`
	Body skein.WaitingDetail
}

// waitingTag changes when a newer change takes the place of the older.
func waitingTag(w skein.Waiting) string {
	return strconv.Quote(strconv.FormatInt(w.At.UnixNano(), 36))
}

func (s *server) getWaiting(ctx context.Context, in *WaitingInput) (*WaitingOut, error) {
	w, err := s.Control.WaitingDetail(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	w.Now, w.Then = notNil(w.Now), notNil(w.Then)
	w.Delta.Added, w.Delta.Removed = notNil(w.Delta.Added), notNil(w.Delta.Removed)
	return &WaitingOut{ETag: waitingTag(w.Waiting), Body: w}, nil
}

// DecideInput is what is decided about, as it was looked at.
type DecideInput struct {
	WaitingInput
	IfMatch string `header:"If-Match" maxLength:"64" doc:"the ETag that was looked at: 412 if a newer change has taken its place"`
}

// decision refuses what has been replaced since it was looked at, and has
// control refuse what is replaced from now on.
func (s *server) decision(ctx context.Context, in *DecideInput) (d control.Decision, err error) {
	d.ID = in.ID
	if in.IfMatch == "" || in.IfMatch == "*" {
		return d, nil
	}
	w, err := s.Control.WaitingDetail(ctx, actorOf(ctx), in.ID)
	if err != nil || waitingTag(w.Waiting) == in.IfMatch {
		d.Seen = w.At
		return d, err
	}
	return d, &skein.Error{Kind: skein.KindConflict, Cause: skein.ErrChanged,
		What: "a newer change of " + w.Source + " has taken the place of number " + strconv.FormatInt(in.ID, 10), Mend: "look at it again, and decide anew"}
}

type releaseInput struct {
	DecideInput
	WaitInput
}

func (s *server) releaseWaiting(ctx context.Context, in *releaseInput) (*ZoneOut[skein.ZoneResult], error) {
	decision, err := s.decision(ctx, &in.DecideInput)
	if err != nil {
		return nil, err
	}
	result, err := s.Control.Release(ctx, actorOf(ctx), decision)
	if err != nil {
		return nil, err
	}
	return resultOut(result, "", false), nil
}

func (s *server) discardWaiting(ctx context.Context, in *DecideInput) (*none, error) {
	decision, err := s.decision(ctx, in)
	if err != nil {
		return nil, err
	}
	return &none{}, s.Control.Discard(ctx, actorOf(ctx), decision)
}

type waitingFilterInput struct{ Body skein.WaitingFilter }

func (s *server) releaseAll(ctx context.Context, in *waitingFilterInput) (*out[skein.WaitingResult], error) {
	return s.decideAll(ctx, in, s.Control.ReleaseAll)
}

func (s *server) discardAll(ctx context.Context, in *waitingFilterInput) (*out[skein.WaitingResult], error) {
	return s.decideAll(ctx, in, s.Control.DiscardAll)
}

// decideAll tells of each that failed what its own answer would have told.
func (s *server) decideAll(ctx context.Context, in *waitingFilterInput, decide func(context.Context, skein.Actor, control.WaitingQuery) (int, []control.NotReleased, error)) (*out[skein.WaitingResult], error) {
	q, err := waitingQuery(in.Body)
	if err != nil {
		return nil, err
	}
	done, left, err := decide(ctx, actorOf(ctx), q)
	if err != nil {
		return nil, err
	}
	result := skein.WaitingResult{Done: done}
	for _, l := range left {
		p := problemOf(l.Err, requestID(ctx))
		callOf(ctx).failed(s.Log, p, l.Err)
		result.Failed = append(result.Failed, skein.Problem{Name: string(l.Zone), Text: "number " + strconv.FormatInt(l.ID, 10) + ": " + p.Detail})
	}
	return &out[skein.WaitingResult]{result}, nil
}
