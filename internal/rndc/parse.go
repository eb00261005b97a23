package rndc

import (
	"encoding/binary"
	"fmt"
)

// ParseFrame reads what follows the length field and verifies its signature
// with any of the keys; it returns which. The signature is over everything
// behind the _auth entry, which must be the first.
func ParseFrame(b []byte, keys ...Key) (Message, int, error) {
	if len(b) < 4 || binary.BigEndian.Uint32(b) != version {
		return Message{}, 0, fmt.Errorf("%w: not version %d", ErrFrame, version)
	}
	p := parser{rest: b[4:]}
	auth, err := p.field(1)
	if err != nil {
		return Message{}, 0, err
	}
	if auth.Name != "_auth" || len(auth.Table) != 1 {
		return Message{}, 0, fmt.Errorf("%w: _auth is not the first entry", ErrAuth)
	}
	which, err := verify(keys, auth.Table[0], p.rest)
	if err != nil {
		return Message{}, 0, err
	}
	m, err := p.message()
	return m, which, err
}

type parser struct{ rest []byte }

func (p *parser) message() (m Message, err error) {
	for len(p.rest) > 0 {
		f, err := p.field(1)
		if err != nil {
			return Message{}, err
		}
		switch f.Name {
		case "_ctrl":
			m.Ctrl = f.Table
		case "_data":
			m.Data = f.Table
		}
	}
	return m, nil
}

func (p *parser) take(n int) ([]byte, error) {
	if n < 0 || n > len(p.rest) {
		return nil, fmt.Errorf("%w: it is cut short", ErrFrame)
	}
	b := p.rest[:n]
	p.rest = p.rest[n:]
	return b, nil
}

func (p *parser) field(depth int) (Field, error) {
	n, err := p.take(1)
	if err != nil {
		return Field{}, err
	}
	name, err := p.take(int(n[0]))
	if err != nil {
		return Field{}, err
	}
	f, err := p.value(depth)
	f.Name = string(name)
	return f, err
}

func (p *parser) value(depth int) (f Field, err error) {
	if depth > maxDepth {
		return f, fmt.Errorf("%w: nested deeper than %d", ErrFrame, maxDepth)
	}
	head, err := p.take(5)
	if err != nil {
		return f, err
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size > MaxAnswer {
		return f, fmt.Errorf("%w: a value of %d octets", ErrFrame, size)
	}
	value, err := p.take(int(size))
	if err != nil {
		return f, err
	}
	inner := parser{rest: value}
	switch head[0] {
	case typeString, typeBinary:
		f.Value = string(value)
	case typeTable:
		f.IsTable = true
		for len(inner.rest) > 0 {
			entry, err := inner.field(depth + 1)
			if err != nil {
				return f, err
			}
			f.Table = append(f.Table, entry)
		}
	case typeList:
		for len(inner.rest) > 0 { // nothing that we use is a list; it must be well formed
			if _, err := inner.value(depth + 1); err != nil {
				return f, err
			}
		}
	default:
		return f, fmt.Errorf("%w: unknown type %d", ErrFrame, head[0])
	}
	return f, nil
}
