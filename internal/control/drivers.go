package control

import (
	"context"

	"github.com/skein-dns/skein"
)

// KindsOfMembers tells what members there can be, and what has to be said of
// each kind.
func (c *Control) KindsOfMembers(ctx context.Context, actor skein.Actor) ([]skein.DriverInfo, error) {
	if _, err := c.see(ctx, actor, skein.PermitClustering); err != nil {
		return nil, err
	}
	all := make([]skein.DriverInfo, len(c.Drivers))
	for i, d := range c.Drivers {
		all[i] = d.info()
	}
	return all, nil
}

func (d Driver) info() skein.DriverInfo {
	n := d.Needs
	info := skein.DriverInfo{Name: d.Name, Does: d.Does, Roles: d.Roles, Address: !n.NoAddress, RNDC: n.RNDC, Transfer: n.Transfer,
		Port: n.API, URL: n.URL, Token: n.Token, Username: n.Username != "", Certificate: n.Certificate, Prints: d.Prints,
		Settings: make([]skein.DriverSetting, len(n.Settings))}
	if n.Username != AnyUser {
		info.DefaultUser = n.Username
	}
	for i, s := range n.Settings {
		info.Settings[i] = skein.DriverSetting{Name: s.Name, Meaning: s.Meaning, Help: s.Help, Default: s.Default}
	}
	return info
}
