// Package rndc speaks BIND's control protocol, both sides: frames signed with
// a shared secret over TCP, one command a message. The protocol is described
// by ISC in bind9-rndc-node's protocol.md; limits and checks are those that
// named 9.18 was seen to make.
//
// A frame, integers big-endian:
//
//	uint32  octets that follow
//	uint32  version, 1
//	table   _auth, _ctrl, _data, without the type and length of a table value
//
//	table = { uint8 length, name, value }…
//	value = uint8 type, uint32 length, octets
//
// _auth signs everything behind it. _ctrl numbers, dates and ties a message to
// its connection (_ser, _tim, _exp, _nonce); _data holds the command (type) or
// the answer (result, err, text). All scalars are text.
package rndc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The limits of a frame's length field, in octets.
const (
	MaxRequest = 32768   // what named takes
	MaxAnswer  = 1 << 20 // what rndc takes
)

const (
	version  = 1
	maxDepth = 10

	typeString = 0 // read as binary; never sent
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

// AppendFrame appends the signed frame of a message.
func AppendFrame(b []byte, m Message, k Key) ([]byte, error) {
	body, err := appendFields(nil, []Field{{Name: "_ctrl", Table: m.Ctrl, IsTable: true}, {Name: "_data", Table: m.Data, IsTable: true}})
	if err != nil {
		return nil, err
	}
	signature, err := k.signature(body)
	if err != nil {
		return nil, err
	}
	auth, err := appendFields(nil, []Field{{Name: "_auth", IsTable: true, Table: []Field{signature}}})
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
			return nil, fmt.Errorf("%w: a name of %d octets", ErrFrame, len(f.Name))
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

// readFrame reads what follows a length field, whose value is limited.
func readFrame(r io.Reader, most int) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size < 4 || size > uint32(most) {
		return nil, fmt.Errorf("%w: a length of %d", ErrFrame, size)
	}
	body := make([]byte, size)
	_, err := io.ReadFull(r, body)
	return body, err
}
