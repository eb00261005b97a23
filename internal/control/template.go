package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/internal/template"
	"github.com/skein-dns/skein/zone"
)

// The actions of the audit log that are about templates.
const (
	templatePut    = "template.put"
	templateDelete = "template.delete"
)

const (
	maxTemplates    = 1000 // of a tenant
	maxTemplateName = 63   // octets
)

// Templates returns the templates that zones of the actor's tenants are made
// from, and those of others that are its affair, by name and tenant.
func (c *Control) Templates(ctx context.Context, actor skein.Actor) ([]skein.Template, error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return nil, err
	}
	var tenants []string // nil: all
	if !k.Whole(actor) {
		tenants = append(above(k, k.TenantOf(actor)), k.Tenancy(actor)...)
	}
	list, err := c.Store.Templates(ctx, tenants)
	for _, name := range template.Builtins() {
		if !slices.ContainsFunc(list, func(t skein.Template) bool { return t.Name == name && t.Tenant == skein.RootTenant }) {
			list = append(list, builtin(name))
		}
	}
	slices.SortFunc(list, func(a, b skein.Template) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Tenant, b.Tenant))
	})
	return list, err
}

// Template returns a template of a tenant, or for "" the one of that name that
// zones of the actor's tenant are made from.
func (c *Control) Template(ctx context.Context, actor skein.Actor, tenant, name string) (skein.Template, error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return skein.Template{}, err
	}
	mine := k.TenantOf(actor)
	if tenant == "" {
		return c.templateFor(ctx, k, mine, name)
	}
	if !k.Reaches(actor, tenant) && !slices.Contains(above(k, mine), tenant) {
		return skein.Template{}, noTemplate(name)
	}
	return c.templateOf(ctx, tenant, name)
}

// above returns a tenant and those above it, up to root.
func above(k auth.Known, tenant string) (names []string) {
	for tenant != "" && tenant != skein.RootTenant && len(names) < 2 { // a customer, its reseller
		names = append(names, tenant)
		tenant = k.Tenants[tenant].Parent
	}
	return append(names, skein.RootTenant)
}

// templateFor returns the template that zones of a tenant are made from: its
// own, else that of the tenant above, else one that comes with Skein.
func (c *Control) templateFor(ctx context.Context, k auth.Known, tenant, name string) (skein.Template, error) {
	for _, tenant := range above(k, tenant) {
		t, err := c.templateOf(ctx, tenant, name)
		if !errors.Is(err, store.ErrNotFound) {
			return t, err
		}
	}
	return skein.Template{}, noTemplate(name)
}

// templateOf returns a tenant's template; what comes with Skein is root's, too.
func (c *Control) templateOf(ctx context.Context, tenant, name string) (skein.Template, error) {
	t, err := c.Store.Template(ctx, tenant, name)
	if !errors.Is(err, store.ErrNotFound) {
		return t, err
	}
	if t = builtin(name); tenant != skein.RootTenant || !t.Builtin {
		return skein.Template{}, noTemplate(name)
	}
	return t, nil
}

// builtin returns a template that comes with Skein; Builtin is not set if none
// has the name.
func builtin(name string) skein.Template {
	text, there := template.Builtin(name)
	return skein.Template{Name: name, Text: text, Builtin: there}
}

func noTemplate(name string) error {
	return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
		What: fmt.Sprintf("there is no template %.100q", name), Mend: "skein template list shows those that there are"}
}

