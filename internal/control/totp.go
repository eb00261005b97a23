package control

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

const (
	totpBegin   = "user.totp.begin"
	totpConfirm = "user.totp.confirm"
	totpDrop    = "user.totp.drop"

	totpIssuer = "Skein"
	totpPeriod = 30 // seconds (RFC 6238)
	totpSkew   = 1  // periods before and after that are taken
)

// codes is what one-time codes are made from, as it is sealed.
type codes struct {
	Secret  string `json:"secret,omitempty"`
	Pending string `json:"pending,omitempty"` // begun, not confirmed
	Used    int64  `json:"used,omitempty"`    // the period of the last code that was taken: none is taken twice
}

func codesPurpose(user string) string { return "one-time codes of " + user }

func (c *Control) openCodes(row store.UserRow) (s codes, err error) {
	if len(row.Sealed) == 0 {
		return s, nil
	}
	plain, err := c.Sealer.Open(codesPurpose(row.Name), row.Sealed)
	if err == nil && json.Unmarshal(plain, &s) != nil { // its error would quote what it read
		err = fmt.Errorf("the one-time codes of %s are not what was stored", row.Name)
	}
	return s, err
}

func (c *Control) putCodes(ctx context.Context, row store.UserRow, s codes) (store.UserRow, error) {
	plain, err := json.Marshal(s)
	if err != nil {
		return row, err
	}
	if row.Sealed, err = c.Sealer.Seal(codesPurpose(row.Name), plain); err != nil {
		return row, err
	}
	return row, c.Store.PutUser(ctx, row, false)
}

// take takes a code, if it is one of these minutes that came after the last one.
func (s *codes) take(base, code string, now time.Time) bool {
	for skew := -int64(totpSkew); skew <= totpSkew; skew++ {
		period := now.Unix()/totpPeriod + skew
		fits, err := totp.ValidateCustom(code, base, time.Unix(period*totpPeriod, 0), totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix})
		if err == nil && fits && period > s.Used {
			s.Used = period
			return true
		}
	}
	return false
}

// useCode takes a user's code, once.
func (c *Control) useCode(ctx context.Context, user, code string) (row store.UserRow, fits bool, err error) {
	c.access.Lock()
	defer c.access.Unlock()
	if row, err = c.Store.User(ctx, user); err != nil {
		return row, false, err
	}
	s, err := c.openCodes(row)
	if err != nil || !s.take(s.Secret, code, c.Now()) {
		return row, false, err
	}
	row, err = c.putCodes(ctx, row, s)
	return row, err == nil, err
}

// BeginTOTP makes a secret for one-time codes of who signed in. It counts once
// a code was given (ConfirmTOTP).
func (c *Control) BeginTOTP(ctx context.Context, actor skein.Actor) (setup skein.TOTPSetup, err error) {
	change := c.aside(actor, totpBegin, actor.User)
	defer func() { err = c.recorded(ctx, change, err) }()
	c.access.Lock()
	defer c.access.Unlock()
	row, err := c.self(ctx, actor)
	if err != nil {
		return setup, err
	}
	if row.TOTP {
		return setup, &skein.Error{Kind: skein.KindConflict, What: "one-time codes are asked for already", Mend: "drop them first"}
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: totpIssuer, AccountName: row.Name, Period: totpPeriod, Digits: otp.DigitsSix})
	if err != nil {
		return setup, err
	}
	if _, err := c.putCodes(ctx, row, codes{Pending: key.Secret()}); err != nil {
		return setup, err
	}
	return skein.TOTPSetup{Secret: key.Secret(), URL: key.URL()}, nil
}

// ConfirmTOTP says, with a code, that the authenticator has the secret: from
// now on signing in needs a code.
func (c *Control) ConfirmTOTP(ctx context.Context, actor skein.Actor, code string) (err error) {
	change := c.aside(actor, totpConfirm, actor.User)
	defer func() { err = c.recorded(ctx, change, err) }()
	if err := c.allowed(actor.User, actor.Addr); err != nil {
		return err
	}
	c.access.Lock()
	defer c.access.Unlock()
	row, err := c.self(ctx, actor)
	if err != nil {
		return err
	}
	s, err := c.openCodes(row)
	if err != nil {
		return err
	}
	if s.Pending == "" {
		return &skein.Error{Kind: skein.KindConflict, What: "there are no one-time codes to confirm", Mend: "begin anew"}
	}
	if !s.take(s.Pending, code, c.Now()) {
		c.failed(actor.User, actor.Addr)
		return invalid("the code is wrong, or was used already", "look at the clocks of both machines, and give the next one")
	}
	s.Secret, s.Pending = s.Pending, ""
	row.TOTP, row.Version = true, row.Version+1
	_, err = c.putCodes(ctx, row, s)
	return err
}

// DropTOTP ends that a user signs in with codes: oneself, or one whom the
// actor could make, who lost the authenticator.
func (c *Control) DropTOTP(ctx context.Context, actor skein.Actor, name string) (err error) {
	change := c.aside(actor, totpDrop, name)
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.enter(ctx, actor)
	if err != nil {
		return err
	}
	c.access.Lock()
	defer c.access.Unlock()
	if err := c.mayManage(ctx, k, actor, name); err != nil {
		return err
	}
	row, err := c.Store.User(ctx, name)
	if err != nil {
		return err
	}
	row.TOTP, row.Sealed, row.Version = false, nil, row.Version+1
	return c.Store.PutUser(ctx, row, false)
}

// self returns the user who signed in.
func (c *Control) self(ctx context.Context, actor skein.Actor) (store.UserRow, error) {
	if _, err := c.enter(ctx, actor); err != nil {
		return store.UserRow{}, err
	}
	if actor.User == "" {
		return store.UserRow{}, &skein.Error{Kind: skein.KindForbidden, What: "one-time codes are of who signed in with a password, and a token is nobody", Mend: "sign in: skein login --user NAME"}
	}
	return c.userRow(ctx, auth.Known{}, actor, actor.User)
}
