package rndc

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Command is a command line, taken apart.
type Command struct {
	Name     string   // addzone, status, …
	Flags    []string // -clean, …
	Args     []string // zone, class, view, …
	Block    []Statement
	HasBlock bool
}

// Arg returns argument i; "" if there are fewer.
func (c Command) Arg(i int) string {
	if i >= len(c.Args) {
		return ""
	}
	return c.Args[i]
}

// ParseCommand takes a command line apart, such as
// addzone example.com IN _default { type secondary; … };
func ParseCommand(line string) (Command, error) {
	words, err := Words(line)
	if err != nil {
		return Command{}, err
	}
	var c Command
	for i, w := range words {
		if w.is("{") {
			block, rest, err := statements(words[i+1:], 1)
			if err != nil {
				return Command{}, err
			}
			if len(rest) == 0 || len(rest) > 2 || len(rest) == 2 && !rest[1].is(";") {
				return Command{}, fmt.Errorf("%w: the block does not end the command", ErrSyntax)
			}
			c.Block, c.HasBlock = block, true
			break
		}
		switch {
		case w.is(";") || w.is("}"):
			return Command{}, fmt.Errorf("%w: a stray %s", ErrSyntax, w.Text)
		case c.Name == "":
			c.Name = w.Text
		case !w.Quoted && strings.HasPrefix(w.Text, "-"):
			c.Flags = append(c.Flags, w.Text)
		default:
			c.Args = append(c.Args, w.Text)
		}
	}
	if c.Name == "" {
		return Command{}, fmt.Errorf("%w: there is no command", ErrSyntax)
	}
	return c, nil
}

// Zone is what a zone block says of a secondary zone.
type Zone struct {
	Type      string // secondary, or another
	File      string
	Primaries []Primary
}

// Primary is where a secondary transfers from.
type Primary struct {
	Address netip.Addr
	Port    uint16 // 0: not said
	Key     string // "" : none
}

// ParseZone reads the statements of a zone block. Old words (slave, masters)
// and new ones mean the same; what a secondary does not need is left out.
func ParseZone(block []Statement) (Zone, error) {
	var z Zone
	for _, s := range block {
		switch s.Word(0) {
		case "type":
			if z.Type = s.Word(1); z.Type == "slave" {
				z.Type = "secondary"
			} else if z.Type == "master" {
				z.Type = "primary"
			}
		case "file":
			z.File = s.Word(1)
		case "primaries", "masters":
			port := ""
			if s.Word(1) == "port" {
				port = s.Word(2)
			}
			for _, p := range s.Block {
				one, err := parsePrimary(p, port)
				if err != nil {
					return z, err
				}
				z.Primaries = append(z.Primaries, one)
			}
		}
	}
	return z, nil
}

func parsePrimary(s Statement, port string) (p Primary, err error) {
	if p.Address, err = netip.ParseAddr(s.Word(0)); err != nil {
		return p, fmt.Errorf("%w: primary %q is no address", ErrSyntax, s.Word(0))
	}
	for i := 1; i+1 < len(s.Words); i += 2 {
		switch s.Word(i) {
		case "port":
			port = s.Word(i + 1)
		case "key":
			p.Key = s.Word(i + 1)
		}
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return p, fmt.Errorf("%w: port %q", ErrSyntax, port)
		}
		p.Port = uint16(n)
	}
	return p, nil
}
