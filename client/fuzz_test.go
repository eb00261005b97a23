package client

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-dns/skein"
)

// Whatever a server sends, reading ends with an error, and the events that it
// brought are brought again when they are sent as our own server does.
func FuzzEventStream(f *testing.F) {
	f.Add(": skein\n\nid: 7\nevent: zone\ndata: {\"revision\":7,\"kind\":\"zone\",\"zone\":\"example.com.\"}\n\n: alive\n\n")
	f.Add("data: {\"kind\":\ndata: \"notice\"}\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		var events []skein.Event
		err := eachEvent(strings.NewReader(text), func(e skein.Event) bool {
			events = append(events, e)
			return true
		})
		if err == nil {
			t.Fatal("a stream ended without an error")
		}
		var again strings.Builder
		for _, e := range events {
			data, err := json.Marshal(e)
			if err != nil {
				return // a time that JSON can read and not write
			}
			fmt.Fprintf(&again, "id: %d\nevent: %s\ndata: %s\n\n", e.Revision, "zone", data)
		}
		var got []skein.Event
		err = eachEvent(strings.NewReader(again.String()), func(e skein.Event) bool {
			got = append(got, e)
			return true
		})
		if diff := cmp.Diff(events, got); err != io.ErrUnexpectedEOF || diff != "" {
			t.Fatalf("%v\n%s", err, diff)
		}
	})
}
