package control

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

const (
	// maxRecords bounds one zone: what Parse takes at most.
	maxRecords = 10_000_000
	// maxProblems bounds the findings of one refusal.
	maxProblems = 50
	// maxTTL in seconds (RFC 2181 section 8).
	maxTTL = 1<<31 - 1
)

// Check says what is wrong with contents, and what is worth a look. An empty
// list means that PutZone would take them, if the zone is the actor's.
func (c *Control) Check(ctx context.Context, actor skein.Actor, name zone.Name, sets []zone.RRset, tolerant bool) ([]skein.Problem, error) {
	if _, err := c.enter(ctx, actor); err != nil {
		return nil, err
	}
	_, problems, err := gather(name, sets, tolerant, zone.RRset{})
	var e *skein.Error
	if errors.As(err, &e) {
		problems, err = append(problems, e.Problems...), nil
	}
	return problems, err
}

// gather makes valid contents of what was put in. The strict profile takes
// them as they are or not at all. The tolerant one leaves out what is not in
// the zone, mends what zone.Validate can, and where there is no SOA takes soa,
// or without that makes one.
func gather(origin zone.Name, sets []zone.RRset, tolerant bool, soa zone.RRset) (zone.Contents, []skein.Problem, error) {
	if err := checkZoneName(origin); err != nil {
		return zone.Contents{}, nil, err
	}
	g := gathering{origin: origin, tolerant: tolerant}
	for _, set := range sets {
		g.take(set)
	}
	if tolerant && !g.hasSOA {
		g.complete(soa)
	}
	if g.records > maxRecords {
		g.wrong(origin, "zone %s has %d records; %d are the most", origin, g.records, maxRecords)
	}
	if len(g.problems) > 0 {
		return zone.Contents{}, g.warnings, &skein.Error{Kind: skein.KindInvalid, Problems: g.problems,
			What: fmt.Sprintf("the contents of %s are not right", origin), Mend: "mend the records that are named and send them again"}
	}
	contents, err := zone.NewContents(origin, g.sets)
	if err == nil {
		var found []zone.Problem
		contents, found, err = zone.Validate(contents, profile(tolerant))
		g.warnings = append(g.warnings, skein.ProblemsOf(found)...)
	}
	if err != nil {
		return zone.Contents{}, g.warnings, skein.InvalidZone(origin, err)
	}
	return contents, g.warnings, nil
}

// checkZoneName refuses what no zone needs, and what programs behind us (a
// shell, a file name, a named.conf) may take for something else.
func checkZoneName(name zone.Name) error {
	for _, c := range string(name) {
		plain := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("-_/.", c) // "/": RFC 2317
		if !plain {
			return &skein.Error{Kind: skein.KindInvalid, What: fmt.Sprintf("the name %s is none for a zone: it has the character %q", name, c),
				Mend: "zones are named with letters, digits, hyphens and underscores; names of other scripts become such (IDNA)"}
		}
	}
	return nil
}

func profile(tolerant bool) zone.Profile {
	if tolerant {
		return zone.Tolerant
	}
	return zone.Strict
}

// gathering collects the sets of a zone and what is wrong with them.
type gathering struct {
	origin   zone.Name
	tolerant bool
	sets     []zone.RRset
	records  int
	hasSOA   bool
	problems []skein.Problem
	warnings []skein.Problem
}

func (g *gathering) wrong(name zone.Name, format string, args ...any) {
	if len(g.problems) < maxProblems {
		g.problems = append(g.problems, skein.Problem{Name: string(name), Text: fmt.Sprintf(format, args...)})
	}
}

func (g *gathering) warn(name zone.Name, format string, args ...any) {
	if len(g.warnings) < maxProblems {
		g.warnings = append(g.warnings, skein.Problem{Name: string(name), Warning: true, Text: fmt.Sprintf(format, args...)})
	}
}

func (g *gathering) take(set zone.RRset) {
	switch {
	case set.Name == "" || set.Type == 0:
		g.wrong(set.Name, "a record has no name or no type")
		return
	case !set.Name.IsSubdomainOf(g.origin) && g.tolerant:
		g.warn(set.Name, "%s is not in zone %s and was left out", set.Name, g.origin)
		return
	case !set.Name.IsSubdomainOf(g.origin):
		g.wrong(set.Name, "%s is not in zone %s", set.Name, g.origin)
		return
	}
	g.hasSOA = g.hasSOA || set.Type == zone.TypeSOA && set.Name.Equal(g.origin)
	g.records += len(set.Data)
	g.sets = append(g.sets, set)
}

// complete adds the SOA that a panel did not send: the one that is there, or
// one that names the first nameserver of the zone.
func (g *gathering) complete(soa zone.RRset) {
	if len(soa.Data) > 0 {
		g.warn(g.origin, "no SOA record was sent; the one that is there was kept")
		g.take(soa)
		return
	}
	for _, set := range g.sets {
		if set.Type != zone.TypeNS || !set.Name.Equal(g.origin) || len(set.Data) == 0 {
			continue
		}
		mname, ok := set.Data[0].Target(zone.TypeNS)
		rname, err := zone.ParseName("hostmaster." + string(g.origin))
		if !ok || err != nil {
			return
		}
		made := zone.SOA{MName: mname, RName: rname, Refresh: 10800, Retry: 3600, Expire: 1209600, Minimum: 3600}
		g.warn(g.origin, "no SOA record was sent; one was made that names %s", mname)
		g.take(zone.RRset{Name: g.origin, Type: zone.TypeSOA, TTL: 3600, Data: []zone.Rdata{made.Rdata()}})
		return
	}
}
