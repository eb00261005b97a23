package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// maxRules bounds the standing rules: every change of a zone that is another's looks at them.
const maxRules = 10_000

// Rules returns the standing rules between sources that the actor reaches.
func (c *Control) Rules(ctx context.Context, actor skein.Actor) ([]skein.SourceRule, error) {
	k, err := c.see(ctx, actor, skein.PermitSources)
	if err != nil {
		return nil, err
	}
	rules, err := c.Store.Rules(ctx)
	return slices.DeleteFunc(rules, func(r skein.SourceRule) bool { return !reachesRule(k, actor, r) }), err
}

// PutRule makes a standing rule, or says again who wants one that there is.
// Both sources must be known.
func (c *Control) PutRule(ctx context.Context, actor skein.Actor, r skein.SourceRule) (err error) {
	change := c.aside(actor, ruleAdd, ruleText(r))
	defer func() { err = c.recorded(ctx, change, err) }()
	if _, err := c.permit(ctx, actor, skein.PermitSources); err != nil {
		return err
	}
	c.sources.Lock()
	defer c.sources.Unlock()
	k, err := c.known(ctx)
	if err != nil {
		return err
	}
	if err := k.Rule(r); err != nil {
		return err
	}
	for _, name := range []string{r.From, r.To} {
		if err := mayHave(k, actor, name); err != nil {
			return err
		}
	}
	if len(k.Rules) >= maxRules {
		return &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("there are %d rules already", len(k.Rules)), Mend: "remove those that nobody needs"}
	}
	r.By, r.At = actor.Name, c.Now().UTC()
	defer c.unknown()
	return c.Store.PutRule(ctx, r)
}

// DeleteRule ends a standing rule. What was done by it stays.
func (c *Control) DeleteRule(ctx context.Context, actor skein.Actor, r skein.SourceRule) (err error) {
	change := c.aside(actor, ruleRemove, ruleText(r))
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitSources)
	if err != nil {
		return err
	}
	err = store.ErrNotFound
	if reachesRule(k, actor, r) {
		defer c.unknown()
		err = c.Store.DeleteRule(ctx, r.Kind, r.From, r.To)
	}
	if errors.Is(err, store.ErrNotFound) {
		return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
			What: fmt.Sprintf("there is no rule %.300q", ruleText(r)), Mend: "skein source rule list shows those that there are"}
	}
	return err
}

// reachesRule reports whether both sources of a rule are an actor's affair.
func reachesRule(k auth.Known, actor skein.Actor, r skein.SourceRule) bool {
	return k.Reaches(actor, k.OwnerOf(r.From)) && k.Reaches(actor, k.OwnerOf(r.To))
}

func ruleText(r skein.SourceRule) string { return fmt.Sprintf("%s %s %s", r.Kind, r.From, r.To) }
