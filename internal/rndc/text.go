package rndc

import (
	"errors"
	"fmt"
	"strings"
)

// ErrSyntax is wrapped when text is not in named.conf's form.
var ErrSyntax = errors.New("not in named.conf's form")

// Word is one word of named.conf's language: bare, quoted, or one of { } ;
type Word struct {
	Text   string
	Quoted bool
}

func (w Word) is(s string) bool { return !w.Quoted && w.Text == s }

const maxWords = 100_000

// Words cuts text in named.conf's language into words; comments of all three
// kinds are left out.
func Words(s string) (words []Word, err error) {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
		case c == '#', strings.HasPrefix(s[i:], "//"):
			if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
				i += n
			} else {
				i = len(s)
			}
		case strings.HasPrefix(s[i:], "/*"):
			n := strings.Index(s[i+2:], "*/")
			if n < 0 {
				return nil, fmt.Errorf("%w: a comment has no end", ErrSyntax)
			}
			i += n + 4
		case c == '{' || c == '}' || c == ';':
			words = append(words, Word{Text: string(c)})
			i++
		case c == '"':
			text, n, err := quoted(s[i:])
			if err != nil {
				return nil, err
			}
			words = append(words, Word{text, true})
			i += n
		default:
			n := strings.IndexAny(s[i:], " \t\r\n{};\"#")
			if n < 0 {
				n = len(s) - i
			}
			if k := strings.Index(s[i:i+n], "//"); k > 0 {
				n = k
			}
			if k := strings.Index(s[i:i+n], "/*"); k > 0 {
				n = k
			}
			words = append(words, Word{Text: s[i : i+n]})
			i += n
		}
		if len(words) > maxWords {
			return nil, fmt.Errorf("%w: more than %d words", ErrSyntax, maxWords)
		}
	}
	return words, nil
}

func quoted(s string) (text string, n int, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), i + 1, nil
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
	return "", 0, fmt.Errorf("%w: a quotation mark is never closed", ErrSyntax)
}

// Quote writes text as one word. A domain name in presentation form keeps its
// escapes, which are those of named.conf. Text that cannot be one word (an
// unescaped quotation mark, a backslash at its end, a control character) is
// refused.
func Quote(s string) (string, error) {
	text, n, err := quoted(`"` + s + `"`)
	if err != nil || n != len(s)+2 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fmt.Errorf("%w: %q cannot be written as one word", ErrSyntax, s)
	}
	return `"` + s + `"`, nil
}

// Statement is one statement: its words, then a block if it has one.
type Statement struct {
	Words    []Word
	Block    []Statement
	HasBlock bool
}

// Word returns the text of word i; "" if there are fewer.
func (s Statement) Word(i int) string {
	if i >= len(s.Words) {
		return ""
	}
	return s.Words[i].Text
}

// Statements reads text as statements that end in semicolons.
func Statements(s string) ([]Statement, error) {
	words, err := Words(s)
	if err != nil {
		return nil, err
	}
	list, rest, err := statements(words, 0)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%w: a } too many", ErrSyntax)
	}
	return list, err
}

func statements(words []Word, depth int) (list []Statement, rest []Word, err error) {
	if depth > maxDepth {
		return nil, nil, fmt.Errorf("%w: nested deeper than %d", ErrSyntax, maxDepth)
	}
	var s Statement
	for len(words) > 0 {
		w := words[0]
		switch {
		case w.is("}"):
			if len(s.Words) > 0 || s.HasBlock {
				return nil, nil, fmt.Errorf("%w: a ; is missing before }", ErrSyntax)
			}
			return list, words, nil
		case w.is(";"):
			if len(s.Words) > 0 || s.HasBlock {
				list = append(list, s)
			}
			s, words = Statement{}, words[1:]
		case w.is("{"):
			if s.Block, words, err = statements(words[1:], depth+1); err != nil {
				return nil, nil, err
			}
			if len(words) == 0 {
				return nil, nil, fmt.Errorf("%w: a } is missing", ErrSyntax)
			}
			s.HasBlock, words = true, words[1:]
		default:
			s.Words, words = append(s.Words, w), words[1:]
		}
	}
	if len(s.Words) > 0 || s.HasBlock {
		return nil, nil, fmt.Errorf("%w: a ; is missing at the end", ErrSyntax)
	}
	return list, nil, nil
}
