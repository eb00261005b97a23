package probe

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// faults says what is wrong on a way, and what to do about it. Held are the
// nameservers that the zone names here, and hosts those of them inside it.
func faults(t skein.Trace, held []zone.Name, hosts []host) []skein.TraceFault {
	f := &faulty{zone: t.Zone, all: []skein.TraceFault{}}
	for _, step := range t.Steps[:len(t.Steps)-1] {
		f.disagreement(step, "wait: what a registry changes takes a while to come to all of its nameservers")
	}
	last := t.Steps[len(t.Steps)-1]
	if !last.Zone.Equal(t.Zone) {
		f.broken(last, held)
		return f.all
	}
	f.servers(last)
	if len(f.all) == 0 && !slices.ContainsFunc(last.Servers, func(s skein.TraceServer) bool { return s.Outcome != skein.TraceNotAsked }) {
		f.say(last.Zone, true, fmt.Sprintf("none of the nameservers of %s was asked: %s", last.Zone, why(last.Servers)), "look at it from a machine that reaches them")
		return f.all
	}
	if last.Nameservers == nil {
		f.say(last.Zone, false, fmt.Sprintf("nobody that the parent names has %s", t.Zone), "have the registrar name the nameservers of the zone: "+names(held))
		return f.all
	}
	f.disagreement(last, "look at the state of each server: one of them is behind")
	if len(t.Steps) > 1 {
		f.delegation(t.Steps[len(t.Steps)-2].Nameservers, last.Nameservers)
	}
	if len(held) > 0 && !same(held, last.Nameservers) {
		f.say(last.Zone, true, fmt.Sprintf("the zone that is served names %s, and the one here %s", names(last.Nameservers), names(held)),
			"if others are to serve it no more, have the registrar name those here; if these are ours, wait until they are in step")
	}
	for _, h := range hosts {
		slices.SortFunc(h.glue, netip.Addr.Compare)
		slices.SortFunc(h.zone, netip.Addr.Compare)
		if !slices.Equal(h.glue, h.zone) {
			f.say(last.Zone, true, fmt.Sprintf("the parent says that %s is at %s, and the zone that it is at %s", h.name, addresses(h.glue), addresses(h.zone)),
				"change the addresses of the host at the registrar, or its A and AAAA records in the zone")
		}
	}
	return f.all
}

// faulty collects faults of the way to a zone.
type faulty struct {
	zone zone.Name
	all  []skein.TraceFault
}

func (f *faulty) say(at zone.Name, warning bool, text, mend string) {
	f.all = append(f.all, skein.TraceFault{Zone: at, Warning: warning, Text: text, Mend: mend})
}

// broken says why the way ends above the zone.
func (f *faulty) broken(last skein.TraceStep, held []zone.Name) {
	is := func(o skein.TraceOutcome) bool {
		return slices.ContainsFunc(last.Servers, func(s skein.TraceServer) bool { return s.Outcome == o })
	}
	switch {
	case is(skein.TraceNoName):
		f.say(last.Zone, false, fmt.Sprintf("%s has no delegation of %s", last.Zone, f.zone),
			"register the domain, or have whoever runs "+string(last.Zone)+" delegate it to "+names(held))
	case last.Zone == zone.Root:
		f.say(last.Zone, false, "no root server answers as it should",
			"let this machine ask port 53 outside over UDP and TCP; where there is a root of one's own, name it with root-server")
	default:
		f.servers(last)
		f.say(last.Zone, false, fmt.Sprintf("nobody says where %s is: no nameserver of %s answers as it should", f.zone, last.Zone),
			"tell whoever runs "+string(last.Zone))
	}
}

// servers says which servers that are named for a zone are of no use to it.
func (f *faulty) servers(step skein.TraceStep) {
	for _, s := range step.Servers {
		who := fmt.Sprintf("%s (%s)", s.Name, s.Address)
		switch {
		case s.Outcome == skein.TraceLame:
			f.say(step.Zone, false, fmt.Sprintf("%s is named for %s and does not have it: %s", who, step.Zone, s.Reason),
				"let that server have the zone, or have the parent name it no more")
		case s.Outcome == skein.TraceSilent:
			f.say(step.Zone, false, who+" does not answer", "start it, open its port 53 for UDP and TCP, or have the parent name it no more")
		case s.Address.IsValid():
		case s.Name.IsSubdomainOf(step.Zone):
			f.say(step.Zone, false, fmt.Sprintf("%s is inside of %s, and the parent says no address of it", s.Name, step.Zone), "register the host with its addresses at the registrar")
		default:
			f.say(step.Zone, false, fmt.Sprintf("no address is found for the nameserver %s", s.Name), "give it an A or AAAA record, or have the parent name another")
		}
	}
}

// disagreement says that servers of one zone do not all say the same.
func (f *faulty) disagreement(step skein.TraceStep, mend string) {
	for _, s := range step.Servers {
		if len(s.Nameservers) > 0 && !same(s.Nameservers, step.Nameservers) {
			f.say(step.Zone, true, fmt.Sprintf("the nameservers of %s do not agree: %s says %s, others %s", step.Zone, s.Name, names(s.Nameservers), names(step.Nameservers)), mend)
			return
		}
	}
}

// delegation compares whom the parent names with whom the zone names.
func (f *faulty) delegation(parent, child []zone.Name) {
	without := func(all, of []zone.Name) []zone.Name {
		return slices.DeleteFunc(slices.Clone(all), func(n zone.Name) bool { return slices.ContainsFunc(of, n.Equal) })
	}
	if more := without(parent, child); len(more) > 0 {
		f.say(f.zone, true, fmt.Sprintf("the parent names %s, and the zone does not", names(more)), "add NS records to the zone, or have the registrar name them no more")
	}
	if more := without(child, parent); len(more) > 0 {
		f.say(f.zone, true, fmt.Sprintf("the zone names %s, and the parent does not", names(more)), "have the registrar name them too, or take their NS records out of the zone")
	}
}

// why returns the reason of the first that was not asked.
func why(servers []skein.TraceServer) string {
	if len(servers) == 0 {
		return "there is none"
	}
	return servers[0].Reason
}

// same reports whether two lists have the same names.
func same(a, b []zone.Name) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(n zone.Name) bool { return !slices.ContainsFunc(b, n.Equal) })
}

func names(all []zone.Name) string {
	if len(all) == 0 {
		return "none"
	}
	var text []string
	for _, n := range all {
		text = append(text, string(n))
	}
	return strings.Join(text, ", ")
}

func addresses(all []netip.Addr) string {
	if len(all) == 0 {
		return "no address"
	}
	var text []string
	for _, a := range all {
		text = append(text, a.String())
	}
	return strings.Join(text, ", ")
}
