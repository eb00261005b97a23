package control

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store"
)

const (
	tokenCreate = "token.create"
	tokenDelete = "token.delete"

	maxTokens = 10_000
)

// Authenticate returns the actor that a token, or the secret of a session,
// stands for. What is wrong with it is KindUnknown.
func (c *Control) Authenticate(ctx context.Context, presented string) (skein.Actor, error) {
	presented = secret.Joined(presented)
	if secret.LooksLikeSession(presented) {
		return c.authenticateSession(ctx, presented)
	}
	if !secret.LooksLikeToken(presented) {
		return skein.Actor{}, auth.UnknownToken()
	}
	hash := secret.HashToken(presented)
	t, err := c.Store.TokenByHash(ctx, hash)
	if errors.Is(err, store.ErrNotFound) {
		return skein.Actor{}, auth.UnknownToken()
	}
	if err != nil {
		return skein.Actor{}, err
	}
	if err := auth.Token(hash, t.Hash, t.Expires, c.Now()); err != nil {
		return skein.Actor{}, err
	}
	if err := c.outlived(ctx, t); err != nil {
		return skein.Actor{}, err
	}
	return holder(t), nil
}

// outlived refuses a token that acts as people do once the user who made it is
// gone, may not sign in, or could not make it any more. A panel's is its source's.
func (c *Control) outlived(ctx context.Context, t store.Token) error {
	if t.Maker == "" || t.Role == "" {
		return nil
	}
	maker, err := c.Store.User(ctx, t.Maker)
	if errors.Is(err, store.ErrNotFound) || err == nil && maker.Disabled {
		return auth.UnknownToken()
	}
	if err != nil {
		return err
	}
	k, err := c.known(ctx)
	if err == nil && k.Assign(actorOf(maker.User), t.Role, t.Tenant) != nil {
		return auth.UnknownToken()
	}
	return err
}

// holder is the actor that a token stands for.
func holder(t store.Token) skein.Actor {
	return skein.Actor{Name: t.Name, Door: skein.DoorAPI, Source: t.Source, Admin: t.Role == skein.RoleRoot,
		Tenant: t.Tenant, Role: t.Role, Scope: t.Scope, Until: t.Expires, Maker: t.Maker}
}

// CreateToken makes a token of the actor's tenant, or of one below it. Without
// a role it is a panel's, whose source is its name if none is given; with one
// it is a person's, and puts zones in as the tenant's people do. Without a time
// it never expires by itself; one with a role ends with the user who made it.
func (c *Control) CreateToken(ctx context.Context, actor skein.Actor, in skein.CreateToken) (made NewToken, err error) {
	change := c.aside(actor, tokenCreate, in.Name)
	defer func() {
		if err = c.recorded(ctx, change, err); err != nil {
			made = NewToken{}
		}
	}()
	k, err := c.permit(ctx, actor, skein.PermitAccess)
	if err != nil {
		return NewToken{}, err
	}
	c.access.Lock()
	defer c.access.Unlock()
	t, err := completedToken(k, actor, in)
	if err != nil {
		return NewToken{}, err
	}
	t.Maker = cmp.Or(actor.User, actor.Maker)
	if err := c.outlived(ctx, t); err != nil { // removed since it was let in
		return NewToken{}, err
	}
	change.Diff = changed(skein.Token{}, shownToken(t))
	if !t.Expires.IsZero() && !c.Now().Before(t.Expires) {
		return NewToken{}, invalid("the token would have expired already", "give a time that is to come")
	}
	if err := k.Give(actor, holder(t), t.Tenant); err != nil {
		return NewToken{}, err
	}
	if err := c.tokenFits(ctx, k, actor, t); err != nil {
		return NewToken{}, err
	}
	if err := c.ensureSource(ctx, skein.Source{Name: t.Source, Door: doorOf(k, t), Tenant: t.Tenant}); err != nil {
		return NewToken{}, err
	}
	return c.putToken(ctx, t)
}

func (c *Control) putToken(ctx context.Context, t store.Token) (NewToken, error) {
	token, hash := newSecret(t.Form)
	t.Hash, t.Created = hash, c.Now()
	if err := c.Store.PutToken(ctx, t); err != nil {
		return NewToken{}, err
	}
	return NewToken{ID: t.ID, Name: t.Name, Secret: string(token), Expires: t.Expires}, nil
}

// newSecret makes the secret of a token in a form, and the hash to keep.
func newSecret(form string) (token secret.Text, hash []byte) {
	switch form {
	case skein.TokenWHM:
		return secret.NewWHMToken()
	case skein.TokenAccessHash:
		return secret.NewAccessHash()
	}
	return secret.NewToken()
}

