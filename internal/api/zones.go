package api

import (
	"context"
	"net/http"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

func (s *server) zoneRoutes() {
	const tag = "Zones"
	handle(s, route{id: "list-zones", method: "GET", path: "/zones", tag: tag,
		summary: "List zones", doc: "Zones in canonical order of their names, a part at a time: go on with `next` as `cursor`."}, s.listZones)
	handle(s, route{id: "create-zone", method: "POST", path: "/zones", tag: tag, status: 201, big: true,
		summary: "Create a zone", doc: "From zone file text or from records. Refused if the zone exists.", refuses: []int{409}}, s.createZone)
	handle(s, route{id: "check-zone", method: "POST", path: "/zones:check", tag: tag, big: true,
		summary: "Check contents", doc: "Says whether contents would be accepted, and what is wrong with them, line by line. Changes nothing."}, s.checkZone)
	handle(s, route{id: "get-zone", method: "GET", path: "/zones/{name}", tag: tag,
		summary: "Show a zone", doc: "What Skein knows of it, and where its newest revision has arrived. The contents are under `records` and `file`.", refuses: []int{404}}, s.getZone)
	handle(s, route{id: "put-zone", method: "PUT", path: "/zones/{name}", tag: tag, big: true,
		summary: "Replace or create a zone", doc: "The contents become exactly what is sent. With If-Match only if the zone is still at that revision.", refuses: []int{404, 409, 412}}, s.putZone)
	handle(s, route{id: "delete-zone", method: "DELETE", path: "/zones/{name}", tag: tag,
		summary: "Delete a zone", doc: "From Skein and from every member. Its history is kept, and its serial is remembered.", refuses: []int{404, 409, 412}}, s.deleteZone)
	handle(s, route{id: "get-receipt", method: "GET", path: "/zones/{name}/receipt", tag: tag,
		summary: "Show the receipt", doc: "Which members were told of a revision, the newest if none is named, and which were seen serving it or a later one.", refuses: []int{404}}, s.getReceipt)
	handle(s, route{id: "wait-zone", method: "GET", path: "/zones/{name}/wait", tag: tag, timeout: maxWait + time.Minute,
		summary: "Wait until members serve the zone", doc: "Answers when enough members were seen serving the revision or a later one. When the time is up, the problem document carries the receipt so far.", refuses: []int{404, 504}}, s.waitZone)
	handle(s, route{id: "lookup", method: "GET", path: "/lookup", tag: tag,
		summary: "Look a name up at each member", doc: "What each member of the pool of the zone that the name is in answers over DNS. Nobody else is asked.", refuses: []int{404}}, s.lookup)
	handle(s, route{id: "trace-zone", method: "GET", path: "/zones/{name}/trace", tag: tag,
		summary: "Follow the delegation of the zone", doc: "Goes from the root of the DNS down to the zone, as a resolver does that remembers nothing: whom each step refers to, what each nameserver answers, and what is wrong with the mend. For others than root's people addresses that are not public are not asked, but for members.", refuses: []int{404, 503}}, s.traceZone)
}

func (s *server) traceZone(ctx context.Context, in *ZoneInput) (*out[skein.Trace], error) {
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	found, err := s.Control.Trace(ctx, actorOf(ctx), name)
	found.Steps, found.Faults = notNil(found.Steps), notNil(found.Faults)
	return &out[skein.Trace]{found}, err
}

type lookupInput struct {
	Name string `query:"name" required:"true" maxLength:"1100" example:"www.example.com." doc:"Unicode or A-labels; the final dot may be missing"`
	Type string `query:"type" default:"A" maxLength:"32" doc:"mnemonic or TYPEn"`
}

func (s *server) lookup(ctx context.Context, in *lookupInput) (*out[skein.Lookup], error) {
	name, err := parseName(in.Name)
	if err != nil {
		return nil, err
	}
	of, err := zone.ParseType(in.Type)
	if err != nil {
		return nil, invalid(err.Error(), "give a type that records have, such as AAAA")
	}
	found, err := s.Control.Lookup(ctx, actorOf(ctx), name, of)
	found.Answers = notNil(found.Answers)
	return &out[skein.Lookup]{found}, err
}

// ZoneInput names the zone of a path.
type ZoneInput struct {
	Name string `path:"name" maxLength:"1100" example:"example.com." doc:"the zone's name, Unicode or A-labels; the final dot may be missing"`
}

func (in ZoneInput) zone() (zone.Name, error) { return parseName(in.Name) }

// absolute puts a name of a body right, as people write them; none stays none.
func absolute(name *zone.Name) (err error) {
	if *name != "" {
		*name, err = parseName(string(*name))
	}
	return err
}

func parseName(text string) (zone.Name, error) {
	name, err := zone.ParseName(text)
	if err != nil {
		return "", invalid(err.Error(), "give an absolute domain name such as example.com.")
	}
	return name, nil
}

type PageInput struct {
	Cursor string `query:"cursor" maxLength:"4000" doc:"next of the part before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type listInput struct {
	PageInput
	Skip     int    `query:"skip" minimum:"0" maximum:"100000000" doc:"zones to leave out first, to look into the midst of a long list"`
	Contains string `query:"contains" maxLength:"255" doc:"part of the name"`
	Owner    string `query:"owner" maxLength:"200" doc:"tenant"`
	Origin   string `query:"origin" maxLength:"200" doc:"source"`
	Pool     string `query:"pool" maxLength:"200" doc:"that serves them"`
	Member   string `query:"member" maxLength:"255" doc:"that is to have them"`
	State    string `query:"state" enum:"absent,pending,told,stale,differs,foreign,failed,behind" doc:"on that member, or on any; behind is all of the others. Of a member that catches up, those that it has come to."`
}

func (in *listInput) filter() skein.ZoneFilter {
	return skein.ZoneFilter{Owner: in.Owner, Origin: in.Origin, Pool: in.Pool, Member: in.Member, State: skein.ZoneState(in.State)}
}

func (s *server) listZones(ctx context.Context, in *listInput) (*out[skein.ZoneList], error) {
	after, err := readCursor(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	zones, err := s.Control.List(ctx, actorOf(ctx), control.Page{After: after[0], Contains: in.Contains, Of: in.filter(), Skip: in.Skip, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	list := skein.ZoneList{Zones: notNil(zones)}
	if len(zones) >= in.Limit {
		list.Next = writeCursor(string(zones[len(zones)-1].Name))
	}
	return &out[skein.ZoneList]{list}, nil
}

func (s *server) getZone(ctx context.Context, in *ZoneInput) (*ZoneOut[skein.ZoneDetail], error) {
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	z, err := s.Control.Zone(ctx, actorOf(ctx), name)
	if err != nil {
		return nil, err
	}
	receipt, err := s.Control.Receipt(ctx, actorOf(ctx), name, 0)
	if err != nil {
		return nil, err
	}
	detail := skein.ZoneDetail{Zone: z, Receipt: wholeReceipt(receipt)}
	if unicode := z.Name.Unicode(); unicode != string(z.Name) {
		detail.Unicode = unicode
	}
	return &ZoneOut[skein.ZoneDetail]{etag(z.Revision), detail}, nil
}

type createInput struct {
	IDInput
	WaitInput
	Body skein.CreateZone
}

// createdOut tells where the new zone is. (The framework does not find a Body
// in an embedded type.)
type createdOut struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Status   int
	Body     skein.ZoneResult
}

func (s *server) createZone(ctx context.Context, in *createInput) (*createdOut, error) {
	name, err := parseName(in.Body.Name)
	if err != nil {
		return nil, err
	}
	result, err := s.put(ctx, name, in.Body.ZoneContents, control.PutZone{CreateOnly: true, DryRun: in.Body.DryRun}, ChangeInput{IDInput: in.IDInput})
	if err != nil {
		return nil, err
	}
	return created(name, result, in.Body.DryRun), nil
}

func created(name zone.Name, result *ZoneOut[skein.ZoneResult], dryRun bool) *createdOut {
	answer := &createdOut{ETag: result.ETag, Body: result.Body, Status: http.StatusCreated, Location: prefix + "/zones/" + pathSegment(string(name))}
	if dryRun {
		answer.Location, answer.Status = "", http.StatusOK
	}
	return answer
}

type putInput struct {
	ZoneInput
	ChangeInput
	Body skein.PutZone
}

func (s *server) putZone(ctx context.Context, in *putInput) (*ZoneOut[skein.ZoneResult], error) {
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	return s.put(ctx, name, in.Body.ZoneContents, control.PutZone{DryRun: in.Body.DryRun}, in.ChangeInput)
}

// put is every way of putting in whole contents.
func (s *server) put(ctx context.Context, name zone.Name, contents skein.ZoneContents, p control.PutZone, change ChangeInput) (*ZoneOut[skein.ZoneResult], error) {
	expect, exists, err := change.expect()
	if err != nil {
		return nil, err
	}
	sets, warnings, err := s.read(name, contents)
	if err != nil {
		return nil, err
	}
	p.Name, p.Sets, p.Tolerant = name, sets, contents.Tolerant
	p.Expect, p.MustExist, p.ChangeID = expect, exists, change.id()
	result, err := s.Control.PutZone(ctx, actorOf(ctx), p)
	if err != nil {
		return nil, err
	}
	result.Warnings = append(warnings, result.Warnings...)
	return resultOut(result, p.ChangeID, p.DryRun), nil
}

func resultOut(r control.Result, changeID string, dryRun bool) *ZoneOut[skein.ZoneResult] {
	return &ZoneOut[skein.ZoneResult]{etag(r.Zone.Revision), skein.ZoneResult{
		Zone: r.Zone, Created: r.Created, Changed: r.Changed, DryRun: dryRun,
		Delta: skein.DeltaBodyOf(r.Delta), Warnings: r.Warnings, ChangeID: changeID,
	}}
}

type deleteInput struct {
	ZoneInput
	ChangeInput
}

func (s *server) deleteZone(ctx context.Context, in *deleteInput) (*ZoneOut[skein.ZoneResult], error) {
	name, expect, err := target(in.ZoneInput, in.ChangeInput)
	if err != nil {
		return nil, err
	}
	id := in.id()
	result, err := s.Control.DeleteZone(ctx, actorOf(ctx), control.DeleteZone{Name: name, Expect: expect, ChangeID: id})
	if err != nil {
		return nil, err
	}
	return resultOut(result, id, false), nil
}

type checkInput struct{ Body skein.CheckZone }

// checkZone answers 200 also for contents that are wrong: the question was answered.
func (s *server) checkZone(ctx context.Context, in *checkInput) (*out[skein.CheckResult], error) {
	name, err := parseName(in.Body.Name)
	if err != nil {
		return nil, err
	}
	sets, problems, err := s.read(name, in.Body.ZoneContents)
	if err == nil {
		var found []skein.Problem
		found, err = s.Control.Check(ctx, actorOf(ctx), name, sets, in.Body.Tolerant)
		problems = append(problems, found...)
	}
	answer := skein.CheckResult{OK: err == nil, Records: countRecords(sets)}
	if err != nil {
		if skein.KindOf(err) != skein.KindInvalid {
			return nil, err
		}
		problems = append(problems, problemOf(err, "").Problems...)
	}
	for _, p := range problems {
		answer.OK = answer.OK && p.Warning
	}
	answer.Problems = notNil(problems)
	return &out[skein.CheckResult]{answer}, nil
}

type receiptInput struct {
	ZoneInput
	Revision skein.Revision `query:"revision" doc:"of the change; the newest if missing"`
}

func (s *server) getReceipt(ctx context.Context, in *receiptInput) (*out[skein.Receipt], error) {
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	receipt, err := s.Control.Receipt(ctx, actorOf(ctx), name, in.Revision)
	return &out[skein.Receipt]{wholeReceipt(receipt)}, err
}

type waitInput struct {
	ZoneInput
	Revision skein.Revision `query:"revision" doc:"this one or a later one; the newest if missing"`
	For      string         `query:"for" default:"all" pattern:"^(all|majority|[0-9]{1,6})$" patternDescription:"all, majority or a number of members" doc:"all, majority or a number of members"`
	Timeout  string         `query:"timeout" default:"30s" maxLength:"20" example:"30s" doc:"at most 10m"`
}

func (s *server) waitZone(ctx context.Context, in *waitInput) (*out[skein.Receipt], error) {
	name, err := in.zone()
	if err != nil {
		return nil, err
	}
	limit, err := readTimeout(in.Timeout)
	if err != nil {
		return nil, err
	}
	receipt, err := s.waitFor(ctx, func(ctx context.Context) (skein.Receipt, error) {
		return s.Control.Wait(ctx, actorOf(ctx), name, in.Revision, in.For)
	}, limit)
	if skein.KindOf(err) == skein.KindTimeout {
		return nil, &lateError{err, wholeReceipt(receipt)}
	}
	return &out[skein.Receipt]{wholeReceipt(receipt)}, err
}

func wholeReceipt(r skein.Receipt) skein.Receipt {
	r.Members = notNil(r.Members)
	return r
}

// notNil makes the empty list of JSON out of no list.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
