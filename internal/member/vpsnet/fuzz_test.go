package vpsnet

import (
	"encoding/json"
	"testing"
)

// FuzzRecord: whatever the service lists is read or refused.
func FuzzRecord(f *testing.F) {
	d := &Driver{}
	f.Fuzz(func(t *testing.T, text string) {
		var w wrappedRecord
		if json.Unmarshal([]byte(text), &w) != nil {
			return
		}
		_ = d.diff(contents(t, "example.com.", "@ A 192.0.2.1\n"), []wrappedRecord{w})
		_ = failed(400, []byte(text))
	})
}
