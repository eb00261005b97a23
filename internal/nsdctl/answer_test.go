package nsdctl

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// As NSD 4.6.1 answers.
const (
	zonestatusOfOne = "zone:\tm1.example\n\tpattern: skein-ns3\n\tstate: ok\n\tserved-serial: \"2026010101 since 2026-11-22T21:50:31\"\n" +
		"\tcommit-serial: \"2026010101 since 2026-11-22T21:50:31\"\n\twait: \"59 sec between attempts\"\n"
	zonestatusOfAll = "zone:\t.\n\tpattern: skein-ns3\n\tstate: refreshing\n\tserved-serial: none\n\tcommit-serial: none\n\twait: \"33 sec between attempts\"\n" +
		zonestatusOfOne + "zone:\tOwn.example\n\tstate: master\n"
)

func TestZonesAreRead(t *testing.T) {
	t.Parallel()
	m1 := Zone{Name: "m1.example", Pattern: "skein-ns3", State: "ok", Served: 2026010101, Since: "2026-11-22T21:50:31"}
	for situation, c := range map[string]struct {
		answer string
		want   []Zone
		err    error
	}{
		"one":                               {zonestatusOfOne, []Zone{m1}, nil},
		"all":                               {zonestatusOfAll, []Zone{{Name: ".", Pattern: "skein-ns3", State: "refreshing"}, m1, {Name: "Own.example", State: "master"}}, nil},
		"none":                              {"", nil, nil},
		"lines of a newer NSD":              {"zone:\tx\n\tcatalog-member-id: \"a.zones.c.\"\n\tsomething\n\tstate: primary\n", []Zone{{Name: "x", State: "primary"}}, nil},
		"no such zone":                      {"error zone nosuch.example not configured\n", nil, &Refusal{"zone nosuch.example not configured"}},
		"something else":                    {"hello\n", nil, ErrAnswer},
		"a detail of nothing":               {"\tstate: ok\n", nil, ErrAnswer},
		"it breaks off in words of another": {zonestatusOfOne + "error\n", nil, ErrAnswer},
	} {
		var got []Zone
		err := read(c.answer, NewZones(func(z Zone) error { got = append(got, z); return nil }))
		if !sameError(err, c.err) || err == nil && !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, %v", situation, got, err)
		}
		for _, z := range got {
			if z.Primary() != (z.Name == "Own.example" || z.Name == "x") {
				t.Errorf("%s: %+v", situation, z)
			}
		}
	}
}

func TestResultsAreRead(t *testing.T) {
	t.Parallel()
	for situation, c := range map[string]struct {
		answer string
		want   string
		err    error
	}{
		"both were added":       {"added: a.example\nadded: b.example\nadded 2 zones\n", "0 added, 1 added, ", nil},
		"one was there":         {"zone a.example already exists\nadded: a.example\nadded: b.example\nadded 2 zones\n", "0 there, 1 added, ", nil},
		"no such pattern":       {"error pattern x does not exist\nerror for input line 'a.example'\nadded: b.example\nadded 1 zones\n", "0 refused pattern x does not exist, 1 added, ", nil},
		"both were removed":     {"removed: a.example\nremoved: b.example\ndeleted 2 zones\n", "0 removed, 1 removed, ", nil},
		"one was not there":     {"removed: a.example\nwarning zone b.example not present\nerror for input line 'b.example'\ndeleted 1 zones\n", "0 removed, 1 absent, ", nil},
		"one is of nsd.conf":    {"error zone defined in nsd.conf, cannot delete it\nerror for input line 'a.example'\nremoved: b.example\ndeleted 1 zones\n", "0 refused zone defined in nsd.conf, cannot delete it, 1 removed, ", nil},
		"in another order":      {"added: b.example\nadded: a.example\nadded 2 zones\n", "", ErrAnswer},
		"it ends too early":     {"added: a.example\n", "0 added, ", ErrAnswer},
		"without its last line": {"added: a.example\nadded: b.example\n", "0 added, 1 added, ", ErrAnswer},
		"there is more":         {"added: a.example\nadded: b.example\nadded 2 zones\nadded: c.example\n", "0 added, 1 added, ", ErrAnswer},
	} {
		got := ""
		err := read(c.answer, NewResults([]string{"a.example", "b.example"}, func(i int, r Result) {
			got += fmt.Sprintf("%d %s", i, r.Outcome)
			if r.Text != "" {
				got += " " + r.Text
			}
			got += ", "
		}))
		if !sameError(err, c.err) || got != c.want {
			t.Errorf("%s: %s, %v", situation, got, err)
		}
	}
}

func sameError(got, want error) bool {
	var said, meant *Refusal
	if errors.As(want, &meant) {
		return errors.As(got, &said) && *said == *meant
	}
	return errors.Is(got, want)
}

func TestRefusalsAreToldApart(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"zone example.com not configured":                 NoSuchZone,
		"pattern skein-ns3 does not exist":                NoSuchPattern,
		"zone not slave":                                  "",
		"cannot parse zone name 'x not configured'":       "",
		"zone pattern x does not exist is not understood": "",
	} {
		r := &Refusal{text}
		for _, each := range []string{NoSuchZone, NoSuchPattern} {
			if r.Says(each) != (each == want) {
				t.Errorf("%q says %q", text, each)
			}
		}
	}
}
