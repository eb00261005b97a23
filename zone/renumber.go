package zone

import (
	"bytes"
	"strconv"
)

// Renumber returns a zone file in which the SOA has another serial, and all
// else is as it was, to the octet. It returns nil where it finds no SOA with a
// serial. The text is one that Parse takes.
func Renumber(text []byte, serial uint32) []byte {
	from, to := serialIn(text)
	if from == to {
		return nil
	}
	out := make([]byte, 0, len(text)+10)
	out = append(out, text[:from]...)
	out = strconv.AppendUint(out, uint64(serial), 10)
	return append(out, text[to:]...)
}

// serialIn returns where the digits of the SOA's serial are in a zone file; an
// empty place if nowhere.
func serialIn(text []byte) (from, to int) {
	const unknown, other = -1, -2
	depth, word, soa := 0, 0, unknown // of the entry: its parentheses, its words so far, and which of these is the type SOA
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\n' && depth == 0:
			word, soa, i = 0, unknown, i+1
			if i < len(text) && isBlank(text[i]) {
				word = 1 // the owner is that of the entry before
			}
		case isBlank(c) || c == '\n' || c == '(' || c == ')':
			depth = max(depth+parenthesis(c), 0)
			i++
		case c == ';':
			end := bytes.IndexByte(text[i:], '\n')
			if end < 0 {
				return 0, 0
			}
			i += end
		default:
			end := i + wordLen(text[i:])
			switch {
			case soa >= 0 && word == soa+3:
				if _, err := strconv.ParseUint(string(text[i:end]), 10, 32); err != nil {
					return 0, 0
				}
				return i, end
			case soa == unknown && word > 0 && bytes.EqualFold(text[i:end], []byte("SOA")):
				soa = word
			case soa == unknown && word > 0 && !bytes.EqualFold(text[i:end], []byte("IN")) && (c < '0' || c > '9'): // no class, no TTL
				soa = other
			}
			word, i = word+1, end
		}
	}
	return 0, 0
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

func parenthesis(c byte) int {
	switch c {
	case '(':
		return 1
	case ')':
		return -1
	}
	return 0
}

// wordLen returns how long the word is that a text begins with.
func wordLen(text []byte) int {
	if text[0] == '"' {
		for i := 1; i < len(text); i++ {
			switch text[i] {
			case '\\':
				i++
			case '"':
				return i + 1
			}
		}
		return len(text)
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case isBlank(c), c == '\n', c == ';', c == '(', c == ')', c == '"' && i > 0:
			return i
		}
	}
	return len(text)
}
