// Package rndcsecondary drives Skein's own nameserver over rndc as a BIND
// would be: commands make, change and drop secondary zones, and the answers
// and result numbers are BIND's, so that what manages BINDs manages it unchanged.
package rndcsecondary

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/skein-dns/skein/internal/namedconf"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

// Zones are the secondary zones that commands act on.
type Zones interface {
	// Add starts a zone; false if there is one of that name.
	Add(name zone.Name, z namedconf.Zone) (added bool, err error)
	// Change replaces a zone's setup and goes on serving it; false if there is none.
	Change(name zone.Name, z namedconf.Zone) (known bool, err error)
	// Delete ends a zone and removes its file; false if there is none.
	Delete(name zone.Name) (known bool, err error)
	// Refresh asks the primaries for the serial soon; with whole set the zone
	// is transferred whatever the serial. False if there is no such zone.
	Refresh(name zone.Name, whole bool) (known bool)
	// Look returns a zone's setup and state; false if there is none.
	Look(name zone.Name) (Status, bool)
	Len() int
}

// Status is what is known of a zone. Until Loaded it has contents of no serial.
type Status struct {
	namedconf.Zone
	Loaded                    bool
	Serial                    uint32
	Nodes                     int
	Since, Refreshes, Expires time.Time
	Problem                   string // of the last look at a primary
}

// Door answers rndc commands.
type Door struct {
	Zones   Zones
	Keys    []string // names of the TSIG keys that it has
	Version string
	Started time.Time
}

// The results, by BIND's numbers and names (9.18).
var (
	alreadyExists  = rndc.Answer{Result: 18, Err: "already exists"}
	notFound       = rndc.Answer{Result: 23, Err: "not found"}
	failure        = rndc.Answer{Result: 25, Err: "failure"}
	unexpected     = rndc.Answer{Result: 32, Err: "unexpected token"}
	labelTooLong   = rndc.Answer{Result: 75, Err: "label too long"}
	badName        = rndc.Answer{Result: 77, Err: "empty label"}
	notLoaded      = rndc.Answer{Result: 123, Err: "zone not loaded"}
	unknownCommand = rndc.Answer{Result: 172, Err: "unknown command"}
)

// Handle is an rndc.Handler.
func (d *Door) Handle(_ context.Context, _ net.Addr, _ rndc.Key, line string) rndc.Answer {
	c, err := rndc.ParseCommand(line)
	if err != nil {
		return saying(unexpected, err.Error())
	}
	switch c.Name {
	case "null":
		return rndc.Answer{}
	case "status":
		return d.status()
	case "tsig-list":
		return d.tsigList()
	}
	act, ok := map[string]func(rndc.Command, zone.Name) rndc.Answer{
		"addzone": d.addzone, "modzone": d.modzone, "delzone": d.delzone,
		"refresh": d.refresh, "retransfer": d.retransfer, "notify": d.notify,
		"showzone": d.showzone, "zonestatus": d.zonestatus,
	}[c.Name]
	if !ok {
		return unknownCommand
	}
	name, err := zone.ParseName(c.Arg(0))
	if err != nil {
		return refusedName(c.Arg(0), err)
	}
	if view := c.Arg(2); view != "" && view != "_default" {
		return saying(notFound, fmt.Sprintf("no matching view found for '%s'", view))
	}
	return act(c, name)
}

func refusedName(s string, err error) rndc.Answer {
	for label := range strings.SplitSeq(s, ".") {
		if len(label) > 63 {
			return saying(labelTooLong, err.Error())
		}
	}
	return saying(badName, err.Error())
}

func saying(a rndc.Answer, text string) rndc.Answer {
	a.Text = text
	return a
}

func unknownZone(name zone.Name) rndc.Answer {
	return saying(notFound, fmt.Sprintf("no matching zone '%s' in any view", plain(name)))
}

// plain is a name as BIND prints it: lower case, no final dot.
func plain(name zone.Name) string {
	if name == zone.Root {
		return "."
	}
	return strings.TrimSuffix(string(name.Canonical()), ".")
}

func (d *Door) status() rndc.Answer {
	return rndc.Answer{Text: fmt.Sprintf("version: Skein %s\nboot time: %s\nnumber of zones: %d\nserver is up and running",
		d.Version, stamp(d.Started), d.Zones.Len())}
}

func (d *Door) tsigList() rndc.Answer {
	lines := make([]string, len(d.Keys))
	for i, key := range d.Keys {
		lines[i] = fmt.Sprintf(`view "_default"; type "static"; key "%s";`, strings.TrimSuffix(key, "."))
	}
	return rndc.Answer{Text: strings.Join(lines, "\n")}
}

