package auth

import (
	"fmt"

	"github.com/skein-dns/skein"
)

// Enter says whether an actor may come from where it comes. An address that is
// not known (a program on this machine) is not looked at.
func Enter(a skein.Actor, of skein.Source) error {
	if !a.Addr.IsValid() || len(of.Networks) == 0 {
		return nil
	}
	addr := a.Addr.Unmap()
	for _, net := range of.Networks {
		if net.Contains(addr) {
			return nil
		}
	}
	return &skein.Error{Kind: skein.KindForbidden,
		What: fmt.Sprintf("%s comes from %s, which is in none of the networks of its source", who(a), addr),
		Mend: "use it where it belongs, or let an administrator add the network: skein source edit " + of.Name + " --network NET"}
}

// Paused refuses everything of a source that was silenced.
func Paused(a skein.Actor, of skein.Source) error {
	if !of.Paused {
		return nil
	}
	return &skein.Error{Kind: skein.KindForbidden,
		What: fmt.Sprintf("the source %q is paused, and nothing is taken from %s", of.Name, who(a)),
		Mend: "an administrator ends that with: skein source resume " + of.Name}
}

// Rule says whether a standing rule makes sense.
func Rule(r skein.SourceRule) error {
	wrong := func(what string) error {
		return &skein.Error{Kind: skein.KindInvalid, What: what, Mend: "name two sources, and what the second may do with zones of the first: takeover or overlay"}
	}
	switch {
	case r.Kind != skein.RuleTakeover && r.Kind != skein.RuleOverlay:
		return wrong(fmt.Sprintf("there is no rule %.100q", r.Kind))
	case r.From == "" || r.To == "" || r.From == r.To:
		return wrong("a rule is between two sources")
	case r.From == Reverse || r.To == Reverse:
		return wrong("shared reverse zones are no source's, so no rule is about them")
	case r.To == Administrators:
		return wrong("administrators need no rule")
	}
	return nil
}
