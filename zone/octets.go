package zone

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Fields of octets and texts.
var (
	text       = &field{what: "a text", end: textEnd, read: readText, write: writeText}                                    // one character-string
	texts      = &field{what: "texts", end: textsEnd, read: readTexts, greedy: true, write: writeTexts}                    // one or more, up to the end
	tag        = &field{what: "a tag", end: textEnd, read: readTag, write: writeTag}                                       // of letters and digits (RFC 8659 section 4.1)
	salt       = &field{what: "hex digits or -", end: textEnd, read: readSalt, write: writeSalt}                           // (RFC 5155 section 3.3)
	hashed     = &field{what: "base32", end: textEnd, read: readHashed, write: writeHashed}                                // (RFC 5155 section 3.3)
	value      = &field{what: "a quoted text", end: valueEnd, read: readValue, write: writeQuoted}                         // octets up to the end, without length
	bitmap     = &field{what: "types", end: bitmapEnd, read: readBitmap, greedy: true, optional: true, write: writeBitmap} // see bitmap.go
	hexOctets  = &field{what: "pairs of hex digits", end: restEnd, read: readHex, greedy: true, write: writeUpperHex}      // up to the end
	hexLower   = &field{what: "pairs of hex digits", end: restEnd, read: readHex, greedy: true, write: writeHex}           // the same, written in small letters
	codeOctets = &field{what: "base64", end: restEnd, read: readBase64, greedy: true, write: writeBase64}                  // up to the end
)

func textEnd(d Rdata, off int) int {
	if off >= len(d) || off+1+int(d[off]) > len(d) {
		return -1
	}
	return off + 1 + int(d[off])
}

func textsEnd(d Rdata, off int) int {
	for {
		if off = textEnd(d, off); off < 0 || off == len(d) {
			return off
		}
	}
}

func restEnd(d Rdata, _ int) int { return len(d) }

// maxText is what the length of a character-string can say.
const maxText = 255

func readText(b []byte, words []word, _ Name) ([]byte, error) {
	start := len(b)
	b, err := appendOctets(append(b, 0), words[0].text)
	n := len(b) - start - 1
	if err == nil && n > maxText {
		err = fmt.Errorf("the text %.20q… has %d octets, %d are allowed", words[0].text, n, maxText)
	}
	b[start] = byte(n)
	return b, err
}

func writeText(b []byte, d Rdata) ([]byte, bool) { return writeQuoted(b, d[1:]) }

// readTexts reads character-strings. One that is too long becomes several:
// panels write long keys in one piece.
func readTexts(b []byte, words []word, _ Name) ([]byte, error) {
	for _, w := range words {
		start := len(b)
		var err error
		if b, err = appendOctets(append(b, 0), w.text); err != nil {
			return b, err
		}
		for len(b)-start-1 > maxText {
			b[start] = maxText
			start += 1 + maxText
			b = slices.Insert(b, start, 0)
		}
		b[start] = byte(len(b) - start - 1)
	}
	return b, nil
}

func writeTexts(b []byte, d Rdata) ([]byte, bool) {
	for off := 0; off < len(d); off = textEnd(d, off) {
		if off > 0 {
			b = append(b, ' ')
		}
		b, _ = writeText(b, d[off:textEnd(d, off)])
	}
	return b, true
}

// appendOctets appends what a word with escapes stands for.
func appendOctets(b, s []byte) ([]byte, error) {
	for i := 0; i < len(s); {
		c, n := unescape(s, i)
		if n == 0 {
			return b, fmt.Errorf(`the text %.40q has a malformed escape; \X and \DDD up to \255 are allowed`, s)
		}
		b = append(b, c)
		i += n
	}
	return b, nil
}

// writeQuoted appends octets as one quoted string.
func writeQuoted(b []byte, s Rdata) ([]byte, bool) {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || '~' < c:
			b = appendDDD(b, c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"'), true
}

func readTag(b []byte, words []word, _ Name) ([]byte, error) {
	w := words[0].text
	if !isTag(w) || len(w) > maxText {
		return b, errNot
	}
	return append(append(b, byte(len(w))), w...), nil
}

func writeTag(b []byte, d Rdata) ([]byte, bool) { return append(b, d[1:]...), isTag(d[1:]) }

func isTag[T ~string | ~[]byte](s T) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || 'z' < c) && (s[i] < '0' || '9' < s[i]) {
			return false
		}
	}
	return len(s) > 0
}

func readSalt(b []byte, words []word, _ Name) ([]byte, error) {
	w := words[0].text
	if string(w) == "-" {
		return append(b, 0), nil
	}
	if len(w) > 2*maxText {
		return b, errNot
	}
	return readHex(append(b, byte(len(w)/2)), words, "")
}

func writeSalt(b []byte, d Rdata) ([]byte, bool) {
	if len(d) == 1 {
		return append(b, '-'), true
	}
	return writeUpperHex(b, d[1:])
}

var extendedHex = base32.HexEncoding.WithPadding(base32.NoPadding)

func readHashed(b []byte, words []word, _ Name) ([]byte, error) {
	start := len(b)
	b, err := extendedHex.AppendDecode(append(b, 0), bytes.ToUpper(words[0].text))
	n := len(b) - start - 1
	if err != nil || n < 1 || n > maxText {
		return b, errNot
	}
	b[start] = byte(n)
	return b, nil
}

func writeHashed(b []byte, d Rdata) ([]byte, bool) {
	return extendedHex.AppendEncode(b, []byte(d[1:])), len(d) > 1
}

// maxValue bounds a value: the library packs no more, with backslashes doubled.
const maxValue = 1024

func valueEnd(d Rdata, off int) int {
	if len(d)-off+strings.Count(string(d[off:]), `\`) > maxValue {
		return -1
	}
	return len(d)
}

func readValue(b []byte, words []word, _ Name) ([]byte, error) {
	start := len(b)
	b, err := appendOctets(b, words[0].text)
	if err == nil && valueEnd(Rdata(b[start:]), 0) < 0 {
		err = fmt.Errorf("the text %.20q… has %d octets, %d are allowed", words[0].text, len(b)-start, maxValue)
	}
	return b, err
}

func readHex(b []byte, words []word, _ Name) ([]byte, error) {
	b, err := hex.AppendDecode(b, joined(words))
	if err != nil {
		return b, errNot
	}
	return b, nil
}

func writeHex(b []byte, d Rdata) ([]byte, bool) {
	return hex.AppendEncode(b, []byte(d)), len(d) > 0
}

func writeUpperHex(b []byte, d Rdata) ([]byte, bool) {
	start := len(b)
	b = hex.AppendEncode(b, []byte(d))
	copy(b[start:], bytes.ToUpper(b[start:]))
	return b, len(d) > 0
}

func readBase64(b []byte, words []word, _ Name) ([]byte, error) {
	b, err := base64.StdEncoding.AppendDecode(b, joined(words))
	if err != nil {
		return b, errNot
	}
	return b, nil
}

func writeBase64(b []byte, d Rdata) ([]byte, bool) {
	return base64.StdEncoding.AppendEncode(b, []byte(d)), len(d) > 0
}

func joined(words []word) []byte {
	if len(words) == 1 {
		return words[0].text
	}
	var b []byte
	for _, w := range words {
		b = append(b, w.text...)
	}
	return b
}
