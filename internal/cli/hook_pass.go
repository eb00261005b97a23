package cli

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/spool"
)

// hookFlags say what else than taking a push in the hook is to do. Between the
// marks --begin and --end of a full pass the panel sends every zone; what it
// has not sent by the end it does not have any more, or does not speak of.
type hookFlags struct {
	deliver, begin, end bool
	anew, deleteMissing bool
}

func (f hookFlags) check() error {
	switch {
	case f.begin && f.end, f.deliver && (f.begin || f.end):
		return usage("--deliver, --begin and --end are calls of their own")
	case f.anew && !f.begin:
		return usage("--anew belongs to --begin")
	case f.deleteMissing && !f.end:
		return usage("--delete-missing belongs to --end")
	}
	return nil
}

// beginPass marks the beginning. Skein need not be there for it.
func (h *pleskHook) beginPass(anew bool) error {
	queue, err := spool.Open(h.dir)
	if err == nil {
		err = queue.BeginPass(anew)
	}
	if errors.Is(err, spool.ErrPassOpen) {
		return &skein.Error{Kind: skein.KindConflict, What: err.Error(),
			Mend: "wait for its --end; or, if it was interrupted, give it up with --begin --anew"}
	}
	if err != nil {
		return err
	}
	return h.app.show(map[string]bool{"begun": true}, func() {
		h.app.say("every zone that Plesk sends from now on is noted")
		h.app.say("next: plesk repair dns -sync-zones -y && skein hook plesk --end")
	})
}

// endMark is the task that ends a pass; Plesk has none of that name.
type endMark struct {
	Command string   `json:"command"`
	Pass    passMark `json:"pass"`
}

type passMark struct {
	Begun  time.Time `json:"begun"`
	Zones  []string  `json:"zones"`
	Delete bool      `json:"delete,omitempty"`
}

// endPass sends the names behind everything else, so that Skein has what they
// name before it looks for what they do not name.
func (h *pleskHook) endPass(ctx context.Context, deleteMissing bool) error {
	queue, err := spool.Open(h.dir)
	if err != nil {
		return err
	}
	h.wait = pushWait // a person waits for it, or cron, and no panel
	err = h.putAndDeliver(ctx, queue, func() (push spool.Entry, err error) {
		err = queue.EndPass(func(p spool.Pass) error {
			push, err = putEnd(queue, p, deleteMissing)
			return err
		})
		return push, err
	})
	if errors.Is(err, spool.ErrNoPass) {
		return &skein.Error{Kind: skein.KindConflict, What: err.Error(), Mend: "skein hook plesk --begin, then plesk repair dns -sync-zones -y"}
	}
	return err
}

func putEnd(queue *spool.Spool, p spool.Pass, deleteMissing bool) (spool.Entry, error) {
	if len(p.Names) == 0 {
		return spool.Entry{}, &skein.Error{Kind: skein.KindConflict, What: "no zone came since the pass began",
			Mend: "plesk repair dns -sync-zones -y, and --end again; skein hook plesk check tells whether Plesk calls the hook"}
	}
	body, err := json.Marshal([]endMark{{"skein.endPass", passMark{p.Begun, p.Names, deleteMissing}}})
	if err == nil {
		err = checkPush(body)
	}
	if err != nil {
		return spool.Entry{}, err
	}
	return queue.Put(body)
}

// zonesIn returns the names of the zones that a push brings. What cannot be
// understood is the door's business.
func zonesIn(body []byte) (names []string) {
	type named struct {
		Command string `json:"command"`
		Zone    struct {
			Name        string `json:"name"`
			DisplayName string `json:"displayName"`
		} `json:"zone"`
	}
	var tasks []json.RawMessage
	if json.Unmarshal(body, &tasks) != nil {
		tasks = []json.RawMessage{body}
	}
	for _, raw := range tasks {
		var t named
		if json.Unmarshal(raw, &t) != nil || t.Command != "create" && t.Command != "update" {
			continue
		}
		if t.Zone.Name == "" {
			t.Zone.Name = t.Zone.DisplayName
		}
		names = append(names, t.Zone.Name)
	}
	return names
}
