package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

type importMemberInput struct {
	MemberInput
	Body skein.ImportMember
}

// importMember writes a line for each zone as it comes. What is refused before
// the first one is refused as elsewhere.
func (s *server) importMember(ctx context.Context, in *importMemberInput) (*streamOut, error) {
	for i := range in.Body.Zones {
		if err := absolute(&in.Body.Zones[i]); err != nil {
			return nil, err
		}
	}
	actor := actorOf(ctx)
	leave, err := s.limits.streams.take("streams")
	if err != nil {
		return nil, err
	}
	steps, failed := make(chan skein.ImportStep), make(chan error, 1)
	running, stop := s.untilStopping(context.WithoutCancel(ctx))
	go func() {
		defer close(steps)
		failed <- s.Control.ImportMember(running, actor, control.ImportMember{Name: in.Name, Zones: in.Body.Zones, Owner: in.Body.Owner,
			TakeOver: in.Body.TakeOver, DryRun: in.Body.DryRun}, func(step skein.ImportStep) error {
			select {
			case steps <- step:
				return nil
			case <-running.Done():
				return running.Err()
			}
		})
	}()
	asking := context.AfterFunc(ctx, stop) // until the answer begins
	first, some := <-steps
	asking()
	if !some {
		stop()
		leave()
		if err := <-failed; err != nil {
			return nil, err
		}
		return &streamOut{"application/x-ndjson", func(huma.Context) {}}, nil
	}
	return &streamOut{"application/x-ndjson", func(hc huma.Context) {
		defer leave()
		defer stop()
		r, w := humago.Unwrap(hc)
		defer context.AfterFunc(r.Context(), stop)()
		lines := &stream{w: w, control: http.NewResponseController(w)}
		say := func(step skein.ImportStep) {
			text, _ := json.Marshal(step)              // it holds nothing that has no JSON
			if lines.write(string(text)+"\n") != nil { // nobody reads on
				stop()
			}
		}
		for say(first); some; {
			if first, some = <-steps; some {
				say(first)
			}
		}
		if err := <-failed; err != nil {
			say(skein.ImportStep{Action: skein.ImportFail, Reason: sayProblem(err)})
		}
	}}, nil
}

// sayProblem is an error in the words of a problem document, in a line.
func sayProblem(err error) string {
	p := problemOf(err, "")
	if p.Mend == "" {
		return p.Detail
	}
	return p.Detail + "; " + p.Mend
}
