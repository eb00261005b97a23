package whmapi

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// manyZones is a control with n zones; the list breaks off before one of them,
// if that is not 0. What else it is asked for panics.
type manyZones struct {
	Control
	n, broken int
}

func (m *manyZones) List(_ context.Context, _ skein.Actor, page control.Page) (list []skein.Zone, err error) {
	for i := range m.n {
		name := zone.Name(fmt.Sprintf("z%06d.example.", i))
		if page.After != "" && name <= zone.Name(page.After) {
			continue
		}
		if m.broken != 0 && i >= m.broken {
			return nil, errors.New("no space left on device")
		}
		if list = append(list, skein.Zone{Name: name}); len(list) == page.Limit {
			break
		}
	}
	return list, nil
}

// moving is a control with a zone that somebody else changes whenever it was read.
type moving struct{ Control }

func (moving) ZoneText(context.Context, skein.Actor, zone.Name) (skein.Zone, []byte, bool, error) {
	return skein.Zone{Name: "example.com.", Revision: 7, Serial: 7}, []byte("www 60 IN A 192.0.2.1\n"), true, nil
}

func (moving) EditRecords(_ context.Context, _ skein.Actor, in control.EditRecords) (control.Result, error) {
	if in.Expect == nil || *in.Expect != 7 {
		return control.Result{}, errors.New("the edit does not say what was read")
	}
	return control.Result{}, &skein.Error{Kind: skein.KindConflict, What: "zone example.com. is at revision 8", Cause: skein.ErrChanged}
}

// trusting is a control with a cPanel server and a BIND as members.
type trusting struct{ Control }

func (trusting) Members(context.Context, skein.Actor) ([]skein.Member, error) {
	return []skein.Member{{Name: "web1", Driver: "whm", Address: netip.MustParseAddr("192.0.2.80")}, {Name: "ns1", Driver: "bind", Address: netip.MustParseAddr("192.0.2.53")}}, nil
}
