package daemon

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Given returns what the command line says of a key.
type Given func(key string) (values []string, ok bool)

// Load puts a configuration together: defaults, then the file (if one is
// named), then SKEIN_… variables, then flags. What is said later wins.
func Load(file string, env func(string) (string, bool), flags Given) (Config, error) {
	c := DefaultConfig()
	options := Options()
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return c, fmt.Errorf("reading the configuration: %w", err)
		}
		if err := fromYAML(&c, options, file, text); err != nil {
			return c, err
		}
	}
	for _, o := range options {
		if v, ok := env(o.Variable()); ok && v != "" {
			values := []string{v}
			if o.Many {
				values = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
			}
			if err := o.Set(&c, values); err != nil {
				return c, fmt.Errorf("%s: %w", o.Variable(), err)
			}
		}
		if values, ok := flags(o.Key); ok {
			if err := o.Set(&c, values); err != nil {
				return c, fmt.Errorf("--%w", err)
			}
		}
	}
	return c, c.check()
}

// Variable is the name of the option in the environment.
func (o Option) Variable() string {
	return "SKEIN_" + strings.ToUpper(strings.ReplaceAll(o.Key, "-", "_"))
}

func (c Config) check() error {
	switch {
	case c.Data == "":
		return fmt.Errorf("data: no directory is named; say --data DIR")
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return fmt.Errorf("tls-cert and tls-key belong together; give both or none")
	case (c.WHMCert == "") != (c.WHMKey == ""):
		return fmt.Errorf("whm-certificate and whm-key belong together; give both or none")
	case len(c.DNS) == 0:
		return fmt.Errorf("dns: no address is named; say --dns ADDR:PORT")
	}
	return nil
}

// fromYAML reads a flat mapping of option keys. Whatever else is there fails with its line.
func fromYAML(c *Config, options []Option, file string, text []byte) error {
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	seen := map[string]int{}
	for _, doc := range tree.Docs {
		for _, pair := range pairs(doc.Body) {
			key, line := pair.Key.GetToken().Value, pair.Key.GetToken().Position.Line
			i := slices.IndexFunc(options, func(o Option) bool { return o.Key == key })
			if i < 0 {
				return fmt.Errorf("%s:%d: unknown key %q; the keys are %s", file, line, key, keys(options))
			}
			if before, twice := seen[key]; twice {
				return fmt.Errorf("%s:%d: %s stands in line %d already", file, line, key, before)
			}
			seen[key] = line
			values, err := scalars(pair.Value)
			if err == nil {
				err = options[i].Set(c, values)
			}
			if err != nil {
				return fmt.Errorf("%s:%d: %w", file, line, err)
			}
		}
		if doc.Body != nil && pairs(doc.Body) == nil && doc.Body.Type() != ast.NullType && doc.Body.Type() != ast.CommentType {
			return fmt.Errorf("%s:%d: this is not `key: value`", file, doc.Body.GetToken().Position.Line)
		}
	}
	return nil
}

func pairs(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

// scalars returns a scalar, or the scalars of a list, as they are written.
func scalars(n ast.Node) ([]string, error) {
	if list, ok := n.(*ast.SequenceNode); ok {
		var all []string
		for _, item := range list.Values {
			values, err := scalars(item)
			if err != nil {
				return nil, err
			}
			all = append(all, values...)
		}
		return all, nil
	}
	if _, ok := n.(ast.ScalarNode); !ok || n.Type() == ast.NullType {
		return nil, fmt.Errorf("the value is neither a word nor a list of words")
	}
	return []string{n.GetToken().Value}, nil
}

func keys(options []Option) string {
	names := make([]string, len(options))
	for i, o := range options {
		names[i] = o.Key
	}
	return strings.Join(names, ", ")
}
