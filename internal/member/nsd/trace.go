package nsd

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/skein-dns/skein/internal/nsdctl"
)

// traced runs a command and reports it, and what was answered. Neither holds a
// secret.
func (d *Driver) traced(ctx context.Context, command string) (string, error) {
	began := time.Now()
	answer, err := d.client.Call(ctx, command)
	outcome := err
	if outcome == nil && strings.HasPrefix(answer, "error") {
		outcome = errors.New("refused")
	}
	d.opts.Trace.Record(began, time.Now(), "nsd-control", command, answer, outcome)
	return answer, err
}

// reader takes an answer line by line.
type reader interface {
	Line(line string) error
	End() error
}

// maxTraced is how much of a long answer is reported.
const maxTraced = 64 << 10

// exchange sends a request and has its answer read, and reports both. What NSD
// says itself is a Refusal, anything else means that it is away.
func (d *Driver) exchange(ctx context.Context, r nsdctl.Request, to reader) error {
	began := time.Now()
	var answer strings.Builder
	err := d.client.Exchange(ctx, r, func(line string) error {
		if d.opts.Trace != nil && answer.Len() < maxTraced {
			answer.WriteString(line + "\n")
		}
		return to.Line(line)
	})
	if err == nil {
		err = to.End()
	}
	d.opts.Trace.Record(began, time.Now(), "nsd-control", strings.Join(append([]string{r.Command}, r.List...), "\n"), answer.String(), err)
	var said *nsdctl.Refusal
	if err == nil || errors.As(err, &said) {
		return err
	}
	return d.away(err)
}
