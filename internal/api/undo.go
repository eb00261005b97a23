package api

import (
	"context"
	"strconv"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

func (s *server) undoRoutes(tag string) {
	handle(s, route{id: "restore-zone", method: "POST", path: "/zones/{name}/restore", tag: tag, timeout: maxTransfer,
		summary: "Restore an old version", doc: "What the zone held at a revision, also of an earlier life of its name, becomes its contents again by a new change with a higher serial.", refuses: []int{404, 409, 412}}, s.restoreZone)
	handle(s, route{id: "undelete-zone", method: "POST", path: "/zones/{name}/undelete", tag: tag, status: 201, timeout: maxTransfer,
		summary: "Bring a deleted zone back", doc: "With what it held, to the source that it belonged to, under a higher serial. Refused if the name is taken.", refuses: []int{404, 409}}, s.undeleteZone)
	handle(s, route{id: "list-deleted-zones", method: "GET", path: "/zones:deleted", tag: tag,
		summary: "List deleted zones", doc: "Those that can be brought back, and until when: the newest deletion first, a part at a time; go on with `next` as `cursor`."}, s.listDeleted)
}

type restoreInput struct {
	ZoneInput
	ChangeInput
	Body skein.RestoreBody
}

func (s *server) restoreZone(ctx context.Context, in *restoreInput) (*ZoneOut[skein.ZoneResult], error) {
	name, expect, err := target(in.ZoneInput, in.ChangeInput)
	if err != nil {
		return nil, err
	}
	id := in.id()
	result, err := s.Control.RestoreZone(ctx, actorOf(ctx), control.RestoreZone{Name: name, To: in.Body.To, Expect: expect, ChangeID: id, DryRun: in.Body.DryRun})
	if err != nil {
		return nil, err
	}
	return resultOut(result, id, in.Body.DryRun), nil
}

type undeleteInput struct {
	ZoneInput
	IDInput
	WaitInput
	Body skein.UndeleteBody
}

func (s *server) undeleteZone(ctx context.Context, in *undeleteInput) (*createdOut, error) {
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	id := in.id()
	result, err := s.Control.UndeleteZone(ctx, actorOf(ctx), control.UndeleteZone{Name: name, ChangeID: id, DryRun: in.Body.DryRun})
	if err != nil {
		return nil, err
	}
	return created(name, resultOut(result, id, in.Body.DryRun), in.Body.DryRun), nil
}

type deletedInput struct {
	PageInput
	Contains string `query:"contains" maxLength:"255" doc:"part of the name"`
}

func (s *server) listDeleted(ctx context.Context, in *deletedInput) (*out[skein.DeletedList], error) {
	after, err := readCursor(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	before := uint64(0)
	if after[0] != "" {
		if before, err = strconv.ParseUint(after[0], 10, 63); err != nil || before == 0 {
			return nil, invalid("this cursor is not one of this list", "start without a cursor")
		}
	}
	zones, err := s.Control.Deleted(ctx, actorOf(ctx), skein.Revision(before), in.Contains, in.Limit)
	if err != nil {
		return nil, err
	}
	list := skein.DeletedList{Zones: notNil(zones)}
	if len(zones) >= in.Limit {
		list.Next = writeCursor(strconv.FormatUint(uint64(zones[len(zones)-1].Revision), 10))
	}
	return &out[skein.DeletedList]{list}, nil
}
