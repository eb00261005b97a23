package route53

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skein-dns/skein/zone"
)

const (
	mostValues = 400  // records of one name and type
	mostValue  = 4000 // characters of one
	mostTTL    = 1<<31 - 1
)

// key is what a set of records is known by.
type key struct {
	name zone.Name // in lower case
	typ  types.RRType
}

// set is all records of one name and type, as Route 53 has them.
type set struct {
	ttl    int64
	values []string
}

// held is what a hosted zone has.
type held struct {
	sets map[key]set
	// others are sets that only Route 53 knows, which point to services of AWS, or
	// are chosen by policy: they are never touched.
	others map[key]string
}

// wanted makes sets of what is published, and tells of what Route 53 cannot
// hold. The NS and SOA records of the apex are among them if they are to be written.
func wanted(c zone.Contents, apex bool) (sets map[key]set, lacks []string) {
	sets = map[key]set{}
	for rs := range c.All() {
		if !apex && rs.Name.Equal(c.Origin()) && (rs.Type == zone.TypeSOA || rs.Type == zone.TypeNS) {
			continue
		}
		s, why := setOf(rs)
		if why != "" {
			lacks = append(lacks, fmt.Sprintf("%s %s: %s", rs.Name, rs.Type, why))
			continue
		}
		sets[key{rs.Name.Canonical(), types.RRType(rs.Type.String())}] = s
	}
	return sets, lacks
}

// setOf makes a set, or says why Route 53 cannot hold it.
func setOf(rs zone.RRset) (s set, why string) {
	if !slices.Contains(types.RRType("").Values(), types.RRType(rs.Type.String())) {
		return s, "Route 53 has no records of that type"
	}
	if len(rs.Data) > mostValues {
		return s, fmt.Sprintf("Route 53 takes %d records of one name and type, and there are %d", mostValues, len(rs.Data))
	}
	s.ttl = min(int64(rs.TTL), mostTTL)
	for _, d := range rs.Data {
		text := octal(d.Text(rs.Type))
		if len(text) > mostValue || strings.HasPrefix(text, `\#`) || strings.HasPrefix(text, `\043`) {
			return s, fmt.Sprintf("Route 53 does not take its data: %.40s…", text)
		}
		s.values = append(s.values, text)
	}
	return s, ""
}

// heldOf makes sets of what Route 53 lists.
func heldOf(listed []types.ResourceRecordSet) (held, error) {
	h := held{sets: map[key]set{}, others: map[key]string{}}
	for _, rs := range listed {
		name, err := nameIn(aws.ToString(rs.Name))
		if err != nil {
			return h, fmt.Errorf("Route 53 lists a record of %.300q: %w", aws.ToString(rs.Name), err)
		}
		k := key{name, rs.Type}
		switch {
		case rs.AliasTarget != nil:
			h.others[k] = "an ALIAS to " + aws.ToString(rs.AliasTarget.DNSName)
		case rs.SetIdentifier != nil, rs.TrafficPolicyInstanceId != nil, rs.HealthCheckId != nil:
			h.others[k] = "a record with a routing policy or health check"
		default:
			s := set{ttl: aws.ToInt64(rs.TTL)}
			for _, r := range rs.ResourceRecords {
				s.values = append(s.values, aws.ToString(r.Value))
			}
			h.sets[k] = s
		}
	}
	return h, nil
}

// same reports whether two sets say the same, in whatever words.
func same(typ types.RRType, a, b set) bool {
	if a.ttl != b.ttl || len(a.values) != len(b.values) {
		return false
	}
	return slices.Equal(canonical(typ, a.values), canonical(typ, b.values))
}

// canonical brings values into an order and a form; what cannot be read stays as it is.
func canonical(typ types.RRType, values []string) []string {
	t, err := zone.ParseType(string(typ))
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = v
		if err != nil {
			continue
		}
		if d, err := zone.ParseRdata(t, decimal(v), zone.Root); err == nil {
			all[i] = string(d.Canonical(t))
		}
	}
	slices.Sort(all)
	return all
}

