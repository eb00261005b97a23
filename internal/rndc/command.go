package rndc

import (
	"fmt"
	"strings"

	"github.com/skein-dns/skein/internal/namedconf"
)

// Command is a command line, taken apart.
type Command struct {
	Name     string   // addzone, status, …
	Flags    []string // -clean, …
	Args     []string // zone, class, view, …
	Block    []namedconf.Statement
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
	s, err := namedconf.ParseStatement(line)
	if err != nil {
		return Command{}, err
	}
	c := Command{Block: s.Block, HasBlock: s.HasBlock}
	for _, w := range s.Words {
		switch {
		case c.Name == "":
			c.Name = w.Text
		case !w.Quoted && strings.HasPrefix(w.Text, "-"):
			c.Flags = append(c.Flags, w.Text)
		default:
			c.Args = append(c.Args, w.Text)
		}
	}
	if c.Name == "" {
		return Command{}, fmt.Errorf("%w: there is no command", namedconf.ErrSyntax)
	}
	return c, nil
}
