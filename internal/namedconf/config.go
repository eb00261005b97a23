package namedconf

import (
	"cmp"
	"fmt"
	"path"
	"strings"
)

// Config is what Parse finds in a configuration.
type Config struct {
	Directory string // of options: what relative file names begin at; "" where named was started
	Zones     []Zone // in the order of the text
	Keys      []Key
}

// Key is a key statement.
type Key struct {
	Name      string
	View      string // "" for all views
	Algorithm string // in lower case, such as hmac-sha256
	Secret    string `json:"-"` // base64
}

// String leaves the secret out, so that it gets into no log.
func (k Key) String() string { return k.Algorithm + ":" + k.Name }

// The limits of a configuration.
const (
	MaxSize  = 256 << 20 // octets of all files; one that is included twice counts twice
	MaxFiles = 100_000   // included
	MaxZones = 2_000_000

	maxAllPrimaries = 5 * MaxZones // a list that many zones name counts for each
)

// Parse reads a configuration and lists its zones, those of views included.
// Without an Opener an include is an error.
func Parse(f File, open Opener) (*Config, error) {
	p := parser{open: open, lists: lists{primaries: map[string]Statement{}, tls: map[string]string{}}}
	p.reader.include = p.includeFiles
	if err := p.read(f, func() error { return p.statements(scope{}) }); err != nil {
		return nil, err
	}
	for _, n := range p.named { // a list may be defined behind the zones that name it
		z := &p.config.Zones[n.zone]
		if err := p.lists.resolve(z, n.primaries); err != nil {
			return nil, fmt.Errorf("%s: zone %q: %w", z.At, z.Name, err)
		}
		if p.primaries += len(z.Primaries); p.primaries > maxAllPrimaries {
			return nil, fmt.Errorf("%s: %w: more than %d primaries of all zones", z.At, ErrSyntax, maxAllPrimaries)
		}
	}
	return &p.config, nil
}

type parser struct {
	reader
	open   Opener
	config Config
	lists  lists
	named  []naming

	size, files, nested, primaries int // what is used up of the limits
}

// naming is a statement of a zone that names primaries.
type naming struct {
	zone      int // in config.Zones
	primaries Statement
}

// scope is what a view says of the statements in it.
type scope struct {
	view, class string
	inBlock     bool
}

// read gives a file to a function that reads words.
func (p *parser) read(f File, use func() error) error {
	if p.size += len(f.Text); p.size > MaxSize {
		return fmt.Errorf("%s: %w: the configuration is longer than %d octets", f.Name, ErrSyntax, MaxSize)
	}
	outer := p.words
	p.words = &words{file: f.Name, text: f.Text}
	err := use()
	p.words = outer
	return err
}

func (p *parser) includeFiles(name string, use func() error) error {
	switch {
	case p.open == nil:
		return p.words.wrong("it includes %q, and nothing but this text can be read", name)
	case p.nested == maxDepth:
		return p.words.wrong("files include others deeper than %d", maxDepth)
	case p.config.Directory != "" && !path.IsAbs(name):
		name = path.Join(p.config.Directory, name)
	}
	files, err := p.open(name)
	if err != nil {
		return fmt.Errorf("%s: including %q: %w", p.words.position(), name, err)
	}
	p.nested++
	defer func() { p.nested-- }()
	for _, f := range files {
		if p.files++; p.files > MaxFiles {
			return p.words.wrong("more than %d files are included", MaxFiles)
		}
		if err := p.read(f, use); err != nil {
			return err
		}
	}
	return nil
}

// statements reads the statements of the configuration or of a view.
func (p *parser) statements(in scope) error {
	for {
		var s Statement
		p.spent = 0
		m, err := p.more(&s, in.inBlock)
		if err != nil || m == over {
			return err
		}
		switch at := p.words.position(); {
		case m == ends && p.includes(s):
			err = p.include(s.Word(1), func() error { return p.statements(scope{in.view, in.class, false}) })
		case m == ends: // nothing that we need
		case s.Is("view") && in.view == "" && len(s.Words) > 1:
			if err = p.statements(scope{s.Word(1), s.Word(2), true}); err == nil {
				_, err = p.more(&Statement{HasBlock: true}, in.inBlock)
			}
		case s.Is("zone"), s.Is("options"), s.Is("key"), s.Is("tls"), s.Is("primaries"), s.Is("masters"), s.Is("remote-servers"):
			if err = p.rest(&s, in.inBlock, 0); err == nil {
				err = p.take(s, in, at)
			}
		default:
			err = p.skip()
		}
		if err != nil {
			return err
		}
	}
}

// take notes a statement that has a block.
func (p *parser) take(s Statement, in scope, at Position) error {
	switch {
	case s.Is("zone"):
		return p.zone(s, in, at)
	case s.Is("options"):
		for _, o := range s.Block {
			if o.Is("directory") {
				p.config.Directory = o.Word(1)
			}
		}
	case s.Is("key"):
		p.config.Keys = append(p.config.Keys, ParseKey(s, in.view))
	case s.Is("tls"):
		p.lists.tls[s.Word(1)] = ""
		for _, o := range s.Block {
			if o.Is("remote-hostname") {
				p.lists.tls[s.Word(1)] = o.Word(1)
			}
		}
	default:
		p.lists.primaries[strings.ToLower(s.Word(1))] = s
	}
	return nil
}

// ParseKey reads a key statement.
func ParseKey(s Statement, view string) Key {
	k := Key{Name: s.Word(1), View: view}
	for _, o := range s.Block {
		switch {
		case o.Is("algorithm"):
			k.Algorithm = strings.ToLower(strings.TrimSuffix(o.Word(1), "."))
		case o.Is("secret"):
			k.Secret = o.Word(1)
		}
	}
	return k
}

func (p *parser) zone(s Statement, in scope, at Position) error {
	switch {
	case len(p.config.Zones) == MaxZones:
		return fmt.Errorf("%s: %w: more than %d zones", at, ErrSyntax, MaxZones)
	case len(s.Words) < 2:
		return fmt.Errorf("%s: %w: a zone without a name", at, ErrSyntax)
	}
	z := Zone{Name: s.Word(1), Class: strings.ToUpper(cmp.Or(s.Word(2), in.class, "IN")), View: in.view, At: at}
	for _, primaries := range z.read(s.Block) {
		p.named = append(p.named, naming{len(p.config.Zones), primaries})
	}
	p.config.Zones = append(p.config.Zones, z)
	return nil
}