// difference is what leads from what a hosted zone has to what it is to have.
type difference struct {
	changes []types.Change
	lacks   []string
}

// diff compares. Nothing that is the same is sent again; what replaces something
// is one change of it, and what goes comes first, name by name: an address may
// make way for a CNAME.
func diff(c zone.Contents, h held, apex bool) difference {
	want, lacks := wanted(c, apex)
	d := difference{lacks: lacks}
	d.leave(want, h)
	for _, k := range order(h.sets) {
		mine := k.name.Equal(c.Origin()) && (k.typ == types.RRTypeSoa || k.typ == types.RRTypeNs)
		if _, is := want[k]; !is && !mine {
			d.changes = append(d.changes, change(types.ChangeActionDelete, k, h.sets[k]))
		}
	}
	for _, k := range order(want) {
		if has, is := h.sets[k]; !is || !same(k.typ, has, want[k]) {
			d.changes = append(d.changes, change(types.ChangeActionUpsert, k, want[k]))
		}
	}
	slices.SortStableFunc(d.changes, func(a, b types.Change) int {
		return cmp.Compare(aws.ToString(a.ResourceRecordSet.Name), aws.ToString(b.ResourceRecordSet.Name))
	})
	return d
}

// leave takes what others of the zone hide out of what is wanted, and tells of
// them: what only Route 53 knows was made there by somebody.
func (d *difference) leave(want map[key]set, h held) {
	for _, k := range order(h.others) {
		d.lacks = append(d.lacks, fmt.Sprintf("%s %s: %s is there, which is not Skein's; it was left alone", k.name, k.typ, h.others[k]))
		maps.DeleteFunc(want, func(w key, _ set) bool {
			return w.name == k.name && (w.typ == k.typ || w.typ == types.RRTypeCname || k.typ == types.RRTypeCname)
		})
	}
}

func order[V any](sets map[key]V) []key {
	return slices.SortedFunc(maps.Keys(sets), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.typ, b.typ))
	})
}

func change(action types.ChangeAction, k key, s set) types.Change {
	rs := &types.ResourceRecordSet{Name: aws.String(nameOut(k.name)), Type: k.typ, TTL: aws.Int64(s.ttl)}
	for _, v := range s.values {
		rs.ResourceRecords = append(rs.ResourceRecords, types.ResourceRecord{Value: aws.String(v)})
	}
	return types.Change{Action: action, ResourceRecordSet: rs}
}

// What one call may hold. An UPSERT counts twice.
const (
	batchRecords = 1000
	batchChars   = 32000
)

// batches puts changes into calls. Those of one name stay together where they
// fit: they happen at once.
func batches(changes []types.Change) (all [][]types.Change) {
	var batch []types.Change
	records, chars := 0, 0
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && aws.ToString(changes[n].ResourceRecordSet.Name) == aws.ToString(changes[0].ResourceRecordSet.Name) {
			n++
		}
		for {
			r, c := weight(changes[:n])
			if records+r <= batchRecords && chars+c <= batchChars {
				batch, records, chars = append(batch, changes[:n]...), records+r, chars+c
				break
			}
			if len(batch) > 0 {
				all, batch, records, chars = append(all, batch), nil, 0, 0
				continue
			}
			if n == 1 { // alone, and too large all the same: Route 53 says so
				all = append(all, changes[:1:1])
				break
			}
			n--
		}
		changes = changes[n:]
	}
	if len(batch) > 0 {
		all = append(all, batch)
	}
	return all
}

func weight(changes []types.Change) (records, chars int) {
	for _, c := range changes {
		times := 1
		if c.Action == types.ChangeActionUpsert {
			times = 2
		}
		for _, r := range c.ResourceRecordSet.ResourceRecords {
			records += times
			chars += times * len(aws.ToString(r.Value))
		}
	}
	return records, chars
}
