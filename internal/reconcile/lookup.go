package reconcile

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/zone"
)

// Lookup asks a member over DNS for the records of a name.
func (l *Loop) Lookup(ctx context.Context, name string, of zone.Name, t zone.Type) skein.LookupAnswer {
	a := skein.LookupAnswer{Member: name, Outcome: skein.LookupNotAsked}
	w, err := l.known(name, nil)
	if err != nil {
		a.Reason = err.Error()
		return a
	}
	if !w.target.Addr.IsValid() {
		a.Reason = "it answers DNS at no address of its own"
		return a
	}
	began := w.now()
	f, err := l.cfg.Prober.Lookup(ctx, w.target.Addr, of, t)
	w.trace.Record(began, w.now(), "dns", t.String()+" "+string(of), f.Code, err)
	if err != nil {
		a.Outcome, a.Reason = skein.LookupSilent, "it does not answer DNS questions"
		return a
	}
	a.Outcome, a.Code, a.Authoritative, a.Took = outcomeOf(f), f.Code, f.Authoritative, f.Took
	a.NSID = f.NSID
	if a.Answer = f.Answer; len(f.Answer) == 0 {
		a.Authority = f.Authority
	}
	return a
}

// outcomeOf says what an answer means, of a server that is to have the zone.
func outcomeOf(f probe.Found) skein.LookupOutcome {
	switch {
	case f.Code == "NXDOMAIN" && f.Authoritative:
		return skein.LookupNoName
	case f.Code != "NOERROR":
		return skein.LookupFails
	case !f.Authoritative && len(f.Answer) == 0 && len(f.Authority) > 0:
		return skein.LookupReferral
	case !f.Authoritative:
		return skein.LookupFails
	case len(f.Answer) == 0:
		return skein.LookupNoData
	}
	return skein.LookupAnswers
}
