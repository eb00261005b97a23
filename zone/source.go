package zone

import (
	"bytes"
	"io"
)

func newScanner(r io.Reader) *scanner {
	s := new(scanner)
	s.begin(r)
	return s
}

// begin makes a scanner read another file.
func (s *scanner) begin(r io.Reader) {
	*s = scanner{in: r}
	s.text, s.words = s.few.text[:0], s.few.words[:0]
	size := 1 << 16
	switch r := r.(type) {
	case *bytes.Buffer: // it is read where it lies
		s.sized, s.total = r, r.Len()
		s.chunk, s.err = r.Next(r.Len()), io.EOF
		return
	case interface{ Len() int }:
		s.sized, s.total = r, r.Len()
		size = max(min(size, s.total), 1) // a small zone needs no large buffer
	}
	s.buf = make([]byte, size)
}

// estimate returns how many more things come, going by the n that came; 0 if
// the length of the file is not known.
func (s *scanner) estimate(n int) int {
	if s.sized == nil || s.total == 0 {
		return 0
	}
	left := s.sized.Len() + len(s.chunk)
	return int(float64(n) * float64(left) / float64(max(s.total-left, 1)))
}

// peek returns the next octet; false at the end.
func (s *scanner) peek() (byte, bool) {
	if len(s.chunk) == 0 && !s.fill() {
		return 0, false
	}
	return s.chunk[0], true
}

func (s *scanner) pass() {
	if len(s.chunk) > 0 {
		s.chunk = s.chunk[1:]
	}
}

func (s *scanner) fill() bool {
	for tries := 0; s.err == nil && len(s.chunk) == 0; tries++ {
		var n int
		n, s.err = s.in.Read(s.buf)
		s.chunk = s.buf[:n]
		if tries == 100 && n == 0 && s.err == nil {
			s.err = io.ErrNoProgress
		}
	}
	return len(s.chunk) > 0
}
