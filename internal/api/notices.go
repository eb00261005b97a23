package api

import (
	"context"
	"time"

	"github.com/skein-dns/skein"
)

func (s *server) noticeRoutes() {
	handle(s, route{id: "try-notices", method: "POST", path: "/notices/trial", tag: "Notices", timeout: 2 * time.Minute,
		summary: "Try where notices go", doc: "Sends a trial to every target at once, and says what became of it. For administrators.", refuses: []int{409}}, s.tryNotices)
}

func (s *server) tryNotices(ctx context.Context, _ *none) (*out[skein.NoticeTrialList], error) {
	trials, err := s.Control.TryNotices(ctx, actorOf(ctx))
	return &out[skein.NoticeTrialList]{skein.NoticeTrialList{Trials: notNil(trials)}}, err
}
