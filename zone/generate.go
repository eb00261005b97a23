package zone

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxGenerate bounds the records that one $GENERATE may make: a whole /16 of
// a reverse zone. A short text must not fill the memory.
const maxGenerate = 1 << 16

// generate carries out $GENERATE start-stop[/step] owner [ttl] [class] type data,
// with BIND's ${offset,width,base} in owner and data.
func (p *parser) generate(args []word, line int) error {
	if len(args) < 4 {
		return errors.New("$GENERATE takes a range, an owner, a type and data")
	}
	start, stop, step, err := parseRange(string(args[0].text))
	if err != nil {
		return err
	}
	if (stop-start)/step+1 > maxGenerate {
		return fmt.Errorf("$GENERATE %s makes more than %d records", args[0].text, maxGenerate)
	}
	templates, err := unquoted(args[1:])
	if err != nil {
		return err
	}
	made := make([]word, len(templates))
	for i := start; i <= stop; i += step {
		for j, template := range templates {
			made[j] = template
			if made[j].text, err = expand(template.text, i); err != nil {
				return err
			}
		}
		if err = p.setOwner(made[0].text); err == nil {
			err = p.record(made[1:], line)
		}
		if err != nil {
			return fmt.Errorf("$GENERATE at %d: %w", i, err)
		}
	}
	return nil
}

// unquoted reads what is in the quotation marks around all of the data as
// words, as BIND does: MX "0 mail$". A quotation mark within is written \".
func unquoted(args []word) ([]word, error) {
	last := len(args) - 1
	if !args[last].quoted || args[last-1].quoted {
		return args, nil
	}
	words, err := wordsOf(strings.ReplaceAll(string(args[last].text), `\"`, `"`))
	if err != nil {
		return nil, fmt.Errorf("$GENERATE: %w", err)
	}
	return slices.Concat(args[:last], words), nil
}

func parseRange(s string) (start, stop, step int64, err error) {
	step = 1
	bounds, by, hasStep := strings.Cut(s, "/")
	from, to, ok := strings.Cut(bounds, "-")
	read := func(s string) (n int64) {
		if err == nil {
			n, err = strconv.ParseInt(s, 10, 32)
		}
		return n
	}
	start, stop = read(from), read(to)
	if hasStep {
		step = read(by)
	}
	if err != nil || !ok || step < 1 || start < 0 || stop < start {
		return 0, 0, 0, fmt.Errorf("$GENERATE range %.40q is not start-stop or start-stop/step", s)
	}
	return start, stop, step, nil
}

// expand replaces $ and ${offset,width,base} by the number; $$ and \$ are a plain $.
func expand(s []byte, i int64) ([]byte, error) {
	b := make([]byte, 0, len(s)+8)
	for k := 0; k < len(s); k++ {
		next := byte(0)
		if k+1 < len(s) {
			next = s[k+1]
		}
		switch {
		case s[k] == '\\' && next != 0:
			if next != '$' {
				b = append(b, '\\')
			}
			b = append(b, next)
			k++
		case s[k] != '$':
			b = append(b, s[k])
		case next == '$':
			b = append(b, '$')
			k++
		case next == '{':
			n := bytes.IndexByte(s[k:], '}')
			if n < 0 {
				return nil, fmt.Errorf("$GENERATE: ${ without } in %.40q", s)
			}
			var err error
			if b, err = appendModified(b, string(s[k+2:k+n]), i); err != nil {
				return nil, err
			}
			k += n
		default:
			b = strconv.AppendInt(b, i, 10)
		}
		if len(b) > maxEntry {
			return nil, fmt.Errorf("$GENERATE: %.40q grows beyond %d octets", s, maxEntry)
		}
	}
	return b, nil
}

// appendModified appends i as offset[,width[,base]] says.
func appendModified(b []byte, modifier string, i int64) ([]byte, error) {
	parts := strings.Split(modifier, ",")
	bad := fmt.Errorf("$GENERATE: ${%.40s} is not ${offset,width,base} with base d, o, x, X, n or N", modifier)
	offset, err := strconv.ParseInt(parts[0], 10, 32)
	if err != nil || len(parts) > 3 {
		return nil, bad
	}
	width, base := uint64(0), "d"
	if len(parts) > 1 {
		if width, err = strconv.ParseUint(parts[1], 10, 8); err != nil {
			return nil, bad
		}
	}
	if len(parts) > 2 {
		base = parts[2]
	}
	n := i + offset
	if n < 0 {
		return nil, fmt.Errorf("$GENERATE: ${%s} makes a negative number at %d", modifier, i)
	}
	switch base {
	case "d", "o", "x", "X":
		return fmt.Appendf(b, "%0*"+base, int(width), n), nil
	case "n", "N":
		return appendNibbles(b, n, int(width), base == "N"), nil
	}
	return nil, bad
}

// appendNibbles appends hexadecimal digits, lowest first, with dots between;
// width counts dots too.
func appendNibbles(b []byte, n int64, width int, upper bool) []byte {
	digits := "0123456789abcdef"
	if upper {
		digits = "0123456789ABCDEF"
	}
	for {
		b = append(b, digits[n&15])
		n >>= 4
		if width -= 2; n == 0 && width <= 0 {
			return b
		}
		b = append(b, '.')
	}
}
