package probe

import (
	"context"
	"iter"
	"net/netip"

	"github.com/skein-dns/skein/zone"
)

// Serial asks once. The error is ctx's or, with NoAnswer, why it could not be asked.
func (p *Prober) Serial(ctx context.Context, addr netip.AddrPort, name zone.Name) (Result, error) {
	answer := make(chan Result, 1)
	p.Ask(addr, name, func(r Result) { answer <- r })
	select {
	case r := <-answer:
		return r, r.Err
	case <-ctx.Done():
		return Result{Zone: name, Err: ctx.Err()}, ctx.Err()
	}
}

// serialsWindow bounds what one call of Serials has in flight at its server:
// a UDP socket's receive buffer takes about so many questions at once.
const serialsWindow = 512

// Serials asks addr for many zones and yields results as they come, in any
// order, each name once. It ends early, without the rest, when ctx ends.
func (p *Prober) Serials(ctx context.Context, addr netip.AddrPort, names iter.Seq[zone.Name]) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		answers := make(chan Result, serialsWindow)
		next, stop := iter.Pull(names)
		defer stop()
		inFlight, more := 0, true
		for more || inFlight > 0 {
			for more && inFlight < serialsWindow {
				name, ok := next()
				if more = ok; ok {
					inFlight++
					p.Ask(addr, name, func(r Result) { answers <- r })
				}
			}
			if inFlight == 0 {
				return
			}
			select {
			case r := <-answers:
				inFlight--
				if !yield(r) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}
