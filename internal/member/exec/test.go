package exec

import (
	"context"
	"errors"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Test implements member.Driver. The program is run once, without a task: a
// zone for tests would be one in earnest wherever the program takes them.
func (d *Driver) Test(ctx context.Context, _ zone.Name) []skein.Check {
	var f member.Findings
	if err := d.program.check(); err != nil {
		f.Bad("program", "give the path of one that only root can change with --set program=PATH", "%v", err)
		return f.Checks
	}
	f.Good("program", "%s can be run, and nobody but root and Skein can change it", d.program.path)
	err := d.run(ctx, nil)
	var failed *failure
	switch {
	case err == nil:
		f.Good("run", "it ends with exit status 0 when it is given no tasks")
	case errors.As(err, &failed):
		f.Bad("run", "have it read a JSON array from its standard input, and end with exit status 0 where that is empty ([])", "%v", err)
	case errors.Is(err, member.ErrDenied):
		f.Bad("run", "does its first line name an interpreter that is there?", "%v", err)
	default:
		f.Bad("run", "have it read its standard input to the end and end itself; or give it more time with --set timeout=5m", "%v", err)
	}
	return f.Checks
}
