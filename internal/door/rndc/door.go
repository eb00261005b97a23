// Package rndc is the door of BIND's control protocol: whatever drives a BIND
// as a secondary (Plesk's Slave DNS Manager, a script around rndc, Skein's own
// driver) drives Skein unchanged. Commands make, change and drop secondary
// zones; the answers and result numbers are BIND's (9.18).
//
// Door answers for one set of zones, of the nameserver that stands alone or of
// one source. Sources finds out whose key signed, and what zones that means.
package rndc

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/skein-dns/skein/internal/namedconf"
	wire "github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

// Zones are the secondary zones that commands act on. Whoever sent a command
// is told its error.
type Zones interface {
	// Add starts a zone; false if there is one of that name.
	Add(ctx context.Context, name zone.Name, z namedconf.Zone) (added bool, err error)
	// Change replaces a zone's setup and goes on serving it; false if there is none.
	Change(ctx context.Context, name zone.Name, z namedconf.Zone) (known bool, err error)
	// Delete ends a zone and removes what is kept of it; false if there is none.
	Delete(ctx context.Context, name zone.Name) (known bool, err error)
	// Refresh asks the primaries for the serial soon; with whole set the zone
	// is transferred whatever the serial. False if there is no such zone.
	Refresh(ctx context.Context, name zone.Name, whole bool) (known bool, err error)
	// Look returns a zone's setup and state; false if there is none.
	Look(ctx context.Context, name zone.Name) (s Status, known bool, err error)
	Len(context.Context) (int, error)
	// Keys are the names of the TSIG keys that primaries can be asked with.
	Keys(context.Context) ([]string, error)
}

// Status is what is known of a zone. Until Loaded it has contents of no serial.
type Status struct {
	namedconf.Zone
	State
}

// State is how far the transfers of a zone are.
type State struct {
	Loaded                    bool
	Serial                    uint32
	Nodes                     int
	Since, Refreshes, Expires time.Time
	Problem                   string // of the last look at a primary
}

// Door answers rndc commands.
type Door struct {
	Zones   Zones
	Version string
	Started time.Time
}

// Handle is an rndc.Handler.
func (d *Door) Handle(ctx context.Context, _ net.Addr, _ wire.Key, line string) wire.Answer {
	c, err := wire.ParseCommand(line)
	if err != nil {
		return saying(unexpected, err.Error())
	}
	if act, ok := d.ofServer(c); ok {
		return act(ctx)
	}
	act, ok := d.ofZone(c.Name)
	if !ok {
		return unknownCommand
	}
	name, refusal := zoneOf(c)
	if refusal.Result != 0 {
		return refusal
	}
	return act(ctx, c, name)
}

// ofServer returns what a command does that is about no zone.
func (d *Door) ofServer(c wire.Command) (act func(context.Context) wire.Answer, ok bool) {
	if len(c.Args) == 0 {
		switch c.Name {
		case "reload": // there is nothing that would be read again
			return always(wire.Answer{Text: "server reload successful"}), true
		case "freeze", "thaw", "sync":
			return always(wire.Answer{}), true
		}
	}
	switch c.Name {
	case "status":
		return d.status, true
	case "tsig-list":
		return d.tsigList, true
	case "null", "reconfig":
		return always(wire.Answer{}), true
	case "stop", "halt":
		return always(saying(denied, "Skein is not stopped over this channel")), true
	}
	return nil, false
}

func always(a wire.Answer) func(context.Context) wire.Answer {
	return func(context.Context) wire.Answer { return a }
}

// ofZone returns what a command does that is about one zone.
func (d *Door) ofZone(command string) (act func(context.Context, wire.Command, zone.Name) wire.Answer, ok bool) {
	switch command {
	case "addzone":
		return d.addzone, true
	case "modzone":
		return d.modzone, true
	case "delzone":
		return d.delzone, true
	case "refresh", "reload":
		return d.refresh, true
	case "retransfer":
		return d.retransfer, true
	case "showzone":
		return d.showzone, true
	case "zonestatus":
		return d.zonestatus, true
	case "notify": // members are told by themselves
		return d.there(wire.Answer{Text: "zone notify queued"}), true
	case "sync": // nothing waits to be written
		return d.there(wire.Answer{}), true
	case "freeze", "thaw": // of dynamic updates, which secondaries do not take
		return d.there(notPrimary), true
	}
	return nil, false
}

