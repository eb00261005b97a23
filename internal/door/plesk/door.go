// Package plesk is the door of Plesk's custom DNS backend: it turns the tasks
// that Plesk writes to a program's standard input into changes of zones.
//
// A push may be delivered twice (the spool does not know whether an answer
// that it never saw was a yes), and the second delivery must change nothing:
// every task has a change id of its own, made from the push's.
package plesk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// Control is what the door needs of control.
type Control interface {
	Admit(context.Context, skein.Actor) error
	PutZone(context.Context, skein.Actor, control.PutZone) (control.Result, error)
	EditRecords(context.Context, skein.Actor, control.EditRecords) (control.Result, error)
	DeleteZone(context.Context, skein.Actor, control.DeleteZone) (control.Result, error)
	Zone(context.Context, skein.Actor, zone.Name) (skein.Zone, error)
	Contents(context.Context, skein.Actor, zone.Name) (skein.Zone, zone.Contents, error)
	List(context.Context, skein.Actor, control.Page) ([]skein.Zone, error)
	Source(ctx context.Context, actor skein.Actor, name string) (skein.Source, error)
	AddTransferZone(context.Context, skein.Actor, skein.TransferZone) (created bool, err error)
	DeleteTransferZone(context.Context, skein.Actor, zone.Name) error
	TransferZones(context.Context, skein.Actor, control.TransferQuery) ([]skein.TransferZone, error)
}

// Nameservers is what the door needs of Plesk's own nameserver. Either may be nil.
type Nameservers struct {
	// Refresh has a zone of a source looked at soon, at its primary; false if
	// it is not being transferred.
	Refresh func(name zone.Name, source string) bool
	// Serial asks a nameserver for a zone's serial; an error says why there is none.
	Serial func(ctx context.Context, name zone.Name, at netip.AddrPort) (uint32, error)
}

// Door is safe for concurrent use. Pushes of one source are carried out one
// after the other.
type Door struct {
	control Control
	theirs  Nameservers
	log     *slog.Logger
	turns   turns
}

// New makes a door. A nil log is silent.
func New(c Control, theirs Nameservers, log *slog.Logger) *Door {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Door{control: c, theirs: theirs, log: log, turns: turns{busy: map[string]chan struct{}{}}}
}

// The outcomes of a task.
const (
	applied   = "applied"
	unchanged = "unchanged"
	waiting   = "waiting"   // for a person: it has arrived, and need not be sent again
	forgotten = "forgotten" // by the panel, as a full pass has shown
	ignored   = "ignored"
	refused   = "refused"
)

// Handle carries out what Plesk sent in one call: an array of tasks, or one
// task. The report has every task once, in order; one that is refused or
// waits for a person does not hold up the others. An error of KindInvalid means that the push itself is
// not right, and nothing was done. After any other error the same push, with
// the same change id, is to be handed over again, before any later one.
func (d *Door) Handle(ctx context.Context, actor skein.Actor, changeID string, body []byte) (skein.DoorReport, error) {
	tasks, err := split(body)
	if err != nil {
		return skein.DoorReport{}, err
	}
	switch {
	case changeID == "":
		changeID = rand.Text()
	case len(changeID) > maxID:
		changeID = fmt.Sprintf("%x", sha256.Sum256([]byte(changeID)))
	}
	release, err := d.turns.take(ctx, actor.Source)
	if err != nil {
		return skein.DoorReport{}, err
	}
	defer release()
	// Whoever holds the credentials, a panel is a source and no administrator.
	actor.Door, actor.Admin = "plesk", false
	p := &push{control: d.control, theirs: d.theirs, actor: actor, last: map[zone.Name]skein.Revision{}}
	if err := p.setup(ctx); err != nil {
		return skein.DoorReport{}, err
	}
	report := skein.DoorReport{Source: actor.Source, Mode: p.mode, Tasks: make([]skein.TaskResult, 0, len(tasks))}
	for i, raw := range tasks {
		r, err := p.carryOut(ctx, fmt.Sprintf("%s/%d", changeID, i), raw)
		if err != nil {
			return skein.DoorReport{}, fmt.Errorf("task %d, %s %s: %w", i+1, r.Command, r.Subject, err)
		}
		for _, r := range append([]skein.TaskResult{r}, p.more...) {
			d.logTask(ctx, actor, r)
			report.Tasks = append(report.Tasks, r)
		}
		p.more = nil
	}
	return report, nil
}

