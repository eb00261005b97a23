package control

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// What follows is named for those who build on it, and comes next.

func unready() error {
	return &skein.Error{Kind: skein.KindUnavailable, What: "this is not built yet", Mend: "wait for it"}
}

func (c *Control) RemoveSource(ctx context.Context, actor skein.Actor, in RemoveSource) (skein.SourceRemoval, error) {
	return skein.SourceRemoval{}, unready()
}

func (c *Control) RevertSource(ctx context.Context, actor skein.Actor, in RevertSource) (skein.Revert, error) {
	return skein.Revert{}, unready()
}

func (c *Control) TakeOver(ctx context.Context, actor skein.Actor, in TakeOver) (Result, error) {
	return Result{}, unready()
}

func (c *Control) Overlays(ctx context.Context, actor skein.Actor, name zone.Name) ([]skein.Overlay, error) {
	return nil, unready()
}

func (c *Control) EndOverlay(ctx context.Context, actor skein.Actor, in EndOverlay) (Result, error) {
	return Result{}, unready()
}

func (c *Control) Waiting(ctx context.Context, actor skein.Actor, q WaitingQuery) ([]skein.Waiting, error) {
	return nil, unready()
}

func (c *Control) WaitingDetail(ctx context.Context, actor skein.Actor, id int64) (skein.WaitingDetail, error) {
	return skein.WaitingDetail{}, unready()
}

func (c *Control) Release(ctx context.Context, actor skein.Actor, id int64) (Result, error) {
	return Result{}, unready()
}

func (c *Control) Discard(ctx context.Context, actor skein.Actor, id int64) error { return unready() }

func (c *Control) ReleaseAll(ctx context.Context, actor skein.Actor, q WaitingQuery) (int, []NotReleased, error) {
	return 0, nil, unready()
}

func (c *Control) DiscardAll(ctx context.Context, actor skein.Actor, q WaitingQuery) (int, []NotReleased, error) {
	return 0, nil, unready()
}

func (c *Control) DeleteTransferZone(ctx context.Context, actor skein.Actor, name zone.Name) error {
	return unready()
}

func (c *Control) Sources(ctx context.Context, actor skein.Actor) ([]skein.Source, error) {
	return nil, unready()
}

func (c *Control) Source(ctx context.Context, actor skein.Actor, name string) (skein.Source, error) {
	return skein.Source{}, unready()
}

func (c *Control) AddSource(ctx context.Context, actor skein.Actor, in NewSource) (skein.Source, error) {
	return skein.Source{}, unready()
}

func (c *Control) EditSource(ctx context.Context, actor skein.Actor, in NewSource) (skein.Source, error) {
	return skein.Source{}, unready()
}

func (c *Control) Rules(ctx context.Context, actor skein.Actor) ([]skein.SourceRule, error) {
	return nil, unready()
}

func (c *Control) PutRule(ctx context.Context, actor skein.Actor, r skein.SourceRule) error {
	return unready()
}

func (c *Control) DeleteRule(ctx context.Context, actor skein.Actor, r skein.SourceRule) error {
	return unready()
}

func (c *Control) AddTransferZone(ctx context.Context, actor skein.Actor, z skein.TransferZone) (created bool, err error) {
	return false, unready()
}

// AddTransferZones is AddTransferZone for many of one source, such as the members of a catalog.
func (c *Control) AddTransferZones(ctx context.Context, actor skein.Actor, zones []skein.TransferZone) (created int, err error) {
	return 0, unready()
}

func (c *Control) ChangeTransferZone(ctx context.Context, actor skein.Actor, z skein.TransferZone) error {
	return unready()
}

func (c *Control) TransferZone(ctx context.Context, actor skein.Actor, name zone.Name) (skein.TransferZone, error) {
	return skein.TransferZone{}, unready()
}

func (c *Control) TransferZones(ctx context.Context, actor skein.Actor, q TransferQuery) ([]skein.TransferZone, error) {
	return nil, unready()
}

// Heard notes that a source said something just now.
func (c *Control) Heard(source string) {}

// Admit says whether an actor may come in at all: from where it comes, and whether its source is paused.
func (c *Control) Admit(ctx context.Context, actor skein.Actor) error { return nil }
