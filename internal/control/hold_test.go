package control

import (
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

func TestHowManyDeletionsAreTooMany(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		soon, day, zones int
		want             bool
	}{
		"the first":                              {0, 0, 1, false},
		"the tenth of a small source":            {9, 9, 30, false},
		"the eleventh of a small source":         {10, 10, 30, true},
		"the eleventh of 220 zones":              {10, 10, 220, false},
		"five percent of 1000 zones":             {49, 49, 1000, false},
		"more than five percent of 1000 zones":   {50, 50, 1000, true},
		"500 of a million":                       {499, 499, 1_000_000, false},
		"the 501st of a million":                 {500, 500, 1_000_000, true},
		"slowly, thirty in a day":                {1, 29, 30, false},
		"slowly, more than thirty in a day":      {1, 30, 30, true},
		"slowly, 1500 of a million in a day":     {1, 1499, 1_000_000, false},
		"slowly, the 1501st of a million":        {1, 1500, 1_000_000, true},
		"of a source that has none left but one": {10, 10, 0, true},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			if got := tooMany(row.soon, row.day, row.zones); got != row.want {
				t.Errorf("too many: %v", got)
			}
		})
	}
}

func TestWhatLeadsElsewhere(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		served, next []string
		want         bool
	}{
		"other machines":                 {[]string{"@ A 192.0.2.1", "www A 192.0.2.1"}, []string{"@ A 192.0.2.9", "www A 192.0.2.9"}, true},
		"the same":                       {[]string{"@ A 192.0.2.1"}, []string{"@ A 192.0.2.1"}, false},
		"one of two is the same":         {[]string{"@ A 192.0.2.1", "@ A 192.0.2.2"}, []string{"@ A 192.0.2.2"}, false},
		"www moves to the apex":          {[]string{"@ A 192.0.2.1"}, []string{"www A 192.0.2.1"}, false},
		"only IPv6 is the same":          {[]string{"@ A 192.0.2.1", "@ AAAA 2001:db8::1"}, []string{"@ A 192.0.2.9", "@ AAAA 2001:db8::1"}, false},
		"no address any more":            {[]string{"@ A 192.0.2.1"}, []string{"@ MX 0 ."}, true},
		"there was none":                 {[]string{"@ MX 10 mail"}, []string{"@ A 192.0.2.9"}, false},
		"www is an alias of the same":    {[]string{"www CNAME web.example.net."}, []string{"www CNAME WEB.example.net."}, false},
		"www is an alias of another":     {[]string{"www CNAME web.example.net."}, []string{"www CNAME web2.example.net."}, true},
		"mail alone is another":          {[]string{"@ A 192.0.2.1", "mail A 192.0.2.1"}, []string{"@ A 192.0.2.1", "mail A 192.0.2.9"}, false},
		"what only mail has in common":   {[]string{"@ A 192.0.2.1", "mail A 192.0.2.5"}, []string{"@ A 192.0.2.9", "mail A 192.0.2.5"}, true},
		"the alias leads to the new one": {[]string{"@ A 192.0.2.1", "www CNAME @"}, []string{"@ A 192.0.2.9", "www CNAME @"}, true},
		"the alias leads to the old one": {[]string{"@ A 192.0.2.1"}, []string{"www CNAME web", "web A 192.0.2.1"}, false},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			if got := pointsElsewhere(contents(t, row.served...), contents(t, row.next...)); got != row.want {
				t.Errorf("elsewhere: %v", got)
			}
		})
	}
}

func TestWhoHasAZoneAnew(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	made := now.Add(-1000 * time.Hour)
	for situation, row := range map[string]struct {
		z    skein.Zone
		want bool
	}{
		"its first source":             {skein.Zone{Origin: "a", Created: made, OriginSince: made}, false},
		"taken over an hour ago":       {skein.Zone{Origin: "b", OriginBefore: "a", Created: made, OriginSince: now.Add(-time.Hour)}, true},
		"taken over just a day ago":    {skein.Zone{Origin: "b", OriginBefore: "a", Created: made, OriginSince: now.Add(-24 * time.Hour)}, false},
		"a new life of another's name": {skein.Zone{Origin: "b", OriginBefore: "a", Created: now.Add(-time.Hour), OriginSince: now.Add(-time.Hour)}, false},
	} {
		if got := isNew(row.z, now); got != row.want {
			t.Errorf("%s: %v", situation, got)
		}
	}
}

func TestPublicSuffixes(t *testing.T) {
	t.Parallel()
	for name, want := range map[zone.Name]bool{
		"com.": true, "CO.UK.": true, "github.io.": true, "test.": true, ".": true, "in-addr.arpa.": true, "arpa.": true,
		"example.com.": false, "example.co.uk.": false, "sub.example.com.": false, "2.0.192.in-addr.arpa.": false, "8.b.d.0.1.0.0.2.ip6.arpa.": false,
		"xn--bcher-kva.example.": false,
	} {
		if got := isPublicSuffix(name); got != want {
			t.Errorf("%s is a public suffix: %v", name, got)
		}
	}
}

// A serial that is its primary's waits if it goes back, and is raised only
// where overlays have been ahead of it.
func TestSerialsOfPrimaries(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		published, before, sent uint32
		signed, want            bool
	}{
		"ahead":                    {7, 7, 8, false, false},
		"ahead, signed":            {7, 7, 8, true, false},
		"over the end of the ring": {4294967295, 4294967295, 1, true, false},
		"the same":                 {7, 7, 7, false, true},
		"back":                     {7, 7, 6, false, true},
		"ahead of what it sent, behind what is here": {9, 7, 8, false, false},
		"the same, signed, behind what is here":      {9, 7, 8, true, true},
		"0, which says nothing":                      {4294967295, 4294967295, 0, true, true},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			if got := serialHeld(skein.Zone{Serial: row.published}, row.before, row.sent, row.signed); got != row.want {
				t.Errorf("held: %v", got)
			}
		})
	}
}
