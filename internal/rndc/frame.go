// Package rndc speaks BIND's control protocol, both sides: frames signed with
// a shared secret over TCP, one command a message. The protocol is described
// by ISC in bind9-rndc-node's protocol.md; limits and checks are those that
// named 9.18 was seen to make.
package rndc

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"strings"
)

// Key signs both directions. Its name does not travel.
type Key struct {
	Name      string
	Algorithm string // hmac-md5, hmac-sha1, …, hmac-sha512
	Secret    string // base64
}

// The limits of a frame's length field, in octets.
const (
	MaxRequest = 32768   // what named takes
	MaxAnswer  = 1 << 20 // what rndc takes
)

const (
	version  = 1
	maxDepth = 10

	typeBinary = 1
	typeTable  = 2
	typeList   = 3
)

// ErrFrame is wrapped when bytes are no well-formed message; ErrAuth when its
// signature does not hold.
var (
	ErrFrame = errors.New("malformed rndc message")
	ErrAuth  = errors.New("the rndc message is not signed with our key")
)

// Field is one entry of a message: a scalar or a table.
type Field struct {
	Name    string
	Value   string
	Table   []Field
	IsTable bool
}

// Message is what _ctrl and _data hold; order is kept.
type Message struct {
	Ctrl, Data []Field
}

// Get returns the scalar of a name; "" if there is none.
func Get(fields []Field, name string) string {
	for _, f := range fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// algorithms maps a name to its octet in the frame and its hash.
func algorithm(name string) (octet byte, h func() hash.Hash, ok bool) {
	switch strings.ToLower(strings.TrimSuffix(name, ".")) {
	case "hmac-md5", "hmac-md5.sig-alg.reg.int":
		return 157, md5.New, true
	case "hmac-sha1":
		return 161, sha1.New, true
	case "hmac-sha224":
		return 162, sha256.New224, true
	case "hmac-sha256":
		return 163, sha256.New, true
	case "hmac-sha384":
		return 164, sha512.New384, true
	case "hmac-sha512":
		return 165, sha512.New, true
	}
	return 0, nil, false
}

// signature returns the value of the _auth table's only field: padded base64.
func (k Key) signature(body []byte) (name string, value []byte, err error) {
	octet, h, ok := algorithm(k.Algorithm)
	if !ok {
		return "", nil, fmt.Errorf("rndc knows no algorithm %q; it is one of hmac-md5, hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384, hmac-sha512", k.Algorithm)
	}
	secret, err := base64.StdEncoding.DecodeString(k.Secret)
	if err != nil || len(secret) == 0 {
		return "", nil, errors.New("the secret of the rndc key is not base64")
	}
	mac := hmac.New(h, secret)
	mac.Write(body)
	sum := mac.Sum(nil)
	if octet == 157 {
		return "hmd5", []byte(base64.RawStdEncoding.EncodeToString(sum)), nil
	}
	value = make([]byte, 89)
	value[0] = octet
	base64.StdEncoding.Encode(value[1:], sum)
	return "hsha", value, nil
}

// AppendFrame appends the signed frame of a message.
func AppendFrame(b []byte, m Message, k Key) ([]byte, error) {
	var body []byte
	body, err := appendFields(body, []Field{{Name: "_ctrl", Table: m.Ctrl, IsTable: true}, {Name: "_data", Table: m.Data, IsTable: true}})
	if err != nil {
		return nil, err
	}
	name, value, err := k.signature(body)
	if err != nil {
		return nil, err
	}
	auth, err := appendFields(nil, []Field{{Name: "_auth", IsTable: true, Table: []Field{{Name: name, Value: string(value)}}}})
	if err != nil {
		return nil, err
	}
	b = binary.BigEndian.AppendUint32(b, uint32(4+len(auth)+len(body)))
	b = binary.BigEndian.AppendUint32(b, version)
	return append(append(b, auth...), body...), nil
}

func appendFields(b []byte, fields []Field) ([]byte, error) {
	for _, f := range fields {
		if len(f.Name) > 255 {
			return nil, fmt.Errorf("%w: a key of %d octets", ErrFrame, len(f.Name))
		}
		b = append(append(b, byte(len(f.Name))), f.Name...)
		value, kind := []byte(f.Value), byte(typeBinary)
		if f.IsTable {
			var err error
			if value, err = appendFields(nil, f.Table); err != nil {
				return nil, err
			}
			kind = typeTable
		}
		b = binary.BigEndian.AppendUint32(append(b, kind), uint32(len(value)))
		b = append(b, value...)
	}
	return b, nil
}

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
	var m Message
	for len(p.rest) > 0 {
		f, err := p.field(1)
		if err != nil {
			return Message{}, 0, err
		}
		switch f.Name {
		case "_ctrl":
			m.Ctrl = f.Table
		case "_data":
			m.Data = f.Table
		}
	}
	return m, which, nil
}

func verify(keys []Key, sig Field, body []byte) (int, error) {
	for i, k := range keys {
		name, value, err := k.signature(body)
		if err == nil && name == sig.Name && hmac.Equal(value, []byte(sig.Value)) {
			return i, nil
		}
	}
	return 0, ErrAuth
}

type parser struct{ rest []byte }

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
	case typeBinary, 0:
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
