package zone

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// belongs refuses sets that have no place at their name.
func (v *validator) belongs(s RRset) bool {
	switch {
	case s.Type == TypeSOA && !s.Name.Equal(v.c.origin):
		return !v.mend(s.Name, s.Type, "it is left out", "%s has a SOA record, which stands at the apex %s only", s.Name, v.c.origin)
	case s.Type == TypeNS && strings.HasPrefix(string(s.Name), "*."):
		return !v.mend(s.Name, s.Type, "they are left out", "%s has NS records, and a wildcard cannot delegate (RFC 4592 section 4.2)", s.Name)
	}
	return true
}

// ttl bounds the TTL (RFC 2181 section 8; capped as RFC 8767 section 4 says).
func (v *validator) ttl(s RRset) RRset {
	const most = 1<<31 - 1
	if s.TTL <= most {
		return s
	}
	if v.part && v.profile == Tolerant {
		v.warn(s.Name, s.Type, "%s %s has TTL %d; %d is the most (RFC 2181 section 8)", s.Name, s.Type, s.TTL, most)
	} else if v.mend(s.Name, s.Type, "it is lowered to that", "%s %s has TTL %d; %d is the most (RFC 2181 section 8)", s.Name, s.Type, s.TTL, most) {
		s.TTL = most
	}
	return s
}

// single bounds the types of which there can be one record.
func (v *validator) single(s RRset) {
	if (s.Type == TypeCNAME || s.Type == TypeDNAME) && len(s.Data) > 1 {
		v.refuse(s.Name, s.Type, "%s has %d %s records; there can be one", s.Name, len(s.Data), s.Type)
	}
}

// data looks for records that cannot be right.
func (v *validator) data(s RRset) RRset {
	goes := func(d Rdata) bool {
		why := d.fault(s.Type)
		return why != "" && v.mend(s.Name, s.Type, "it is left out", "%s has a %s record that nameservers refuse: %s", s.Name, s.Type, why)
	}
	if i := slices.IndexFunc(s.Data, goes); i >= 0 {
		rest := slices.DeleteFunc(slices.Clone(s.Data[i+1:]), goes)
		s.Data = slices.Concat(s.Data[:i], rest)
	}
	return s
}

// alone checks that a CNAME has no company (RFC 1034 section 3.6.2, but for
// what DNSSEC puts there, RFC 4034 section 2.5.1 and RFC 2535 section 2.3.5).
// What stays is what a question gets by RFC 1034 section 4.3.2: the CNAME;
// only at the apex the others cannot be done without.
func (v *validator) alone(n Node) (changed bool) {
	cname, ok := n.Get(TypeCNAME)
	if !ok {
		return false
	}
	apex := n.Name.Equal(v.c.origin)
	if target, ok := cname.Data[0].Target(TypeCNAME); ok && target.Equal(n.Name) {
		v.doubt(n.Name, TypeCNAME, "the CNAME of %s points to itself", n.Name)
	}
	company := func(s RRset) bool {
		return s.Type != TypeCNAME && s.Type != TypeRRSIG && s.Type != TypeNSEC && s.Type != Type(dns.TypeKEY)
	}
	i := slices.IndexFunc(n.Sets, company)
	switch {
	case apex && v.mend(n.Name, TypeCNAME, "it is left out", "the apex %s has a CNAME; it cannot, as SOA and NS stand there (RFC 1912 section 2.4)", n.Name):
		v.sets = slices.DeleteFunc(v.sets, func(s RRset) bool { return s.Type == TypeCNAME })
	case !apex && i >= 0 && v.mend(n.Name, TypeCNAME, "only the CNAME is kept", "%s has a CNAME and %s records; a CNAME stands alone (RFC 1034 section 3.6.2)", n.Name, n.Sets[max(i, 0)].Type):
		v.sets = slices.DeleteFunc(v.sets, company)
	default:
		return false
	}
	return true
}

