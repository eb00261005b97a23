package powerdns

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// setup is how the API has a zone, without its records. Kinds have their old
// names: every version takes those, and 4.7 tells of no others.
type setup struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	Account string   `json:"account"`
	Masters []string `json:"masters"`
	Keys    []string `json:"slave_tsig_key_ids"`
	Audit   []string `json:"master_tsig_key_ids"` // whom it transfers to
	// EditAPI is empty: the API is to leave the serial as we give it.
	EditAPI string `json:"soa_edit_api"`

	Catalog string `json:"catalog,omitempty"` // that it is a member of; never given

	Serial      uint32    `json:"serial,omitempty"`      // as it has it; never given
	Nameservers *[]string `json:"nameservers,omitempty"` // must be given where a native zone is made
	RRsets      []rrset   `json:"rrsets,omitempty"`
}

const (
	kindSlave  = "Slave"
	kindNative = "Native"
)

// maxAccount is what the database of every back end has room for.
const maxAccount = 40

// account is what marks a zone as ours on this member.
func account(m skein.Member) string {
	name := "skein-" + m.Name
	if len(name) <= maxAccount {
		return name
	}
	sum := sha256.Sum256([]byte(m.Name))
	return name[:maxAccount-9] + "-" + hex.EncodeToString(sum[:4])
}

// want is how a zone is to be set up.
func (d *Driver) want(name zone.Name) setup {
	s := setup{Name: string(name.Canonical()), Kind: kindNative, Account: account(d.m), Masters: []string{}, Keys: []string{}, Audit: []string{}}
	if native(d.m) {
		return s
	}
	s.Kind, s.Keys = kindSlave, []string{keyID(d.m.TSIGKey)}
	if d.audit != "" {
		s.Audit = []string{keyID(d.m.AuditKey)}
	}
	for _, p := range d.m.Primaries {
		s.Masters = append(s.Masters, netip.AddrPortFrom(p.Address.Unmap(), p.Port).String())
	}
	for _, p := range d.m.Others { // with the same key: PowerDNS takes the first of several for all primaries
		s.Masters = append(s.Masters, netip.AddrPortFrom(p.Address.Unmap().WithZone(""), p.Port).String())
	}
	return s
}

// owned is a change of whose a zone is, and of nothing else.
func (s setup) owned() any {
	return map[string]string{"name": s.Name, "account": s.Account}
}

// sameSetup reports whether a zone is set up as it should be. The order of
// primaries does not count: PowerDNS takes them in any.
func sameSetup(has, want setup) bool {
	return sameKind(has.Kind, want.Kind) && has.Account == want.Account && has.EditAPI == want.EditAPI &&
		slices.Equal(addresses(has.Masters), addresses(want.Masters)) && slices.Equal(has.Keys, want.Keys) && slices.Equal(has.Audit, want.Audit)
}

// sameKind knows the newer word for one of them.
func sameKind(has, want string) bool {
	return strings.EqualFold(has, want) || want == kindSlave && strings.EqualFold(has, "Secondary")
}

// addresses writes primaries in one way, with their ports, in order.
func addresses(list []string) []string {
	all := make([]string, len(list))
	for i, text := range list {
		all[i] = text
		if addr, err := netip.ParseAddr(text); err == nil {
			all[i] = netip.AddrPortFrom(addr, 53).String()
		}
	}
	slices.Sort(all)
	return all
}

func zonePath(name zone.Name) string { return "/zones/" + id(name) }

