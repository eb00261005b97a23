package auth

import (
	"bytes"
	"testing"
	"time"

	"github.com/skein-dns/skein"
)

var (
	admin  = skein.Actor{Name: "anna", Source: "admin", Admin: true}
	panel  = skein.Actor{Name: "plesk1", Source: "plesk1"}
	nobody = skein.Actor{Name: "lost"}
)

// Every rule about zones, for every actor: the kind of the refusal, "" for yes.
func TestRulesOfZones(t *testing.T) {
	t.Parallel()
	var k Known
	zones := map[string]skein.Zone{
		"its own":               {Name: "a.example.", Origin: "plesk1"},
		"another's":             {Name: "a.example.", Origin: "plesk2"},
		"an administrator's":    {Name: "a.example.", Origin: "admin"},
		"nobody's":              {Name: "a.example.", Origin: ""},
		"its own reverse":       {Name: "2.0.192.in-addr.arpa.", Origin: "plesk1"},
		"another's reverse":     {Name: "2.0.192.IN-ADDR.arpa.", Origin: "plesk2"},
		"administrator reverse": {Name: "8.b.d.0.1.0.0.2.ip6.arpa.", Origin: "admin"},
		"shared reverse":        {Name: "8.b.d.0.1.0.0.2.ip6.arpa.", Origin: "reverse"},
		"shared tree":           {Name: "ip6.arpa.", Origin: "reverse"},
		"shared, but forward":   {Name: "a.example.", Origin: "reverse"},
	}
	const no, taken, bad, yes = skein.KindForbidden, skein.KindConflict, skein.KindInvalid, skein.Kind("")
	for name, want := range map[string]struct {
		reads                 bool
		change, create, stamp skein.Kind
	}{
		"its own":               {true, yes, yes, bad},
		"another's":             {false, taken, no, bad},
		"an administrator's":    {false, taken, no, bad},
		"nobody's":              {false, taken, no, bad},
		"its own reverse":       {true, yes, yes, yes},
		"another's reverse":     {false, taken, no, taken},
		"administrator reverse": {true, taken, no, yes},
		"shared reverse":        {true, taken, yes, yes},
		"shared tree":           {true, taken, bad, yes},
		"shared, but forward":   {false, taken, bad, bad},
	} {
		z := zones[name]
		if k.Reads(panel, z) != want.reads || !k.Reads(admin, z) || k.Reads(nobody, z) {
			t.Errorf("%s: a panel reads it: %v", name, k.Reads(panel, z))
		}
		for what, row := range map[string]struct {
			got, want skein.Kind
		}{
			"change":          {skein.KindOf(k.Change(panel, z)), want.change},
			"create":          {skein.KindOf(k.Create(panel, z)), want.create},
			"stamp":           {skein.KindOf(k.Stamp(panel, "plesk1", z)), want.stamp},
			"admin's change":  {skein.KindOf(k.Change(admin, z)), yes},
			"nobody's change": {skein.KindOf(k.Change(nobody, z)), no},
			"nobody's create": {skein.KindOf(k.Create(nobody, z)), no},
			"nobody's stamp":  {skein.KindOf(k.Stamp(nobody, "", z)), no},
		} {
			if row.got != row.want {
				t.Errorf("%s, %s: %q, want %q", name, what, row.got, row.want)
			}
		}
	}
	if err := k.Stamp(panel, "plesk2", zones["shared reverse"]); skein.KindOf(err) != no {
		t.Errorf("with another's stamp: %v", err)
	}
	if err := k.Stamp(admin, "plesk2", zones["another's reverse"]); err != nil {
		t.Errorf("an administrator for a panel: %v", err)
	}
}

func TestRulesOfSources(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		source    string
		admin, ok bool
	}{
		{"plesk1", false, true}, {"plesk1", true, true}, {"admin", true, true}, {"admin", false, false}, {"reverse", false, false}, {"reverse", true, false},
	} {
		if err := Source(row.source, row.admin); (err == nil) != row.ok {
			t.Errorf("%+v: %v", row, err)
		}
	}
}

func TestRulesOfTokens(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	hash := bytes.Repeat([]byte{1}, 32)
	for name, row := range map[string]struct {
		presented []byte
		expires   time.Time
		ok        bool
	}{
		"good for ever":      {hash, time.Time{}, true},
		"good for a while":   {hash, now.Add(1), true},
		"ends now":           {hash, now, false},
		"ended":              {hash, now.Add(-1), false},
		"another":            {bytes.Repeat([]byte{2}, 32), time.Time{}, false},
		"shorter":            {hash[:31], time.Time{}, false},
		"none":               {nil, time.Time{}, false},
		"another, and ended": {bytes.Repeat([]byte{2}, 32), now, false},
	} {
		if err := Token(row.presented, hash, row.expires, now); (err == nil) != row.ok || err != nil && skein.KindOf(err) != skein.KindUnknown {
			t.Errorf("%s: %v", name, err)
		}
	}
}
