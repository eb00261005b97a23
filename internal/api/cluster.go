package api

import (
	"context"

	"github.com/skein-dns/skein"
)

func (s *server) clusterRoutes() {
	const tag = "Cluster"
	handle(s, route{id: "get-cluster", method: "GET", path: "/cluster", tag: tag,
		summary: "Show the cluster's settings", doc: "Whether clustering is enabled, since when and by whom; when a member that fails is disabled; who decides conflicts; whose zones are accepted."}, s.getCluster)
	handle(s, route{id: "edit-cluster", method: "PATCH", path: "/cluster", tag: tag,
		summary: "Change the cluster's settings", doc: "What is not sent stays.", refuses: []int{412}}, s.editCluster)
	handle(s, route{id: "enable-clustering", method: "POST", path: "/cluster/enable", tag: tag,
		summary: "Enable clustering", doc: "Members are told what has changed meanwhile."}, s.enableClustering)
	handle(s, route{id: "disable-clustering", method: "POST", path: "/cluster/disable", tag: tag,
		summary: "Disable clustering", doc: "Changes are accepted and kept, and no member is told. What members serve stays transferable as it is now, also over a restart."}, s.disableClustering)
}

// ClusterOut carries the version of the settings as ETag.
type ClusterOut struct {
	ETag string `header:"ETag" doc:"for If-Match"`
	Body skein.ClusterSettings
}

func clusterOut(settings skein.ClusterSettings, err error) (*ClusterOut, error) {
	settings.Trusted = notNil(settings.Trusted)
	return &ClusterOut{versionTag(settings.Version), settings}, err
}

func (s *server) getCluster(ctx context.Context, _ *none) (*ClusterOut, error) {
	return clusterOut(s.Control.ClusterSettings(ctx, actorOf(ctx)))
}

type editClusterInput struct {
	ExpectInput
	Body skein.EditCluster
}

func (s *server) editCluster(ctx context.Context, in *editClusterInput) (*ClusterOut, error) {
	expect, err := in.version()
	if err != nil {
		return nil, err
	}
	return clusterOut(s.Control.EditCluster(ctx, actorOf(ctx), in.Body, expect))
}

func (s *server) enableClustering(ctx context.Context, _ *none) (*ClusterOut, error) {
	return clusterOut(s.Control.SetClustering(ctx, actorOf(ctx), true))
}

func (s *server) disableClustering(ctx context.Context, _ *none) (*ClusterOut, error) {
	return clusterOut(s.Control.SetClustering(ctx, actorOf(ctx), false))
}