// there answers if the zone is there.
func (d *Door) there(a wire.Answer) func(context.Context, wire.Command, zone.Name) wire.Answer {
	return func(ctx context.Context, c wire.Command, name zone.Name) wire.Answer {
		_, known, err := d.Zones.Look(ctx, name)
		return outcome(c, name, known, err, a)
	}
}

func (d *Door) status(ctx context.Context) wire.Answer {
	n, err := d.Zones.Len(ctx)
	if err != nil {
		return refusal(err)
	}
	return wire.Answer{Text: fmt.Sprintf("version: Skein %s\nboot time: %s\nnumber of zones: %d\nserver is up and running",
		d.Version, stamp(d.Started), n)}
}

func (d *Door) tsigList(ctx context.Context) wire.Answer {
	keys, err := d.Zones.Keys(ctx)
	if err != nil {
		return refusal(err)
	}
	lines := make([]string, len(keys))
	for i, key := range keys {
		lines[i] = fmt.Sprintf(`view "_default"; type "static"; key "%s";`, strings.TrimSuffix(key, "."))
	}
	return wire.Answer{Text: strings.Join(lines, "\n")}
}

func (d *Door) addzone(ctx context.Context, c wire.Command, name zone.Name) wire.Answer {
	z, refused := setup(c)
	if refused.Result != 0 {
		return refused
	}
	added, err := d.Zones.Add(ctx, name, z)
	switch {
	case err != nil:
		return refusal(err)
	case !added:
		return alreadyExists
	}
	return wire.Answer{}
}

func (d *Door) modzone(ctx context.Context, c wire.Command, name zone.Name) wire.Answer {
	z, refused := setup(c)
	if refused.Result != 0 {
		return refused
	}
	known, err := d.Zones.Change(ctx, name, z)
	if err == nil && !known {
		return notFound // without a word, as BIND
	}
	return outcome(c, name, known, err, wire.Answer{Text: fmt.Sprintf("zone '%s' reconfigured.", plain(name))})
}

func (d *Door) delzone(ctx context.Context, c wire.Command, name zone.Name) wire.Answer {
	text := fmt.Sprintf("zone '%s' will be deleted.", plain(name))
	for _, flag := range c.Flags {
		if flag == "-clean" { // there are no files that would stay without it
			text = fmt.Sprintf("zone '%s' and associated files will be deleted.", plain(name))
		}
	}
	known, err := d.Zones.Delete(ctx, name)
	return outcome(c, name, known, err, wire.Answer{Text: text})
}

func (d *Door) refresh(ctx context.Context, c wire.Command, name zone.Name) wire.Answer {
	known, err := d.Zones.Refresh(ctx, name, false)
	return outcome(c, name, known, err, wire.Answer{Text: "zone refresh queued"})
}

func (d *Door) retransfer(ctx context.Context, c wire.Command, name zone.Name) wire.Answer {
	known, err := d.Zones.Refresh(ctx, name, true)
	return outcome(c, name, known, err, wire.Answer{})
}

func (d *Door) showzone(ctx context.Context, c wire.Command, name zone.Name) wire.Answer {
	z, known, err := d.Zones.Look(ctx, name)
	if err != nil || !known {
		return outcome(c, name, known, err, wire.Answer{})
	}
	text, err := show(name, z.Zone)
	if err != nil {
		return refusal(err)
	}
	return wire.Answer{Text: text}
}

func (d *Door) zonestatus(ctx context.Context, c wire.Command, name zone.Name) wire.Answer {
	z, known, err := d.Zones.Look(ctx, name)
	switch {
	case err != nil || !known:
		return outcome(c, name, known, err, wire.Answer{})
	case !z.Loaded: // BIND leaves the reason to its log
		return saying(notLoaded, z.Problem)
	}
	expires := ""
	if !z.Expires.IsZero() { // else it does not
		expires = "\nexpires: " + stamp(z.Expires)
	}
	return wire.Answer{Text: fmt.Sprintf("name: %s\ntype: secondary\nfiles: %s\nserial: %d\nnodes: %d\nlast loaded: %s\nnext refresh: %s%s\nsecure: no\ndynamic: no\nreconfigurable via modzone: yes",
		plain(name), z.File, z.Serial, z.Nodes, stamp(z.Since), stamp(z.Refreshes), expires)}
}
