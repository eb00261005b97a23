package nsdctl

import (
	"fmt"
	"strconv"
	"strings"
)

// Refusal is what NSD says where it does not do what it is told.
type Refusal struct{ Text string }

func (r *Refusal) Error() string { return r.Text }

// The texts of refusals that callers tell apart, as they begin.
const (
	NoSuchZone    = "zone not configured" // in the one form that zonestatus and transfers use
	NoSuchPattern = "pattern does not exist"
)

// Says tells a refusal by one of the texts above: NSD puts the name in the middle.
func (r *Refusal) Says(text string) bool {
	first, rest, _ := strings.Cut(text, " ")
	return strings.HasPrefix(r.Text, first+" ") && strings.HasSuffix(r.Text, " "+rest)
}

// refusalIn returns the refusal that a line is.
func refusalIn(line string) *Refusal {
	for _, mark := range []string{"error: ", "error ", "warning "} {
		if text, is := strings.CutPrefix(line, mark); is {
			return &Refusal{text}
		}
	}
	return nil
}

// Done reads the answer to a command that does something: ok, or a refusal.
func Done(answer string) error {
	last := ""
	for line := range strings.Lines(answer) {
		last = strings.TrimSuffix(line, "\n")
		if r := refusalIn(last); r != nil {
			return r
		}
	}
	if last != "ok" && !strings.HasPrefix(last, "ok, ") {
		return fmt.Errorf("%w: %q is no end of it", ErrAnswer, last)
	}
	return nil
}

// Version reads the answer to status.
func Version(answer string) (string, error) {
	if answer == "" {
		return "", ErrHungUp
	}
	for line := range strings.Lines(answer) {
		if v, is := strings.CutPrefix(line, "version: "); is {
			return strings.TrimSpace(v), nil
		}
		if r := refusalIn(strings.TrimSpace(line)); r != nil {
			return "", r
		}
	}
	return "", fmt.Errorf("%w: it does not say a version", ErrAnswer)
}

// Zone is what zonestatus tells of one.
type Zone struct {
	Name    string // as whoever made it wrote it
	Pattern string // "" : it is part of nsd.conf
	State   string // ok, refreshing, expired; or it is a primary of the zone
	Served  uint32 // serial; 0 if it serves none
	Since   string // when it got that, in the server's local time; "" if it serves none
}

// Primary is the State of a zone that is not fetched from anywhere, in NSD's
// word for it, old or new.
func (z Zone) Primary() bool { return z.State == "master" || z.State == "primary" }

// Zones reads the answer to zonestatus line by line, of one zone or of all.
type Zones struct {
	each func(Zone) error
	now  Zone
}

// NewZones calls each with every zone. It must not be slow.
func NewZones(each func(Zone) error) *Zones { return &Zones{each: each} }

// Line takes the next line of the answer.
func (z *Zones) Line(line string) error {
	if name, is := strings.CutPrefix(line, "zone:\t"); is && name != "" {
		err := z.End()
		z.now = Zone{Name: name}
		return err
	}
	if r := refusalIn(line); r != nil && z.now.Name == "" {
		return r
	}
	detail, is := strings.CutPrefix(line, "\t")
	if !is || z.now.Name == "" {
		return fmt.Errorf("%w: %q", ErrAnswer, line)
	}
	switch key, value, _ := strings.Cut(detail, ": "); key {
	case "pattern":
		z.now.Pattern = value
	case "state":
		z.now.State = value
	case "served-serial":
		z.now.Served, z.now.Since = served(value)
	}
	return nil
}

// End tells of the last zone.
func (z *Zones) End() error {
	if z.now.Name == "" {
		return nil
	}
	last := z.now
	z.now = Zone{}
	return z.each(last)
}

// served reads such as "2026010101 since 2026-11-22T21:50:31", or none.
func served(s string) (serial uint32, since string) {
	number, since, is := strings.Cut(strings.Trim(s, `"`), " since ")
	n, err := strconv.ParseUint(number, 10, 32)
	if !is || err != nil {
		return 0, ""
	}
	return uint32(n), since
}
