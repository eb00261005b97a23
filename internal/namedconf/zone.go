package namedconf

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Zone is what a configuration says of a zone.
type Zone struct {
	Name      string // as it is written there; the final dot may be missing
	Class     string // IN unless another is named
	View      string // "" where the configuration has no views
	Type      string // primary, secondary, mirror, stub, hint, forward, …: master and slave are read as the newer words
	InView    string // the view of which the zone is served here as well; there is no Type then
	File      string // relative to Config.Directory; "" none
	Primaries []Primary
	Unknown   []string // named lists of primaries that are not defined
	Options   string   // of ParseZone alone: what else the block says, in the order of its keywords
	At        Position
}

// Primary is where a secondary transfers from.
type Primary struct {
	Address netip.Addr
	Port    uint16 // 0: not said, 53 or, with TLS, 853
	Key     string // name of the TSIG key; "" none
	TLS     string // "" none; the name that the certificate must have; else "opportunistic"
}

// maxPrimaries is how many primaries, and lists of them, one zone may name.
const maxPrimaries = 100

// opportunistic is TLS that asks for no name of the certificate.
const opportunistic = "opportunistic"

// ParseZone reads a zone's block by itself: no list of primaries is known.
func ParseZone(block []Statement) (z Zone, err error) {
	for _, s := range z.read(block) {
		err = errors.Join(err, lists{}.resolve(&z, s))
	}
	z.Options = options(block)
	return z, err
}

// options writes what a zone's block says that there is no field for.
func options(block []Statement) string {
	var others []Statement
	for _, s := range block {
		switch strings.ToLower(s.Word(0)) {
		case "type", "file", "in-view", "primaries", "masters":
		default:
			others = append(others, s)
		}
	}
	slices.SortStableFunc(others, func(a, b Statement) int {
		return strings.Compare(strings.ToLower(a.Word(0)), strings.ToLower(b.Word(0)))
	})
	return Text(others)
}

// read takes over what the block says, and returns the statements that name primaries.
func (z *Zone) read(block []Statement) (primaries []Statement) {
	for _, s := range block {
		switch {
		case s.Is("type"):
			z.Type = typeOf(s.Word(1))
		case s.Is("file"):
			z.File = s.Word(1)
		case s.Is("in-view"):
			z.InView = s.Word(1)
		case s.Is("primaries"), s.Is("masters"):
			primaries = append(primaries, s)
		}
	}
	return primaries
}

func typeOf(word string) string {
	switch word = strings.ToLower(word); word {
	case "master":
		return "primary"
	case "slave":
		return "secondary"
	}
	return word
}

// lists are what zones name by a word.
type lists struct {
	primaries map[string]Statement // by name in lower case
	tls       map[string]string    // the remote-hostname of a tls statement
}

// resolve gives a zone the primaries that a statement names.
func (l lists) resolve(z *Zone, s Statement) error {
	f := flattening{lists: l, zone: z, seen: map[string]bool{}}
	return f.list(s, 1, 0)
}

// flattening makes one list of primaries of a list that names others. As with
// BIND each list counts once, and lends its port to those within it.
type flattening struct {
	lists
	zone *Zone
	seen map[string]bool
}

// list adds the primaries of a statement whose options begin at a word.
func (f *flattening) list(s Statement, options int, port uint16) (err error) {
	for i := options; i+1 < len(s.Words); i += 2 {
		if s.Words[i].Is("port") {
			if port, err = parsePort(s.Word(i + 1)); err != nil {
				return err
			}
		}
	}
	for _, one := range s.Block {
		if err := f.element(one, port); err != nil {
			return err
		}
	}
	return nil
}

func (f *flattening) element(s Statement, port uint16) error {
	if len(f.zone.Primaries) == maxPrimaries || len(f.seen) == maxPrimaries {
		return fmt.Errorf("%w: more than %d primaries", ErrSyntax, maxPrimaries)
	}
	address, err := netip.ParseAddr(s.Word(0))
	if err == nil {
		p, err := f.primary(s, Primary{Address: address, Port: port})
		f.zone.Primaries = append(f.zone.Primaries, p)
		return err
	}
	name := strings.ToLower(s.Word(0))
	known, ok := f.primaries[name]
	switch {
	case f.seen[name]:
		return nil
	case !ok:
		f.zone.Unknown = append(f.zone.Unknown, s.Word(0))
	}
	f.seen[name] = true
	return f.list(known, 2, port)
}

func (f *flattening) primary(s Statement, p Primary) (_ Primary, err error) {
	for i := 1; i+1 < len(s.Words); i += 2 {
		switch value := s.Word(i + 1); {
		case s.Words[i].Is("port"):
			if p.Port, err = parsePort(value); err != nil {
				return p, err
			}
		case s.Words[i].Is("key"):
			p.Key = value
		case s.Words[i].Is("tls"):
			if p.TLS, err = f.tlsOf(value); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}

func (l lists) tlsOf(name string) (string, error) {
	host, known := l.tls[name]
	switch {
	case host != "":
		return host, nil
	case known, name == "ephemeral":
		return opportunistic, nil
	case name == "none":
		return "", nil
	}
	return "", fmt.Errorf("%w: there is no tls statement %q", ErrSyntax, name)
}

func parsePort(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%w: port %q", ErrSyntax, s)
	}
	return uint16(n), nil
}
