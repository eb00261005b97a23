package namedconf

import "strings"

// Text writes statements in one line, in which they read the same. Of a
// statement with several blocks the last one is written, behind all words.
func Text(list []Statement) string {
	var b strings.Builder
	writeAll(&b, list)
	return b.String()
}

func writeAll(b *strings.Builder, list []Statement) {
	for i, s := range list {
		if i > 0 {
			b.WriteByte(' ')
		}
		for j, w := range s.Words {
			if j > 0 {
				b.WriteByte(' ')
			}
			writeWord(b, w)
		}
		if s.HasBlock && len(s.Words) > 0 {
			b.WriteByte(' ')
		}
		if s.HasBlock {
			b.WriteString("{ ")
			writeAll(b, s.Block)
			b.WriteString(" }")
		}
		b.WriteByte(';')
	}
}

// writeWord escapes what would end a quoted word. A backslash stands for itself
// and what is behind it.
func writeWord(b *strings.Builder, w Word) {
	if !w.Quoted {
		b.WriteString(w.Text)
		return
	}
	b.WriteByte('"')
	for i := 0; i < len(w.Text); i++ {
		switch c := w.Text[i]; {
		case c == '\\' && i+1 < len(w.Text):
			b.WriteString(w.Text[i : i+2])
			i++
		case c == '"':
			b.WriteString(`\"`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
}
