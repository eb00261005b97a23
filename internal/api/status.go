package api

import (
	"context"

	"github.com/skein-dns/skein"
)

func (s *server) statusRoutes() {
	const tag = "Status"
	handle(s, route{id: "get-status", method: "GET", path: "/status", tag: tag,
		summary: "Show the state at a glance", doc: "Version, newest revision, number of zones, members, and who you are."}, s.getStatus)
	handle(s, route{id: "get-health", method: "GET", path: "/health", tag: tag, public: true,
		summary: "Give a sign of life", doc: "Needs no token."}, s.getHealth)
	handle(s, route{id: "events", method: "GET", path: "/events", tag: tag, answers: "text/event-stream",
		summary: "Follow events", doc: "Server-sent events: changes of zones, their states on members, states of members, notices. Who is no administrator hears of its own zones only. With Last-Event-ID (a revision) the changes after it come first. Where events are left out, for a slow reader or a long break, a notice `lost` says so.", refuses: []int{503}}, s.events)
}

func (s *server) getStatus(ctx context.Context, _ *none) (*out[skein.Status], error) {
	actor := actorOf(ctx)
	status, err := s.Control.Status(ctx, actor)
	if err != nil {
		return nil, err
	}
	status.Version, status.You, status.Admin = s.Version, actor, actor.Admin
	status.Members = wholeMembers(status.Members)
	status.Counts = map[string]int{}
	for _, m := range status.Members {
		status.Counts[string(m.State)]++
	}
	return &out[skein.Status]{status}, nil
}

func (s *server) getHealth(context.Context, *none) (*out[skein.Health], error) {
	return &out[skein.Health]{skein.Health{Status: "ok", Version: s.Version}}, nil
}
