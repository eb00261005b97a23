package zone

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Options are what a zone file is read with.
type Options struct {
	Origin     Name   // of relative names until the file says $ORIGIN; may be "" if it does
	DefaultTTL uint32 // where neither record, $TTL nor SOA tells one; 0 means one hour
	MaxRecords int    // 0 means ten million
	// Include opens a file that $INCLUDE names. Nil refuses: a zone that comes
	// from outside must not name files of this machine.
	Include func(file string) (io.ReadCloser, error)
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

// maxProblems bounds what is told of one zone.
const maxProblems = 50

// Parse reads a zone file (RFC 1035 section 5, $TTL of RFC 2308 section 4,
// BIND's $GENERATE). All problems are found in one go, up to 50;
// then err is *Errors. Each set comes once, in the order of first appearance.
func Parse(r io.Reader, o Options) (sets []RRset, warnings []Problem, err error) {
	return new(Tools).Parse(r, o)
}

func newParser(o Options) *parser {
	p := new(parser)
	p.begin(o)
	return p
}

// begin makes a parser ready that was never used.
func (p *parser) begin(o Options) {
	p.origin, p.ttl, p.max, p.open = o.Origin, o.DefaultTTL, o.MaxRecords, o.Include
	p.buf, p.ownerText = p.few.buf[:0], p.few.owner[:0]
	if p.ttl == 0 {
		p.ttl = 3600
	}
	if p.max == 0 {
		p.max = 10_000_000
	}
}

// parser reads the entries of one zone file.
type parser struct {
	origin  Name
	ttl     uint32 // of records that tell none
	settled bool   // by $TTL, or by the SOA
	max     int
	records int
	open    func(file string) (io.ReadCloser, error)
	nested  int // files that are being included

	owner     Name   // of the last record
	ownerText []byte // as it was written below origin
	buf       []byte // for making names and data

	blocks
	gathered
	problems []Problem
	warnings []Problem

	few struct { // where buf and ownerText lie as a rule
		buf   [512]byte
		owner [64]byte
	}
}

var errTooMany = errors.New("there are too many records")

func (p *parser) file(scan *scanner) error {
	p.more = func() int { // the estimate is not to be trusted with much more memory than was needed so far
		return max(min(scan.estimate(len(p.sets)), 3*len(p.sets)), fewSets)
	}
	for len(p.problems) < maxProblems {
		e, err := scan.next()
		if err != nil && err == scan.err {
			if err != io.EOF {
				return fmt.Errorf("reading the zone file: %w", err)
			}
			break
		}
		if err == nil {
			err = p.entry(e)
		}
		p.blame(e.line, err)
		if errors.Is(err, errTooMany) {
			break
		}
	}
	if len(p.problems) > 0 {
		return &Errors{p.problems}
	}
	return nil
}

// blame notes what is wrong with an entry, if anything is.
func (p *parser) blame(line int, err error) {
	if err != nil && len(p.problems) < maxProblems {
		p.problems = append(p.problems, Problem{Line: line, Name: p.owner, Text: err.Error()})
	}
}

func (p *parser) entry(e entry) error {
	if first := e.words[0]; e.isDirective() {
		return p.directive(strings.ToUpper(string(first.text)), e.words[1:], e.line)
	}
	words, err := p.ownerOf(e)
	if err != nil {
		return err
	}
	return p.record(words, e.line)
}

func (e entry) isDirective() bool {
	first := e.words[0]
	return !e.blank && !first.quoted && first.text[0] == '$'
}

// ownerOf settles the owner of a record and returns the words behind it.
func (p *parser) ownerOf(e entry) (words []word, err error) {
	if !e.blank {
		return e.words[1:], p.setOwner(e.words[0].text)
	}
	if p.owner == "" {
		return nil, errors.New("the first record must begin with its owner name")
	}
	return e.words, nil
}

func (p *parser) directive(directive string, args []word, line int) error {
	switch directive {
	case "$ORIGIN":
		if len(args) != 1 {
			return errors.New("$ORIGIN takes one name")
		}
		origin, err := p.name(args[0].text)
		if err == nil {
			p.origin, p.ownerText = origin, nil
		}
		return err
	case "$TTL":
		if len(args) != 1 {
			return errors.New("$TTL takes one time")
		}
		ttl, ok := parseTTL(args[0].text)
		if !ok {
			return fmt.Errorf("$TTL %.40q is not a time such as 3600 or 1h30m", args[0].text)
		}
		p.ttl, p.settled = ttl, true
		return nil
	case "$GENERATE":
		return p.generate(args, line)
	case "$INCLUDE":
		return p.include(args, line)
	}
	return fmt.Errorf("unknown directive %.40s", directive)
}

// setOwner settles the owner of the next record. Often it is that of the last.
func (p *parser) setOwner(text []byte) error {
	if len(text) > 0 && string(text) == string(p.ownerText) {
		return nil
	}
	owner, err := p.name(text)
	if err == nil {
		p.owner, p.ownerText = owner, append(p.ownerText[:0], text...)
	}
	return err
}

// name makes a word of the file absolute.
func (p *parser) name(text []byte) (Name, error) {
	switch {
	case len(text) == 0:
		return "", errors.New("a name is empty")
	case p.origin == "" && !isAbsolute(text):
		return "", fmt.Errorf("the relative name %.300q needs an origin: put $ORIGIN in front, or name the zone", text)
	case string(text) == "@":
		return p.origin, nil
	}
	p.buf = append(p.buf[:0], text...)
	if !isAbsolute(text) {
		p.buf = append(p.buf, '.')
		if p.origin != Root {
			p.buf = append(p.buf, p.origin...)
		}
	}
	if isPlain(p.buf) {
		return Name(p.keep(p.buf)), nil
	}
	return ParseName(string(p.buf))
}

// record keeps a record.
func (p *parser) record(words []word, line int) error {
	head, data, err := p.read(words)
	if err != nil {
		return err
	}
	return p.put(head, data, line)
}

// read reads [TTL] [class] type data, TTL and class in any order. The head
// has no data.
func (p *parser) read(words []word) (head RRset, data Rdata, err error) {
	ttl, hasTTL, hasClass := p.ttl, false, false
	for ; len(words) > 0; words = words[1:] {
		text := words[0].text
		if v, ok := parseTTL(text); ok && !hasTTL {
			ttl, hasTTL = v, true
		} else if is, served := isClass(text); is && !hasClass {
			if hasClass = true; !served {
				return head, "", fmt.Errorf("class %s is not served, only IN", text)
			}
		} else {
			break
		}
	}
	if len(words) == 0 {
		return head, "", errors.New("the record has no type")
	}
	t, err := typeOf(words[0].text)
	if err != nil {
		return head, "", err
	}
	p.buf, err = appendRdata(p.buf[:0], t, words[1:], p.dataOrigin())
	if err != nil {
		return head, "", err
	}
	data = Rdata(p.keep(p.buf))
	switch {
	case p.settled:
	case hasTTL: // where there is no $TTL, the last one told counts (RFC 1035 section 5.1)
		p.ttl = ttl
	case t == TypeSOA:
		soa, err := ParseSOA(data)
		if err != nil {
			return head, "", err
		}
		ttl = soa.Minimum
		p.ttl, p.settled = ttl, true // as in BIND
	}
	if p.records++; p.records > p.max {
		return head, "", fmt.Errorf("%w: %d are allowed", errTooMany, p.max)
	}
	return RRset{p.owner, t, ttl, nil}, data, nil
}

func (p *parser) dataOrigin() Name {
	if p.origin == "" {
		return Root
	}
	return p.origin
}
