package api

import (
	"context"

	"github.com/skein-dns/skein"
)

func (s *server) syncRoutes() {
	const tag = "Cluster"
	handle(s, route{id: "start-sync", method: "POST", path: "/sync", tag: tag, timeout: maxBulk,
		summary: "Synchronise zones", doc: "One zone or all, from members that are read into this cluster, and to members that are written. It goes on in the background, also over a restart; the same request again answers with the job that runs. With `dry_run` it answers with the plan.", refuses: []int{404, 409}}, s.startSync)
	handle(s, route{id: "list-syncs", method: "GET", path: "/sync", tag: tag,
		summary: "List jobs of synchronising", doc: "Those that run and the last ones that ended, the newest first."}, s.listSyncs)
	handle(s, route{id: "get-sync", method: "GET", path: "/sync/{id}", tag: tag,
		summary: "Show how far a job has come", refuses: []int{404}}, s.getSync)
	handle(s, route{id: "cancel-sync", method: "DELETE", path: "/sync/{id}", tag: tag,
		summary: "End a job", doc: "What it has done stays.", refuses: []int{404, 409}}, s.cancelSync)
}

type syncInput struct{ Body skein.SyncRequest }

func (s *server) startSync(ctx context.Context, in *syncInput) (*out[skein.SyncJob], error) {
	if err := absolute(&in.Body.Zone); err != nil {
		return nil, err
	}
	return syncOut(s.Control.Sync(ctx, actorOf(ctx), in.Body))
}

func (s *server) listSyncs(ctx context.Context, _ *none) (*out[skein.SyncList], error) {
	jobs, err := s.Control.SyncJobs(ctx, actorOf(ctx))
	return &out[skein.SyncList]{skein.SyncList{Jobs: notNil(jobs)}}, err
}

// SyncInput names the job of a path.
type SyncInput struct {
	ID string `path:"id" maxLength:"64" example:"3f9a"`
}

func (s *server) getSync(ctx context.Context, in *SyncInput) (*out[skein.SyncJob], error) {
	return syncOut(s.Control.SyncJob(ctx, actorOf(ctx), in.ID))
}

func (s *server) cancelSync(ctx context.Context, in *SyncInput) (*out[skein.SyncJob], error) {
	return syncOut(s.Control.CancelSync(ctx, actorOf(ctx), in.ID))
}

func syncOut(job skein.SyncJob, err error) (*out[skein.SyncJob], error) {
	return &out[skein.SyncJob]{job}, err
}
