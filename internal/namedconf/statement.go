package namedconf

import "fmt"

// Statement is one statement: its words, and its block if it has one. Of
// several blocks (controls has such statements) the last one is kept.
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

// Is reports whether the statement begins with a keyword.
func (s Statement) Is(keyword string) bool { return len(s.Words) > 0 && s.Words[0].Is(keyword) }

// The limits of what is kept as a tree.
const (
	maxWords = 100_000 // of one statement of Parse, or one text of Statements
	maxDepth = 16      // of blocks, and of files that include others
)

// Statements reads text as statements. An include is one like any other.
func Statements(text string) ([]Statement, error) {
	r := reader{words: &words{text: text}}
	return r.list(false, 0)
}

// ParseStatement reads text as one statement, whose block, if it has one,
// comes last; the semicolon at the end may be missing.
func ParseStatement(text string) (s Statement, err error) {
	r := reader{words: &words{text: text + "\n;"}}
	mark, err := r.more(&s, false)
	if err == nil && mark == opens {
		err = r.block(&s, 0)
	}
	for err == nil {
		var w Word
		switch w, err = r.words.next(); {
		case err != nil:
		case w == end:
			return s, nil
		case !w.Is(";"):
			err = r.words.wrong("%q stands behind the end of the statement", w.Text)
		}
	}
	return Statement{}, err
}

// reader makes statements of words.
type reader struct {
	words *words
	spent int // words since the last statement that was read as a whole

	include func(name string, read func() error) error // nil: an include is a statement like any other
}

// mark is what a run of words ends with.
type mark int

const (
	ends  mark = iota // the statement is complete
	opens             // a block of it begins
	over              // there is no statement any more: the list of them is over
)

// more reads on in a statement, which may be empty yet, in a list of
// statements that is in a block or fills a text.
func (r *reader) more(s *Statement, inBlock bool) (mark, error) {
	for {
		w, err := r.words.next()
		if err != nil {
			return over, err
		}
		if r.spent++; r.spent > maxWords {
			return over, r.words.wrong("more than %d words in one statement", maxWords)
		}
		empty := len(s.Words) == 0 && !s.HasBlock
		switch {
		case w == end && inBlock:
			return over, r.words.wrong("a } is missing")
		case w == end && !empty:
			return over, r.words.wrong("a ; is missing at the end")
		case w.Is("}") && !inBlock:
			return over, r.words.wrong("a } too many")
		case w.Is("}") && !empty:
			return over, r.words.wrong("a ; is missing before }")
		case w == end, w.Is("}"):
			return over, nil
		case w.Is("{"):
			return opens, nil
		case w.Is(";") && !empty:
			return ends, nil
		case w.Is(";"): // one too many, which does no harm
		default:
			s.Words = append(s.Words, w)
		}
	}
}

// list reads all statements of a block or text.
func (r *reader) list(inBlock bool, depth int) (all []Statement, err error) {
	if depth > maxDepth {
		return nil, r.words.wrong("nested deeper than %d", maxDepth)
	}
	for {
		var s Statement
		m, err := r.more(&s, inBlock)
		if err != nil || m == over {
			return all, err
		}
		if m == ends && r.includes(s) {
			err = r.include(s.Word(1), func() error {
				more, err := r.list(false, depth+1)
				all = append(all, more...)
				return err
			})
		} else {
			if m == opens {
				err = r.rest(&s, inBlock, depth)
			}
			all = append(all, s)
		}
		if err != nil {
			return nil, err
		}
	}
}

// rest reads the statement on from the beginning of a block.
func (r *reader) rest(s *Statement, inBlock bool, depth int) (err error) {
	for m := opens; m == opens && err == nil; {
		if err = r.block(s, depth); err == nil {
			m, err = r.more(s, inBlock)
		}
	}
	return err
}

func (r *reader) block(s *Statement, depth int) (err error) {
	s.HasBlock = true
	s.Block, err = r.list(true, depth+1)
	return err
}

func (r *reader) includes(s Statement) bool {
	return r.include != nil && s.Is("include") && len(s.Words) == 2
}

// skip leaves the rest of a statement out, from the beginning of a block.
func (r *reader) skip() error {
	for depth := 1; ; {
		w, err := r.words.next()
		switch {
		case err != nil:
			return err
		case w == end:
			return r.words.wrong("a } or ; is missing")
		case w.Is("{"):
			depth++
		case w.Is("}") && depth == 0:
			return r.words.wrong("a ; is missing before }")
		case w.Is("}"):
			depth--
		case w.Is(";") && depth == 0:
			return nil
		}
	}
}

// Position is a line of a file.
type Position struct {
	File string // "" if there is one text only
	Line int    // from 1
}

func (p Position) String() string {
	if p.File == "" {
		return fmt.Sprintf("line %d", p.Line)
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}
