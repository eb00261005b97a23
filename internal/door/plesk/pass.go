package plesk

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
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
	counts := tally{named: len(sent)}
	err = p.eachZone(ctx, func(name zone.Name, since time.Time) error {
		counts.here++
		if sent[name.Canonical()] {
			counts.sent++
			return nil
		}
		if since.After(t.Begun) {
			return nil
		}
		one, err := p.missing(ctx, id, name, t.Delete)
		counts.forgotten++
		if one.Outcome == applied || one.Outcome == unchanged {
			counts.deleted++
		}
		r.Revision = max(r.Revision, one.Revision)
		if len(p.more) < maxForgotten {
			p.more = append(p.more, one)
		}
		return err
	})
	if err != nil {
		return err
	}
	r.Subject, r.Outcome, r.Text = p.actor.Source, unchanged, counts.sentence(t.Delete)
	if counts.deleted > 0 {
		r.Outcome = applied
	}
	if !t.Delete {
		p.askTheirs(ctx)
	}
	return nil
}

// tally counts zones at the end of a pass.
type tally struct {
	named     int // by Plesk
	here      int // the source's
	sent      int // of these, that Plesk sent
	forgotten int // and that it did not
	deleted   int // of these
}

func (t tally) sentence(deleting bool) string {
	s := fmt.Sprintf("Plesk sent %d zones; of the %d that are its here, it did not send %d", t.named, t.here, t.forgotten)
	if deleting {
		s += fmt.Sprintf(" (%d are deleted, %d are not)", t.deleted, t.forgotten-t.deleted)
	}
	if missing := t.named - t.sent; missing > 0 {
		s += fmt.Sprintf("; %d that it sent are not its here: they were refused, or wait for a person", missing)
	}
	return s
}

// How Plesk's nameserver is asked for the zones that it may have forgotten: a
// person waits for the answer.
const (
	askAtOnce = 20
	askFor    = 5 * time.Second
)

// askTheirs adds to each forgotten zone whether Plesk's own nameserver still
// has it, which tells a domain that was switched off from one that is gone.
func (p *push) askTheirs(ctx context.Context) {
	at, err := p.nameserver()
	if p.theirs.Serial == nil || err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	var workers sync.WaitGroup
	next := make(chan *skein.TaskResult)
	for range min(askAtOnce, len(p.more)) {
		workers.Go(func() {
			for r := range next {
				serial, err := p.theirs.Serial(ctx, zone.Name(r.Subject), at)
				switch {
				case err == nil:
					r.Text += fmt.Sprintf("; Plesk's nameserver %s has it, serial %d", at, serial)
				case ctx.Err() == nil:
					r.Text += "; Plesk's nameserver does not have it: " + clean(err.Error())
				}
			}
		})
	}
	for i := range p.more {
		if p.more[i].Outcome != forgotten {
			continue
		}
		select {
		case next <- &p.more[i]:
		case <-ctx.Done():
		}
	}
	close(next)
	workers.Wait()
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
