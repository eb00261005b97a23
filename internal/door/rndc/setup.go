package rndc

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/skein-dns/skein/internal/namedconf"
	wire "github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

// zoneOf reads what zone a command is about: name, class, view. There is one
// view, _default, of one class.
func zoneOf(c wire.Command) (zone.Name, wire.Answer) {
	adds := c.Name == "addzone" || c.Name == "modzone"
	switch {
	case len(c.Args) == 0 && adds, len(c.Args) > 3:
		return "", unexpected
	case len(c.Args) == 0:
		return "", unexpectedEnd
	}
	name, err := zone.ParseName(c.Arg(0))
	if err != nil {
		return "", refusedName(c.Arg(0), err)
	}
	class, view := strings.ToUpper(c.Arg(1)), c.Arg(2)
	switch known := class == "" || class == "IN"; {
	case !known && !isClass(class):
		return "", unknownClass
	case known && (view == "" || view == "_default"):
		return name, wire.Answer{}
	case adds && view == "":
		return "", saying(notFound, "no matching view found for '_default'")
	case adds:
		return "", saying(notFound, fmt.Sprintf("no matching view found for '%s'", view))
	case view == "":
		return "", outcome(c, name, false, nil, wire.Answer{})
	}
	return "", saying(notFound, fmt.Sprintf("no matching view '%s'", view))
}

// isClass knows the classes other than IN (RFC 6895 section 3.2, RFC 3597 section 5).
func isClass(s string) bool {
	switch s {
	case "CH", "CHAOS", "HS", "HESIOD", "NONE", "ANY":
		return true
	}
	number, ok := strings.CutPrefix(s, "CLASS")
	if !ok {
		return false
	}
	_, err := strconv.ParseUint(number, 10, 16)
	return err == nil
}

func refusedName(s string, err error) wire.Answer {
	for label := range strings.SplitSeq(s, ".") {
		if len(label) > 63 {
			return saying(labelTooLong, err.Error())
		}
	}
	return saying(badName, err.Error())
}

// setup reads the block of addzone and modzone. Options that say how BIND
// serves a zone are kept, since whoever made the zone looks whether it is as
// it was made, and have no effect.
func setup(c wire.Command) (namedconf.Zone, wire.Answer) {
	if !c.HasBlock {
		return namedconf.Zone{}, unexpected
	}
	z, err := namedconf.ParseZone(c.Block)
	if errors.Is(err, namedconf.ErrSyntax) {
		return z, saying(unexpected, err.Error())
	}
	if err := errors.Join(err, takes(z)); err != nil {
		return z, saying(failure, err.Error())
	}
	return z, wire.Answer{}
}

// takes says why a zone is not for a server that is a secondary. Its file is a
// name to be shown again; nothing is ever kept under it.
func takes(z namedconf.Zone) error {
	_, err := show(zone.Root, z)
	scoped := slices.ContainsFunc(z.Primaries, func(p namedconf.Primary) bool { return p.Address.Zone() != "" })
	switch {
	case z.Type != "secondary":
		return fmt.Errorf("'%s' zones not supported by addzone: this server is a secondary", z.Type)
	case len(z.Unknown) > 0:
		return fmt.Errorf("primaries \"%s\" not found: write their addresses", z.Unknown[0])
	case scoped:
		return errors.New("the address of a primary names an interface of this machine")
	case len(z.File) > maxFile:
		return fmt.Errorf("the name of the file is longer than %d octets", maxFile)
	case len(z.Options) > maxOptions:
		return fmt.Errorf("the options of the zone are longer than %d octets", maxOptions)
	case strings.ContainsFunc(z.Options, unicode.IsControl):
		return errors.New("the options of the zone hold a control character")
	}
	return err
}

const (
	maxFile    = 1000
	maxOptions = 4000
)

// show prints a zone as BIND's showzone does: in the words with which most
// programs add zones, and look for.
func show(name zone.Name, z namedconf.Zone) (string, error) {
	var b strings.Builder
	var errs []error
	quote := func(s string) string {
		q, err := namedconf.Quote(s)
		errs = append(errs, err)
		return q
	}
	fmt.Fprintf(&b, "zone %s { type slave; ", quote(plain(name)))
	if z.File != "" {
		fmt.Fprintf(&b, "file %s; ", quote(z.File))
	}
	b.WriteString("masters { ")
	for _, p := range z.Primaries {
		b.WriteString(p.Address.String())
		if p.Port != 0 {
			fmt.Fprintf(&b, " port %d", p.Port)
		}
		if p.Key != "" {
			b.WriteString(" key " + quote(p.Key))
		}
		if p.TLS != "" {
			b.WriteString(" tls " + quote(p.TLS))
		}
		b.WriteString("; ")
	}
	b.WriteString("}; ")
	if z.Options != "" {
		b.WriteString(z.Options + " ")
	}
	b.WriteString("};")
	return b.String(), errors.Join(errs...)
}
