package zone

import (
	"fmt"
	"strings"
)

// Fields returns record data in its parts, as programs give it that keep the
// parts of a record apart: names, numbers and codes in presentation form,
// texts (those of TXT, the value of CAA, …) as the octets that they are.
func (d Rdata) Fields(t Type) []string {
	shape := t.shape()
	if shape == nil || !d.wellFormed(t) {
		return wordsOfText(d.Text(t))
	}
	var fields []string
	off := 0
	for _, f := range shape {
		end := f.end(d, off)
		part := d[off:end]
		off = end
		switch f {
		case value:
			fields = append(fields, string(part))
		case text, texts, oneOrTwo:
			for at := 0; at < len(part); at = textEnd(part, at) {
				fields = append(fields, string(part[at+1:textEnd(part, at)]))
			}
		default:
			b, ok := f.write(nil, part)
			if !ok {
				return wordsOfText(d.Text(t))
			}
			fields = append(fields, strings.Fields(string(b))...)
		}
	}
	return fields
}

// RdataOfFields makes record data of its parts, as Fields returns them;
// relative names are below origin.
func RdataOfFields(t Type, fields []string, origin Name) (Rdata, error) {
	shape := t.shape()
	generic := len(fields) > 0 && fields[0] == `\#` && (shape == nil || !isTextField(shape[0]))
	if shape == nil || generic {
		return ParseRdata(t, strings.Join(fields, " "), origin)
	}
	words := make([]word, len(fields))
	for i, s := range fields {
		if f := shape[min(i, len(shape)-1)]; isTextField(f) {
			b, _ := writeQuoted(nil, Rdata(s))
			words[i] = word{text: b[1 : len(b)-1], quoted: true}
			continue
		}
		if strings.ContainsAny(s, "\x00\n") || s == "" {
			return "", fmt.Errorf("%w of %s: %.40q is no part of it", ErrRdata, t, s)
		}
		words[i] = word{text: []byte(s)}
	}
	if origin == "" {
		origin = Root
	}
	b, err := appendRdata(nil, t, words, origin)
	return Rdata(b), err
}

func isTextField(f *field) bool { return f == text || f == value || f == texts || f == oneOrTwo }

// wordsOfText cuts data in presentation form at its white space; what stands
// in quotation marks stays as it is.
func wordsOfText(data string) []string {
	quoted, escaped := false, false
	return strings.FieldsFunc(data, func(c rune) bool {
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		}
		return !quoted && (c == ' ' || c == '\t')
	})
}
