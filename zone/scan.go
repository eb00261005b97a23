package zone

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// token is one word of a zone file. quoted words are data even when they look
// like something else.
type token struct {
	text   string
	quoted bool
}

// entry is one entry of a zone file: a line, or several within parentheses.
type entry struct {
	line   int     // where it begins
	blank  bool    // begins with white space: the owner is that of the entry before
	tokens []token // never empty
}

// scanner cuts a zone file into entries (RFC 1035 section 5.1).
type scanner struct {
	in   *bufio.Reader
	line int
}

const maxToken = 1 << 18 // no data in presentation form is longer

var errToken = errors.New("")

// next returns io.EOF at the end. Other errors are of one entry; reading may go on.
func (s *scanner) next() (entry, error) {
	for {
		e, err := s.read()
		if err != nil || len(e.tokens) > 0 {
			return e, err
		}
	}
}

func (s *scanner) read() (e entry, err error) {
	s.line++
	e.line = s.line
	depth := 0
	var word []byte
	inWord := false
	end := func() {
		if inWord {
			e.tokens = append(e.tokens, token{text: string(word)})
			word, inWord = nil, false
		}
	}
	for first := true; ; first = false {
		c, err := s.in.ReadByte()
		if err != nil {
			end()
			if err == io.EOF && depth > 0 {
				return e, fmt.Errorf("a parenthesis that was opened is never closed%w", errToken)
			}
			if err == io.EOF && len(e.tokens) > 0 {
				return e, nil
			}
			return e, err
		}
		switch {
		case c == '\n':
			end()
			if depth == 0 {
				return e, nil
			}
			s.line++
		case c == ' ' || c == '\t' || c == '\r':
			e.blank = e.blank || first
			end()
		case c == ';':
			end()
			for c != '\n' && err == nil {
				c, err = s.in.ReadByte()
			}
			if err == nil {
				s.in.UnreadByte()
			}
		case c == '(':
			end()
			depth++
		case c == ')':
			end()
			if depth--; depth < 0 {
				s.skip()
				return e, fmt.Errorf("a parenthesis is closed that was never opened%w", errToken)
			}
		case c == '"' && !inWord:
			text, err := s.quoted()
			if err != nil {
				return e, err
			}
			e.tokens = append(e.tokens, token{text, true})
		default:
			inWord = true
			word = append(word, c)
			if c == '\\' {
				if c, err = s.in.ReadByte(); err == nil {
					word = append(word, c)
				}
			}
			if len(word) > maxToken {
				s.skip()
				return e, fmt.Errorf("a word is longer than %d octets%w", maxToken, errToken)
			}
		}
	}
}

// quoted reads up to the closing quote; escapes stay as they are.
func (s *scanner) quoted() (string, error) {
	var text []byte
	for {
		c, err := s.in.ReadByte()
		switch {
		case err != nil:
			return "", fmt.Errorf("a quotation mark that was opened is never closed%w", errToken)
		case c == '"':
			return string(text), nil
		case c == '\n':
			s.line++
		case c == '\\':
			text = append(text, c)
			if c, err = s.in.ReadByte(); err != nil {
				continue
			}
		}
		if text = append(text, c); len(text) > maxToken {
			s.skip()
			return "", fmt.Errorf("a quoted text is longer than %d octets%w", maxToken, errToken)
		}
	}
}

// skip leaves the rest of a line out.
func (s *scanner) skip() {
	for {
		if c, err := s.in.ReadByte(); err != nil || c == '\n' {
			return
		}
	}
}
