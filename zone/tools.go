package zone

import "io"

// Tools are memory that reading zones needs for a moment, for who reads many,
// one after another. The zero value is ready; for one goroutine at a time.
type Tools struct {
	parser    parser
	scanner   scanner
	validator validator
	order     order
}

// fewItems is up to how many sets of a zone what was needed for them is kept
// for the next one.
const fewItems = 256

// Parse is Parse; the sets are good until the next call.
func (t *Tools) Parse(r io.Reader, o Options) (sets []RRset, warnings []Problem, err error) {
	p := &t.parser
	clear(p.sets)
	*p = parser{gathered: gathered{sets: p.sets[:0], about: p.about[:0]}}
	p.begin(o)
	t.scanner.begin(r)
	if err := p.file(&t.scanner); err != nil {
		return nil, p.warnings, err
	}
	sets, warnings = p.sets, p.warnings
	if cap(sets) > fewItems {
		t.parser = parser{}
	}
	return sets, warnings, nil
}

// NewContents is NewContents.
func (t *Tools) NewContents(origin Name, sets []RRset) (Contents, error) {
	c, err := t.order.contents(origin, sets)
	if len(sets) > fewItems {
		t.order = order{}
	}
	return c, err
}

// Validate is Validate.
func (t *Tools) Validate(c Contents, profile Profile) (Contents, []Problem, error) {
	t.validator.begin(c, profile)
	c, warnings, err := t.validator.whole()
	t.validator.c = Contents{}
	return c, warnings, err
}