// PutTemplate makes a template, or changes one. It is taken only if it makes
// right zones of examples.
func (c *Control) PutTemplate(ctx context.Context, actor skein.Actor, in PutTemplate) (t skein.Template, err error) {
	change := c.aside(actor, templatePut, in.Name)
	defer func() { err = c.recordedChange(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitSources)
	if err != nil {
		return t, err
	}
	if in.Tenant, err = templateTenant(k, actor, in.Tenant); err != nil {
		return t, err
	}
	if err := checkTemplateName(in.Name); err != nil {
		return t, err
	}
	warnings, err := template.Check(in.Text)
	if err != nil {
		e := skein.InvalidZone("", err)
		e.What, e.Mend = fmt.Sprintf("the template %s is not right, and was not taken", in.Name), "mend the lines that are named"
		return t, e
	}
	c.access.Lock()
	defer c.access.Unlock()
	before, err := c.Store.Template(ctx, in.Tenant, in.Name)
	fresh := errors.Is(err, store.ErrNotFound)
	if err != nil && !fresh {
		return t, err
	}
	if err := expectedVersion("template "+in.Name, before.Version, in.Expect); err != nil {
		return before, err
	}
	t = skein.Template{Name: in.Name, Tenant: in.Tenant, Text: in.Text, Changed: c.Now().UTC(), Version: before.Version + 1}
	if !fresh && t.Text == before.Text {
		before.Warnings = skein.ProblemsOf(warnings)
		return before, errSame
	}
	if err := c.roomForTemplate(ctx, in.Tenant, fresh); err != nil {
		return skein.Template{}, err
	}
	change.Diff = lineDifference(before.Text, t.Text)
	err = c.Store.PutTemplate(ctx, t, fresh)
	t.Warnings = skein.ProblemsOf(warnings)
	return t, err
}

func (c *Control) roomForTemplate(ctx context.Context, tenant string, fresh bool) error {
	if !fresh {
		return nil
	}
	list, err := c.Store.Templates(ctx, []string{tenant})
	if err == nil && len(list) >= maxTemplates {
		err = &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("there are %d templates already", len(list)), Mend: "delete those that nobody uses"}
	}
	return err
}

// templateTenant says whose a template is to be. Root's are root's, and a
// reseller's his own, or root's affair.
func templateTenant(k auth.Known, actor skein.Actor, tenant string) (string, error) {
	fill(&tenant, k.TenantOf(actor))
	switch kind := k.Kind(tenant); {
	case kind == "" || !k.Reaches(actor, tenant):
		return "", auth.NoTenant(tenant)
	case kind == skein.TenantCustomer:
		return "", invalid(fmt.Sprintf("%s has no templates: it is a customer", tenant), "give them to its reseller, or to root")
	}
	return tenant, nil
}

func checkTemplateName(name string) error {
	const signs = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	if name == "" || len(name) > maxTemplateName || strings.Trim(name, signs) != "" || name[0] == '.' {
		return invalid(fmt.Sprintf("%.100q is no name of a template", name), fmt.Sprintf("use letters, digits, and - _ . behind the first, at most %d", maxTemplateName))
	}
	return nil
}

// lineDifference says which lines of a text went and came, wherever they stood.
func lineDifference(before, after string) (lines []string) {
	one := func(sign, text, other string) {
		others := strings.Split(other, "\n")
		for line := range strings.SplitSeq(text, "\n") {
			if strings.TrimSpace(line) != "" && !slices.Contains(others, line) && len(lines) <= maxDiffLines {
				lines = append(lines, sign+line)
			}
		}
	}
	one("- ", before, after)
	one("+ ", after, before)
	return lines
}

// DeleteTemplate deletes a template of a tenant ("": the actor's). Where it took
// the place of one that comes with Skein, that one is in force again.
func (c *Control) DeleteTemplate(ctx context.Context, actor skein.Actor, tenant, name string, expect *int) (err error) {
	change := c.aside(actor, templateDelete, name)
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitSources)
	if err != nil {
		return err
	}
	if tenant, err = templateTenant(k, actor, tenant); err != nil {
		return err
	}
	c.access.Lock()
	defer c.access.Unlock()
	t, err := c.templateOf(ctx, tenant, name)
	if err != nil {
		return err
	}
	if t.Builtin {
		return invalid(fmt.Sprintf("the template %s comes with Skein, and stays", name), "put one of the same name, which takes its place")
	}
	if err := expectedVersion("template "+name, t.Version, expect); err != nil {
		return err
	}
	change.Diff = lineDifference(t.Text, "")
	return c.Store.DeleteTemplate(ctx, tenant, name)
}

// CheckTemplate says what is wrong with a template, and what is worth a look.
func (c *Control) CheckTemplate(ctx context.Context, actor skein.Actor, text string) ([]skein.Problem, error) {
	if _, err := c.enter(ctx, actor); err != nil {
		return nil, err
	}
	warnings, err := template.Check(text)
	var list *zone.Errors
	if errors.As(err, &list) {
		return skein.ProblemsOf(append(warnings, list.Problems...)), nil
	}
	return skein.ProblemsOf(warnings), err
}
