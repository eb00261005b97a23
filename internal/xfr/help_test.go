package xfr

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

const origin zone.Name = "example.com."

// soa is the apex SOA with a serial, as zone text.
func soa(serial string) string {
	return "example.com. 300 SOA ns1.example.com. hostmaster.example.com. " + serial + " 3600 600 86400 300"
}

// base is what is here before a transfer, at serial 5.
var base = soa("5") + `
example.com. 300 NS ns1.example.com.
ns1.example.com. 300 A 192.0.2.1
www.example.com. 300 A 192.0.2.10
www.example.com. 300 A 192.0.2.11
`

func contents(t testing.TB, text string) zone.Contents {
	t.Helper()
	if text == "" {
		return zone.Contents{}
	}
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: origin})
	if err != nil {
		t.Fatal(err)
	}
	c, err := zone.NewContents(origin, sets)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ask(t dns.Type) *dns.Msg {
	q := new(dns.Msg)
	q.SetQuestion(string(origin), uint16(t))
	q.Id = 4711
	return q
}

// reply is one message of an answer to q, its records as zone text.
func reply(t testing.TB, q *dns.Msg, text string) *dns.Msg {
	t.Helper()
	m := new(dns.Msg)
	m.SetReply(q)
	m.Authoritative, m.Compress = true, true
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		m.Answer = append(m.Answer, rr)
	}
	return m
}

func pack(t testing.TB, m *dns.Msg) []byte {
	t.Helper()
	wire, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

// stream is messages as they come over TCP.
func stream(messages ...[]byte) *bytes.Buffer {
	var b bytes.Buffer
	for _, wire := range messages {
		b.Write(binary.BigEndian.AppendUint16(nil, uint16(len(wire))))
		b.Write(wire)
	}
	return &b
}

func request(have zone.Contents) Request {
	return Request{Server: netip.MustParseAddrPort("192.0.2.53:53"), Zone: origin, Have: have}.withLimits()
}

func text(t testing.TB, c zone.Contents) string {
	t.Helper()
	if c.IsZero() {
		return ""
	}
	var b strings.Builder
	if err := zone.Print(&b, c, zone.PrintOptions{Absolute: true}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
