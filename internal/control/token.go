package control

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store"
)

const (
	tokenCreate = "token.create"
	tokenDelete = "token.delete"

	maxTokenName = 200 // octets; also of a source
	maxTokens    = 10_000
)

// Authenticate returns the actor that a token stands for. What is wrong with
// it is KindUnknown.
func (c *Control) Authenticate(ctx context.Context, presented string) (skein.Actor, error) {
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
	return skein.Actor{Name: t.Name, Door: "api", Source: t.Source, Admin: t.Admin}, nil
}

// CreateToken makes a token. Its source is its name if none is given, for an
// administrator's "admin"; without a time it never expires.
func (c *Control) CreateToken(ctx context.Context, actor skein.Actor, name, source string, admin bool, expires time.Time) (made NewToken, err error) {
	change := c.aside(actor, tokenCreate, name)
	defer func() {
		if err = c.recorded(ctx, change, err); err != nil {
			made = NewToken{}
		}
	}()
	if err := c.administer(ctx, actor); err != nil {
		return NewToken{}, err
	}
	switch {
	case source == "" && admin:
		source = auth.Administrators
	case source == "":
		source = name
	}
	if err := checkToken(name, source, admin); err != nil {
		return NewToken{}, err
	}
	if !expires.IsZero() && !c.Now().Before(expires) {
		return NewToken{}, invalid("the token would have expired already", "give a time that is to come")
	}
	c.access.Lock()
	defer c.access.Unlock()
	tokens, err := c.Store.Tokens(ctx)
	if err != nil {
		return NewToken{}, err
	}
	for _, t := range tokens {
		if t.Name == name {
			return NewToken{}, &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
				What: fmt.Sprintf("there is a token named %s already (%s)", name, t.ID),
				Mend: fmt.Sprintf("choose another name, with the same source if it is to replace that one (--source %s), or delete that one first", t.Source)}
		}
	}
	if len(tokens) >= maxTokens {
		return NewToken{}, &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("there are %d tokens already", len(tokens)), Mend: "delete those that nobody uses"}
	}
	if err := c.ensureSource(ctx, source); err != nil {
		return NewToken{}, err
	}
	return c.putToken(ctx, store.Token{ID: strings.ToLower(rand.Text()[:12]), Name: name, Source: source, Admin: admin, Expires: expires})
}

func (c *Control) putToken(ctx context.Context, t store.Token) (NewToken, error) {
	token, hash := secret.NewToken()
	t.Hash, t.Created = hash, c.Now()
	if err := c.Store.PutToken(ctx, t); err != nil {
		return NewToken{}, err
	}
	return NewToken{ID: t.ID, Name: t.Name, Secret: string(token), Expires: t.Expires}, nil
}

func checkToken(name, source string, admin bool) error {
	for _, field := range [...]struct{ what, text string }{{"name", name}, {"source", source}} {
		what, s := field.what, field.text
		if s == "" || len(s) > maxTokenName || !utf8.ValidString(s) || strings.TrimSpace(s) != s || strings.ContainsFunc(s, unicode.IsControl) {
			return invalid(fmt.Sprintf("the %s of a token is 1 to %d octets of text, without spaces around it and control characters", what, maxTokenName),
				"choose another "+what)
		}
	}
	return auth.Source(source, admin)
}

// Tokens lists all tokens, without their secrets.
func (c *Control) Tokens(ctx context.Context, actor skein.Actor) ([]skein.Token, error) {
	if err := c.administer(ctx, actor); err != nil {
		return nil, err
	}
	stored, err := c.Store.Tokens(ctx)
	list := make([]skein.Token, len(stored))
	for i, t := range stored {
		list[i] = skein.Token{ID: t.ID, Name: t.Name, Source: t.Source, Admin: t.Admin, Created: t.Created, Expires: t.Expires}
	}
	return list, err
}

// DeleteToken makes a token worthless at once.
func (c *Control) DeleteToken(ctx context.Context, actor skein.Actor, id string) (err error) {
	change := c.aside(actor, tokenDelete, id)
	defer func() { err = c.recorded(ctx, change, err) }()
	if err := c.administer(ctx, actor); err != nil {
		return err
	}
	c.access.Lock()
	defer c.access.Unlock()
	err = c.Store.DeleteToken(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound, What: fmt.Sprintf("there is no token with the id %.200q", id), Mend: "skein token list shows their ids"}
	}
	return err
}

// aside is a change beside the zones: of members, tokens or the claim code.
func (c *Control) aside(actor skein.Actor, action, subject string) skein.Change {
	if len(subject) > maxTokenName {
		subject = subject[:maxTokenName] + "…"
	}
	if strings.ContainsFunc(subject, func(r rune) bool { return !unicode.IsPrint(r) }) {
		subject = strconv.Quote(subject) // the log is read on terminals
	}
	return skein.Change{ID: rand.Text(), At: c.Now(), Actor: actor, Action: strings.TrimSpace(action + " " + subject)}
}

// recorded puts a change beside the zones into the audit log, done or refused,
// and returns err, or that the log could not be written.
func (c *Control) recorded(ctx context.Context, change skein.Change, err error) error {
	if err != nil {
		c.refuse(ctx, change, err)
		return err
	}
	return c.Store.Refused(context.WithoutCancel(ctx), change)
}
