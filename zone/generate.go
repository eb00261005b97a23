package zone

import (
	"fmt"
	"strconv"
	"strings"
)

const maxGenerate = 1 << 20 // records that one $GENERATE may make

// generate carries out $GENERATE start-stop[/step] owner [ttl] [class] type data,
// with BIND's ${offset,width,base} in owner and data.
func (p *parser) generate(args []token, line int) error {
	if len(args) < 4 {
		return fmt.Errorf("$GENERATE takes a range, an owner, a type and data")
	}
	start, stop, step, err := parseRange(args[0].text)
	if err != nil {
		return err
	}
	if (stop-start)/step+1 > maxGenerate {
		return fmt.Errorf("$GENERATE %s makes more than %d records", args[0].text, maxGenerate)
	}
	for i := start; i <= stop; i += step {
		made := make([]token, len(args)-1)
		for j, a := range args[1:] {
			text, err := expand(a.text, i)
			if err != nil {
				return err
			}
			made[j] = token{text, a.quoted}
		}
		owner, err := p.name(made[0].text)
		if err == nil {
			err = p.record(owner, made[1:], line)
		}
		if err != nil {
			return fmt.Errorf("$GENERATE at %d: %w", i, err)
		}
		p.owner = owner
	}
	return nil
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
		return 0, 0, 0, fmt.Errorf("$GENERATE range %q is not start-stop or start-stop/step", s)
	}
	return start, stop, step, nil
}

// expand replaces $ and ${offset,width,base} by the number; $$ and \$ are a plain $.
func expand(s string, i int64) (string, error) {
	var b strings.Builder
	for k := 0; k < len(s); k++ {
		switch {
		case s[k] == '\\' && k+1 < len(s):
			if s[k+1] != '$' {
				b.WriteByte('\\')
			}
			k++
			b.WriteByte(s[k])
		case s[k] != '$':
			b.WriteByte(s[k])
		case k+1 < len(s) && s[k+1] == '$':
			k++
			b.WriteByte('$')
		case k+1 < len(s) && s[k+1] == '{':
			end := strings.IndexByte(s[k:], '}')
			if end < 0 {
				return "", fmt.Errorf("$GENERATE: ${ without } in %q", s)
			}
			n, err := modified(s[k+2:k+end], i)
			if err != nil {
				return "", err
			}
			b.WriteString(n)
			k += end
		default:
			b.WriteString(strconv.FormatInt(i, 10))
		}
	}
	return b.String(), nil
}

// modified formats i as offset[,width[,base]] says.
func modified(m string, i int64) (string, error) {
	parts := strings.Split(m, ",")
	bad := fmt.Errorf("$GENERATE: ${%s} is not ${offset,width,base} with base d, o, x, X, n or N", m)
	offset, err := strconv.ParseInt(parts[0], 10, 32)
	if err != nil || len(parts) > 3 {
		return "", bad
	}
	width, base := int64(0), "d"
	if len(parts) > 1 {
		if width, err = strconv.ParseInt(parts[1], 10, 32); err != nil || width < 0 || width > 255 {
			return "", bad
		}
	}
	if len(parts) > 2 {
		base = parts[2]
	}
	n := i + offset
	if n < 0 {
		return "", fmt.Errorf("$GENERATE: ${%s} makes a negative number at %d", m, i)
	}
	switch base {
	case "d", "o", "x", "X":
		return fmt.Sprintf("%0*"+base, int(width), n), nil
	case "n", "N":
		return nibbles(n, int(width), base == "N"), nil
	}
	return "", bad
}

// nibbles writes hexadecimal digits, lowest first, with dots between; width
// counts dots too.
func nibbles(n int64, width int, upper bool) string {
	var b strings.Builder
	for {
		digit := strconv.FormatInt(n&15, 16)
		if upper {
			digit = strings.ToUpper(digit)
		}
		b.WriteString(digit)
		n >>= 4
		if width -= 2; n == 0 && width <= 0 {
			return b.String()
		}
		b.WriteByte('.')
	}
}
