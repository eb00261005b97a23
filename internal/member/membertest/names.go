package membertest

import (
	"errors"
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
// One that the server cannot have fails by itself and leaves nothing behind.
func (t *suite) oddNames() {
	d := t.driver()
	var names []zone.Name
	for _, text := range oddNames {
		name, err := zone.ParseName(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if t.unfit(d, name) {
			continue
		}
		names = append(names, name)
	}
	t.put(names...)
	if len(names) < 3 {
		t.Errorf("of all names the server takes %q", names)
	}
	if t.s.Follows != nil { // each by itself takes a version of what it reads
		t.halves(d, names)
		return
	}
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

// unfit reports whether the server can have no zone of a name. Adding it fails
// by itself, and leaves nothing.
func (t *suite) unfit(d member.Driver, name zone.Name) bool {
	t.Helper()
	if t.s.Unfit == nil || !t.s.Unfit(name) {
		return false
	}
	if t.s.Follows != nil { // who cannot be told cannot refuse
		return true
	}
	t.put(name)
	if err := t.apply(d, member.ActionAdd, name)[0]; err == nil || errors.Is(err, member.ErrAway) || errors.Is(err, member.ErrDenied) {
		t.Errorf("a name that it cannot have, %s: %v", name, err)
	}
	t.has(d, absent, name)
	t.must(d, member.ActionDelete, name)
	return true
}

// halves: made all at once, and taken away in two parts.
func (t *suite) halves(d member.Driver, names []zone.Name) {
	t.has(d, absent, names...)
	t.must(d, member.ActionAdd, names...)
	t.has(d, current, names...)
	for _, name := range names {
		t.serves(d, name, 1)
	}
	first, second := names[:len(names)/2], names[len(names)/2:]
	t.must(d, member.ActionDelete, first...)
	t.has(d, absent, first...)
	t.has(d, current, second...)
	t.must(d, member.ActionDelete, second...)
	t.has(d, absent, names...)
}

// theRoot is a zone as any other, above all others.
func (t *suite) theRoot() {
	d := t.driver()
	const under zone.Name = "under-the-root.example."
	t.put(zone.Root, under)
	if t.unfit(d, zone.Root) {
		return
	}
	t.must(d, member.ActionAdd, zone.Root, under)
	t.has(d, current, zone.Root, under)
	t.serves(d, zone.Root, 1)
	t.serves(d, under, 1)
	t.must(d, member.ActionDelete, zone.Root)
	t.has(d, current, under)
	t.has(d, absent, zone.Root)
	t.must(d, member.ActionDelete, under)
}
