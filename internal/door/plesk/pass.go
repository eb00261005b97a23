package plesk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// endPass is a task of our hook's, none of Plesk's: the end of a full pass, in
// which Plesk sent every zone that it speaks of. It names them all; the hook
// keeps that list, so that a node which restarts forgets nothing.
const endPass = "skein.endPass"

// maxForgotten bounds how many forgotten zones are listed; all are counted.
const maxForgotten = 1000

type passTask struct {
	Begun  time.Time         `json:"begun"`
	Zones  []json.RawMessage `json:"zones"`
	Delete bool              `json:"delete"`
}

// endPass finds the source's zones that Plesk did not send: those of suspended
// and disabled domains, zones that were switched off, and zones whose deletion
// never came. Which of these it is cannot be seen, so they are reported, and
// deleted only if that was asked for: each by a change of its own, which
// control holds where they are many.
func (p *push) endPass(ctx context.Context, id string, raw json.RawMessage, r *skein.TaskResult) error {
	var t passTask
	if err := json.Unmarshal(raw, &t); err != nil {
		return refuse("the end of the pass cannot be read: %v", err)
	}
	sent, err := t.names()
	if err != nil {
		return err
	}
	var counts struct{ zones, forgotten, deleted, left int }
	err = p.eachZone(ctx, func(name zone.Name, since time.Time) error {
		counts.zones++
		if sent[name.Canonical()] || since.After(t.Begun) {
			return nil
		}
		counts.forgotten++
		one, err := p.missing(ctx, id, name, t.Delete)
		r.Revision = max(r.Revision, one.Revision)
		switch {
		case one.Outcome == applied || one.Outcome == unchanged:
			counts.deleted++
		case t.Delete:
			counts.left++
		}
		if len(p.more) < maxForgotten {
			p.more = append(p.more, one)
		}
		return err
	})
	if err != nil {
		return err
	}
	r.Subject, r.Outcome = p.actor.Source, unchanged
	r.Text = fmt.Sprintf("Plesk sent %d zones; of the %d that are its here, it did not send %d", len(sent), counts.zones, counts.forgotten)
	if t.Delete {
		r.Text += fmt.Sprintf("; %d of them are deleted, %d are not", counts.deleted, counts.left)
	}
	if counts.deleted > 0 {
		r.Outcome = applied
	}
	return nil
}

// names are the zones that were sent, in canonical form. A name that cannot be
// read is one that its own task was refused for.
func (t passTask) names() (map[zone.Name]bool, error) {
	if len(t.Zones) == 0 {
		return nil, refuse("the pass names no zone: then Plesk was not asked to send any")
	}
	sent := make(map[zone.Name]bool, len(t.Zones))
	for _, raw := range t.Zones {
		var text scalar
		_ = text.UnmarshalJSON(raw)
		if name, err := parseName(string(text)); err == nil {
			sent[name.Canonical()] = true
		}
	}
	return sent, nil
}

// missing reports a zone that Plesk did not send, or deletes it.
func (p *push) missing(ctx context.Context, id string, name zone.Name, del bool) (skein.TaskResult, error) {
	r := skein.TaskResult{Command: endPass, Subject: string(name), Outcome: forgotten, Text: "Plesk did not send it"}
	if !del {
		r.Text += ": suspended, disabled, switched off, or deleted without a word; it is served on"
		return r, nil
	}
	err := p.drop(ctx, id+"/"+string(name.Canonical()), name, &r)
	return r, settle(&r, err)
}

// eachZone calls do for the source's zones, once for each, with the time since
// when it is there.
func (p *push) eachZone(ctx context.Context, do func(name zone.Name, since time.Time) error) error {
	seen := map[zone.Name]bool{} // in mode transfer: most are in both lists
	page := control.Page{Limit: 1000}
	for {
		zones, err := p.control.List(ctx, p.actor, page)
		if err != nil {
			return err
		}
		for _, z := range zones {
			if p.mode == skein.ModeTransfer {
				seen[z.Name.Canonical()] = true
			}
			if err := do(z.Name, z.Created); err != nil {
				return err
			}
		}
		if len(zones) < page.Limit {
			break
		}
		page.After = string(zones[len(zones)-1].Name)
	}
	if p.mode != skein.ModeTransfer {
		return nil
	}
	return p.eachAsked(ctx, func(z skein.TransferZone) error {
		if seen[z.Name.Canonical()] {
			return nil
		}
		return do(z.Name, z.At)
	})
}

// eachAsked calls do for the zones that the source asks to be transferred.
func (p *push) eachAsked(ctx context.Context, do func(skein.TransferZone) error) error {
	q := control.TransferQuery{Source: p.actor.Source, Limit: 1000}
	for {
		zones, err := p.control.TransferZones(ctx, p.actor, q)
		if err != nil {
			return err
		}
		for _, z := range zones {
			if err := do(z); err != nil {
				return err
			}
		}
		if len(zones) < q.Limit {
			return nil
		}
		q.After = zones[len(zones)-1]
	}
}
