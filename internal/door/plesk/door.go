// Package plesk is the door of Plesk's custom DNS backend: it turns the tasks
// that Plesk writes to a program's standard input into changes of zones.
package plesk

import (
	"context"
	"log/slog"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// Control is what the door needs of control.
type Control interface {
	PutZone(context.Context, skein.Actor, control.PutZone) (control.Result, error)
	EditRecords(context.Context, skein.Actor, control.EditRecords) (control.Result, error)
	DeleteZone(context.Context, skein.Actor, control.DeleteZone) (control.Result, error)
	Zone(context.Context, skein.Actor, zone.Name) (skein.Zone, error)
}

// Door is safe for concurrent use.
type Door struct {
	control Control
	log     *slog.Logger
}

// New makes a door. A nil log is silent.
func New(c Control, log *slog.Logger) *Door {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Door{control: c, log: log}
}

// Handle carries out what Plesk sent in one call.
func (d *Door) Handle(ctx context.Context, actor skein.Actor, changeID string, body []byte) (skein.DoorReport, error) {
	return skein.DoorReport{}, &skein.Error{Kind: skein.KindInternal, What: "not there yet"}
}
