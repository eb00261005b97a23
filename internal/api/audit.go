package api

import (
	"context"
	"strconv"
	"time"

	"github.com/skein-dns/skein"
)

type auditInput struct {
	Cursor  string    `query:"cursor" maxLength:"4000" doc:"next of the part before"`
	Limit   int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Zone    string    `query:"zone" maxLength:"1100" doc:"only of this zone, across its lives"`
	Actor   string    `query:"actor" maxLength:"200" doc:"only of this user or token"`
	Tenant  string    `query:"tenant" maxLength:"200" doc:"only of the users, tokens and panels of this tenant"`
	Source  string    `query:"source" maxLength:"200" doc:"only in the name of this source"`
	Since   time.Time `query:"since" doc:"at this time or later"`
	Until   time.Time `query:"until" doc:"before this time"`
	Refused string    `query:"refused" enum:"true,false" doc:"only what was refused, or only what was done"`
	After   int64     `query:"after" minimum:"-1" doc:"what has come to the log since the entry of this number, the oldest first; -1: from its first. To go on, give the number of the last one"`
}

func (in *auditInput) query() (q skein.AuditQuery, err error) {
	q = skein.AuditQuery{Limit: in.Limit, Actor: in.Actor, Source: in.Source, Since: in.Since, Until: in.Until, After: in.After}
	if in.Zone != "" {
		if q.Zone, err = parseName(in.Zone); err != nil {
			return q, err
		}
	}
	if in.Tenant != "" {
		q.Tenants = []string{in.Tenant}
	}
	if in.Refused != "" {
		q.Refused = new(in.Refused == "true")
	}
	if in.After != 0 && in.Cursor != "" {
		return q, invalid("a cursor goes back in the log, and after goes on", "give one of the two")
	}
	after, err := readCursor(in.Cursor, 1)
	if err != nil || after[0] == "" {
		return q, err
	}
	if q.Before, err = strconv.ParseInt(after[0], 10, 64); err != nil || q.Before <= 0 {
		return q, invalid("this cursor is not one of this list", "start without a cursor")
	}
	return q, nil
}

func (s *server) listAudit(ctx context.Context, in *auditInput) (*out[skein.AuditList], error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	entries, err := s.Control.Audit(ctx, actorOf(ctx), q)
	if err != nil {
		return nil, err
	}
	list := skein.AuditList{Entries: notNil(entries)}
	if len(entries) >= in.Limit && in.After == 0 {
		list.Next = writeCursor(strconv.FormatInt(entries[len(entries)-1].Seq, 10))
	}
	return &out[skein.AuditList]{list}, nil
}

type auditDiffInput struct {
	Seq int64 `path:"seq" minimum:"1" example:"4711" doc:"number of the entry"`
}

func (s *server) auditDiff(ctx context.Context, in *auditDiffInput) (*out[skein.AuditDiff], error) {
	lines, err := s.Control.AuditDiff(ctx, actorOf(ctx), in.Seq)
	return &out[skein.AuditDiff]{skein.AuditDiff{Lines: notNil(lines)}}, err
}