// completedToken is the token that is described, or what is wrong with it by itself.
func completedToken(k auth.Known, actor skein.Actor, in skein.CreateToken) (store.Token, error) {
	t := store.Token{ID: strings.ToLower(rand.Text()[:12]), Name: in.Name, Source: in.Source, Tenant: in.Tenant, Role: in.Role, Scope: in.Scope, Form: in.Form, Expires: in.Expires}
	if in.Admin {
		fill(&t.Role, skein.RoleRoot)
	}
	if limited := len(in.Scope.Permissions)+len(in.Scope.Zones) > 0; limited && in.Source == "" && t.Role == "" {
		fill(&t.Tenant, k.TenantOf(actor))
		t.Role = k.RoleOf(t.Tenant) // no panel's: a panel has no limits within its source
	}
	if t.Role == "" {
		fill(&t.Source, t.Name)
		if _, there := k.Sources[t.Source]; there {
			fill(&t.Tenant, k.OwnerOf(t.Source))
		}
	}
	fill(&t.Tenant, k.TenantOf(actor))
	if t.Role != "" && t.Role != skein.RoleReadOnly {
		fill(&t.Source, auth.PeopleOf(t.Tenant))
	}
	if k.Sources[t.Source].Door == skein.DoorWHM {
		fill(&t.Form, skein.TokenWHM)
	}
	switch {
	case t.Form != "" && t.Form != skein.TokenWHM && t.Form != skein.TokenAccessHash:
		return t, invalid(fmt.Sprintf("there is no form %.100q of tokens", t.Form), "there is "+skein.TokenWHM+" and "+skein.TokenAccessHash+"; without one it is Skein's own")
	case in.Admin && t.Role != skein.RoleRoot:
		return t, invalid("an administrator has the role root", "leave one of the two out")
	case t.Role == skein.RoleReadOnly && t.Source != "":
		return t, invalid("a token that may only look puts no zones in", "leave the source out")
	case t.Role == "" && k.ByPeople(t.Source) && t.Source != auth.Administrators:
		return t, invalid(fmt.Sprintf("under %q the people of a tenant put zones in, and no panel", t.Source), "choose another source, or say which role the token has")
	case t.Role != "" && t.Role != skein.RoleReadOnly && t.Role != skein.RoleRoot && t.Source != auth.PeopleOf(t.Tenant):
		return t, invalid("people put zones in under the source of their tenant", "leave the source out, or the role")
	}
	if err := checkText("name of a token", t.Name); err != nil {
		return t, err
	}
	if t.Role == skein.RoleReadOnly {
		return t, nil
	}
	return t, checkSourceOf(t.Source, t.Role == skein.RoleRoot)
}

// doorOf is the door of the source that is made with a token.
func doorOf(k auth.Known, t store.Token) string {
	switch {
	case k.ByPeople(t.Source):
		return skein.DoorPeople
	case t.Form != "":
		return skein.DoorWHM
	}
	return skein.DoorAPI
}

// tokenFits says whether the name of a new token is free, and its source one
// that the actor may give it.
func (c *Control) tokenFits(ctx context.Context, k auth.Known, actor skein.Actor, t store.Token) error {
	tokens, err := c.Store.Tokens(ctx)
	if err != nil {
		return err
	}
	for _, other := range tokens {
		if other.Name == t.Name && !k.Reaches(actor, k.TenantOf(holder(other))) {
			return nameTaken("token", t.Name)
		}
		if other.Name == t.Name {
			return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
				What: fmt.Sprintf("there is a token named %s already (%s)", t.Name, other.ID),
				Mend: fmt.Sprintf("choose another name, with the same source if it is to replace that one (--source %s), or delete that one first", other.Source)}
		}
	}
	if len(tokens) >= maxTokens {
		return &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("there are %d tokens already", len(tokens)), Mend: "delete those that nobody uses"}
	}
	if t.Role != "" {
		return nil
	}
	switch _, there := k.Sources[t.Source]; {
	case there && !k.Reaches(actor, k.OwnerOf(t.Source)):
		return nameTaken("source", t.Source)
	case there && k.OwnerOf(t.Source) != t.Tenant:
		return invalid(fmt.Sprintf("the source %s is not of the tenant %s", t.Source, t.Tenant), "leave the tenant out, or choose another source")
	case there:
		return nil
	}
	return c.sourceFree(ctx, k, actor, t.Source)
}

// Tokens lists the tokens of the actor's tenants, without their secrets.
func (c *Control) Tokens(ctx context.Context, actor skein.Actor) ([]skein.Token, error) {
	k, err := c.see(ctx, actor, skein.PermitAccess)
	if err != nil {
		return nil, err
	}
	stored, err := c.Store.Tokens(ctx)
	list := make([]skein.Token, 0, len(stored))
	for _, t := range stored {
		if k.Reaches(actor, k.TenantOf(holder(t))) {
			list = append(list, shownToken(t))
		}
	}
	return list, err
}

func shownToken(t store.Token) skein.Token {
	return skein.Token{ID: t.ID, Name: t.Name, Source: t.Source, Admin: t.Role == skein.RoleRoot, Tenant: t.Tenant, Role: t.Role, Scope: t.Scope,
		Maker: t.Maker, Form: t.Form, Created: t.Created, Expires: t.Expires}
}

// DeleteToken makes a token worthless at once.
func (c *Control) DeleteToken(ctx context.Context, actor skein.Actor, id string) (err error) {
	change := c.aside(actor, tokenDelete, id)
	defer func() { err = c.recorded(ctx, change, err) }()
	if _, err := c.permit(ctx, actor, skein.PermitAccess); err != nil {
		return err
	}
	c.access.Lock()
	defer c.access.Unlock()
	tokens, err := c.Tokens(ctx, actor)
	if err != nil {
		return err
	}
	err = store.ErrNotFound
	for _, t := range tokens {
		if t.ID == id {
			change.Diff = changed(t, skein.Token{})
			err = c.Store.DeleteToken(ctx, id)
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound, What: fmt.Sprintf("there is no token with the id %.200q", id), Mend: "skein token list shows their ids"}
	}
	return err
}

// deleteTokens deletes those that are to go; one that went meanwhile is gone.
func (c *Control) deleteTokens(ctx context.Context, goes func(store.Token) bool) error {
	c.access.Lock()
	defer c.access.Unlock()
	tokens, err := c.Store.Tokens(ctx)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if !goes(t) {
			continue
		}
		if err := c.Store.DeleteToken(ctx, t.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}
