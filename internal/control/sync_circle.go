package control

import (
	"context"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
)

// A synchronisation is the affair of those who reach the tenant that began it.
// It is about that tenant's zones and members: all that belongs to others does
// not exist for it, and it does not exist for them.

// partners returns the members that an actor synchronises with: those of its
// own pools may be read, and those that are shared with these are written too,
// in the role that they have there.
func (c *Control) partners(ctx context.Context, k auth.Known, actor skein.Actor, in skein.SyncRequest) (own, all []skein.Member, err error) {
	rows, err := c.Store.Members(ctx)
	for _, row := range rows {
		m := row.Member
		if c.ownsMember(k, actor, m) {
			own, all = append(own, m), append(all, m)
			continue
		}
		i := slices.IndexFunc(m.Shares, func(s skein.Share) bool { return k.Reaches(actor, c.pool(s.Pool).Tenant) })
		if i < 0 {
			continue
		}
		if slices.ContainsFunc(in.From, func(name string) bool { return memberName(name) == m.Name }) {
			return nil, nil, c.mayChange(k, actor, m)
		}
		m.Role = m.Shares[i].Role
		all = append(all, m)
	}
	return own, all, err
}

// enter looks up what the one who began a job may do now: it may go on long
// after that.
func (s *syncing) enter(ctx context.Context) (err error) {
	if s.known, err = s.c.known(ctx); err != nil {
		return err
	}
	return s.known.Permit(s.row.Actor, skein.PermitClustering)
}

// hides reports whether a zone is another's for the one who began the job.
func (s *syncing) hides(z skein.Zone) bool { return !s.known.Reads(s.row.Actor, z) }

// serves reports whether a zone is one that the job puts out: it is in a pool
// of those who began it. Elsewhere it is up to others.
func (s *syncing) serves(z skein.Zone) bool {
	return !s.hides(z) && s.known.Reaches(s.row.Actor, s.c.pool(z.Pool).Tenant)
}
