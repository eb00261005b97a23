package zone

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// Options are what a zone file is read with.
type Options struct {
	Origin     Name   // of relative names until the file says $ORIGIN; may be "" if it does
	DefaultTTL uint32 // where neither record, $TTL nor SOA tells one; 0 means one hour
	MaxRecords int    // 0 means ten million
}

// Problem is one finding in a zone.
type Problem struct {
	Line    int // of the zone file, 0 if unknown
	Name    Name
	Warning bool
	Text    string
}

func (p Problem) String() string {
	if p.Line > 0 {
		return fmt.Sprintf("line %d: %s", p.Line, p.Text)
	}
	return p.Text
}

// Errors is every problem that was found in a text or in contents.
type Errors struct{ Problems []Problem }

func (e *Errors) Error() string {
	texts := make([]string, 0, len(e.Problems))
	for _, p := range e.Problems {
		texts = append(texts, p.String())
	}
	return strings.Join(texts, "; ")
}

const maxProblems = 50

// Parse reads a zone file (RFC 1035 section 5, $TTL of RFC 2308 section 4,
// BIND's $GENERATE). $INCLUDE is refused: a zone that comes from outside must
// not name files of this machine. All problems are found in one go, up to 50;
// then err is *Errors.
func Parse(r io.Reader, o Options) (sets []RRset, warnings []Problem, err error) {
	p := &parser{origin: o.Origin, ttl: o.DefaultTTL, max: o.MaxRecords, index: map[setKey]int{}}
	if p.ttl == 0 {
		p.ttl = 3600
	}
	if p.max == 0 {
		p.max = 10_000_000
	}
	scan := &scanner{in: bufio.NewReaderSize(r, 1<<16)}
	for len(p.problems) < maxProblems {
		e, err := scan.next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = p.entry(e)
		} else if !errors.Is(err, errToken) {
			return nil, nil, fmt.Errorf("reading the zone file: %w", err)
		}
		if err != nil {
			p.problems = append(p.problems, Problem{Line: e.line, Name: p.owner, Text: strings.TrimSpace(err.Error())})
		}
	}
	if len(p.problems) > 0 {
		return nil, p.warnings, &Errors{p.problems}
	}
	return p.sets, p.warnings, nil
}

type setKey struct {
	name string
	t    Type
}

type parser struct {
	origin   Name
	owner    Name // of the last record
	ttl      uint32
	last     uint32 // TTL of the last record, if hasLast
	hasTTL   bool   // $TTL was given
	hasLast  bool
	max      int
	records  int
	sets     []RRset
	index    map[setKey]int // canonical owner and type → place in sets
	problems []Problem
	warnings []Problem
}

func (p *parser) entry(e entry) error {
	if first := e.tokens[0]; !first.quoted && !e.blank && strings.HasPrefix(first.text, "$") {
		return p.directive(strings.ToUpper(first.text), e.tokens[1:], e.line)
	}
	tokens := e.tokens
	if !e.blank {
		owner, err := p.name(tokens[0].text)
		if err != nil {
			return err
		}
		p.owner, tokens = owner, tokens[1:]
	} else if p.owner == "" {
		return errors.New("the first record must begin with its owner name")
	}
	return p.record(p.owner, tokens, e.line)
}

func (p *parser) directive(word string, args []token, line int) error {
	switch word {
	case "$ORIGIN":
		if len(args) != 1 {
			return errors.New("$ORIGIN takes one name")
		}
		origin, err := p.name(args[0].text)
		if err == nil {
			p.origin = origin
		}
		return err
	case "$TTL":
		if len(args) != 1 {
			return errors.New("$TTL takes one time")
		}
		ttl, ok := parseTTL(args[0].text)
		if !ok {
			return fmt.Errorf("$TTL %q is not a time such as 3600 or 1h30m", args[0].text)
		}
		p.ttl, p.hasTTL = ttl, true
		return nil
	case "$GENERATE":
		return p.generate(args, line)
	case "$INCLUDE":
		return errors.New("$INCLUDE is refused: put the contents of the other file here")
	}
	return fmt.Errorf("unknown directive %s", word)
}

// name makes a word of the file absolute.
func (p *parser) name(s string) (Name, error) {
	switch {
	case s == "@":
		if p.origin == "" {
			return "", errors.New("@ needs an origin: put $ORIGIN in front, or name the zone")
		}
		return p.origin, nil
	case !strings.HasSuffix(s, ".") || strings.HasSuffix(s, `\.`):
		if p.origin == "" {
			return "", fmt.Errorf("the relative name %q needs an origin: put $ORIGIN in front, or name the zone", s)
		}
		if p.origin == Root {
			s += "."
		} else {
			s += "." + string(p.origin)
		}
	}
	return ParseName(s)
}

