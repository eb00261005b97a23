package control

import (
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
)

// legsOf says what a request is about: first newer copies are taken in, then
// the members are brought in step. It is pure. Own are the members that may be
// read, all those that may be written.
func legsOf(in skein.SyncRequest, own, all []skein.Member) (legs []syncLeg, err error) {
	if in.Force && len(in.From) > 0 {
		return nil, invalid("what is taken in from members cannot be overwritten at the same time", "leave out --from or --force-overwrite")
	}
	if in.ToAll && len(in.To) > 0 {
		return nil, invalid("all members were named, and single ones", "leave out one of the two")
	}
	if !in.Force && (len(in.From) > 0 || len(in.To) == 0) {
		from, err := chosen(in.From, own, func(m skein.Member) bool { return Reads(m.Role) }, "read")
		if err != nil {
			return nil, err
		}
		for _, m := range from {
			legs = append(legs, syncLeg{Pull: m})
		}
	}
	if in.Force || in.ToAll || len(in.To) > 0 || len(legs) == 0 { // where none is read, to this cluster says nothing
		to, err := chosen(in.To, all, func(m skein.Member) bool { return writes(m.Role) }, "written")
		switch {
		case err != nil:
			return nil, err
		case in.Force:
			return []syncLeg{{Push: to}}, nil
		}
		for _, m := range to {
			legs = append(legs, syncLeg{Push: []string{m}})
		}
	}
	if len(legs) == 0 {
		return nil, &skein.Error{Kind: skein.KindConflict, What: "there is no enabled member to synchronise with", Mend: "skein member list shows those that there are, skein member enable NAME enables one"}
	}
	return legs, nil
}

// chosen returns the members of these names or, without names, all that take
// part and fit; what they must be able to is said if one cannot.
func chosen(names []string, members []skein.Member, fits func(skein.Member) bool, able string) (list []string, err error) {
	if len(names) == 0 {
		for _, m := range members {
			if m.State == skein.MemberEnabled && fits(m) {
				list = append(list, m.Name)
			}
		}
		return list, nil
	}
	for _, name := range names {
		i := slices.IndexFunc(members, func(m skein.Member) bool { return m.Name == memberName(name) })
		switch {
		case i < 0:
			return nil, noMember(name)
		case members[i].State != skein.MemberEnabled:
			return nil, &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("member %s is %s", members[i].Name, members[i].State), Mend: "enable it first: skein member enable " + members[i].Name}
		case !fits(members[i]):
			return nil, &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("member %s is %s: it is never %s", members[i].Name, members[i].Role, able),
				Mend: fmt.Sprintf("change its role first: skein member edit %s --role synchronize", members[i].Name)}
		case !slices.Contains(list, members[i].Name):
			list = append(list, members[i].Name)
		}
	}
	return list, nil
}
