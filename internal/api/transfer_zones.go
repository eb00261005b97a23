package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

func (s *server) transferZoneRoutes() {
	const tag = "Transfer zones"
	handle(s, route{id: "list-transfer-zones", method: "GET", path: "/transfer-zones", tag: tag,
		summary: "List transfer zones", doc: "The zones that sources ask to be transferred, a part at a time: go on with `next` as `cursor`."}, s.listTransferZones)
	handle(s, route{id: "add-transfer-zone", method: "POST", path: "/transfer-zones", tag: tag, status: 201,
		summary: "Transfer a zone in", doc: "From now on, from the primaries that are given or those of its source. 200 if the source asked for it already.", refuses: []int{404, 409}}, s.addTransferZone)
	handle(s, route{id: "get-transfer-zone", method: "GET", path: "/transfer-zones/{name}", tag: tag,
		summary: "Show a transfer zone", refuses: []int{404}}, s.getTransferZone)
	handle(s, route{id: "change-transfer-zone", method: "PUT", path: "/transfer-zones/{name}", tag: tag,
		summary: "Give a transfer zone other primaries", refuses: []int{404, 409}}, s.changeTransferZone)
	handle(s, route{id: "delete-transfer-zone", method: "DELETE", path: "/transfer-zones/{name}", tag: tag, status: 204,
		summary: "End the transfers of a zone", doc: "Its source does not list it any more, and the zone is deleted, as by its source.", refuses: []int{404, 409}}, s.deleteTransferZone)
}

type transferZonesInput struct {
	PageInput
	Source  string `query:"source" maxLength:"200" doc:"only those of this source"`
	Catalog string `query:"catalog" maxLength:"1100" doc:"only the members of this catalog of the source"`
}

func (s *server) listTransferZones(ctx context.Context, in *transferZonesInput) (*out[skein.TransferZoneList], error) {
	after, err := readCursor(in.Cursor, 2)
	if err != nil {
		return nil, err
	}
	q := control.TransferQuery{Source: in.Source, After: skein.TransferZone{Name: zone.Name(after[0]), Source: after[1]}, Limit: in.Limit}
	if in.Catalog != "" {
		if in.Source == "" {
			return nil, invalid("a catalog is one of a source", "give source too")
		}
		if q.Catalog, err = parseName(in.Catalog); err != nil {
			return nil, err
		}
	}
	zones, err := s.Control.TransferZones(ctx, actorOf(ctx), q)
	if err != nil {
		return nil, err
	}
	list := skein.TransferZoneList{Zones: notNil(zones)}
	if len(zones) >= in.Limit {
		last := zones[len(zones)-1]
		list.Next = writeCursor(string(last.Name), last.Source)
	}
	return &out[skein.TransferZoneList]{list}, nil
}

type newTransferZoneInput struct{ Body skein.NewTransferZone }

func newTransferZone(b skein.NewTransferZone) (skein.TransferZone, error) {
	name, err := parseName(b.Name)
	return skein.TransferZone{Name: name, Source: b.Source, Primaries: b.Primaries}, err
}

type transferZoneOut struct {
	Location string `header:"Location"`
	Status   int
	Body     skein.TransferZoneResult
}

func (s *server) addTransferZone(ctx context.Context, in *newTransferZoneInput) (*transferZoneOut, error) {
	z, err := newTransferZone(in.Body)
	if err != nil {
		return nil, err
	}
	created, err := s.Control.AddTransferZone(ctx, actorOf(ctx), z)
	if err != nil {
		return nil, err
	}
	answer := &transferZoneOut{Status: http.StatusOK, Body: skein.TransferZoneResult{Zone: z, Created: created}}
	if created {
		answer.Status, answer.Location = http.StatusCreated, prefix+"/transfer-zones/"+pathSegment(string(z.Name))
	}
	return answer, nil
}

func (s *server) getTransferZone(ctx context.Context, in *ZoneInput) (*out[skein.TransferZone], error) {
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	z, err := s.Control.TransferZone(ctx, actorOf(ctx), name)
	return &out[skein.TransferZone]{z}, err
}

type changeTransferZoneInput struct {
	ZoneInput
	Body skein.NewTransferZone
}

func (s *server) changeTransferZone(ctx context.Context, in *changeTransferZoneInput) (*out[skein.TransferZone], error) {
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	z, err := newTransferZone(in.Body)
	if err != nil {
		return nil, err
	}
	if !z.Name.Equal(name) {
		return nil, invalid("the zone in the path is "+strconv.Quote(string(name))+", the one that was sent "+strconv.Quote(string(z.Name)), "name the same one")
	}
	return &out[skein.TransferZone]{z}, s.Control.ChangeTransferZone(ctx, actorOf(ctx), z)
}

func (s *server) deleteTransferZone(ctx context.Context, in *ZoneInput) (*none, error) {
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	return &none{}, s.Control.DeleteTransferZone(ctx, actorOf(ctx), name)
}
