package rndc

import (
	"net/netip"
	"sync"
)

// places bounds the connections of a listener, and those of one address, so
// that one peer that says nothing does not take them all.
type places struct {
	most, each int

	mu  sync.Mutex // owns the rest
	all int
	of  map[netip.Addr]int
}

func newPlaces(most int) *places {
	return &places{most: most, each: max(1, most/4), of: map[netip.Addr]int{}}
}

// peerOf is whose places an address takes: with IPv6 a host has a whole network.
func peerOf(a netip.Addr) netip.Addr {
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

func (p *places) take(from netip.Addr) bool {
	from = peerOf(from)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all >= p.most || p.of[from] >= p.each {
		return false
	}
	p.all++
	p.of[from]++
	return true
}

func (p *places) give(from netip.Addr) {
	from = peerOf(from)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all--
	if p.of[from]--; p.of[from] == 0 {
		delete(p.of, from)
	}
}
