package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

// maxBulk is for what changes many zones in one call.
const maxBulk = 30 * time.Minute

func (s *server) sourceRoutes() {
	const tag = "Sources"
	handle(s, route{id: "list-sources", method: "GET", path: "/sources", tag: tag,
		summary: "List sources", doc: "Every server, panel, program or person that zones come from, with what was observed of it."}, s.listSources)
	handle(s, route{id: "add-source", method: "POST", path: "/sources", tag: tag, status: 201,
		summary: "Add a source", doc: "Refused if there is one of that name. What it signs with goes in here and never comes out again.", refuses: []int{409}}, s.addSource)
	handle(s, route{id: "get-source", method: "GET", path: "/sources/{name}", tag: tag,
		summary: "Show a source", refuses: []int{404}}, s.getSource)
	handle(s, route{id: "edit-source", method: "PUT", path: "/sources/{name}", tag: tag,
		summary: "Change a source", doc: "It becomes what is sent, but for its door, which stays; keys that are not sent stay too. With If-Match only if it is still as it was read.", refuses: []int{404, 409, 412}}, s.editSource)
	handle(s, route{id: "remove-source", method: "DELETE", path: "/sources/{name}", tag: tag, timeout: maxBulk,
		summary: "Remove a source", doc: "With its tokens, rules and overlays, and what waits of it. `zones` says what becomes of its zones; `dry_run` shows first what would go.", refuses: []int{404, 409}}, s.removeSource)
	handle(s, route{id: "revert-source", method: "POST", path: "/sources/{name}/revert", tag: tag, timeout: maxBulk,
		summary: "Undo what a source changed", doc: "Each zone that it changed since a time becomes what it was before; those that others have changed since are listed and left alone. `dry_run` gives the plan, whose `id` carries it out, and goes on with it if it was interrupted.", refuses: []int{404}}, s.revertSource)
	handle(s, route{id: "list-source-rules", method: "GET", path: "/source-rules", tag: tag,
		summary: "List standing rules", doc: "What one source may do with the zones of another without a person."}, s.listSourceRules)
	handle(s, route{id: "put-source-rule", method: "PUT", path: "/source-rules/{kind}/{from}/{to}", tag: tag, status: 204,
		summary: "Make a standing rule", doc: "takeover: what `to` saves or deletes of zones of `from` becomes its own. overlay: `to` may put RRsets of its own into them.", refuses: []int{404}}, s.putSourceRule)
	handle(s, route{id: "delete-source-rule", method: "DELETE", path: "/source-rules/{kind}/{from}/{to}", tag: tag, status: 204,
		summary: "End a standing rule", refuses: []int{404}}, s.deleteSourceRule)
}

// SourceInput names the source of a path.
type SourceInput struct {
	Name string `path:"name" maxLength:"200" example:"plesk-1"`
}

func (s *server) listSources(ctx context.Context, _ *none) (*out[skein.SourceList], error) {
	sources, err := s.Control.Sources(ctx, actorOf(ctx))
	list := make([]skein.Source, len(sources))
	for i, source := range sources {
		list[i] = wholeSource(source)
	}
	return &out[skein.SourceList]{skein.SourceList{Sources: list}}, err
}

// SourceOut carries a source's ETag.
type SourceOut struct {
	ETag string `header:"ETag" doc:"for If-Match"`
	Body skein.Source
}

func sourceOut(source skein.Source, err error) (*SourceOut, error) {
	if err != nil {
		return nil, err
	}
	return &SourceOut{ETag: sourceTag(source), Body: wholeSource(source)}, nil
}

// sourceTag changes with all of a source but what is observed of it.
func sourceTag(source skein.Source) string {
	source.Status = nil
	text, _ := json.Marshal(source) // wire types marshal
	sum := sha256.Sum256(text)
	return strconv.Quote(base64.RawURLEncoding.EncodeToString(sum[:12]))
}

func wholeSource(source skein.Source) skein.Source {
	if source.Transfer != nil {
		setup := *source.Transfer
		setup.Primaries = notNil(setup.Primaries)
		source.Transfer = &setup
	}
	return source
}

func (s *server) getSource(ctx context.Context, in *SourceInput) (*SourceOut, error) {
	return sourceOut(s.Control.Source(ctx, actorOf(ctx), in.Name))
}

