package api

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

func (s *server) templateRoutes() {
	const tag = "Templates"
	handle(s, route{id: "list-templates", method: "GET", path: "/templates", tag: tag,
		summary: "List templates", doc: "Those that come with Skein, root's, your own, and those of tenants below you."}, s.listTemplates)
	handle(s, route{id: "get-template", method: "GET", path: "/templates/{name}", tag: tag,
		summary: "Show a template", doc: "That of `tenant`, or else the one of this name that your zones are made from.", refuses: []int{404}}, s.getTemplate)
	handle(s, route{id: "put-template", method: "PUT", path: "/templates/{name}", tag: tag,
		summary: "Make or change a template", doc: "It is a zone file with variables such as `%domain%`. Zones are made of it for examples, by the rules of editors; what is wrong in them is named with its line in the template, and the template is not taken.", refuses: []int{404, 409, 412}}, s.putTemplate)
	handle(s, route{id: "delete-template", method: "DELETE", path: "/templates/{name}", tag: tag, status: 204,
		summary: "Delete a template", doc: "Zones that were made from it stay as they are. One that comes with Skein is in force again where this took its place.", refuses: []int{404, 409, 412}}, s.deleteTemplate)
	handle(s, route{id: "check-template", method: "POST", path: "/templates:check", tag: tag,
		summary: "Check a template", doc: "Says whether a template would be taken, and what is wrong with it, line by line. Changes nothing."}, s.checkTemplate)
	handle(s, route{id: "create-zone-from-template", method: "POST", path: "/zones:template", tag: tag, status: 201,
		summary: "Create a zone from a template", doc: "A template of the owner's reseller wins over root's, and that over one that comes with Skein. The pool's nameserver set gives nameservers and their addresses. Refused if the zone exists.", refuses: []int{404, 409}}, s.createFromTemplate)
	handle(s, route{id: "reset-zone", method: "POST", path: "/zones/{name}/reset", tag: tag,
		summary: "Reset a zone", doc: "It becomes what a template makes of it, with its own addresses if no others are given. Its valid TXT records stay.", refuses: []int{404, 409, 412}}, s.resetZone)
	handle(s, route{id: "service-domains", method: "POST", path: "/zones:services", tag: tag, timeout: maxTransfer,
		summary: "Add or remove service domains", doc: "The names of a hosting panel's services (`webmail`, `cpanel`, …), in one zone or in many, a part at a time: go on with `next` as `cursor`. What somebody else has put at such a name stays.", refuses: []int{404, 409}}, s.serviceDomains)
}

func (s *server) listTemplates(ctx context.Context, _ *none) (*out[skein.TemplateList], error) {
	list, err := s.Control.Templates(ctx, actorOf(ctx))
	return &out[skein.TemplateList]{skein.TemplateList{Templates: notNil(list)}}, err
}

// TemplateInput names the template of a path.
type TemplateInput struct {
	Name string `path:"name" maxLength:"200" example:"standard"`
}

// TemplateTenantInput says whose it is.
type TemplateTenantInput struct {
	TemplateInput
	Tenant string `query:"tenant" maxLength:"200" doc:"whose template"`
}

func (s *server) getTemplate(ctx context.Context, in *TemplateTenantInput) (*VersionOut[skein.Template], error) {
	return templateOut(s.Control.Template(ctx, actorOf(ctx), in.Tenant, in.Name))
}

func templateOut(t skein.Template, err error) (*VersionOut[skein.Template], error) {
	return versionOut(t, t.Version, err)
}

type putTemplateInput struct {
	TemplateInput
	ExpectInput
	Body skein.PutTemplate
}

func (s *server) putTemplate(ctx context.Context, in *putTemplateInput) (*VersionOut[skein.Template], error) {
	expect, err := in.version()
	if err != nil {
		return nil, err
	}
	return templateOut(s.Control.PutTemplate(ctx, actorOf(ctx), control.PutTemplate{Name: in.Name, Tenant: in.Body.Tenant, Text: in.Body.Text, Expect: expect}))
}

type deleteTemplateInput struct {
	TemplateTenantInput
	ExpectInput
}

