package daemon

import "github.com/skein-dns/skein/zone"

// advance leads published contents to the next version: the authored delta,
// with the published serial. The SOA is set apart, since the served one has a
// serial of its own that the delta does not know.
func advance(served zone.Contents, d zone.Delta, serial uint32) (zone.Contents, error) {
	apex := served.Origin()
	next := d.Without(apex, zone.TypeSOA)
	for _, set := range d.Add {
		if set.Type != zone.TypeSOA {
			continue
		}
		if old, ok := served.Get(apex, zone.TypeSOA); ok {
			next.Del = append(next.Del, old)
		}
		next.Add = append(next.Add, set)
	}
	contents, err := served.Apply(next)
	if err != nil {
		return zone.Contents{}, err
	}
	return contents.WithSerial(serial), nil
}