// record reads [TTL] [class] type data, TTL and class in any order.
func (p *parser) record(owner Name, tokens []token, line int) error {
	ttl, hasTTL := uint32(0), false
	hasClass := false
	for {
		if len(tokens) == 0 {
			return errors.New("the record has no type")
		}
		word := tokens[0].text
		if v, ok := parseTTL(word); ok && !hasTTL {
			ttl, hasTTL = v, true
		} else if isClass(word) && !hasClass {
			if up := strings.ToUpper(word); up != "IN" && up != "CLASS1" {
				return fmt.Errorf("class %s is not served, only IN", word)
			}
			hasClass = true
		} else {
			break
		}
		tokens = tokens[1:]
	}
	t, err := ParseType(tokens[0].text)
	if err != nil {
		return err
	}
	data, err := p.rdata(t, tokens[1:])
	if err != nil {
		return err
	}
	switch {
	case hasTTL:
	case p.hasTTL:
		ttl = p.ttl
	case p.hasLast:
		ttl = p.last
	case t == TypeSOA:
		if soa, err := ParseSOA(data); err == nil {
			ttl = soa.Minimum
		}
	default:
		ttl = p.ttl
	}
	p.last, p.hasLast = ttl, true
	return p.put(owner, t, ttl, data, line)
}

func (p *parser) put(owner Name, t Type, ttl uint32, d Rdata, line int) error {
	if p.records++; p.records > p.max {
		return fmt.Errorf("there are more than %d records", p.max)
	}
	key := setKey{lowerASCII(string(owner)), t}
	i, there := p.index[key]
	if !there {
		p.index[key] = len(p.sets)
		p.sets = append(p.sets, RRset{owner, t, ttl, []Rdata{d}})
		return nil
	}
	if p.sets[i].TTL != ttl {
		p.warnings = append(p.warnings, Problem{line, owner, true,
			fmt.Sprintf("%s %s has TTL %d here and %d before; a set has one TTL (RFC 2181 section 5.2), the lower one is taken", owner, t, ttl, p.sets[i].TTL)})
		p.sets[i].TTL = min(ttl, p.sets[i].TTL)
	}
	p.sets[i].Data = append(p.sets[i].Data, d)
	return nil
}

// rdata reads the data of a record from words.
func (p *parser) rdata(t Type, tokens []token) (Rdata, error) {
	var text strings.Builder
	for i, tok := range tokens {
		if i > 0 {
			text.WriteByte(' ')
		}
		if tok.quoted {
			text.WriteString(`"` + tok.text + `"`)
		} else {
			text.WriteString(tok.text)
		}
	}
	return ParseRdata(t, text.String(), p.origin)
}

// ParseRdata reads data in presentation form; relative names in it are below origin.
func ParseRdata(t Type, text string, origin Name) (Rdata, error) {
	if strings.ContainsAny(text, "\n\r\x00") {
		return "", fmt.Errorf("%w of %s: it has a line break or NUL", ErrRdata, t)
	}
	if origin == "" {
		origin = Root
	}
	zp := dns.NewZoneParser(strings.NewReader(fmt.Sprintf(". 0 IN %s %s\n", t, text)), string(origin), "")
	rr, ok := zp.Next()
	if !ok {
		why := "it is not complete"
		if err := zp.Err(); err != nil {
			why = err.Error()
			if i := strings.Index(why, ": "); i > 0 {
				why = why[i+2:]
			}
			if i := strings.LastIndex(why, " at line:"); i > 0 {
				why = why[:i]
			}
		}
		return "", fmt.Errorf("%w: %q is no data of type %s (%s)", ErrRdata, text, t, why)
	}
	_, _, _, d, err := FromRR(rr)
	if err == nil && len(d) > 65535 {
		err = fmt.Errorf("%w: %s data of %d octets, 65535 are allowed", ErrRdata, t, len(d))
	}
	return d, err
}

func isClass(s string) bool {
	switch up := strings.ToUpper(s); up {
	case "IN", "CH", "HS", "CS":
		return true
	default:
		n, found := strings.CutPrefix(up, "CLASS")
		_, err := strconv.ParseUint(n, 10, 16)
		return found && err == nil
	}
}

// parseTTL reads seconds, or BIND's form with units: 1w2d3h4m5s.
func parseTTL(s string) (uint32, bool) {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	var total, n uint64
	digits := false
	for i := range len(s) {
		c := s[i]
		if '0' <= c && c <= '9' {
			n, digits = n*10+uint64(c-'0'), true
		} else {
			unit := map[byte]uint64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800}[c|0x20]
			if unit == 0 || !digits {
				return 0, false
			}
			total, n, digits = total+n*unit, 0, false
		}
		if total+n > 1<<32-1 {
			return 0, false
		}
	}
	return uint32(total + n), true
}
