package control

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store"
)

const (
	// claimSetting holds the code of the one-time administrator link, sealed,
	// since the node prints the link at every start until somebody takes it;
	// empty once it was taken.
	claimSetting = "claim.code"
	claimAction  = "claim"
	// claimToken is the id and the name of the token that is claimed. The id is
	// fixed: if the node dies between making it and forgetting the code, the
	// next claim replaces the token that nobody ever saw.
	claimToken = "administrator"

	// Anybody may send wrong codes. They must not fill the audit log.
	claimPeriod = time.Minute
	claimBurst  = 100
)

// makeClaim makes the code when the node is started for the first time.
func (c *Control) makeClaim(ctx context.Context) error {
	_, err := c.Store.Setting(ctx, claimSetting)
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	sealed, err := c.Sealer.Seal(claimSetting, []byte(rand.Text()))
	if err != nil {
		return err
	}
	return c.Store.PutSetting(ctx, claimSetting, sealed)
}

// ClaimCode returns the code of the one-time administrator link; ok is false
// once it was claimed.
func (c *Control) ClaimCode(ctx context.Context) (code string, ok bool) {
	code, err := c.claimCode(ctx)
	if err != nil {
		c.Log.Error("reading the claim code", "err", err)
	}
	return code, err == nil && code != ""
}

// claimCode returns the code, "" once it was claimed.
func (c *Control) claimCode(ctx context.Context) (string, error) {
	sealed, err := c.Store.Setting(ctx, claimSetting)
	if errors.Is(err, store.ErrNotFound) || err == nil && len(sealed) == 0 {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	code, err := c.Sealer.Open(claimSetting, sealed)
	return string(code), err
}

// Claim redeems the code, once, for an administrator's token. Wrong and used
// codes get the same answer.
func (c *Control) Claim(ctx context.Context, code string) (made NewToken, err error) {
	actor := skein.Actor{Name: claimToken, Door: "api", Source: auth.Administrators, Tenant: skein.RootTenant, Role: skein.RoleRoot}
	c.access.Lock()
	defer c.access.Unlock()
	want, err := c.claimCode(ctx)
	if err != nil {
		return NewToken{}, err
	}
	// Hashes are of one length, so that comparing them tells nothing.
	if want == "" || !secret.Equal(secret.HashToken(code), secret.HashToken(want)) {
		err := &skein.Error{Kind: skein.KindUnknown, What: "this link is not valid, or was used already",
			Mend: "on Skein's own machine, make a token with: skein token create NAME --admin"}
		if c.claims.AllowN(c.Now(), 1) {
			c.refuse(ctx, c.aside(skein.Actor{Door: "api"}, claimAction, ""), err)
		}
		return NewToken{}, err
	}
	made, err = c.putToken(ctx, store.Token{ID: claimToken, Name: claimToken, Source: auth.Administrators, Tenant: skein.RootTenant, Role: skein.RoleRoot})
	if err == nil {
		err = c.recorded(ctx, c.aside(actor, claimAction, ""), nil)
	}
	if err == nil {
		err = c.Store.PutSetting(ctx, claimSetting, nil)
	}
	if err != nil {
		return NewToken{}, err
	}
	return made, nil
}
