package api

import (
	"context"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

func (s *server) recordRoutes() {
	const tag = "Records"
	handle(s, route{id: "list-records", method: "GET", path: "/zones/{name}/records", tag: tag,
		summary: "List records", doc: "The published RRsets in canonical order, a part at a time: go on with `next` as `cursor`. Whole big zones are better read as a file.", refuses: []int{404}}, s.listRecords)
	handle(s, route{id: "edit-records", method: "PATCH", path: "/zones/{name}/records", tag: tag,
		summary: "Edit records", doc: "Changes single RRsets, all of them or none.", refuses: []int{404, 409, 412}}, s.editRecords)
	handle(s, route{id: "export-zone", method: "GET", path: "/zones/{name}/file", tag: tag, answers: zoneFile, timeout: maxTransfer,
		summary: "Export a zone file", doc: "The published contents as RFC 1035 text.", refuses: []int{404}}, s.exportZone)
	handle(s, route{id: "import-zone", method: "PUT", path: "/zones/{name}/file", tag: tag, big: true, timeout: maxTransfer,
		summary: "Import a zone file", doc: "The contents become exactly those of the file; the zone is created if it is new. `$INCLUDE` is refused, `$GENERATE` supported.", refuses: []int{404, 409, 412}}, s.importZone)
}

type recordsInput struct {
	ZoneInput
	PageInput
	Contains string `query:"contains" maxLength:"255" doc:"part of the owner name"`
}

func (s *server) listRecords(ctx context.Context, in *recordsInput) (*ZoneOut[skein.RecordList], error) {
	z, contents, err := s.published(ctx, in.ZoneInput)
	if err != nil {
		return nil, err
	}
	after, err := readCursor(in.Cursor, 2)
	if err != nil {
		return nil, err
	}
	list := skein.RecordList{Zone: z}
	list.Records, list.Next = page(contents, after[0], after[1], in.Contains, in.Limit)
	if err := s.mark(ctx, z.Name, list.Records); err != nil {
		return nil, err
	}
	return &ZoneOut[skein.RecordList]{etag(z.Revision), list}, nil
}

// mark says of each set whose overlay it is.
func (s *server) mark(ctx context.Context, name zone.Name, records []skein.RecordSet) error {
	names := make([]zone.Name, 0, len(records))
	for _, r := range records {
		names = append(names, zone.Name(r.Name))
	}
	overlays, err := s.Control.OverlaysAt(ctx, actorOf(ctx), name, slices.Compact(names))
	if err != nil || len(overlays) == 0 {
		return err
	}
	type key struct{ name, of string }
	keyOf := func(name, of string) key { return key{zone.Name(name).Key(), of} }
	sources := make(map[key]string, len(overlays))
	for _, o := range overlays {
		sources[keyOf(o.Name, o.Type)] = o.Source
	}
	for i, r := range records {
		records[i].Source = sources[keyOf(r.Name, r.Type)]
	}
	return nil
}

// page returns up to limit sets after the set of a key and a type ("" from the start).
func page(c zone.Contents, key, after, contains string, limit int) (records []skein.RecordSet, next string) {
	records = []skein.RecordSet{}
	last := ""
	for node := range c.NodesFrom(key) {
		for _, set := range node.Sets {
			if node.Key == key && after != "" {
				if set.Type.String() == after {
					after = ""
				}
				continue
			}
			if !hasText(set.Name, contains) {
				continue
			}
			if len(records) == limit {
				return records, last
			}
			records = append(records, skein.RecordSetOf(set))
			last = writeCursor(node.Key, set.Type.String())
		}
	}
	return records, ""
}

type editInput struct {
	ZoneInput
	ChangeInput
	Body skein.EditBody
}

func (s *server) editRecords(ctx context.Context, in *editInput) (*ZoneOut[skein.ZoneResult], error) {
	name, expect, err := target(in.ZoneInput, in.ChangeInput)
	if err != nil {
		return nil, err
	}
	edits, err := readEdits(name, in.Body.Edits)
	if err != nil {
		return nil, err
	}
	id := in.id()
	result, err := s.Control.EditRecords(ctx, actorOf(ctx), control.EditRecords{
		Zone: name, Edits: edits, Tolerant: in.Body.Tolerant, Expect: expect, ChangeID: id, DryRun: in.Body.DryRun,
	})
	if err != nil {
		return nil, err
	}
	return resultOut(result, id, in.Body.DryRun), nil
}

// readEdits returns the edits in wire form, or all that is wrong with them.
func readEdits(origin zone.Name, edits []skein.RecordEdit) ([]control.Edit, error) {
	list := make([]control.Edit, 0, len(edits))
	var problems []skein.Problem
	for _, edit := range edits {
		e, err := readEdit(origin, edit)
		if err != nil {
			problems = append(problems, skein.Problem{Name: edit.Name, Text: err.Error()})
			continue
		}
		if e.KeepTTL = edit.TTL == nil; !e.KeepTTL {
			e.Set.TTL = *edit.TTL
		}
		list = append(list, e)
	}
	if problems != nil {
		return nil, &skein.Error{Kind: skein.KindInvalid, What: "the edits are not right, and nothing was changed", Mend: "mend those that are named", Problems: problems}
	}
	return list, nil
}

func readEdit(origin zone.Name, edit skein.RecordEdit) (control.Edit, error) {
	if edit.Op == skein.EditDelete && edit.Type == "" {
		name, err := zone.ParseName(edit.Name)
		if err == nil && len(edit.Data) > 0 {
			err = invalid("data without a type", "")
		}
		return control.Edit{Op: control.OpDelete, Set: zone.RRset{Name: name}}, err
	}
	set, err := skein.RecordSet{Name: edit.Name, Type: edit.Type, Data: edit.Data}.RRset(origin)
	if err == nil && edit.Op != skein.EditDelete && len(edit.Data) == 0 {
		err = invalid("there is no data", "delete the RRset if it is to go")
	}
	return control.Edit{Op: control.Op(edit.Op), Set: set}, err
}

func (s *server) exportZone(ctx context.Context, in *ZoneInput) (*fileOut, error) {
	z, contents, err := s.published(ctx, *in)
	if err != nil {
		return nil, err
	}
	return writeFile(z.Revision, contents), nil
}

type importInput struct {
	ZoneInput
	ChangeInput
	ContentType string `header:"Content-Type" hidden:"true"`
	Tolerant    bool   `query:"tolerant" doc:"normalise and warn where the strict profile of editors would refuse"`
	DryRun      bool   `query:"dry_run" doc:"check and say what would change, commit nothing"`
	RawBody     []byte `contentType:"text/dns"`
}

func (s *server) importZone(ctx context.Context, in *importInput) (*ZoneOut[skein.ZoneResult], error) {
	if err := takesText(in.ContentType); err != nil {
		return nil, err
	}
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	contents := skein.ZoneContents{File: string(in.RawBody), Tolerant: in.Tolerant}
	return s.put(ctx, name, contents, control.PutZone{DryRun: in.DryRun}, in.ChangeInput)
}

// published returns a zone and its contents as they are served.
func (s *server) published(ctx context.Context, in ZoneInput) (skein.Zone, zone.Contents, error) {
	name, err := in.zone()
	if err != nil {
		return skein.Zone{}, zone.Contents{}, err
	}
	z, contents, err := s.Control.Contents(ctx, actorOf(ctx), name)
	return z, contents.WithSerial(z.Serial), err
}
