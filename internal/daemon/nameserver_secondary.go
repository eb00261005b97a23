package daemon

import (
	"net"
	"net/netip"
	"time"

	"github.com/skein-dns/skein/internal/door/rndcsecondary"
	"github.com/skein-dns/skein/internal/namedconf"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// openSecondary takes the folder and the rndc port of a secondary.
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
	if a.set, err = secondary.Open(secondary.FolderOptions{Dir: a.Secondary, Keys: keys, Options: secondary.Options{Log: a.log.With("part", "secondary")}}); err != nil {
		return err
	}
	a.stops = append(a.stops, a.set.Close)
	if a.control, err = net.Listen("tcp", a.RNDC.String()); err != nil {
		return portTaken("rndc", a.RNDC.String(), err)
	}
	a.stops = append(a.stops, closeQuietly(a.control))
	return nil
}

// zonesOf is a set of secondary zones as the rndc door knows them.
type zonesOf struct{ *secondary.Folder }

func (z zonesOf) Add(name zone.Name, setup namedconf.Zone) (bool, error) {
	return z.Folder.Add(name, fromRNDC(setup))
}

func (z zonesOf) Change(name zone.Name, setup namedconf.Zone) (bool, error) {
	return z.Folder.Change(name, fromRNDC(setup))
}

func (z zonesOf) Look(name zone.Name) (rndcsecondary.Status, bool) {
	s, known := z.Folder.Look(name)
	return rndcsecondary.Status{
		Zone: toRNDC(s.Setup), Loaded: s.Served(), Serial: s.SOA.Serial, Nodes: s.Names,
		Since: s.Since, Refreshes: s.Refreshes, Expires: s.Expires, Problem: s.Problem,
	}, known
}

const dnsPort = 53

func fromRNDC(z namedconf.Zone) secondary.Setup {
	s := secondary.Setup{Label: z.File}
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
	z := namedconf.Zone{Type: "secondary", File: s.Label}
	for _, p := range s.Primaries {
		z.Primaries = append(z.Primaries, namedconf.Primary{Address: p.Addr.Addr(), Port: p.Addr.Port(), Key: p.Key})
	}
	return z
}

// expires is how long a zone of the set is still good.
func (a *alone) expires(name zone.Name) (left time.Duration, secondary bool) {
	s, known := a.set.Look(name)
	return time.Until(s.Expires), known
}
