package probe

import (
	"context"
	"net/netip"
	"time"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// Key is the TSIG key that a transfer is asked for with.
type Key struct {
	Name      string
	Algorithm string // hmac-sha256, …
	Secret    string // base64
}

// A person waits for an audit, and a member must not be able to fill our memory.
const (
	auditTimeout = time.Minute
	auditRecords = 2_000_000
)

// Served transfers from addr what it really serves of a zone. Without a key
// (no name in it) it asks unsigned. Wrong contents behind the right serial
// come to light this way.
func (p *Prober) Served(ctx context.Context, addr netip.AddrPort, name zone.Name, key Key) (zone.Contents, error) {
	r := xfr.Request{Server: addr, Zone: name, MaxRecords: auditRecords, Timeout: auditTimeout}
	if key.Name != "" {
		r.Key = &xfr.Key{Name: key.Name, Algorithm: key.Algorithm, Secret: key.Secret}
	}
	c, _, err := p.conns.Fetch(ctx, r)
	return c, err
}
