package bind

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/namedconf"
	"github.com/skein-dns/skein/zone"
)

// text writes commands for one member. What it puts between its own words is
// quoted or checked, so that no name ends a statement or begins one.
type text struct {
	view      string // a bare word: addzone takes no other
	primaries string // the statements of a primaries block
	transfer  string // whom zones are transferred to
	attempt   uint32 // not 0: of a test, whose files are its own
}

const defaultView = "_default"

func newText(m skein.Member) (t text, err error) {
	t.view = viewOf(m)
	if strings.ContainsFunc(t.view, notOfBareWord) {
		return t, fmt.Errorf("the view %q cannot be reached over rndc, which takes names of letters, digits, dots, hyphens and underscores", t.view)
	}
	if t.primaries, err = primariesText(m); err != nil {
		return t, err
	}
	t.transfer = "none"
	if m.AuditKey != "" {
		key, err := namedconf.Quote(m.AuditKey)
		if err != nil {
			return t, fmt.Errorf("the name of its audit key: %w", err)
		}
		t.transfer = "key " + key
	}
	if m.Primary {
		t.transfer = members
	}
	return t, nil
}

func viewOf(m skein.Member) string {
	if m.View == "" {
		return defaultView
	}
	return m.View
}

func notOfBareWord(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.')
}

func primariesText(m skein.Member) (string, error) {
	key, err := namedconf.Quote(m.TSIGKey)
	if err != nil || m.TSIGKey == "" {
		return "", fmt.Errorf("the name of its TSIG key: %w", errors.Join(err, errors.New("there must be one")))
	}
	var b strings.Builder
	for _, p := range m.Primaries {
		addr := p.Address.Unmap()
		if !addr.IsValid() || addr.Zone() != "" || p.Port == 0 {
			return "", fmt.Errorf("%s is no address and port that it can transfer from", netip.AddrPortFrom(addr, p.Port))
		}
		fmt.Fprintf(&b, "%s port %d key %s; ", addr, p.Port, key)
	}
	if b.Len() == 0 {
		return "", errors.New("it has no primary to transfer from yet")
	}
	for _, p := range m.Others {
		key, err := namedconf.Quote(p.Key)
		if err != nil {
			return "", fmt.Errorf("the name of its key for member %s: %w", p.Member, err)
		}
		fmt.Fprintf(&b, "%s port %d key %s; ", p.Address.Unmap().WithZone(""), p.Port, key)
	}
	return b.String(), nil
}

// file is the name of a zone's file: from a hash, since a zone's name may hold
// anything, and with the view, since two zones must not share a file.
func (t text) file(name zone.Name) string {
	if t.attempt != 0 {
		return fmt.Sprintf("%s-%d.db", t.fileBase(name), t.attempt)
	}
	return t.fileBase(name) + ".db"
}

func (t text) fileBase(name zone.Name) string {
	h := sha256.New()
	h.Write(name.Canonical().AppendWire(nil))
	if t.view != defaultView {
		h.Write([]byte(t.view))
	}
	return "skein-" + hex.EncodeToString(h.Sum(nil))[:40]
}

// isOurs reports whether Skein named this file for this zone, be it in a test.
func (t text) isOurs(file string, name zone.Name) bool {
	rest, begins := strings.CutPrefix(file, t.fileBase(name))
	attempt, ends := strings.CutSuffix(rest, ".db")
	return begins && ends && strings.Trim(strings.TrimPrefix(attempt, "-"), "0123456789") == ""
}

// maxNameText: BIND keeps added zones in a database under their name as text,
// and the database takes keys of so many octets. DNS allows 1004 of them, if
// most octets have to be escaped.
const maxNameText = 511

// on writes a command about one zone in our view.
func (t text) on(command string, name zone.Name) (string, error) {
	if len(name) > maxNameText {
		return "", fmt.Errorf("BIND can have no zone whose name takes more than %d octets to write; this one takes %d", maxNameText, len(name))
	}
	if name != zone.Root {
		name = name[:len(name)-1]
	}
	quoted, err := namedconf.Quote(string(name))
	return command + " " + quoted + " IN " + t.view, err
}

// block is a zone's configuration. The old words are used because every BIND
// from 9.11 to the newest takes them. Whom to tell and whom to let transfer is
// said here and not in the options, which other zones on the member share.
func (t text) block(name zone.Name) string {
	return fmt.Sprintf(`{ type slave; file "%s"; masters { %s}; notify no; allow-transfer { %s; }; };`, t.file(name), t.primaries, t.transfer)
}

// judge reads what showzone prints of a zone: zone "name" { type …; file "…"; … };
func (t text) judge(shown string, name zone.Name) (ours, current bool) {
	has, err := namedconf.Statements(shown)
	if err != nil || len(has) != 1 {
		return false, false
	}
	want, err := namedconf.Statements("zone x " + t.block(name))
	if err != nil {
		return false, false
	}
	z, err := namedconf.ParseZone(has[0].Block)
	if err != nil || z.Type != "secondary" || !t.isOurs(z.File, name) {
		return false, false
	}
	return true, normal(has[0].Block) == normal(want[0].Block)
}

// normal writes statements in one way: old words for new ones, and sorted. The
// order within a block is kept, since primaries are tried in theirs.
func normal(list []namedconf.Statement) string {
	var lines []string
	for _, s := range list {
		var b strings.Builder
		for _, w := range s.Words {
			word := strings.ToLower(w.Text)
			switch word {
			case "secondary":
				word = "slave"
			case "primaries":
				word = "masters"
			}
			fmt.Fprintf(&b, "%q ", word)
		}
		for _, in := range s.Block {
			fmt.Fprintf(&b, "{%s}", normal([]namedconf.Statement{in}))
		}
		lines = append(lines, b.String())
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