func (d *Door) logTask(ctx context.Context, actor skein.Actor, r skein.TaskResult) {
	level := slog.LevelInfo
	if r.Outcome == refused || r.Outcome == waiting || r.Outcome == forgotten {
		level = slog.LevelWarn
	}
	d.log.Log(ctx, level, "task of a Plesk push", "source", actor.Source, "command", r.Command, "subject", r.Subject,
		"outcome", r.Outcome, "text", r.Text, "problems", len(r.Problems))
}

// push is one push while it is carried out.
type push struct {
	control   Control
	theirs    Nameservers
	actor     skein.Actor
	mode      string                       // of its source
	primaries *skein.TransferSetup         // of its source, in mode transfer
	last      map[zone.Name]skein.Revision // of each zone that this push came to, in canonical form
	more      []skein.TaskResult           // that a task has beside its own
}

// carryOut does one task. The error is one that may go away by itself;
// everything else is an outcome.
func (p *push) carryOut(ctx context.Context, id string, raw json.RawMessage) (skein.TaskResult, error) {
	var t task
	if err := json.Unmarshal(raw, &t); err != nil {
		return skein.TaskResult{Outcome: refused, Text: "the task is no JSON object"}, nil
	}
	r := skein.TaskResult{Command: clean(string(t.Command))}
	var err error
	switch t.Command {
	case "create", "update":
		err = p.putZone(ctx, id, t.Zone, &r)
	case "delete":
		err = p.deleteZone(ctx, id, t.Zone, &r)
	case "createPTRs":
		err = p.createPTR(ctx, id, t.PTR, &r)
	case "deletePTRs":
		err = p.deletePTR(ctx, id, t.PTR, &r)
	case endPass:
		err = p.endPass(ctx, id, t.Pass, &r)
	default:
		r.Outcome, r.Text = ignored, "Skein does not know this command"
	}
	return r, settle(&r, err)
}

// settle makes a refusal of an error, unless it may go away by itself.
func settle(r *skein.TaskResult, err error) error {
	if err == nil {
		return nil
	}
	switch skein.KindOf(err) {
	case skein.KindInvalid, skein.KindForbidden, skein.KindConflict, skein.KindNotFound:
	default:
		return err
	}
	r.Outcome, r.Text, r.Revision = refused, err.Error(), 0
	var e *skein.Error
	if !errors.As(err, &e) {
		return nil
	}
	r.Problems = append(r.Problems, e.Problems...)
	if e.Waiting != 0 { // kept: sent again it would only come to the same
		r.Outcome, r.Waiting = waiting, e.Waiting
	}
	return nil
}

func refuse(format string, args ...any) error {
	return &skein.Error{Kind: skein.KindInvalid, What: fmt.Sprintf(format, args...)}
}

// once makes a change under an id that makes repeating it harmless.
//
// One thing is left to see to. A task that changed nothing left no id behind;
// at a second delivery it may change something, undoing what a later task of
// this push did to the same zone at the first. That later task then comes back
// with a revision that is not the zone's newest any more, and is done again
// under an id of its own.
func (p *push) once(name zone.Name, id string, do func(id string) (control.Result, error)) (control.Result, error) {
	key := name.Canonical()
	res, err := do(id)
	if err == nil && res.Changed && res.Zone.Revision < p.last[key] {
		res, err = do(fmt.Sprintf("%s@%d", id, p.last[key]))
	}
	if err == nil {
		p.last[key] = max(p.last[key], res.Zone.Revision)
	}
	return res, err
}

// settled writes a change's result into the task's.
func settled(r *skein.TaskResult, res control.Result) {
	r.Outcome = unchanged
	if res.Changed {
		r.Outcome, r.Revision = applied, res.Zone.Revision
	}
	r.Problems = append(r.Problems, res.Warnings...)
}
