package control

import (
	"context"

	"github.com/skein-dns/skein"
)

// TryNotices sends a trial to every target of notices and says what became of
// it. It is recorded, since it writes to people.
func (c *Control) TryNotices(ctx context.Context, actor skein.Actor) (trials []skein.NoticeTrial, err error) {
	change := c.aside(actor, noticeTry, "")
	defer func() { err = c.recorded(ctx, change, err) }()
	if _, err := c.permitWhole(ctx, actor, skein.PermitClustering); err != nil {
		return nil, err
	}
	if c.Config.TryNotices == nil {
		return nil, &skein.Error{Kind: skein.KindConflict, What: "no notices are sent: nothing says where they go",
			Mend: "name a file that does in the node's configuration (notices: FILE)"}
	}
	return c.Config.TryNotices(ctx), nil
}

const noticeTry = "notice.try"