// targets checks the hosts that NS, MX and SRV records point to.
func (v *validator) targets(s RRset) {
	if s.Type != TypeNS && s.Type != TypeMX && s.Type != TypeSRV {
		return
	}
	for _, d := range s.Data {
		target, ok := d.Target(s.Type)
		if !ok || target == Root { // the root says "none" (RFC 7505, RFC 2782)
			continue
		}
		inside := target.IsSubdomainOf(v.c.origin)
		var node Node
		if inside {
			node, _ = v.c.tree.get(target.Key())
		}
		_, alias := node.Get(TypeCNAME)
		switch {
		case isAddress(target):
			v.doubt(s.Name, s.Type, "%s %s points to %s, which is an address; it must be a name", s.Name, s.Type, target)
		case alias:
			v.warn(s.Name, s.Type, "%s %s points to %s, which is a CNAME (RFC 2181 section 10.3)", s.Name, s.Type, target)
		case !isHostName(target):
			v.warn(s.Name, s.Type, "%s %s points to %s, which is no host name (RFC 1123 section 2.1)", s.Name, s.Type, target)
		case !v.part && inside && !v.hasAddress(s, node, target):
			v.warn(s.Name, s.Type, "%s %s points to %s, which has no address in this zone%s", s.Name, s.Type, target, v.dotHint(target))
		}
	}
}

// isAddress reports whether a name is the text of an address.
func isAddress(n Name) bool {
	text := strings.TrimSuffix(string(n), ".")
	if text == "" || !isDigit(text[len(text)-1]) && strings.IndexByte(text, ':') < 0 {
		return false // as nearly all are, without the trouble of an error
	}
	_, err := netip.ParseAddr(text)
	return err == nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// hasAddress reports whether a name in the zone, which has this node, has an
// address, or may have one elsewhere: below a delegation, through a DNAME or
// from a wildcard. A delegation's own nameserver needs it here, as glue.
func (v *validator) hasAddress(s RRset, node Node, target Name) bool {
	found := func(node Node) bool {
		return slices.ContainsFunc(node.Sets, func(s RRset) bool { return s.Type == TypeA || s.Type == TypeAAAA })
	}
	if found(node) {
		return true
	}
	for at := target; !at.Equal(v.c.origin); {
		node, _ := v.c.tree.get(at.Key())
		if _, ok := node.Get(TypeNS); ok {
			return s.Type != TypeNS || !s.Name.Equal(at)
		}
		if _, ok := node.Get(TypeDNAME); ok && at != target {
			return true
		}
		at = at.Parent()
		if wild, _ := v.c.tree.get(at.Key() + "*\x00"); found(wild) {
			return true
		}
	}
	return false
}

// host checks the names that addresses and mail stand at.
func (v *validator) host(s RRset) {
	if (s.Type == TypeA || s.Type == TypeAAAA || s.Type == TypeMX) && !isHostName(s.Name) {
		v.warn(s.Name, s.Type, "%s has %s records but is no host name (RFC 1123 section 2.1); some servers and clients refuse it", s.Name, s.Type)
	}
}

// isHostName reports whether every label is of letters, digits and hyphens,
// with no hyphen at its ends. The first may be a wildcard.
func isHostName(n Name) bool {
	name := strings.TrimPrefix(string(n), "*.")
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.':
		case c != '-' || i == 0 || name[i-1] == '.' || name[i+1] == '.':
			return false
		}
	}
	return true
}

// doubled finds the final dot that was forgotten: www.example.com.example.com.
func (v *validator) doubled(n Name) {
	if hint := v.dotHint(n); hint != "" {
		v.warn(n, 0, "%s ends in the zone's name twice%s", n, hint)
	}
}

func (v *validator) dotHint(n Name) string {
	if over := len(n) - len(v.twice); over >= 0 && equalFold(n[over:], v.twice) || over == -1 && equalFold(n, v.twice[1:]) {
		return "; is a final dot missing in the zone file?"
	}
	return ""
}
