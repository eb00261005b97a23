package daemon

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/skein-dns/skein/internal/door/rndc"
	"github.com/skein-dns/skein/internal/namedconf"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// openSecondary takes the folder of a secondary, and its rndc port if it has one.
func (a *alone) openSecondary() error {
	release, err := lockData(a.Secondary)
	if err != nil {
		return err
	}
	a.stops = append(a.stops, release)
	keys := make([]xfr.Key, len(a.Access.Keys))
	for i, k := range a.Access.Keys {
		keys[i] = xfr.Key(k)
	}
	a.set, err = secondary.Open(secondary.FolderOptions{Dir: a.Secondary, Keys: keys, Catalogs: a.Follow, Primaries: a.Primaries,
		Options: secondary.Options{Lasting: a.Lasting, Log: a.log.With("part", "secondary")}})
	if err != nil {
		return err
	}
	a.stops = append(a.stops, a.set.Close)
	if !a.RNDC.IsValid() {
		return nil
	}
	if a.control, err = net.Listen("tcp", a.RNDC.String()); err != nil {
		return portTaken("rndc", a.RNDC.String(), err)
	}
	a.stops = append(a.stops, closeQuietly(a.control))
	return nil
}

// zonesOf is a set of secondary zones as the rndc door knows them.
type zonesOf struct {
	set  *secondary.Folder
	keys []string
}

func (z zonesOf) Add(_ context.Context, name zone.Name, setup namedconf.Zone) (bool, error) {
	if len(setup.Primaries) == 0 {
		return false, errNoPrimaries
	}
	return z.set.Add(name, fromRNDC(setup))
}

func (z zonesOf) Change(_ context.Context, name zone.Name, setup namedconf.Zone) (bool, error) {
	if len(setup.Primaries) == 0 {
		return false, errNoPrimaries
	}
	return z.set.Change(name, fromRNDC(setup))
}

var errNoPrimaries = errors.New("the zone has no primaries")

func (z zonesOf) Delete(_ context.Context, name zone.Name) (bool, error) { return z.set.Delete(name) }

func (z zonesOf) Refresh(_ context.Context, name zone.Name, whole bool) (bool, error) {
	return z.set.Refresh(name, whole), nil
}

func (z zonesOf) Look(_ context.Context, name zone.Name) (rndc.Status, bool, error) {
	s, known := z.set.Look(name)
	return rndc.Status{Zone: toRNDC(s.Setup), State: rndc.State{
		Loaded: s.Served(), Serial: s.SOA.Serial, Nodes: s.Names,
		Since: s.Since, Refreshes: s.Refreshes, Expires: s.Expires, Problem: s.Problem,
	}}, known, nil
}

func (z zonesOf) Len(context.Context) (int, error) { return z.set.Len(), nil }

func (z zonesOf) Keys(context.Context) ([]string, error) { return z.keys, nil }

func fromRNDC(z namedconf.Zone) secondary.Setup {
	s := secondary.Setup{Label: z.File, Options: z.Options}
	for _, p := range z.Primaries {
		port := p.Port
		if port == 0 {
			port = dnsPort
		}
		s.Primaries = append(s.Primaries, secondary.Primary{Addr: netip.AddrPortFrom(p.Address, port), Key: p.Key})
	}
	return s
}

func toRNDC(s secondary.Setup) namedconf.Zone {
	z := namedconf.Zone{Type: "secondary", File: s.Label, Options: s.Options}
	for _, p := range s.Primaries {
		z.Primaries = append(z.Primaries, namedconf.Primary{Address: p.Addr.Addr(), Port: p.Addr.Port(), Key: p.Key})
	}
	return z
}

// expires is how long a zone of the set is still good.
func (a *alone) expires(name zone.Name) (left time.Duration, secondary bool) {
	return a.set.Expires(name)
}
