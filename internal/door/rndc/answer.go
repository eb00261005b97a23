package rndc

import (
	"fmt"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	wire "github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

// The results, by BIND's numbers and names (9.18).
var (
	denied         = wire.Answer{Result: 6, Err: "permission denied"}
	alreadyExists  = wire.Answer{Result: 18, Err: "already exists"}
	notFound       = wire.Answer{Result: 23, Err: "not found"}
	failure        = wire.Answer{Result: 25, Err: "failure"}
	unexpected     = wire.Answer{Result: 32, Err: "unexpected token"}
	unexpectedEnd  = wire.Answer{Result: 24, Err: "unexpected end of input"}
	unknownClass   = wire.Answer{Result: 80, Err: "unknown class/type"}
	labelTooLong   = wire.Answer{Result: 75, Err: "label too long"}
	badName        = wire.Answer{Result: 77, Err: "empty label"}
	notPrimary     = wire.Answer{Result: 178, Err: "not primary"}
	notLoaded      = wire.Answer{Result: 123, Err: "zone not loaded"}
	unknownCommand = wire.Answer{Result: 172, Err: "unknown command"}
)

func saying(a wire.Answer, text string) wire.Answer {
	a.Text = text
	return a
}

// refusal is the answer to a command that something stands against. BIND leaves
// the reason to its log; we say it, since nobody else will.
func refusal(err error) wire.Answer {
	if skein.KindOf(err) == skein.KindForbidden {
		return saying(denied, err.Error())
	}
	return saying(failure, err.Error())
}

// outcome is the answer to a command about a zone that may be known.
func outcome(c wire.Command, name zone.Name, known bool, err error, good wire.Answer) wire.Answer {
	switch {
	case err != nil:
		return refusal(err)
	case !known && c.Arg(2) != "":
		return saying(notFound, fmt.Sprintf("no matching zone '%s' in view '%s'", plain(name), c.Arg(2)))
	case !known:
		return saying(notFound, fmt.Sprintf("no matching zone '%s' in any view", plain(name)))
	}
	return good
}

// plain is a name as BIND prints it: lower case, no final dot.
func plain(name zone.Name) string {
	if name == zone.Root {
		return "."
	}
	return strings.TrimSuffix(string(name.Canonical()), ".")
}

func stamp(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }
