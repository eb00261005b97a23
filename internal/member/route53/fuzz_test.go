package route53

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skein-dns/skein/zone"
)

// FuzzRecords: whatever Route 53 lists is read or refused, and what was read is
// written so that it reads the same.
func FuzzRecords(f *testing.F) {
	f.Fuzz(func(t *testing.T, name, typ, value string) {
		h, err := heldOf([]types.ResourceRecordSet{{Name: aws.String(name), Type: types.RRType(typ), TTL: aws.Int64(300), ResourceRecords: []types.ResourceRecord{{Value: aws.String(value)}}}})
		if err != nil {
			return
		}
		for k, s := range h.sets {
			back, err := nameIn(nameOut(k.name))
			if err != nil || !back.Equal(k.name) {
				t.Errorf("%q becomes %q, %v", k.name, back, err)
			}
			if !same(k.typ, s, s) {
				t.Errorf("%q is not the same as itself", value)
			}
			parsed, err := zone.ParseType(typ)
			if err != nil {
				continue
			}
			data, err := zone.ParseRdata(parsed, decimal(value), zone.Root)
			if err != nil {
				continue
			}
			out, why := setOf(zone.RRset{Name: k.name, Type: parsed, TTL: 300, Data: []zone.Rdata{data}})
			if why == "" && !same(k.typ, s, out) {
				t.Errorf("%s %q becomes %q", typ, value, out.values)
			}
		}
	})
}
