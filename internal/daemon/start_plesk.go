package daemon

import (
	"context"
	"net/netip"

	"github.com/skein-dns/skein/internal/door/plesk"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// pleskNameservers is how the door reaches the nameserver of a Plesk server.
// Plesk changes that one before it speaks, so a push has it asked at once.
func (n *node) pleskNameservers() plesk.Nameservers {
	return plesk.Nameservers{
		Refresh: func(name zone.Name, source string) bool { return n.intake.Refresh(name, source, false) },
		Serial: func(ctx context.Context, name zone.Name, at netip.AddrPort) (uint32, error) {
			return xfr.Serial(ctx, xfr.Request{Server: at, Zone: name})
		},
	}
}
