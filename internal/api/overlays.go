package api

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

func (s *server) ownershipRoutes() {
	const tag = "Ownership"
	handle(s, route{id: "take-over-zone", method: "POST", path: "/zones/{name}/takeover", tag: tag, timeout: maxTransfer,
		summary: "Give a zone to another source", doc: "From now on it belongs to that one. If a version of that source waits, it becomes the zone in the same change.", refuses: []int{404, 409, 412}}, s.takeOver)
	handle(s, route{id: "assign-zone", method: "POST", path: "/zones/{name}/assign", tag: tag,
		summary: "Hand a zone over to another tenant", doc: "With its history; from now on it is that one's affair.", refuses: []int{404, 409, 412}}, s.assignZone)
	handle(s, route{id: "list-overlays", method: "GET", path: "/zones/{name}/overlays", tag: tag,
		summary: "List overlays", doc: "The RRsets that are not of the zone's origin, and what it has beneath them. They survive what the origin sends.", refuses: []int{404}}, s.listOverlays)
	handle(s, route{id: "drop-overlay", method: "DELETE", path: "/zones/{name}/overlays/{owner}/{type}", tag: tag,
		summary: "Drop an overlay", doc: "What the origin has beneath is in service again.", refuses: []int{404, 409, 412}}, s.dropOverlay)
	handle(s, route{id: "adopt-overlay", method: "POST", path: "/zones/{name}/overlays/{owner}/{type}/adopt", tag: tag,
		summary: "Adopt an overlay", doc: "It becomes the origin's own: what the origin sends next may replace it.", refuses: []int{404, 409, 412}}, s.adoptOverlay)
}

type takeoverInput struct {
	ZoneInput
	ChangeInput
	Body skein.TakeoverBody
}

func (s *server) takeOver(ctx context.Context, in *takeoverInput) (*ZoneOut[skein.ZoneResult], error) {
	name, expect, err := target(in.ZoneInput, in.ChangeInput)
	if err != nil {
		return nil, err
	}
	id := in.id()
	result, err := s.Control.TakeOver(ctx, actorOf(ctx), control.TakeOver{Name: name, To: in.Body.To, Expect: expect, ChangeID: id, DryRun: in.Body.DryRun})
	if err != nil {
		return nil, err
	}
	return resultOut(result, id, in.Body.DryRun), nil
}

type assignInput struct {
	ZoneInput
	ChangeInput
	Body skein.AssignZone
}

func (s *server) assignZone(ctx context.Context, in *assignInput) (*ZoneOut[skein.ZoneResult], error) {
	name, expect, err := target(in.ZoneInput, in.ChangeInput)
	if err != nil {
		return nil, err
	}
	id := in.id()
	result, err := s.Control.SetOwner(ctx, actorOf(ctx), control.SetOwner{Name: name, Tenant: in.Body.Tenant, Expect: expect, ChangeID: id, DryRun: in.Body.DryRun})
	if err != nil {
		return nil, err
	}
	return resultOut(result, id, in.Body.DryRun), nil
}

func (s *server) listOverlays(ctx context.Context, in *ZoneInput) (*out[skein.OverlayList], error) {
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	overlays, err := s.Control.OverlaysAt(ctx, actorOf(ctx), name, nil)
	return &out[skein.OverlayList]{skein.OverlayList{Overlays: notNil(overlays)}}, err
}

type overlayInput struct {
	ZoneInput
	ChangeInput
	Owner  string `path:"owner" maxLength:"1100" example:"_acme-challenge.example.com." doc:"owner name, absolute"`
	Type   string `path:"type" maxLength:"32" example:"TXT"`
	DryRun bool   `query:"dry_run" doc:"say what would change, commit nothing"`
}

func (s *server) dropOverlay(ctx context.Context, in *overlayInput) (*ZoneOut[skein.ZoneResult], error) {
	return s.endOverlay(ctx, in, false)
}

func (s *server) adoptOverlay(ctx context.Context, in *overlayInput) (*ZoneOut[skein.ZoneResult], error) {
	return s.endOverlay(ctx, in, true)
}

func (s *server) endOverlay(ctx context.Context, in *overlayInput, adopt bool) (*ZoneOut[skein.ZoneResult], error) {
	name, expect, err := target(in.ZoneInput, in.ChangeInput)
	if err != nil {
		return nil, err
	}
	end := control.EndOverlay{Zone: name, Adopt: adopt, Expect: expect, ChangeID: in.id(), DryRun: in.DryRun}
	if end.Name, err = parseName(in.Owner); err != nil {
		return nil, err
	}
	if end.Type, err = zone.ParseType(in.Type); err != nil {
		return nil, invalid(err.Error(), "give a type such as TXT")
	}
	result, err := s.Control.EndOverlay(ctx, actorOf(ctx), end)
	if err != nil {
		return nil, err
	}
	return resultOut(result, end.ChangeID, in.DryRun), nil
}
