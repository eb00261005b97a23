package intake

import (
	"cmp"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/internal/xfr"
)

// dialling makes peers of primaries. It never changes but for what it remembers.
type dialling struct {
	authority string
	keys      map[string]*xfr.Key
	tls       map[skein.TransferPrimary]*xfr.TLS
	known     map[string][]secondary.Peer // by the text of the primaries: most zones share them
}

func newDialling(authority string, secrets skein.SourceSecrets) (*dialling, error) {
	d := &dialling{authority: authority, keys: map[string]*xfr.Key{}, tls: map[skein.TransferPrimary]*xfr.TLS{}, known: map[string][]secondary.Peer{}}
	for _, k := range secrets.Keys {
		key := &xfr.Key{Name: k.Name, Algorithm: k.Algorithm, Secret: k.Secret}
		if err := key.Check(); err != nil {
			return nil, err
		}
		d.keys[key.OwnerName()] = key
	}
	return d, nil
}

// maxKnown bounds what is remembered.
const maxKnown = 10_000

// peers returns the same slice for the same primaries, so that a zone whose
// setup did not change is known not to have.
func (d *dialling) peers(primaries []skein.TransferPrimary) ([]secondary.Peer, error) {
	text := fmt.Sprint(primaries)
	if peers, ok := d.known[text]; ok {
		return peers, nil
	}
	peers := make([]secondary.Peer, len(primaries))
	for n, p := range primaries {
		peers[n].Addr = p.Address
		if p.Key != "" {
			if peers[n].Key = d.keys[xfr.Key{Name: p.Key}.OwnerName()]; peers[n].Key == nil {
				return nil, fmt.Errorf("the source has no key %s", p.Key)
			}
		}
		var err error
		if peers[n].TLS, err = d.secure(p); err != nil {
			return nil, fmt.Errorf("the primary %s: %w", p.Address, err)
		}
	}
	if len(d.known) < maxKnown {
		d.known[text] = peers
	}
	return peers, nil
}

// secure returns how a primary is spoken to over TLS; nil if it is not.
func (d *dialling) secure(p skein.TransferPrimary) (*xfr.TLS, error) {
	if cmp.Or(p.TLS, p.Pin) == "" {
		return nil, nil
	}
	if t := d.tls[p]; t != nil {
		return t, nil
	}
	o := xfr.TLSOptions{Name: p.TLS, Authority: d.authority, Pin: p.Pin}
	if p.TLS == skein.OpportunisticTLS {
		o.Name, o.Opportunistic = "", true
	}
	t, err := xfr.NewTLS(o)
	if err == nil {
		d.tls[p] = t
	}
	return t, err
}
