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

// members yields what is listed, until an error.
func members(c zone.Contents, zones zone.Name) iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		key, depth := zones.Key(), len(zones.Labels())
		for node := range c.NodesFrom(key) {
			if len(node.Key) < len(key) || node.Key[:len(key)] != key {
				return
			}
			labels := node.Name.Canonical().Labels()
			if len(labels) != depth+1 {
				continue // zones itself, or a property
			}
			m, ok, err := read(c, zones, labels[0])
			if err != nil || ok {
				if !yield(m, err) || err != nil {
					return
				}
			}
		}
	}
}

// read returns the member of an ID; ok is false if there is none.
func read(c zone.Contents, zones zone.Name, id string) (m Member, ok bool, err error) {
	at, err := under(id, zones)
	if err != nil {
		return m, false, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if m.Zone, ok, err = target(c, at); !ok {
		return m, false, err
	}
	m.ID = id
	if at, err := under(labelOwner, at); err == nil { // else the name would be too long to exist
		if m.Owner, _, err = target(c, at); err != nil {
			return m, false, err
		}
	}
	if at, err := under(labelGroup, at); err == nil {
		set, _ := c.Get(at, zone.TypeTXT)
		for _, data := range set.Data {
			m.Groups = append(m.Groups, text(data))
		}
	}
	return m, true, nil
}

// target returns the one name that the PTR set of a name has. More than one
// breaks the catalog (RFC 9432 sections 4.1 and 4.3.1).
func target(c zone.Contents, at zone.Name) (name zone.Name, ok bool, err error) {
	set, ok := c.Get(at, zone.TypePTR)
	if !ok {
		return "", false, nil
	}
	if len(set.Data) != 1 {
		return "", false, fmt.Errorf("%w: %s has %d PTR records, not one", ErrBroken, at, len(set.Data))
	}
	name, ok = set.Data[0].Target(zone.TypePTR)
	return name.Canonical(), ok, nil
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
