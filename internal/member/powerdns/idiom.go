package powerdns

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// PowerDNS takes a record only if it would print it the very same way, and each
// version has ways of its own. So what we know is written as it wants it, and
// what we do not know it tells us: with the refusal comes how it would have it.

const (
	typeSVCB  = zone.Type(64)
	typeHTTPS = zone.Type(65)
)

// given is how a set is given to the API.
func given(s zone.RRset) rrset {
	r := rrset{Name: string(s.Name.Canonical()), Type: s.Type.String(), TTL: s.TTL, Change: replace, Records: make([]record, len(s.Data))}
	for i, d := range s.Data {
		r.Records[i].Content = d.Text(s.Type)
		if s.Type == typeSVCB || s.Type == typeHTTPS {
			r.Records[i].Content = bare(r.Records[i].Content)
		}
	}
	return r
}

// bare takes the quotes from parameters of services that it has without, and
// calls those by number that it has no name for.
func bare(text string) string {
	words := strings.Split(text, " ")
	for i, word := range words {
		key, value, is := strings.Cut(word, "=")
		switch key {
		case "mandatory", "alpn", "port", "ipv4hint", "ipv6hint":
			if is && !strings.Contains(value, `\`) {
				words[i] = key + "=" + strings.Trim(value, `"`)
			}
		case "no-default-alpn":
			words[i] = key
		case "dohpath":
			words[i] = "key7=" + value
		}
	}
	return strings.Join(words, " ")
}

// named is the way back for what was called by number.
func named(t zone.Type, text string) string {
	if t == typeSVCB || t == typeHTTPS {
		return strings.ReplaceAll(text, " key7=", " dohpath=")
	}
	return text
}

// lessons bounds how often one call is made otherwise.
const lessons = 100

// send makes a call that gives sets, and makes it again as the refusal says.
func (d *Driver) send(ctx context.Context, method, path string, body any, sets []rrset) error {
	for range lessons {
		err := d.client.call(ctx, method, path, body, nil)
		var r *refusal
		if !errors.As(err, &r) || r.status != http.StatusUnprocessableEntity || !learn(r.said, sets) {
			return err
		}
	}
	return fmt.Errorf("its records are refused more often than %d times for how they are written", lessons)
}

var (
	otherwise   = regexp.MustCompile(`(?s)^Record (\S+)/(\S+) '(.*)': Not in expected format \(parsed as '(.*)'\)`)
	unknownType = regexp.MustCompile(`^RRset \S+ IN (\S+): unknown type given`)
)

// learn writes sets as a refusal would have them; false if it says nothing of the kind.
func learn(said string, sets []rrset) (learned bool) {
	if m := otherwise.FindStringSubmatch(said); m != nil {
		for _, s := range sets {
			if s.Name != m[1] && s.Name != m[1]+"." {
				continue
			}
			for i, r := range s.Records {
				if r.Content == m[3] && sameData(s.Type, r.Content, m[4]) {
					s.Records[i].Content, learned = m[4], true
				}
			}
		}
		return learned
	}
	if m := unknownType.FindStringSubmatch(said); m != nil {
		for i := range sets {
			learned = sets[i].Type == m[1] && sets[i].generic() || learned
		}
	}
	return learned
}

// sameData: it must be the same record still.
func sameData(mnemonic, a, b string) bool {
	t, err := zone.ParseType(mnemonic)
	if err != nil || a == b {
		return false
	}
	x, err := zone.ParseRdata(t, a, zone.Root)
	y, bad := zone.ParseRdata(t, b, zone.Root)
	return err == nil && bad == nil && x.Canonical(t) == y.Canonical(t)
}

// generic writes a set of a type that it has no name for (RFC 3597 section 5).
func (s *rrset) generic() bool {
	t, err := zone.ParseType(s.Type)
	name := fmt.Sprintf("TYPE%d", t)
	if err != nil || name == s.Type {
		return false
	}
	for i, r := range s.Records {
		data, err := zone.ParseRdata(t, r.Content, zone.Root)
		if err != nil {
			return false
		}
		s.Records[i].Content = strings.TrimRight(fmt.Sprintf(`\# %d %s`, len(data), hex.EncodeToString([]byte(data))), " ")
	}
	s.Type = name
	return true
}