func (s *server) deleteTemplate(ctx context.Context, in *deleteTemplateInput) (*none, error) {
	expect, err := in.version()
	if err != nil {
		return nil, err
	}
	return &none{}, s.Control.DeleteTemplate(ctx, actorOf(ctx), in.Tenant, in.Name, expect)
}

type checkTemplateInput struct{ Body skein.CheckTemplate }

func (s *server) checkTemplate(ctx context.Context, in *checkTemplateInput) (*out[skein.TemplateCheck], error) {
	problems, err := s.Control.CheckTemplate(ctx, actorOf(ctx), in.Body.Text)
	answer := skein.TemplateCheck{OK: true, Problems: notNil(problems)}
	for _, p := range problems {
		answer.OK = answer.OK && p.Warning
	}
	return &out[skein.TemplateCheck]{answer}, err
}

type templateZoneInput struct {
	IDInput
	WaitInput
	Body skein.TemplateZone
}

func (s *server) createFromTemplate(ctx context.Context, in *templateZoneInput) (*createdOut, error) {
	name, err := parseName(in.Body.Name)
	if err != nil {
		return nil, err
	}
	b, id := in.Body, in.id()
	result, err := s.Control.CreateFromTemplate(ctx, actorOf(ctx), control.TemplateZone{
		Zone: name, Template: b.Template, IPv4: b.IPv4, IPv6: b.IPv6, Values: b.Values, Owner: b.Owner, DryRun: b.DryRun, ChangeID: id})
	if err != nil {
		return nil, err
	}
	return created(name, resultOut(result, id, b.DryRun), b.DryRun), nil
}

type resetInput struct {
	ZoneInput
	ChangeInput
	Body skein.ResetZone
}

func (s *server) resetZone(ctx context.Context, in *resetInput) (*ZoneOut[skein.ZoneResult], error) {
	name, expect, err := target(in.ZoneInput, in.ChangeInput)
	if err != nil {
		return nil, err
	}
	b, id := in.Body, in.id()
	result, err := s.Control.ResetZone(ctx, actorOf(ctx), control.ResetZone{
		Zone: name, Template: b.Template, IPv4: b.IPv4, IPv6: b.IPv6, Values: b.Values, Expect: expect, DryRun: b.DryRun, ChangeID: id})
	if err != nil {
		return nil, err
	}
	return resultOut(result, id, b.DryRun), nil
}

type servicesInput struct{ Body skein.ServiceDomains }

func (s *server) serviceDomains(ctx context.Context, in *servicesInput) (*out[skein.ServiceDomainsResult], error) {
	b := in.Body
	after, err := readCursor(b.Cursor, 1)
	if err != nil {
		return nil, err
	}
	ask := control.ServiceDomains{Add: b.Action == "add", Tenant: b.Tenant, Subdomain: b.Subdomain, Replace: b.Replace, ForceAutodiscover: b.ForceAutodiscover,
		IfEnabled: b.IfEnabled, DryRun: b.DryRun, After: zone.Name(after[0]), Limit: b.Limit}
	for to, name := range map[*zone.Name]zone.Name{&ask.Domain: b.Domain, &ask.OldHost: b.OldHost} {
		*to = name
		if err := absolute(to); err != nil {
			return nil, err
		}
	}
	part, err := s.Control.ServiceDomains(ctx, actorOf(ctx), ask)
	if err != nil {
		return nil, err
	}
	answer := skein.ServiceDomainsResult{Zones: []skein.ServiceDomainsZone{}}
	for _, z := range part.Zones {
		one := skein.ServiceDomainsZone{Zone: z.Zone.Name, Changed: z.Changed, Delta: skein.DeltaBodyOf(z.Delta), Warnings: z.Warnings}
		if z.Err != nil {
			one.Refused = problemOf(z.Err, "").Detail
		}
		answer.Zones = append(answer.Zones, one)
	}
	if part.Next != "" {
		answer.Next = writeCursor(string(part.Next))
	}
	return &out[skein.ServiceDomainsResult]{answer}, nil
}
