package powerdns

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// keyID is how the API calls a TSIG key.
func keyID(name string) string {
	return id(zone.Name(strings.TrimSuffix(name, ".") + "."))
}

func keyPath(name string) string { return "/tsigkeys/" + keyID(name) }

// tsigKey is how the API has a key.
type tsigKey struct {
	Name      string `json:"name"`
	Algorithm string `json:"algorithm"`
	Key       string `json:"key"`
}

// keysLast is how long our TSIG keys are taken to be there still.
const keysLast = time.Minute

// checkKeys puts our TSIG keys there, or right, before zones that need them come.
func (d *Driver) checkKeys(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Since(d.hasKeys) < keysLast {
		return nil
	}
	_, err := d.putKeys(ctx)
	if err == nil {
		d.hasKeys = time.Now()
	}
	return err
}

// putKeys tells which keys it made.
func (d *Driver) putKeys(ctx context.Context) (made []string, err error) {
	for _, k := range []struct{ name, secret string }{{d.m.TSIGKey, d.tsig}, {d.m.AuditKey, d.audit}} {
		if k.secret == "" {
			continue
		}
		is, err := d.putKey(ctx, k.name, k.secret)
		if err != nil {
			return made, err
		}
		if is {
			made = append(made, k.name)
		}
	}
	return made, nil
}

func (d *Driver) putKey(ctx context.Context, name, secret string) (made bool, err error) {
	want := tsigKey{Name: strings.ToLower(strings.TrimSuffix(name, ".")), Algorithm: d.m.Algorithm, Key: secret}
	path := keyPath(name)
	var has tsigKey
	err = d.client.call(ctx, http.MethodGet, path, nil, &has)
	switch {
	case refused(err, http.StatusNotFound):
		made, err = true, d.client.call(ctx, http.MethodPost, "/tsigkeys", want, nil)
	case err == nil && (has.Algorithm != want.Algorithm || has.Key != want.Key):
		err = d.client.call(ctx, http.MethodPut, path, want, nil)
	}
	var r *refusal
	if errors.As(err, &r) {
		err = fmt.Errorf("%w: the TSIG key %s cannot be put there: %w; its back end must be one that keeps keys: lmdb, gsqlite3, gmysql or gpgsql, not bind", member.ErrDenied, name, r)
	}
	return made && err == nil, err
}

// forget has the TSIG keys looked for again: the member may come back as another.
func (d *Driver) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hasKeys = time.Time{}
}
