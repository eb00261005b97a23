package softlayer

import (
	"encoding/json"
	"testing"
)

// FuzzRecord: whatever SoftLayer lists is read or refused, and what was read and
// can be held is written so that it reads the same.
func FuzzRecord(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		var e entry
		if json.Unmarshal([]byte(text), &e) != nil {
			return
		}
		r, err := recordOf("example.com.", e)
		if err != nil {
			return
		}
		_ = diff(contents(t, "example.com.", "@ A 192.0.2.1\n"), []entry{e})
		out, why := entryOf("example.com.", r)
		if why != "" {
			return
		}
		back, err := recordOf("example.com.", out)
		if err != nil || normal(back).String() != normal(r).String() && back.Data.Canonical(back.Type) != r.Data.Canonical(r.Type) {
			t.Errorf("%s becomes %s, %v", r, back, err)
		}
	})
}
