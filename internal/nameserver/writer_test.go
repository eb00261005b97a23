package nameserver

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/skein-dns/skein/zone"
)

// What was written before leaves nothing behind: asking for one type after
// another gives the octets that a new writer gives, compressed as well, and so
// does a name in another case.
func TestAWriterForgets(t *testing.T) {
	t.Parallel()
	set := func(name zone.Name, data ...zone.Rdata) signedSet {
		return signedSet{RRset: zone.RRset{Name: name, Type: zone.TypeNS, TTL: 60, Data: data}}
	}
	var used writer
	for round := range 3 {
		for i, step := range []struct {
			name zone.Name
			t    zone.Type
			sets []signedSet
		}{
			{"www.example.com.", zone.TypeA, []signedSet{set("www.example.com.", "\x02ns\x03www\x07example\x03com\x00", "\x02ns\x03net\x00")}},
			{"www.example.com.", zone.TypeNS, []signedSet{set("WWW.example.com.", "\x02ns\x03net\x00", "\x03net\x00", "\x00"), set("com.", "\x07EXAMPLE\x03com\x00")}},
			{"example.com.", zone.TypeNS, []signedSet{set("a-label-of-many-octets.example.com.", "\x16a-label-of-many-octets\x07example\x03com\x00")}},
			{".", zone.TypeNS, []signedSet{set(".", "\x02ns\x00", "\x02ns\x03net\x00")}},
		} {
			var fresh writer
			for _, w := range []*writer{&used, &fresh} {
				w.ask(step.name, step.t)
				w.limit = maxTCP
				for _, s := range step.sets {
					w.set(inAnswer, 1, s)
				}
			}
			if !bytes.Equal(used.buf, fresh.buf) {
				t.Errorf("round %d, message %d is\n%x\na new writer's\n%x", round, i, used.buf, fresh.buf)
			}
			if want := fmt.Sprint(fresh.names.noted); fmt.Sprint(used.names.noted) != want {
				t.Errorf("round %d, message %d notes names at %v, a new writer at %s", round, i, used.names.noted, want)
			}
		}
	}
}
