package plesk

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// putZone creates a zone or replaces its contents. Plesk's two commands are
// one here: both carry everything, and after a change that was lost the other
// one is what comes.
func (p *push) putZone(ctx context.Context, id string, raw json.RawMessage, r *skein.TaskResult) error {
	if p.mode == skein.ModeTransfer {
		return p.transferZone(ctx, raw, r)
	}
	z, origin, err := parseZone(raw, r)
	if err != nil {
		return err
	}
	t := &translation{origin: origin, index: map[setKey]int{}}
	sets, err := t.zone(z)
	r.Problems = t.problems()
	if err != nil {
		return err
	}
	res, err := p.once(origin, id, func(id string) (control.Result, error) {
		return p.control.PutZone(ctx, p.actor, control.PutZone{Name: origin, Sets: sets, Tolerant: true, ChangeID: id})
	})
	if err != nil {
		return err
	}
	settled(r, res)
	r.Text = sentence(res) + t.leftOut()
	return nil
}

// sentence says what became of a zone.
func sentence(res control.Result) string {
	added, removed := 0, 0
	for _, s := range res.Delta.Add {
		added += len(s.Data)
	}
	for _, s := range res.Delta.Del {
		removed += len(s.Data)
	}
	switch {
	case !res.Changed:
		return "the zone was like that already"
	case res.Created:
		return fmt.Sprintf("created with %d records, serial %d", res.Zone.Records, res.Zone.Serial)
	case res.Delta.IsZero(): // a push that was delivered before
		return fmt.Sprintf("serial %d", res.Zone.Serial)
	}
	return fmt.Sprintf("%d records came, %d went, serial %d", added, removed, res.Zone.Serial)
}

// deleteZone deletes a zone. One that is not there is what was asked for.
func (p *push) deleteZone(ctx context.Context, id string, raw json.RawMessage, r *skein.TaskResult) error {
	_, origin, err := parseZone(raw, r)
	if err != nil {
		return err
	}
	return p.drop(ctx, id, origin, r)
}

func (p *push) drop(ctx context.Context, id string, origin zone.Name, r *skein.TaskResult) error {
	if p.mode == skein.ModeTransfer {
		if done, err := p.dropTransfer(ctx, origin, r); done || err != nil {
			return err
		}
	}
	res, err := p.once(origin, id, func(id string) (control.Result, error) {
		return p.control.DeleteZone(ctx, p.actor, control.DeleteZone{Name: origin, ChangeID: id})
	})
	if skein.KindOf(err) == skein.KindNotFound {
		r.Outcome, r.Text = unchanged, "there is no such zone"
		return nil
	}
	if err != nil {
		return err
	}
	settled(r, res)
	return nil
}

func parseZone(raw json.RawMessage, r *skein.TaskResult) (z zoneTask, origin zone.Name, err error) {
	if !isObject(raw) {
		return z, "", refuse("the task has no zone")
	}
	if err := json.Unmarshal(raw, &z); err != nil {
		return z, "", refuse("the task's zone cannot be read: %v", err)
	}
	name := z.Name
	if name == "" {
		name = z.DisplayName
	}
	r.Subject = clean(string(name))
	if origin, err = parseName(string(name)); err != nil {
		return z, "", refuse("%v", err)
	}
	r.Subject = string(origin)
	return z, origin, nil
}
