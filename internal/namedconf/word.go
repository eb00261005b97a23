// Package namedconf reads the language of BIND's named.conf, as far as it
// takes to know which zones a server has, where they come from and with which
// keys. `rndc addzone`, `rndc showzone` and the files of added zones (.nzf,
// named-nzd2nzf) speak the same language. The package opens no file.
//
// Parse reads a configuration; Statements reads any text of the language.
package namedconf

import (
	"errors"
	"fmt"
	"strings"
)

// ErrSyntax is wrapped when text is not in named.conf's form, or beyond a
// limit of this package.
var ErrSyntax = errors.New("not in named.conf's form")

// Word is one word of the language: bare, quoted, or one of { } ;
type Word struct {
	Text   string
	Quoted bool
}

// Is reports whether the word is a mark or keyword, which a quoted one never is.
func (w Word) Is(keyword string) bool { return !w.Quoted && strings.EqualFold(w.Text, keyword) }

// end is the word behind the last one. A quoted word may be empty as well.
var end Word

// words cuts text into words, one at a time.
type words struct {
	file string
	text string
	at   int // behind the last word

	lineAt, line int // the line, from 0, of an offset that was asked for
}

// position is where the last word ends.
func (w *words) position() Position {
	w.line += strings.Count(w.text[w.lineAt:w.at], "\n")
	w.lineAt = w.at
	return Position{File: w.file, Line: w.line + 1}
}

func (w *words) wrong(format string, args ...any) error {
	return fmt.Errorf("%s: %w: %s", w.position(), ErrSyntax, fmt.Sprintf(format, args...))
}

// next returns the next word, or end. Comments of all three kinds are left out.
func (w *words) next() (Word, error) {
	if err := w.skip(); err != nil {
		return end, err
	}
	if w.at == len(w.text) {
		return end, nil
	}
	rest := w.text[w.at:]
	switch rest[0] {
	case '{', '}', ';':
		w.at++
		return Word{Text: rest[:1]}, nil
	case '"':
		text, n, closed := quoted(rest)
		if !closed {
			return end, w.wrong("a quotation mark is never closed")
		}
		w.at += n
		return Word{text, true}, nil
	}
	n := bare(rest)
	w.at += n
	return Word{Text: rest[:n]}, nil
}

// skip goes to the next word: behind white space and comments.
func (w *words) skip() error {
	for w.at < len(w.text) {
		rest := w.text[w.at:]
		switch {
		case space(rest[0]):
			w.at++
		case rest[0] == '#', strings.HasPrefix(rest, "//"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			w.at += n
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return w.wrong("a comment has no end")
			}
			w.at += n + 4
		default:
			return nil
		}
	}
	return nil
}

func space(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// bare is the length of a bare word: up to white space, a mark or a comment.
// A slash belongs to it, as in 192.0.2.0/24, and so does #.
func bare(s string) int {
	for i := range len(s) {
		switch c := s[i]; {
		case space(c), c == '{', c == '}', c == ';', c == '"':
			return i
		case c == '/' && i > 0 && i+1 < len(s) && (s[i+1] == '/' || s[i+1] == '*'):
			return i
		}
	}
	return len(s)
}

func quoted(s string) (text string, n int, closed bool) {
	if n := strings.IndexAny(s[1:], `"\`); n >= 0 && s[1+n] == '"' {
		return s[1 : 1+n], n + 2, true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), i + 1, true
		case '\\': // escapes a quotation mark; anything else is for whoever reads the word
			if i++; i < len(s) && s[i] != '"' {
				b.WriteByte('\\')
			}
			if i < len(s) {
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, false
}

// Quote writes text as one word. A domain name in presentation form keeps its
// escapes, which are those of named.conf. Text that cannot be one word (an
// unescaped quotation mark, a backslash at its end, a control character) is
// refused.
func Quote(s string) (string, error) {
	text, n, closed := quoted(`"` + s + `"`)
	if !closed || n != len(s)+2 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fmt.Errorf("%w: %q cannot be written as one word", ErrSyntax, s)
	}
	return `"` + s + `"`, nil
}
