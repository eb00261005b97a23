package zone

import (
	"bytes"
	"fmt"
	"io"
)

// word is one word of a zone file, its escapes as they were written. Quoted
// words are data even when they look like something else.
type word struct {
	text   []byte
	quoted bool
	glued  bool // to the word before: key="value" is two
}

// entry is one entry of a zone file: a line, or several within parentheses.
// Its words are good until the next entry is read.
type entry struct {
	line  int  // where it begins; where it is wrong, if it is
	blank bool // begins with white space: the owner is that of the entry before
	words []word
}

// maxEntry bounds an entry, in octets and words. The longest data there is
// needs half of it when every octet is written as \DDD.
const maxEntry = 1 << 19

// scanner cuts a zone file into entries (RFC 1035 section 5.1).
type scanner struct {
	in    io.Reader
	sized interface{ Len() int } // in, if it knows how much is left
	total int                    // octets, if sized
	buf   []byte
	chunk []byte // what was read and not yet passed
	err   error  // nothing comes after chunk, and why
	line  int
	data  bool // it is the data of one record, not a file

	// Of the entry that is being read:
	text   []byte // of its words, one after another
	words  []word
	fault  error
	faulty int // the line of the fault

	few struct { // where the words of most entries lie
		text  [512]byte
		words [16]word
	}
}

// wordsOf cuts the data of one record into words.
func wordsOf(data string) ([]word, error) {
	s := &scanner{chunk: []byte(data), err: io.EOF, data: true}
	s.text, s.words = s.few.text[:0], s.few.words[:0]
	e, err := s.next()
	if err == io.EOF {
		err = nil
	}
	return e.words, err
}

var byteOrderMark = []byte("\uFEFF")

// next returns the next entry that has words; io.EOF at the end. With any
// other error reading may go on, unless s.err says why not.
func (s *scanner) next() (entry, error) {
	for {
		s.line++
		s.text, s.words, s.fault = s.text[:0], s.words[:0], nil
		e := entry{line: s.line}
		e.blank = s.read()
		e.words = s.words
		if e.line == 1 && len(e.words) > 0 && bytes.HasPrefix(e.words[0].text, byteOrderMark) {
			if e.words[0].text = e.words[0].text[len(byteOrderMark):]; len(e.words[0].text) == 0 {
				e.words = e.words[1:]
			}
		}
		switch {
		case s.err != nil && s.err != io.EOF:
			return e, s.err
		case s.fault != nil:
			e.line = s.faulty
			return e, s.fault
		case len(e.words) > 0:
			return e, nil
		case len(s.chunk) == 0 && s.err != nil:
			return e, s.err
		}
	}
}

// fail notes what is wrong with the entry. The rest of it is passed over.
func (s *scanner) fail(line int, format string, args ...any) {
	if s.fault == nil {
		s.fault, s.faulty = fmt.Errorf(format, args...), line
	}
}

// read reads up to the end of an entry.
func (s *scanner) read() (blank bool) {
	depth, opened := 0, 0 // parentheses, and the line of the first
	glued := false
	for first := true; ; first = false {
		c, ok := s.peek()
		if ok && !separates[c] {
			s.word(glued)
			glued = true
			continue
		}
		if !ok || c == '\n' && depth == 0 && !s.data {
			s.pass()
			if depth > 0 {
				s.fail(opened, "a parenthesis that was opened is never closed")
			}
			return blank
		}
		s.pass()
		if c == '"' {
			s.quoted(glued)
			glued = true
			continue
		}
		glued = false
		switch c {
		case '\n':
			s.line++
			if s.data {
				s.fail(s.line, "it has a line break")
			}
		case ';':
			s.comment()
		case '(':
			if depth++; depth == 1 {
				opened = s.line
			}
		case ')':
			if depth--; depth < 0 {
				depth = 0
				s.fail(s.line, "a parenthesis is closed that was never opened")
			}
		default:
			blank = blank || first
		}
	}
}

// The octets that end a run of plain text: between words, in a word, within
// quotation marks and in a comment.
var (
	separates  = octets("\n\r\t ;()\"")
	endsWord   = octets("\n\r\t ;()\"\\\x00")
	endsQuoted = octets("\n\"\\\x00")
	endsLine   = octets("\n")
)

func octets(s string) *[256]bool {
	var set [256]bool
	for _, c := range []byte(s) {
		set[c] = true
	}
	return &set
}

// run appends to text up to an octet of ends, which is returned and not
// passed; false at the end.
func (s *scanner) run(ends *[256]bool) (byte, bool) {
	for {
		i := 0
		for i < len(s.chunk) && !ends[s.chunk[i]] {
			i++
		}
		if ends != endsLine {
			s.add(s.chunk[:i])
		}
		if s.chunk = s.chunk[i:]; len(s.chunk) > 0 {
			return s.chunk[0], true
		}
		if !s.fill() {
			return 0, false
		}
	}
}

func (s *scanner) word(glued bool) {
	from := len(s.text)
	for {
		switch c, ok := s.run(endsWord); {
		case ok && (c == '\\' || c == 0):
			s.escape(c)
		default:
			s.end(from, false, glued)
			return
		}
	}
}

// quoted reads up to the closing quotation mark; escapes stay as they are.
func (s *scanner) quoted(glued bool) {
	from := len(s.text)
	for {
		switch c, ok := s.run(endsQuoted); {
		case !ok || c == '\n': // not passed: the line ends here
			s.fail(s.line, "a quotation mark that was opened is not closed on its line")
			return
		case c == '"':
			s.pass()
			s.end(from, true, glued)
			return
		default:
			s.escape(c)
		}
	}
}

// escape reads an octet that may follow a backslash only, or both.
func (s *scanner) escape(c byte) {
	s.pass()
	if c == '\\' {
		s.add([]byte{c})
		var ok bool
		if c, ok = s.peek(); !ok || c == '\n' || c == '\r' {
			s.fail(s.line, "a backslash stands at the end of the line")
			return
		}
		s.pass()
	}
	if c == 0 {
		s.fail(s.line, "there is a NUL octet; if the file is in UTF-16, save it as UTF-8")
	}
	s.add([]byte{c})
}

// add does nothing in an entry that is too long anyway.
func (s *scanner) add(octets []byte) {
	if len(s.text)+len(s.words) <= maxEntry {
		s.text = append(s.text, octets...)
	}
}

func (s *scanner) end(from int, quoted, glued bool) {
	s.words = append(s.words, word{s.text[from:len(s.text):len(s.text)], quoted, glued})
	if len(s.text)+len(s.words) > maxEntry {
		s.fail(s.line, "the entry has more than %d octets", maxEntry)
	}
	if s.fault != nil {
		s.text, s.words = s.text[:0], s.words[:0]
	}
}

func (s *scanner) comment() {
	if s.data {
		s.fail(s.line, "a ; begins a comment; put text that holds one in quotation marks")
	}
	s.run(endsLine)
}
