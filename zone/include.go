package zone

import (
	"errors"
	"fmt"
	"io"
)

// maxNested bounds files that include files, and so those that include themselves.
const maxNested = 8

// include reads the entries of another file (RFC 1035 section 5.1). Origin and
// owner are afterwards what they were before. What is in it counts as being in
// the line of the $INCLUDE.
func (p *parser) include(args []word, line int) (err error) {
	switch {
	case p.open == nil:
		return errors.New("$INCLUDE is refused: put the contents of the other file here")
	case len(args) != 1 && len(args) != 2:
		return errors.New("$INCLUDE takes a file and, if it is another one, an origin")
	case p.nested == maxNested:
		return fmt.Errorf("$INCLUDE within $INCLUDE is followed %d times and no more", maxNested)
	}
	text, err := appendOctets(nil, args[0].text)
	if err != nil {
		return err
	}
	file := string(text)
	origin, owner := p.origin, p.owner
	if len(args) == 2 {
		if p.origin, err = p.name(args[1].text); err != nil {
			p.origin = origin
			return err
		}
	}
	in, err := p.open(file)
	if err != nil {
		p.origin = origin
		return fmt.Errorf("$INCLUDE %.100q: %w", file, err)
	}
	defer in.Close()
	p.nested++
	p.ownerText = nil
	defer func() {
		p.nested--
		p.origin, p.owner, p.ownerText = origin, owner, nil
	}()
	return p.included(newScanner(in), file, line)
}

func (p *parser) included(scan *scanner, file string, line int) error {
	for len(p.problems) < maxProblems {
		e, err := scan.next()
		switch {
		case err == scan.err && err == io.EOF:
			return nil
		case err != nil && err == scan.err:
			return fmt.Errorf("reading %.100q: %w", file, err)
		}
		within := e.line
		if e.line = line; err == nil {
			err = p.entry(e)
		}
		switch {
		case errors.Is(err, errTooMany):
			return err
		case err != nil:
			p.blame(line, fmt.Errorf("in line %d of %.100q: %w", within, file, err))
		}
	}
	return nil
}
