package membertest

import (
	"strings"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// oddNames are names that a panel may send and that a driver's protocol may
// trip over. All are allowed in DNS.
var oddNames = []string{
	"UPPER.Example.",
	"xn--bcher-kva.example.",
	"_underscore.example.",
	"below.*.example.",
	"-clean.",
	"in.",
	"1.0.2.192.in-addr.arpa.",
	"0-127.2.0.192.in-addr.arpa.",
	"0/25.2.0.192.in-addr.arpa.",
	`a\;b.example.`,
	`a\"b.example.`,
	`a\\.example.`,
	`a\\\"\\.example.`,
	`a\.b.example.`,
	`a\032b.example.`,
	`a\009b\010c\013d.example.`,
	`\000.example.`,
	`\255\128.example.`,
	`\@.example.`,
	`a{b}c.example.`,
	`a#b.example.`,
	"a//b.example.",
	"a/*b*/.example.",
	"a'b`c$d%e&f|g.example.",
	`\(x\).example.`,
	`\.\./\.\./etc/passwd.example.`,
	strings.Repeat("x", 63) + ".example.",
	strings.Repeat(strings.Repeat("a", 63)+".", 3) + strings.Repeat("b", 61) + ".",
	strings.Repeat("c.", 127),
}

// oddNames: each is made, found, served and taken away, and none touches another.
func (t *suite) oddNames() {
	d := t.driver()
	var names []zone.Name
	for _, text := range oddNames {
		name, err := zone.ParseName(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		names = append(names, name)
	}
	t.put(names...)
	for i, name := range names {
		t.has(d, absent, name)
		t.must(d, member.ActionAdd, name)
		t.has(d, current, names[:i+1]...)
	}
	for _, name := range names {
		t.serves(d, name, 1)
	}
	for i, name := range names {
		t.must(d, member.ActionDelete, name)
		t.has(d, absent, names[:i+1]...)
		t.has(d, current, names[i+1:]...)
	}
}

// theRoot is a zone as any other, above all others.
func (t *suite) theRoot() {
	d := t.driver()
	const under zone.Name = "under-the-root.example."
	t.put(zone.Root, under)
	t.must(d, member.ActionAdd, zone.Root, under)
	t.has(d, current, zone.Root, under)
	t.serves(d, zone.Root, 1)
	t.serves(d, under, 1)
	t.must(d, member.ActionDelete, zone.Root)
	t.has(d, current, under)
	t.has(d, absent, zone.Root)
	t.must(d, member.ActionDelete, under)
}
