package dnsadmin

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Limits bound a form.
type Limits struct {
	Key   int   // octets of a name, decoded
	Value int   // octets of a value, decoded
	Pairs int   // pairs in all
	Body  int64 // octets as sent, and of a body that is gzip, as it was before
}

// The limits for a call about one zone or none, and for one that brings many.
var (
	Small = Limits{Key: 256, Value: 1 << 20, Pairs: 64, Body: 4 << 20}
	Large = Limits{Key: 4096, Value: 16 << 20, Pairs: 1 << 20, Body: 4 << 30}
)

var (
	// ErrPair: one pair is not to be had, as it is too long or not encoded as it
	// should be. It was passed over; what follows it can be read.
	ErrPair = errors.New("a field of the request cannot be read")
	// ErrTooMuch: the form goes on beyond its limits and is not read further.
	ErrTooMuch = errors.New("the request is too large")
)

// Form reads the pairs of a body one by one: k=v&k=v, percent-encoded. Whether
// the body is gzip is found by its first octets. It holds one pair in memory.
type Form struct {
	limits Limits
	raw    io.Reader
	in     *bufio.Reader // nil before the first pair
	pairs  int
	key    []byte
	value  []byte
	last   bool  // the body ended with the pair, without an ampersand
	failed error // for good
}

// NewForm reads a body, whatever its content type says: callers send
// application/octet-stream.
func NewForm(body io.Reader, limits Limits) *Form {
	return &Form{limits: limits, raw: &bounded{from: body, left: limits.Body}}
}

// Next returns the next pair; its value is valid until the next call. The end is
// io.EOF. With an error that is ErrPair, key tells which pair is not to be had
// as far as that is known, and reading may go on; any other error is the last.
func (f *Form) Next() (key string, value []byte, err error) {
	if f.failed != nil {
		return "", nil, f.failed
	}
	key, value, err = f.next()
	if err != nil && !errors.Is(err, ErrPair) {
		f.failed = err
		return "", nil, err
	}
	return key, value, err
}

func (f *Form) next() (key string, value []byte, err error) {
	if f.in == nil {
		if err := f.open(); err != nil {
			return "", nil, err
		}
	}
	for {
		var end byte
		var bad, ill error
		f.key, end, bad, err = f.token(f.key[:0], f.limits.Key, true)
		if err != nil && (err != io.EOF || len(f.key) == 0 && bad == nil) {
			return "", nil, err
		}
		if end == '&' && len(f.key) == 0 && bad == nil {
			continue // as at the end of an answer to getzones
		}
		f.value = f.value[:0]
		f.last = err == io.EOF
		if end == '=' {
			if f.value, _, ill, err = f.token(f.value, f.limits.Value, false); err != nil && err != io.EOF {
				return "", nil, err
			}
			f.last = err == io.EOF
		}
		if f.pairs++; f.pairs > f.limits.Pairs {
			return "", nil, fmt.Errorf("%w: it has more than %d fields", ErrTooMuch, f.limits.Pairs)
		}
		if bad == nil {
			bad = ill
		}
		return string(f.key), f.value, bad
	}
}

// open begins to read, through gzip where the body is that.
func (f *Form) open() error {
	f.in = bufio.NewReaderSize(f.raw, 32<<10)
	magic, err := f.in.Peek(2)
	if err != nil || !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return nil // what is wrong shows when it is read
	}
	z, err := gzip.NewReader(f.in)
	if err != nil {
		return fmt.Errorf("the request begins like gzip and is none: %w", err)
	}
	f.in = bufio.NewReaderSize(&bounded{from: z, left: f.limits.Body}, 32<<10)
	return nil
}

// token decodes up to a & or, in a key, a =. What is wrong with it is bad; err
// is what ends the form.
func (f *Form) token(to []byte, most int, key bool) (text []byte, end byte, bad, err error) {
	for {
		to, bad = add(to, f.plain(key), most, bad)
		c, err := f.in.ReadByte()
		if err != nil {
			return to, 0, bad, err
		}
		switch {
		case c == '&', key && c == '=':
			return to, c, bad, nil
		case c == '+':
			c = ' '
		case c == '%':
			hex, err := f.in.Peek(2)
			if len(hex) < 2 && err != io.EOF {
				return to, 0, bad, err
			}
			v, ok := unhex(hex)
			if !ok {
				bad = fmt.Errorf("%w: a %% without two hexadecimal digits after it", ErrPair)
				continue
			}
			_, _ = f.in.Discard(2) // they were peeked at
			c = v
		}
		to, bad = add(to, []byte{c}, most, bad)
	}
}

// plain takes the octets that stand for themselves, as far as they are in the
// buffer. They are valid until the next read.
func (f *Form) plain(key bool) []byte {
	here, _ := f.in.Peek(f.in.Buffered()) // which reads nothing
	n := 0
	for n < len(here) && !special(here[n], key) {
		n++
	}
	_, _ = f.in.Discard(n) // they were peeked at
	return here[:n]
}

func special(c byte, key bool) bool {
	return c == '&' || c == '+' || c == '%' || key && c == '='
}

// add appends as much as there may be. What is wrong first is told.
func add(to, more []byte, most int, bad error) ([]byte, error) {
	n := min(len(more), most-len(to))
	if n < len(more) && bad == nil {
		bad = fmt.Errorf("%w: it is longer than %d octets", ErrPair, most)
	}
	return append(to, more[:n]...), bad
}

func unhex(two []byte) (byte, bool) {
	if len(two) < 2 {
		return 0, false
	}
	high, low := digit(two[0]), digit(two[1])
	return high<<4 | low, high < 16 && low < 16
}

// digit returns 16 for what is none.
func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}

// bounded is a reader that fails where more comes than is allowed.
type bounded struct {
	from io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooMuch
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, ErrTooMuch
	}
	return n, err
}

// Values reads query and body of a small call together, repeated names in the
// order in which they came.
func Values(r *http.Request, limits Limits) (url.Values, error) {
	all := url.Values{}
	for _, from := range []io.Reader{bytes.NewReader([]byte(r.URL.RawQuery)), r.Body} {
		if from == nil {
			continue
		}
		for form := NewForm(from, limits); ; {
			key, value, err := form.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, err
			}
			all.Add(key, string(value))
		}
	}
	return all, nil
}