// id is how paths of the API have a name: each octet of it that might
// mean something there is written as = and two digits.
func id(name zone.Name) string {
	var b strings.Builder
	for i, c := range []byte(name.Canonical()) {
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.' && i > 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String()
}

// look asks how a zone is set up; false if it is not there.
func (d *Driver) look(ctx context.Context, name zone.Name) (s setup, is bool, err error) {
	err = d.client.call(ctx, http.MethodGet, zonePath(name)+"?rrsets=false", nil, &s)
	if refused(err, http.StatusNotFound) {
		return s, false, nil
	}
	return s, err == nil, err
}

// presence asks what is there under a name.
func (d *Driver) presence(ctx context.Context, name zone.Name) (there member.Presence, err error) {
	has, is, err := d.look(ctx, name)
	if err != nil || !is {
		return there, err
	}
	there = member.Presence{Present: true, Ours: has.Account == account(d.m)}
	if there.Ours && native(d.m) {
		there.Current, err = d.current(ctx, name, has)
	} else {
		there.Current = there.Ours && sameSetup(has, d.want(name))
	}
	return there, err
}

// add makes the member a secondary of a zone, or mends how it is one.
func (d *Driver) add(ctx context.Context, name zone.Name) error {
	if err := d.checkKeys(ctx); err != nil {
		return err
	}
	want := d.want(name)
	err := d.client.call(ctx, http.MethodPost, "/zones", want, nil)
	switch {
	case refused(err, http.StatusUnprocessableEntity): // a key that was there a moment ago may be gone, with all that the server had
		d.forget()
		if err := d.checkKeys(ctx); err != nil {
			return err
		}
		err = d.remake(ctx, want, name)
	case refused(err, http.StatusConflict):
		err = d.mend(ctx, want, name)
	default:
		err = d.refusal("adding", name, err)
	}
	if err != nil {
		return err
	}
	// By itself it would fetch within a minute. One that is as it should be may
	// have been made, and not been told to.
	return d.fetch(ctx, name)
}

// mend sets a zone up that is there.
func (d *Driver) mend(ctx context.Context, want setup, name zone.Name) error {
	has, err := d.ours(ctx, name)
	switch {
	case err != nil:
		return err
	case !sameSetup(has, want):
		return d.refusal("changing", name, d.client.call(ctx, http.MethodPut, zonePath(name), want, nil))
	case has.Serial != 0 && d.hidden(ctx, name):
		return d.remake(ctx, want, name)
	}
	return nil
}

// hidden reports whether the member does not answer for a zone that it has.
// PowerDNS makes a zone, and only then looks for its keys: where one is missing
// it refuses the zone, keeps it, and goes on for five minutes without its name
// in the cache that says which zones there are (zone-cache-refresh-interval).
func (d *Driver) hidden(ctx context.Context, name zone.Name) bool {
	if d.opts.Serial == nil {
		return false
	}
	ask, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	_, err := d.opts.Serial(ask, d.m.DNS(), name)
	return err != nil && ask.Err() == nil // silence tells nothing
}

// answerTime is how long an answer over DNS is waited for.
const answerTime = 2 * time.Second

// remake makes a zone anew that is ours, or gone.
func (d *Driver) remake(ctx context.Context, want setup, name zone.Name) error {
	if err := d.delete(ctx, name); err != nil {
		return err
	}
	return d.refusal("adding", name, d.client.call(ctx, http.MethodPost, "/zones", want, nil))
}

// fetch asks for a transfer at once: after one that failed PowerDNS leaves a
// zone out for longer and longer.
func (d *Driver) fetch(ctx context.Context, name zone.Name) error {
	return d.refusal("transferring", name, d.client.call(ctx, http.MethodPut, zonePath(name)+"/axfr-retrieve", nil, nil))
}

// Prompt implements member.Prompter. PowerDNS puts a NOTIFY on a list that it
// looks at once a second, asks for the serial then, and fetches. Told over the
// API it fetches at once, and from any of its primaries: what that has it takes,
// newer or older. So one that has others than this node is left to NOTIFY.
func (d *Driver) Prompt(ctx context.Context, name zone.Name) error {
	if native(d.m) || len(d.m.Primaries)+len(d.m.Others) != 1 {
		return nil
	}
	return d.fetch(ctx, name)
}

// errGone: the zone is not there.
var errGone = errors.New("it is not there")

// ours asks how a zone of ours is set up: ErrForeign if it is another's, errGone
// if it is not there.
func (d *Driver) ours(ctx context.Context, name zone.Name) (setup, error) {
	has, is, err := d.look(ctx, name)
	switch {
	case err != nil:
		return has, d.refusal("looking for", name, err)
	case !is:
		return has, errGone
	case has.Account != account(d.m):
		return has, fmt.Errorf("%w: %s is there with the account %q", member.ErrForeign, name, has.Account)
	}
	return has, nil
}

// Take implements member.Taker.
func (d *Driver) Take(ctx context.Context, name zone.Name) error {
	has, is, err := d.look(ctx, name)
	want := d.want(name)
	switch {
	case err != nil:
		return d.refusal("looking for", name, err)
	case is && has.Account == want.Account, !is:
	case strings.EqualFold(has.Kind, "Consumer"), strings.EqualFold(has.Kind, "Producer"), has.Catalog != "":
		return fmt.Errorf("%w: %s is a catalog zone or a member of one", member.ErrForeign, name)
	default:
		has.Account = want.Account // the records stay what they are until ours come
		if err := d.client.call(ctx, http.MethodPut, zonePath(name), has.owned(), nil); err != nil {
			return d.refusal("taking over", name, err)
		}
	}
	return d.step(ctx, member.Step{Action: member.ActionAdd, Zone: name})
}

func (d *Driver) delete(ctx context.Context, name zone.Name) error {
	if _, err := d.ours(ctx, name); errors.Is(err, errGone) {
		return nil
	} else if err != nil {
		return err
	}
	err := d.client.call(ctx, http.MethodDelete, zonePath(name), nil, nil)
	if refused(err, http.StatusNotFound) {
		return nil
	}
	return d.refusal("deleting", name, err)
}

func (d *Driver) retransfer(ctx context.Context, name zone.Name) error {
	if _, err := d.ours(ctx, name); errors.Is(err, errGone) {
		return d.add(ctx, name)
	} else if err != nil {
		return err
	}
	if err := d.checkKeys(ctx); err != nil {
		return err
	}
	return d.fetch(ctx, name)
}

// refusal words an answer that is about a zone.
func (d *Driver) refusal(doing string, name zone.Name, err error) error {
	var r *refusal
	switch {
	case err == nil || !errors.As(err, &r):
		return err
	case r.status == http.StatusNotFound && doing == "adding":
		return fmt.Errorf("%w: there is no API at %s: put `api=yes` into its pdns.conf and restart it", member.ErrDenied, d.client.base)
	}
	return fmt.Errorf("%s %s was refused: %w", doing, name, r)
}
