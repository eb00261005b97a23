package auth

import (
	"fmt"

	"github.com/skein-dns/skein"
)

// Enter says whether an actor may come from where it comes. An address that is
// not known (a program on this machine) is not looked at.
func (k Known) Enter(a skein.Actor) error {
	if err := Act(a); err != nil {
		return err
	}
	from := k.Sources[a.Source]
	switch {
	case !a.Addr.IsValid():
		return nil
	case len(a.Scope.Networks) > 0 && !contain(a.Scope.Networks, a.Addr):
		return &skein.Error{Kind: skein.KindForbidden,
			What: fmt.Sprintf("%s comes from %s, which is in none of the networks of its token", who(a), a.Addr.Unmap()),
			Mend: "use it where it belongs, or make another one: skein token create NAME --network NET"}
	case len(from.Networks) > 0 && !contain(from.Networks, a.Addr):
		return &skein.Error{Kind: skein.KindForbidden,
			What: fmt.Sprintf("%s comes from %s, which is in none of the networks of its source", who(a), a.Addr.Unmap()),
			Mend: "use it where it belongs, or let an administrator add the network: skein source edit " + from.Name + " --network NET"}
	}
	return nil
}

// Admit says whether anything is taken from an actor: it may come from where it
// comes, and its source was not silenced.
func (k Known) Admit(a skein.Actor) error {
	if err := k.Enter(a); err != nil {
		return err
	}
	from := k.Sources[a.Source]
	if !from.Paused {
		return nil
	}
	return &skein.Error{Kind: skein.KindForbidden,
		What: fmt.Sprintf("the source %q is paused, and nothing is taken from %s", from.Name, who(a)),
		Mend: "an administrator ends that with: skein source resume " + from.Name}
}

// Rule says whether a standing rule makes sense.
func (k Known) Rule(r skein.SourceRule) error {
	wrong := func(what string) error {
		return invalid(what, "name two sources, and what the second may do with zones of the first: takeover or overlay")
	}
	switch {
	case r.Kind != skein.RuleTakeover && r.Kind != skein.RuleOverlay:
		return wrong(fmt.Sprintf("there is no rule %.100q", r.Kind))
	case r.From == "" || r.To == "" || r.From == r.To:
		return wrong("a rule is between two sources")
	case r.From == Reverse || r.To == Reverse:
		return wrong("shared reverse zones are no source's, so no rule is about them")
	case k.ByPeople(r.To):
		return wrong("people need no rule")
	}
	return nil
}
