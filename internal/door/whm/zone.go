package whm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/zone"
)

// outcome is what became of one zone.
type outcome struct {
	zone    string // as people write it
	said    string // the line, if it was not refused
	refused string // why
}

func (o outcome) line() string {
	if o.refused != "" {
		return dnsadmin.Refused(o.zone, o.refused)
	}
	return o.said
}

// save creates a zone or replaces its contents, as all calls that bring a text
// do: a zone that nobody serves would be of no use. The error is one that may
// go away by itself.
func (d *Door) save(ctx context.Context, c *call, name zone.Name, text []byte) (outcome, error) {
	o := outcome{zone: plain(name)}
	sets, _, err := zone.Parse(bytes.NewReader(text), zone.Options{Origin: name, MaxRecords: recordsOf(text)})
	if err != nil {
		return o.settle(skein.InvalidZone(name, err))
	}
	if !d.Ids.First(c.actor.Source, dnsadmin.ActionSave, key(name), c.args.uniqid) {
		o.said = fmt.Sprintf("%s => was saved on %s already\n", o.zone, d.Hostname)
		return o, nil
	}
	serial, has := serialOf(name, sets)
	if has { // whoever passes it on may be faster than the answer
		d.Ids.Mark(key(name), serial, c.args.uniqid)
	}
	res, err := d.Control.PutZone(ctx, c.actor, control.PutZone{Name: name, Sets: sets, Tolerant: true, Text: text, Ahead: true,
		ChangeID: c.changeID(dnsadmin.ActionSave, name, text)})
	if err != nil {
		d.Ids.Forget(dnsadmin.ActionSave, key(name), c.args.uniqid)
		return o.settle(err)
	}
	d.Ids.Mark(key(name), res.Zone.Serial, c.args.uniqid)
	d.registered.forget(c.actor.Source, name)
	if !res.Changed {
		o.said = fmt.Sprintf("%s => unchanged on %s, serial %d\n", o.zone, d.Hostname, res.Zone.Serial)
		return o, nil
	}
	o.said = fmt.Sprintf("%s => saved on %s, serial %d\n", o.zone, d.Hostname, res.Zone.Serial)
	return o, nil
}

// remove deletes a zone. One that is not there is what was asked for.
func (d *Door) remove(ctx context.Context, c *call, name zone.Name) (outcome, error) {
	o := outcome{zone: plain(name)}
	d.registered.forget(c.actor.Source, name)
	if !d.Ids.First(c.actor.Source, dnsadmin.ActionRemove, key(name), c.args.uniqid) {
		o.said = dnsadmin.Deleted(o.zone, d.Hostname)
		return o, nil
	}
	d.Ids.Mark(key(name), 0, c.args.uniqid)
	_, err := d.Control.DeleteZone(ctx, c.actor, control.DeleteZone{Name: name, ChangeID: c.changeID(dnsadmin.ActionRemove, name, nil)})
	switch {
	case skein.KindOf(err) == skein.KindNotFound:
		o.said = fmt.Sprintf("%s => is not on %s\n", o.zone, d.Hostname)
	case err != nil:
		d.Ids.Forget(dnsadmin.ActionRemove, key(name), c.args.uniqid)
		return o.settle(err)
	default:
		o.said = dnsadmin.Deleted(o.zone, d.Hostname)
	}
	return o, nil
}

// settle makes a refusal of an error, unless it may go away by itself.
func (o outcome) settle(err error) (outcome, error) {
	switch skein.KindOf(err) {
	case skein.KindInvalid, skein.KindForbidden, skein.KindConflict, skein.KindNotFound:
	default:
		return o, err
	}
	o.refused = err.Error() // it says so where a person is to look at it
	var e *skein.Error
	if !errors.As(err, &e) {
		return o, nil
	}
	for i, p := range e.Problems {
		if i == maxFindings {
			o.refused += fmt.Sprintf("; and %d more", len(e.Problems)-i)
			break
		}
		if p.Line > 0 {
			o.refused += fmt.Sprintf("; line %d: %s", p.Line, p.Text)
		} else {
			o.refused += "; " + p.Text
		}
	}
	o.refused = clean(o.refused)
	return o, nil
}

// recordsOf bounds the records of a zone by the length of its text, so that a
// line of $GENERATE does not take more memory than what was sent allows for:
// a record that is written out takes eight octets at least.
func recordsOf(text []byte) int { return min(maxGenerated+len(text)/8, maxRecords) }

// maxFindings bounds what is told of one zone.
const maxFindings = 5

// key is a zone's name as ids know it.
func key(name zone.Name) string { return plain(name.Canonical()) }

func serialOf(name zone.Name, sets []zone.RRset) (uint32, bool) {
	for _, s := range sets {
		if s.Type == zone.TypeSOA && s.Name.Equal(name) && len(s.Data) == 1 {
			soa, err := zone.ParseSOA(s.Data[0])
			return soa.Serial, err == nil
		}
	}
	return 0, false
}

// maxChangeID is how long control takes one, in octets.
const maxChangeID = 200

// changeID makes a repeated call harmless, also after a restart. Two texts are
// two changes, even where a sender uses an id twice. Without an id of the
// sender's control makes one up.
func (c *call) changeID(action string, name zone.Name, text []byte) string {
	if c.args.uniqid == "" {
		return ""
	}
	id := fmt.Sprintf("whm/%s/%s/%s/%s", c.actor.Source, c.args.uniqid, action, key(name))
	if text != nil {
		sum := sha256.Sum256(text)
		id += fmt.Sprintf("/%x", sum[:8])
	}
	if len(id) > maxChangeID {
		id = fmt.Sprintf("whm/%x", sha256.Sum256([]byte(id)))
	}
	return id
}
