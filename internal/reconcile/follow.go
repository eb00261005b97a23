package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

const (
	feedPage = 512
	// freshPage is up to how many entries that come at once are single
	// changes; more is bulk and lets single changes overtake.
	freshPage = 64
	// feedPoll: hints may get lost, asking is the truth.
	feedPoll = time.Second
)

// follow reads the feed and marks what changed in every worker.
func (l *Loop) follow(ctx context.Context) {
	hints, stop := l.cfg.Feed.Wake()
	defer stop()
	var cursor store.Cursor
	poll := time.NewTicker(feedPoll)
	defer poll.Stop()
	for ctx.Err() == nil {
		entries, next, err := l.cfg.Feed.Entries(ctx, cursor, feedPage)
		switch {
		case errors.Is(err, store.ErrCursor):
			l.cfg.Log.Warn("the store went back: looking at all zones on all members again")
			cursor = ""
			l.rewound()
			continue
		case err != nil && ctx.Err() == nil:
			l.cfg.Log.Error("reading the feed failed; it is tried again", "error", err)
		case err == nil:
			cursor = next
			l.mark(entries, cursor, len(entries) < feedPage)
			if len(entries) == feedPage {
				continue
			}
		}
		select {
		case <-ctx.Done():
		case <-hints:
		case <-poll.C:
		}
	}
}

// mark tells all workers what changed. end: there is no more for now.
func (l *Loop) mark(entries []store.Entry, cursor store.Cursor, end bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	changes := make([]change, len(entries))
	for i, e := range entries {
		created, from := l.census.learn(e.Zone)
		changes[i] = change{Entry: e, created: created, from: from}
		l.head = max(l.head, e.Revision)
	}
	if l.started { // before, each worker reads the feed from its own place
		for _, c := range changes {
			l.events.send(eventOf(c.Entry, c.created))
		}
		for _, w := range l.members {
			w.mark(changes, cursor)
		}
	}
	if end && !l.started {
		l.started = true
		for _, w := range l.members {
			w.scan.wake()
		}
	}
}

// rewound starts everything over: revisions do not mean what they meant.
func (l *Loop) rewound() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.census.clear()
	l.head, l.started = 0, false
	for _, w := range l.members {
		w.resync()
	}
}

// place tells how far the feed was followed; ok once that is the end.
func (l *Loop) place() (head skein.Revision, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head, l.started
}

// eventOf tells of a change, before any member has heard of it.
func eventOf(e store.Entry, created bool) skein.Event {
	state := skein.ZoneChanged
	switch {
	case e.Zone.Deleted:
		state = skein.ZoneDeleted
	case created:
		state = skein.ZoneCreated
	}
	return skein.Event{Revision: e.Revision, At: e.Zone.Changed, Kind: "zone", Zone: e.Zone.Name.Canonical(), State: state}
}

func wantedOf(e store.Entry) Wanted {
	return Wanted{Zone: e.Zone.Name.Canonical(), Revision: e.Revision, Serial: e.Zone.Serial, Deleted: e.Zone.Deleted, Pool: e.Zone.Pool}
}
