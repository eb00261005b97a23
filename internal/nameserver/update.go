package nameserver

import (
	"context"
	"errors"
	"net/netip"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/update"
	"github.com/skein-dns/skein/zone"
)

// Update is a dynamic update (RFC 2136) that its sender may ask for.
type Update struct {
	update.Request
	From netip.AddrPort
	Key  string // name of the key that signed, without final dot; "" if none did
}

// UpdateSink carries updates out. It returns the RCODE for the client, which
// is success once all of the update is as durable as the sink makes things,
// and otherwise means that none of it was done.
type UpdateSink interface {
	Update(ctx context.Context, u Update) (rcode int)
}

// maxUpdates bounds the updates that are under way at once. What comes over
// UDP beyond that is not answered: the client asks again.
const maxUpdates = 64

// updated judges an update and hands it on.
func (s *Server) updated(r *request) answer {
	name, ok := nameOf(r.name)
	if r.questions != 1 || !ok || r.qtype != dns.TypeSOA {
		return answer{rcode: dns.RcodeFormatError}
	}
	v := s.zones.view(name.Key())
	switch {
	case r.qclass != dns.ClassINET || v == nil:
		return answer{rcode: dns.RcodeNotAuth, reason: causeNotAuthoritative}
	case !r.access.mayUpdate(r):
		return answer{rcode: dns.RcodeRefused, reason: causeProhibited}
	case v.failed:
		return answer{rcode: dns.RcodeServerFailure, reason: causeInvalidData}
	}
	request, err := update.Parse(r.wire)
	if err != nil {
		return s.refuseUpdate(r, name, err)
	}
	if s.opts.Updates != nil {
		return answer{rcode: s.opts.Updates.Update(s.ctx, Update{request, r.from, r.key()})}
	}
	if err := s.zones.update(name, request); err != nil {
		return s.refuseUpdate(r, name, err)
	}
	return answer{}
}

// later has an update carried out beside the questions, which it must not
// hold up; it is dropped if too many are under way.
func (s *Server) later(do func()) {
	select {
	case s.updates <- struct{}{}:
		s.running.Go(func() {
			defer func() { <-s.updates }()
			do()
		})
	default:
	}
}

func (s *Server) refuseUpdate(r *request, name zone.Name, err error) answer {
	s.log.Info("an update was refused", "peer", r.from, "key", r.key(), "zone", name, "error", err)
	a := answer{rcode: dns.RcodeServerFailure}
	var refusal *update.Refusal
	if errors.As(err, &refusal) {
		a.rcode = refusal.Rcode
	}
	return a
}

// update changes the zone in memory alone: the next put of its source
// overwrites it. The serial moves on by one unless the update moved it.
func (x *index) update(name zone.Name, r update.Request) error {
	key := name.Key()
	defer x.write(key).Unlock()
	old := x.view(key)
	if old == nil || old.failed {
		return &update.Refusal{Rcode: dns.RcodeServerFailure, Text: "the zone is not there any more"}
	}
	if old.chain.kind != unsigned {
		return &update.Refusal{Rcode: dns.RcodeRefused, Text: "the zone came signed, and its key is not here"}
	}
	before := old.tree()
	c, err := r.Apply(before)
	if err != nil {
		return err
	}
	if zone.Diff(before, c).IsZero() {
		return nil
	}
	if soa, ok := c.SOA(); ok && soa.Serial == old.serial {
		c = c.WithSerial(soa.Serial + 1)
	}
	return x.store(newView(c, old))
}
