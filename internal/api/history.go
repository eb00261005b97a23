package api

import (
	"context"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// maxTransfer is for what moves whole zones.
const maxTransfer = 10 * time.Minute

func (s *server) historyRoutes() {
	const tag = "History"
	handle(s, route{id: "zone-history", method: "GET", path: "/zones/{name}/history", tag: tag,
		summary: "Show a zone's history", doc: "Its newest changes, newest first, across its lives: who, through which door, when, how much.", refuses: []int{404}}, s.zoneHistory)
	handle(s, route{id: "get-version", method: "GET", path: "/zones/{name}/versions/{revision}", tag: tag, answers: zoneFile, timeout: maxTransfer,
		summary: "Show an old version", doc: "The contents as they were at a revision of the zone's history, as zone file text.", refuses: []int{404}}, s.getVersion)
	handle(s, route{id: "diff-zone", method: "GET", path: "/zones/{name}/diff", tag: tag, timeout: maxTransfer,
		summary: "Compare versions", doc: "Between two revisions of the history, or with `member` from what is published to what that member really serves.", refuses: []int{404, 503}}, s.diffZone)
	handle(s, route{id: "diff-zone-file", method: "POST", path: "/zones/{name}/diff", tag: tag, big: true, timeout: maxTransfer,
		summary: "Compare with a zone file", doc: "What would change if the file were imported.", refuses: []int{404}}, s.diffZoneFile)
	s.undoRoutes(tag)
	handle(s, route{id: "list-audit", method: "GET", path: "/audit", tag: tag,
		summary: "Read the audit log", doc: "Changes and refusals, newest first: those that all the parameters fit that are given."}, s.listAudit)
	handle(s, route{id: "audit-diff", method: "GET", path: "/audit/{seq}/diff", tag: tag,
		summary: "Show what a change did", doc: "A line each: `- ` what was, `+ ` what came. Of what was refused it is what was to change.", refuses: []int{404}}, s.auditDiff)
}

type historyInput struct {
	ZoneInput
	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *server) zoneHistory(ctx context.Context, in *historyInput) (*out[skein.ChangeList], error) {
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	changes, err := s.Control.History(ctx, actorOf(ctx), name, in.Limit)
	return &out[skein.ChangeList]{skein.ChangeList{Changes: notNil(changes)}}, err
}

type versionInput struct {
	ZoneInput
	Revision skein.Revision `path:"revision" example:"17"`
}

func (s *server) getVersion(ctx context.Context, in *versionInput) (*fileOut, error) {
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	contents, err := s.Control.ContentsAt(ctx, actorOf(ctx), name, in.Revision)
	if err != nil {
		return nil, err
	}
	return writeFile(in.Revision, contents), nil
}

type diffInput struct {
	ZoneInput
	From   skein.Revision `query:"from" doc:"revision to compare from; the newest if missing"`
	To     skein.Revision `query:"to" doc:"revision to compare to; the newest if missing"`
	Member string         `query:"member" maxLength:"253" doc:"compare what is published with what this member serves"`
}

func (s *server) diffZone(ctx context.Context, in *diffInput) (*out[skein.DeltaBody], error) {
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	var from, to zone.Contents
	switch {
	case in.Member != "" && (in.From != 0 || in.To != 0):
		return nil, invalid("member cannot be combined with from or to", "compare one thing at a time")
	case in.Member != "":
		if _, from, err = s.published(ctx, in.ZoneInput); err == nil {
			to, err = s.Control.Served(ctx, actorOf(ctx), in.Member, name)
		}
	case in.From == 0 && in.To == 0:
		return nil, invalid("nothing to compare with was given", "give from, to or member, or POST a zone file")
	default:
		if from, err = s.version(ctx, name, in.From); err == nil {
			to, err = s.version(ctx, name, in.To)
		}
	}
	if err != nil {
		return nil, err
	}
	return &out[skein.DeltaBody]{skein.DeltaBodyOf(zone.Diff(from, to))}, nil
}

// version returns the authored contents at a revision, 0 for the newest.
func (s *server) version(ctx context.Context, name zone.Name, at skein.Revision) (zone.Contents, error) {
	if at != 0 {
		return s.Control.ContentsAt(ctx, actorOf(ctx), name, at)
	}
	_, contents, err := s.Control.Contents(ctx, actorOf(ctx), name)
	return contents, err
}

type diffFileInput struct {
	ZoneInput
	ContentType string `header:"Content-Type" hidden:"true"`
	RawBody     []byte `contentType:"text/dns"`
}

// diffZoneFile leaves a serial that differs out, as an import would.
func (s *server) diffZoneFile(ctx context.Context, in *diffFileInput) (*out[skein.DeltaBody], error) {
	if err := takesText(in.ContentType); err != nil {
		return nil, err
	}
	z, from, err := s.published(ctx, in.ZoneInput)
	if err != nil {
		return nil, err
	}
	sets, _, err := s.readFile(from.Origin(), string(in.RawBody))
	if err != nil {
		return nil, err
	}
	to, err := zone.NewContents(from.Origin(), sets)
	if err != nil {
		return nil, skein.InvalidZone(from.Origin(), err)
	}
	return &out[skein.DeltaBody]{skein.DeltaBodyOf(zone.Diff(from, to.WithSerial(z.Serial)))}, nil
}

// hasText reports whether a name contains the text, in any case.
func hasText(n zone.Name, text string) bool {
	return text == "" || strings.Contains(string(n.Canonical()), strings.ToLower(text))
}