// setup reads the block of addzone and modzone.
func setup(c rndc.Command) (namedconf.Zone, error) {
	z, err := namedconf.ParseZone(c.Block)
	switch {
	case err != nil:
		return z, err
	case !c.HasBlock:
		return z, namedconf.ErrSyntax
	case z.Type != "secondary":
		return z, fmt.Errorf("zones of type %q are not for this server: it is a secondary", z.Type)
	case len(z.Primaries) == 0:
		return z, errors.New("the zone has no primaries")
	}
	return z, nil
}

func (d *Door) addzone(c rndc.Command, name zone.Name) rndc.Answer {
	z, err := setup(c)
	if errors.Is(err, namedconf.ErrSyntax) {
		return saying(unexpected, err.Error())
	}
	added := false
	if err == nil {
		added, err = d.Zones.Add(name, z)
	}
	switch {
	case err != nil:
		return saying(failure, err.Error())
	case !added:
		return alreadyExists
	}
	return rndc.Answer{}
}

func (d *Door) modzone(c rndc.Command, name zone.Name) rndc.Answer {
	z, err := setup(c)
	known := false
	if err == nil {
		known, err = d.Zones.Change(name, z)
	}
	switch {
	case err != nil:
		return saying(failure, err.Error())
	case !known:
		return unknownZone(name)
	}
	return rndc.Answer{Text: fmt.Sprintf("zone '%s' reconfigured.", plain(name))}
}

func (d *Door) delzone(_ rndc.Command, name zone.Name) rndc.Answer {
	known, err := d.Zones.Delete(name)
	switch {
	case err != nil:
		return saying(failure, err.Error())
	case !known:
		return unknownZone(name)
	}
	return rndc.Answer{Text: fmt.Sprintf("zone '%s' and associated files will be deleted.", plain(name))}
}

func (d *Door) refresh(_ rndc.Command, name zone.Name) rndc.Answer {
	if !d.Zones.Refresh(name, false) {
		return unknownZone(name)
	}
	return rndc.Answer{Text: "zone refresh queued"}
}

func (d *Door) retransfer(_ rndc.Command, name zone.Name) rndc.Answer {
	if !d.Zones.Refresh(name, true) {
		return unknownZone(name)
	}
	return rndc.Answer{}
}

// notify has nobody to tell: nothing transfers from this secondary by NOTIFY.
func (d *Door) notify(_ rndc.Command, name zone.Name) rndc.Answer {
	if _, known := d.Zones.Look(name); !known {
		return unknownZone(name)
	}
	return rndc.Answer{Text: "zone notify queued"}
}

func (d *Door) showzone(_ rndc.Command, name zone.Name) rndc.Answer {
	z, known := d.Zones.Look(name)
	if !known {
		return unknownZone(name)
	}
	text, err := show(name, z.Zone)
	if err != nil {
		return saying(failure, err.Error())
	}
	return rndc.Answer{Text: text}
}

// show prints a zone as BIND's showzone does.
func show(name zone.Name, z namedconf.Zone) (string, error) {
	owner, err1 := namedconf.Quote(plain(name))
	file, err2 := namedconf.Quote(z.File)
	err := errors.Join(err1, err2)
	var primaries strings.Builder
	for _, p := range z.Primaries {
		primaries.WriteString(p.Address.String())
		if p.Port != 0 {
			fmt.Fprintf(&primaries, " port %d", p.Port)
		}
		if p.Key != "" {
			key, bad := namedconf.Quote(p.Key)
			err = errors.Join(err, bad)
			primaries.WriteString(" key " + key)
		}
		primaries.WriteString("; ")
	}
	return fmt.Sprintf("zone %s { type secondary; file %s; primaries { %s}; };", owner, file, primaries.String()), err
}

func (d *Door) zonestatus(_ rndc.Command, name zone.Name) rndc.Answer {
	z, known := d.Zones.Look(name)
	switch {
	case !known:
		return unknownZone(name)
	case !z.Loaded: // BIND leaves the reason to its log
		return saying(notLoaded, z.Problem)
	}
	return rndc.Answer{Text: fmt.Sprintf("name: %s\ntype: secondary\nfiles: %s\nserial: %d\nnodes: %d\nlast loaded: %s\nnext refresh: %s\nexpires: %s\nsecure: no\ndynamic: no\nreconfigurable via modzone: yes",
		plain(name), z.File, z.Serial, z.Nodes, stamp(z.Since), stamp(z.Refreshes), stamp(z.Expires))}
}

func stamp(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }
