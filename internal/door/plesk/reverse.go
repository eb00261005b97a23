package plesk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// How many bits a reverse zone has that is made because none covers an
// address: one network as it is usually given out. A wider one would answer
// for neighbours.
const (
	reverseBits4 = 24
	reverseBits6 = 64
)

// createPTR adds a pointer: an address may have several names. The set is
// stamped as this source's, so that no other Plesk touches it in a reverse
// zone that they share.
func (p *push) createPTR(ctx context.Context, id string, raw json.RawMessage, r *skein.TaskResult) error {
	t, addr, err := parsePTR(raw, r)
	if err != nil {
		return err
	}
	if t.Hostname == "" {
		return refuse("the task has no hostname")
	}
	host, err := parseName(strings.TrimSpace(string(t.Hostname)))
	if err != nil {
		return refuse("%v", err)
	}
	in, found, err := p.reverseZone(ctx, addr)
	if err == nil && !found {
		in, err = p.makeReverseZone(ctx, id+"/zone", addr, host, r)
	}
	if err != nil {
		return err
	}
	edit := pointerEdit(control.OpAdd, addr)
	edit.Set.Data = []zone.Rdata{zone.Rdata(host.AppendWire(nil))}
	res, err := p.editPTR(ctx, id, in, edit)
	if err != nil {
		return err
	}
	settled(r, res)
	r.Text = fmt.Sprintf("%s points to %s, in zone %s", edit.Set.Name, host, in)
	return nil
}

// deletePTR takes a pointer away, or without a host name all of an address. One
// that is not there is what was asked for.
func (p *push) deletePTR(ctx context.Context, id string, raw json.RawMessage, r *skein.TaskResult) error {
	t, addr, err := parsePTR(raw, r)
	if err != nil {
		return err
	}
	edit := pointerEdit(control.OpDelete, addr)
	if t.Hostname != "" {
		host, err := parseName(strings.TrimSpace(string(t.Hostname)))
		if err != nil {
			return refuse("%v", err)
		}
		edit.Set.Data = []zone.Rdata{zone.Rdata(host.AppendWire(nil))}
	}
	in, found, err := p.reverseZone(ctx, addr)
	if err != nil {
		return err
	}
	if !found {
		r.Outcome, r.Text = unchanged, "no reverse zone covers the address"
		return nil
	}
	res, err := p.editPTR(ctx, id, in, edit)
	if skein.KindOf(err) == skein.KindNotFound {
		r.Outcome, r.Text = unchanged, fmt.Sprintf("there is no such pointer in zone %s", in)
		return nil
	}
	if err != nil {
		return err
	}
	settled(r, res)
	return nil
}

func parsePTR(raw json.RawMessage, r *skein.TaskResult) (t ptrTask, addr netip.Addr, err error) {
	if !isObject(raw) {
		return t, addr, refuse("the task has no ptr")
	}
	if err := json.Unmarshal(raw, &t); err != nil {
		return t, addr, refuse("the task's ptr cannot be read: %v", err)
	}
	r.Subject = clean(string(t.Address))
	if addr, err = parseAddress(string(t.Address)); err != nil {
		return t, addr, refuse("%v", err)
	}
	r.Subject = addr.String()
	return t, addr, nil
}

func pointerEdit(op control.Op, addr netip.Addr) control.Edit {
	return control.Edit{Op: op, Set: zone.RRset{Name: zone.Reverse(addr, addr.BitLen()), Type: zone.TypePTR}, KeepTTL: true}
}

func (p *push) editPTR(ctx context.Context, id string, in zone.Name, edit control.Edit) (control.Result, error) {
	return p.once(in, id, func(id string) (control.Result, error) {
		return p.control.EditRecords(ctx, p.actor, control.EditRecords{
			Zone: in, Edits: []control.Edit{edit}, Tolerant: true, Stamp: p.actor.Source, ChangeID: id,
		})
	})
}

// reverseZone finds the longest zone that covers an address.
func (p *push) reverseZone(ctx context.Context, addr netip.Addr) (in zone.Name, found bool, err error) {
	top := zone.Reverse(addr, 0)
	for in = zone.Reverse(addr, addr.BitLen()); ; in = in.Parent() {
		_, err := p.control.Zone(ctx, p.actor, in)
		switch kind := skein.KindOf(err); {
		case err == nil || kind == skein.KindForbidden: // whether it may be touched is said at the edit
			return in, true, nil
		case kind != skein.KindNotFound:
			return "", false, err
		case in == top:
			return "", false, nil
		}
	}
}

// makeReverseZone makes the zone of an address's network, which every source
// may then put pointers into.
func (p *push) makeReverseZone(ctx context.Context, id string, addr netip.Addr, host zone.Name, r *skein.TaskResult) (zone.Name, error) {
	bits := reverseBits6
	if addr.Is4() {
		bits = reverseBits4
	}
	origin := zone.Reverse(addr, bits)
	soa, ns, err := p.nameservers(ctx, host)
	if err != nil {
		return "", err
	}
	guessed := ns == nil
	if guessed {
		soa, ns = zone.SOA{MName: host, RName: hostmaster(host)}, []zone.Rdata{zone.Rdata(host.AppendWire(nil))}
	}
	soa.Serial, soa.Refresh, soa.Retry, soa.Expire, soa.Minimum = 0, defaultRefresh, defaultRetry, defaultExpire, reverseTTL
	res, err := p.once(origin, id, func(id string) (control.Result, error) {
		return p.control.PutZone(ctx, p.actor, control.PutZone{Name: origin, Tolerant: true, Shared: true, ChangeID: id, Sets: []zone.RRset{
			{Name: origin, Type: zone.TypeSOA, TTL: reverseTTL, Data: []zone.Rdata{soa.Rdata()}},
			{Name: origin, Type: zone.TypeNS, TTL: reverseTTL, Data: ns},
		}})
	})
	r.Problems = append(r.Problems, res.Warnings...)
	if err == nil && res.Created && guessed {
		r.Problems = append(r.Problems, skein.Problem{Name: string(origin), Warning: true, Text: fmt.Sprintf(
			"zone %s was made with %s as its only nameserver, since the zone of that host is not here to take the right ones from: set its NS records yourself", origin, host)})
	}
	return origin, err
}

// reverseTTL is the TTL of what is in a reverse zone that was made here.
const reverseTTL = 3600

// nameservers returns the SOA and the NS records of the zone that a host name
// is in: whoever serves that serves its reverse zone. None if it is not here.
func (p *push) nameservers(ctx context.Context, host zone.Name) (soa zone.SOA, ns []zone.Rdata, err error) {
	for name := host; name != zone.Root; name = name.Parent() {
		_, contents, err := p.control.Contents(ctx, p.actor, name)
		switch skein.KindOf(err) {
		case "":
			soa, _ = contents.SOA()
			set, _ := contents.Get(name, zone.TypeNS)
			return soa, set.Data, nil
		case skein.KindNotFound:
		case skein.KindForbidden:
			return soa, nil, nil
		default:
			return soa, nil, err
		}
	}
	return soa, nil, nil
}
