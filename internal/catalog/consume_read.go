package catalog

import (
	"fmt"
	"iter"

	"github.com/skein-dns/skein/zone"
)

// check looks for the version (RFC 9432 section 4.2.1), without which nothing
// in the zone means anything, and returns the name that members are below.
func check(c zone.Contents) (zones zone.Name, err error) {
	if _, ok := c.SOA(); !ok {
		return "", fmt.Errorf("%w: it has no SOA", ErrBroken)
	}
	at, err := under(labelVersion, c.Origin().Canonical())
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBroken, err)
	}
	set, ok := c.Get(at, zone.TypeTXT)
	switch {
	case !ok:
		return "", fmt.Errorf("%w: it has no version, a TXT record at %s; is %s a catalog zone at all?", ErrBroken, at, c.Origin())
	case len(set.Data) != 1 || text(set.Data[0]) != schema:
		return "", fmt.Errorf("%w: its version is not %q, the only one that is known", ErrBroken, schema)
	}
	if zones, err = under(labelZones, c.Origin().Canonical()); err != nil {
		return "", fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return zones, nil
}

// members yields what is listed, until an error. What is said of a member
// stands right below it.
func members(c zone.Contents, zones zone.Name) iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		key, depth := zones.Key(), len(zones.Labels())
		var m Member // Zone is "" where there is none
		for node := range c.NodesFrom(key) {
			if len(node.Key) < len(key) || node.Key[:len(key)] != key {
				break
			}
			labels := node.Name.Canonical().Labels()
			var err error
			switch below := len(labels) - depth; {
			case below == 1:
				if m.Zone != "" && !yield(m, nil) {
					return
				}
				m = Member{ID: labels[0]}
				m.Zone, err = target(node)
			case below == 2 && m.Zone != "" && labels[1] == m.ID:
				err = m.say(labels[0], node)
			}
			if err != nil {
				yield(m, err)
				return
			}
		}
		if m.Zone != "" {
			yield(m, nil)
		}
	}
}

// read returns the member of an ID; ok is false if there is none.
func read(c zone.Contents, zones zone.Name, id string) (m Member, ok bool, err error) {
	at, err := under(id, zones)
	if err != nil {
		return m, false, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	node, _ := c.Node(at.Key())
	if m.Zone, err = target(node); err != nil || m.Zone == "" {
		return m, false, err
	}
	m.ID = id
	for _, property := range []string{labelOwner, labelGroup} {
		at, err := under(property, at)
		if err != nil {
			continue // the name would be too long to exist
		}
		node, _ := c.Node(at.Key())
		if err := m.say(property, node); err != nil {
			return m, false, err
		}
	}
	return m, true, nil
}

// say takes in what stands at a property of the member.
func (m *Member) say(property string, node zone.Node) (err error) {
	switch property {
	case labelOwner:
		m.Owner, err = target(node)
	case labelGroup:
		set, _ := node.Get(zone.TypeTXT)
		for _, data := range set.Data {
			m.Groups = append(m.Groups, text(data))
		}
	}
	return err
}

// target returns the one name that the PTR set of a node has; "" if it has
// none. More than one breaks the catalog (RFC 9432 sections 4.1 and 4.3.1).
func target(node zone.Node) (zone.Name, error) {
	set, ok := node.Get(zone.TypePTR)
	if !ok {
		return "", nil
	}
	if len(set.Data) != 1 {
		return "", fmt.Errorf("%w: %s has %d PTR records, not one", ErrBroken, node.Name, len(set.Data))
	}
	name, _ := set.Data[0].Target(zone.TypePTR)
	return name.Canonical(), nil
}

// text joins the strings of a TXT record.
func text(data zone.Rdata) string {
	var all []byte
	for len(data) > 0 {
		end := 1 + int(data[0])
		if end > len(data) {
			break // no valid TXT data
		}
		all, data = append(all, data[1:end]...), data[end:]
	}
	return string(all)
}