type newSourceInput struct{ Body skein.NewSource }

func newSource(b skein.NewSource) control.NewSource {
	n := control.NewSource{Source: skein.Source{
		Name: b.Name, Door: b.Door, Networks: b.Networks, Silence: b.Silence, Paused: b.Paused, Mode: b.Mode, Transfer: b.Transfer,
	}}
	if b.Secrets != nil {
		n.Secrets = *b.Secrets
	}
	return n
}

func (s *server) addSource(ctx context.Context, in *newSourceInput) (*SourceOut, error) {
	return sourceOut(s.Control.AddSource(ctx, actorOf(ctx), newSource(in.Body)))
}

type editSourceInput struct {
	SourceInput
	IfMatch string `header:"If-Match" maxLength:"64" doc:"the ETag that the source must have: 412 if it has changed"`
	Body    skein.NewSource
}

// editSource lets one edit through at a time, so that what If-Match says
// still holds when it is made.
func (s *server) editSource(ctx context.Context, in *editSourceInput) (*SourceOut, error) {
	if in.Body.Name != in.Name {
		return nil, invalid("the source in the path is "+strconv.Quote(in.Name)+", the one that was sent "+strconv.Quote(in.Body.Name), "a source keeps its name: add another, and hand its zones over")
	}
	s.sources.Lock()
	defer s.sources.Unlock()
	if in.IfMatch != "" && in.IfMatch != "*" {
		now, err := s.Control.Source(ctx, actorOf(ctx), in.Name)
		if err != nil {
			return nil, err
		}
		if sourceTag(now) != in.IfMatch {
			return nil, &skein.Error{Kind: skein.KindConflict, Cause: skein.ErrChanged,
				What: "the source " + in.Name + " has been changed meanwhile", Mend: "read it again and repeat the change"}
		}
	}
	return sourceOut(s.Control.EditSource(ctx, actorOf(ctx), newSource(in.Body)))
}

type removeSourceInput struct {
	SourceInput
	Zones  string `query:"zones" enum:"keep,hand-over,recycle" doc:"what becomes of its zones: they stay without it, go to another source, or are deleted and can be brought back; may be missing if it has none"`
	To     string `query:"to" maxLength:"200" doc:"who gets them, with hand-over"`
	DryRun bool   `query:"dry_run" doc:"say what would go, remove nothing"`
}

func (s *server) removeSource(ctx context.Context, in *removeSourceInput) (*out[skein.SourceRemoval], error) {
	removal, err := s.Control.RemoveSource(ctx, actorOf(ctx), control.RemoveSource{Name: in.Name, Zones: in.Zones, To: in.To, DryRun: in.DryRun})
	return &out[skein.SourceRemoval]{removal}, err
}

type revertInput struct {
	SourceInput
	Body skein.RevertBody
}

func (s *server) revertSource(ctx context.Context, in *revertInput) (*out[skein.Revert], error) {
	revert, err := s.Control.RevertSource(ctx, actorOf(ctx), control.RevertSource{Name: in.Name, Since: in.Body.Since, ID: in.Body.ID, DryRun: in.Body.DryRun})
	revert.Steps = notNil(revert.Steps)
	return &out[skein.Revert]{revert}, err
}

func (s *server) listSourceRules(ctx context.Context, _ *none) (*out[skein.RuleList], error) {
	rules, err := s.Control.Rules(ctx, actorOf(ctx))
	return &out[skein.RuleList]{skein.RuleList{Rules: notNil(rules)}}, err
}

type ruleInput struct {
	Kind string `path:"kind" enum:"takeover,overlay"`
	From string `path:"from" maxLength:"200" example:"plesk-1" doc:"the source that the zones belong to"`
	To   string `path:"to" maxLength:"200" example:"plesk-2" doc:"the source that may"`
}

func (s *server) putSourceRule(ctx context.Context, in *ruleInput) (*none, error) {
	return &none{}, s.Control.PutRule(ctx, actorOf(ctx), skein.SourceRule{Kind: in.Kind, From: in.From, To: in.To})
}

func (s *server) deleteSourceRule(ctx context.Context, in *ruleInput) (*none, error) {
	return &none{}, s.Control.DeleteRule(ctx, actorOf(ctx), skein.SourceRule{Kind: in.Kind, From: in.From, To: in.To})
}
