package zone

import (
	"strings"
	"testing"
)

func TestZoneFileRoundTrip(t *testing.T) {
	t.Parallel()
	const text = `$ORIGIN example.com.
$TTL 1h
@ IN SOA ns1.example.net. host.example.net. ( 1 ; serial
	3600 600
	86400 300 )
@ NS ns1.example.net.
  NS ns2.example.net.
www 300 A 192.0.2.1
www 300 IN A 192.0.2.2
txt TXT "a b" c "say \"hi\""
$GENERATE 1-3 host${0,2,d} A 192.0.2.$
odd TYPE65280 \# 3 abcdef
`
	sets, warnings, err := Parse(strings.NewReader(text), Options{})
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	c, err := NewContents("example.com.", sets)
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	if err := Print(&printed, c, PrintOptions{}); err != nil {
		t.Fatal(err)
	}
	again, _, err := Parse(strings.NewReader(printed.String()), Options{})
	if err != nil {
		t.Fatal(err, printed.String())
	}
	d, err := NewContents("example.com.", again)
	if err != nil || !c.Equal(d) {
		t.Errorf("printed and read again it is not the same (%v):\n%s", err, printed.String())
	}
	if _, n := c.Len(); n != 10 {
		t.Errorf("%d records:\n%s", n, printed.String())
	}
}
