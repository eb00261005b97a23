package control

import (
	"context"
	"fmt"

	"github.com/skein-dns/skein"
)

// MemberLog calls each for every line of a member's debug log, the oldest
// first: a transaction as JSON, without secrets. With follow it goes on with
// what comes until ctx ends.
func (c *Control) MemberLog(ctx context.Context, actor skein.Actor, name string, follow bool, each func(line []byte) error) error {
	m, err := c.Member(ctx, actor, name)
	if err != nil {
		return err
	}
	some := false
	err = c.DebugLog(ctx, m.Name, follow && m.Debug, func(line []byte) error {
		some = true
		return each(line)
	})
	if err == nil && !some && !m.Debug {
		return &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("the debug log of member %s is off, and empty", m.Name),
			Mend: "switch it on with `skein member debug " + m.Name + " on`"}
	}
	return err
}
