package powerdns

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// rrset is how the API has one. A change replaces it or takes it away.
type rrset struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	TTL     uint32   `json:"ttl"`
	Change  string   `json:"changetype,omitempty"`
	Records []record `json:"records"`
}

type record struct {
	Content  string `json:"content"`
	Disabled bool   `json:"disabled"`
}

const (
	replace = "REPLACE"
	remove  = "DELETE"
)

// batchOctets bounds a call: PowerDNS takes no more than 2 MB
// (webserver-max-bodysize), and answers nothing else while it writes.
const batchOctets = 1 << 20

// size is about what it takes in a call.
func (s rrset) size() int {
	n := 100 + len(s.Name)
	for _, r := range s.Records {
		n += 40 + len(r.Content)*5/4
	}
	return n
}

// write gives the member what is published of a zone: of one that it has, only
// what differs.
func (d *Driver) write(ctx context.Context, name zone.Name) error {
	want, is := d.opts.Published(ctx, name)
	if !is {
		return d.register(ctx, name)
	}
	if _, signed := want.Get(want.Origin(), zone.TypeRRSIG); signed {
		return fmt.Errorf("zone %s is signed, and PowerDNS takes signatures by transfer only: set the member's %s to %s", name, Mode, Secondary)
	}
	has, err := d.ours(ctx, name)
	if errors.Is(err, errGone) {
		return d.create(ctx, want)
	}
	if err != nil {
		return err
	}
	old, odd, err := d.contents(ctx, name)
	if err != nil {
		return d.refusal("reading", name, err)
	}
	if err := d.patch(ctx, name, changes(old, want, odd)); err != nil {
		return err
	}
	if sameSetup(has, d.want(name)) {
		return nil
	}
	return d.refusal("changing", name, d.client.call(ctx, http.MethodPut, zonePath(name), d.want(name), nil))
}

// create makes a zone. What is too large for one call is filled before anybody
// sees it.
func (d *Driver) create(ctx context.Context, want zone.Contents) error {
	parts := batches(changes(zone.Contents{}, want, nil))
	if len(parts) > 1 {
		if err := d.register(ctx, want.Origin()); err != nil {
			return err
		}
		return d.write(ctx, want.Origin())
	}
	s := d.want(want.Origin())
	s.Nameservers = &[]string{} // they are among the records
	if len(parts) == 1 {
		s.RRsets = parts[0]
	}
	return d.refusal("adding", want.Origin(), d.send(ctx, http.MethodPost, "/zones", s, s.RRsets))
}

// register makes a zone that nothing is in, and that is not served therefore: a
// native one would be given a SOA, which a secondary without primaries is not.
func (d *Driver) register(ctx context.Context, name zone.Name) error {
	s := d.want(name)
	s.Kind = kindSlave
	err := d.client.call(ctx, http.MethodPost, "/zones", s, nil)
	if refused(err, http.StatusConflict) {
		_, err = d.ours(ctx, name)
		return err
	}
	return d.refusal("adding", name, err)
}

// patch sends changes, some at a time. The SOA comes last: until then the serial
// says that not all is there.
func (d *Driver) patch(ctx context.Context, name zone.Name, sets []rrset) error {
	for _, part := range batches(sets) {
		err := d.send(ctx, http.MethodPatch, zonePath(name), map[string][]rrset{"rrsets": part}, part)
		if err != nil {
			return d.refusal("writing", name, err)
		}
	}
	return nil
}

// changes are the sets that lead from one version to another, in canonical
// order, at each name first those that go. Odd are sets that are there and that
// we cannot read.
func changes(has, want zone.Contents, odd []rrset) []rrset {
	type at struct {
		key string
		t   zone.Type
	}
	names := map[at]zone.Name{}
	delta := zone.Diff(has, want)
	for _, s := range slices.Concat(delta.Del, delta.Add) {
		names[at{s.Name.Key(), s.Type}] = s.Name
	}
	var all []rrset
	var soa []rrset
	for _, s := range odd {
		name, err := zone.ParseName(s.Name)
		if t, bad := zone.ParseType(s.Type); err == nil && bad == nil {
			names[at{name.Key(), t}] = name
			continue
		}
		all = append(all, rrset{Name: s.Name, Type: s.Type, Change: remove})
	}
	order := make([]at, 0, len(names))
	for a := range names {
		order = append(order, a)
	}
	goes := func(a at) bool { _, is := want.Get(names[a], a.t); return !is }
	slices.SortFunc(order, func(a, b at) int {
		switch {
		case a.key != b.key:
			return strings.Compare(a.key, b.key)
		case goes(a) != goes(b) && goes(a):
			return -1
		case goes(a) != goes(b):
			return 1
		}
		return int(a.t) - int(b.t)
	})
	for _, a := range order {
		set, is := want.Get(names[a], a.t)
		switch {
		case !is:
			all = append(all, rrset{Name: string(names[a].Canonical()), Type: a.t.String(), Change: remove})
		case a.t == zone.TypeSOA:
			soa = append(soa, given(set))
		default:
			all = append(all, given(set))
		}
	}
	return append(all, soa...)
}

// batches divides changes into calls. What is of one name stays together.
func batches(sets []rrset) (parts [][]rrset) {
	size, from := 0, 0
	for i, s := range sets {
		if n := s.size(); i > from && size+n > batchOctets && s.Name != sets[i-1].Name {
			parts = append(parts, sets[from:i])
			from, size = i, n
		} else {
			size += n
		}
	}
	if from < len(sets) {
		parts = append(parts, sets[from:])
	}
	return parts
}

// current reports whether what the member has of a zone is what is published,
// as far as its serial does not tell already.
func (d *Driver) current(ctx context.Context, name zone.Name, has setup) (bool, error) {
	want, is := d.opts.Published(ctx, name)
	if !is {
		return true, nil
	}
	if !sameSetup(has, d.want(name)) {
		return false, nil
	}
	if soa, _ := want.SOA(); soa.Serial != has.Serial {
		return true, nil
	}
	c, odd, err := d.contents(ctx, name)
	if refused(err, http.StatusNotFound) {
		return false, nil
	}
	return err == nil && len(odd) == 0 && c.Equal(want), err
}
