package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/skein-dns/skein"
)

const (
	heartbeat  = 15 * time.Second // so that proxies keep the connection, and the dead are noticed
	streamTime = 10 * time.Second // to take one event
	maxMissed  = 1000             // entries of the audit log that are looked back at after a break
)

type eventsInput struct {
	LastEventID string `header:"Last-Event-ID" maxLength:"20" doc:"revision of the last event that was seen"`
}

type streamOut struct {
	ContentType string `header:"Content-Type"`
	Body        func(huma.Context)
}

func (s *server) events(ctx context.Context, in *eventsInput) (*streamOut, error) {
	leave, err := s.limits.streams.take("event streams")
	if err != nil {
		return nil, err
	}
	live, stop := s.Control.Subscribe() // before looking back, so that nothing falls between
	missed, err := s.missed(ctx, in.LastEventID)
	if err != nil {
		stop()
		leave()
		return nil, err
	}
	actor := actorOf(ctx)
	return &streamOut{"text/event-stream", func(hc huma.Context) {
		defer func() { stop(); leave() }()
		r, w := humago.Unwrap(hc)
		ctx, cancel := s.untilStopping(r.Context())
		defer cancel()
		out := &stream{w: w, control: http.NewResponseController(w), shows: func(e skein.Event) bool { return s.Control.Hears(ctx, actor, e) }}
		out.follow(ctx, missed, live)
	}}, nil
}

// untilStopping returns a context that also ends when the server goes down.
func (s *server) untilStopping(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.Stopping, cancel)
	return ctx, func() { stop(); cancel() }
}

// missed returns the changes after a revision as events, oldest first. What
// members did meanwhile is not in the audit log: the stream tells it best
// effort. Where the log does not reach back, or may not be read, a notice says so.
func (s *server) missed(ctx context.Context, lastID string) ([]skein.Event, error) {
	after, err := strconv.ParseUint(lastID, 10, 64)
	if err != nil {
		return nil, nil // none given, or not ours: start from now
	}
	lost := skein.Event{At: s.Now(), Kind: "notice", State: skein.EventsLost, Text: "what happened meanwhile is not told: look at the state anew"}
	if !actorOf(ctx).Admin {
		return []skein.Event{lost}, nil
	}
	entries, err := s.Control.Audit(ctx, actorOf(ctx), skein.AuditQuery{Limit: maxMissed})
	if err != nil {
		return nil, err
	}
	var events []skein.Event
	for _, e := range entries {
		if e.Revision == 0 { // a refusal, or a change of members
			continue
		}
		if e.Revision <= skein.Revision(after) {
			slices.Reverse(events)
			return events, nil
		}
		events = append(events, skein.Event{Revision: e.Revision, At: e.At, Kind: "zone", Zone: e.Zone, State: stateAfter(e.Action)})
	}
	if len(entries) < maxMissed && after == 0 {
		slices.Reverse(events)
		return events, nil
	}
	return []skein.Event{lost}, nil
}

// stateAfter is what an event says of a zone that an action of the audit log was about.
func stateAfter(action string) string {
	switch action {
	case "zone.create", "zone.undelete":
		return skein.ZoneCreated
	case "zone.delete":
		return skein.ZoneDeleted
	}
	return skein.ZoneChanged
}

// stream writes server-sent events.
type stream struct {
	w       io.Writer
	control *http.ResponseController
	shows   func(skein.Event) bool
}

// follow writes until the reader, the source or the server goes away.
func (o *stream) follow(ctx context.Context, missed []skein.Event, live <-chan skein.Event) {
	if o.write(": skein\n\n") != nil {
		return
	}
	for _, e := range missed {
		if o.event(e) != nil {
			return
		}
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			err = o.write(": alive\n\n")
		case e, ok := <-live:
			if !ok {
				return
			}
			if o.shows(e) {
				err = o.event(e)
			}
		}
		if err != nil {
			return
		}
	}
}

func (o *stream) event(e skein.Event) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	id := ""
	if e.Revision > 0 {
		id = fmt.Sprintf("id: %d\n", e.Revision)
	}
	return o.write(fmt.Sprintf("%sevent: %s\ndata: %s\n\n", id, e.Kind, data))
}

// write gives a reader so long for what is written, and no time at all
// between: over HTTP/2 a deadline that passes ends a stream that is idle.
func (o *stream) write(text string) error {
	_ = o.control.SetWriteDeadline(time.Now().Add(streamTime))
	defer func() { _ = o.control.SetWriteDeadline(time.Time{}) }()
	if _, err := io.WriteString(o.w, text); err != nil {
		return err
	}
	return o.control.Flush()
}
