// Package stream reads long answers in JSON while they come: of a list of a
// million, one element is held at a time.
package stream

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrShape: what came is JSON of another shape than it should have, or has an
// element that is too large.
var ErrShape = errors.New("the answer has another form than it should")

// Reader reads one answer.
type Reader struct {
	json *json.Decoder
	in   *bounded
}

// New makes one of an answer in which no element takes more than about so many
// octets, the white space before it among them.
func New(r io.Reader, most int) *Reader {
	in := &bounded{r: r, most: most, left: most}
	return &Reader{json.NewDecoder(in), in}
}

// Value reads an element whole.
func (r *Reader) Value(into any) error {
	r.in.left = r.in.most
	return r.json.Decode(into)
}

// Elements reads an array and calls each to read every element of it.
func (r *Reader) Elements(each func() error) error {
	if err := r.expect('['); err != nil {
		return err
	}
	for r.json.More() {
		if err := each(); err != nil {
			return err
		}
		r.in.left = r.in.most // More, too, reads on
	}
	return r.expect(']')
}

// Field reads an object and calls read where the value of one field comes.
func (r *Reader) Field(name string, read func() error) error {
	if err := r.expect('{'); err != nil {
		return err
	}
	for r.json.More() {
		key, err := r.token()
		if err == nil && key == name {
			err = read()
		} else if err == nil {
			err = r.skip()
		}
		if err != nil {
			return err
		}
	}
	return r.expect('}')
}

// skip reads a value away, however large it is in all.
func (r *Reader) skip() error {
	for depth := 0; ; {
		t, err := r.token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

func (r *Reader) expect(delim json.Delim) error {
	t, err := r.token()
	if err == nil && t != delim {
		err = fmt.Errorf("%w: %.100v where %v should be", ErrShape, t, delim)
	}
	return err
}

func (r *Reader) token() (json.Token, error) {
	r.in.left = r.in.most
	return r.json.Token()
}

// bounded reads no more than is left.
type bounded struct {
	r          io.Reader
	most, left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("%w: an element of it has more than %d octets", ErrShape, b.most)
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
