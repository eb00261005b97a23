package daemon

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/store"
)

// cookieLife is how long a secret makes cookies (RFC 7873 section 7.1). It
// verifies as long again, which is more than a cookie lives.
const cookieLife = 24 * time.Hour

// readCookieSecrets reads secrets that several servers share: 32 hexadecimal
// digits a line, as NSD and BIND have them; the first makes cookies, all
// verify. Errors name the line and never quote it.
func readCookieSecrets(path string) (secrets []nameserver.CookieSecret, err error) {
	err = eachLine(path, func(words []string) error {
		secret, ok := parseCookieSecret(words[0])
		if len(words) != 1 || !ok {
			return errors.New("wants 32 hexadecimal digits")
		}
		secrets = append(secrets, secret)
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case len(secrets) == 0:
		return nil, fmt.Errorf("%s holds no secret; make one with: openssl rand -hex 16", path)
	case len(secrets) > 8:
		return nil, fmt.Errorf("%s holds %d secrets; the newest, the one before and the next are enough", path, len(secrets))
	}
	return secrets, nil
}

func parseCookieSecret(text string) (secret nameserver.CookieSecret, ok bool) {
	n, err := hex.Decode(secret[:], []byte(text[:min(len(text), 2*len(secret))]))
	return secret, err == nil && n == len(secret) && len(text) == 2*len(secret)
}

// cookieSecrets are a node's own, as they are kept, sealed.
type cookieSecrets struct {
	Made    time.Time // the first
	Secrets []string  // of 32 hexadecimal digits; the first makes, all verify
}

// cookieSetting is where the store keeps them.
const cookieSetting = "nameserver.cookies"

// startCookies gives the nameserver its cookie secrets: those of the file or,
// kept in the store so that cookies outlive a restart, its own.
func (n *node) startCookies(ctx context.Context) (func(context.Context) error, error) {
	if n.CookieSecretFile != "" {
		return nil, n.readCookies()
	}
	if err := n.renewCookies(ctx, time.Now()); err != nil {
		return nil, err
	}
	return n.background(ctx, "renewing cookie secrets", func(ctx context.Context) error {
		tick := time.NewTicker(time.Hour)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case now := <-tick.C:
				if err := n.renewCookies(ctx, now); err != nil && ctx.Err() == nil {
					n.log.Error("renewing cookie secrets", "err", err)
				}
			}
		}
	}), nil
}

func (n *node) readCookies() error {
	secrets, err := readCookieSecrets(n.CookieSecretFile)
	if err != nil {
		return fmt.Errorf("cookie-secret-file: %w", err)
	}
	n.server.SetCookieSecrets(secrets)
	return nil
}

// renewCookies makes a new secret if the present one has had its time; the one
// before it goes on verifying.
func (n *node) renewCookies(ctx context.Context, now time.Time) error {
	kept, err := n.keptCookies(ctx)
	if err != nil {
		return err
	}
	if age := now.Sub(kept.Made); len(kept.Secrets) == 0 || age > cookieLife || age < 0 {
		kept = kept.renewed(now)
		text, err := json.Marshal(kept)
		if err != nil {
			return err
		}
		sealed, err := n.sealer.Seal(cookieSetting, text)
		if err != nil {
			return err
		}
		if err := n.store.PutSetting(ctx, cookieSetting, sealed); err != nil {
			return err
		}
	}
	secrets := make([]nameserver.CookieSecret, 0, len(kept.Secrets))
	for _, text := range kept.Secrets {
		if secret, ok := parseCookieSecret(text); ok {
			secrets = append(secrets, secret)
		}
	}
	n.server.SetCookieSecrets(secrets)
	return nil
}

func (c cookieSecrets) renewed(now time.Time) cookieSecrets {
	var secret nameserver.CookieSecret
	rand.Read(secret[:])
	all := append([]string{hex.EncodeToString(secret[:])}, c.Secrets...)
	return cookieSecrets{Made: now, Secrets: all[:min(len(all), 2)]}
}

func (n *node) keptCookies(ctx context.Context) (c cookieSecrets, err error) {
	sealed, err := n.store.Setting(ctx, cookieSetting)
	if errors.Is(err, store.ErrNotFound) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	text, err := n.sealer.Open(cookieSetting, sealed)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(text, &c)
}
