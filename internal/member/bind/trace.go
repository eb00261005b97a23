package bind

import (
	"context"
	"fmt"
	"time"

	"github.com/skein-dns/skein/internal/rndc"
)

// exchange runs a command and reports it. Commands and answers hold names of
// keys and never a secret: what signs them is not part of their text.
func (d *Driver) exchange(ctx context.Context, command string) (rndc.Answer, error) {
	began := time.Now()
	a, err := d.client.Call(ctx, command)
	outcome := err
	if err == nil && a.Result != 0 {
		outcome = fmt.Errorf("result %d: %s", a.Result, a.Err)
	}
	d.opts.Trace.Record(began, time.Now(), "rndc", command, a.Text, outcome)
	return a, err
}
