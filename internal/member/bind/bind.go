// Package bind keeps a BIND secondary in step over rndc: zones are added with
// addzone, changed with modzone and deleted with delzone -clean; contents come
// by zone transfer. A zone on the member is Skein's if, and only if, its file
// has the name that Skein gives it; everything else is left alone.
package bind

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

// Options are what a driver needs from around it.
type Options struct {
	// Serial asks a nameserver for the serial of a zone that it serves; for tests of the member.
	Serial func(ctx context.Context, addr netip.AddrPort, name zone.Name) (uint32, error)
	RNDC   rndc.Options
}

// Driver implements member.Driver.
type Driver struct {
	m        skein.Member
	key      rndc.Key
	opts     Options
	client   *rndc.Client
	view     string // quoted
	knowsKey bool   // the member was seen to know our TSIG key
}

var _ member.Driver = (*Driver)(nil)

// New makes a driver; it connects when it is first used.
func New(m skein.Member, s skein.MemberSecrets, o Options) (*Driver, error) {
	if s.RNDC == "" {
		return nil, fmt.Errorf("member %s has no rndc key yet: give one with --rndc-key-file, or let skein member config make one", m.Name)
	}
	if !m.RNDC().IsValid() || m.RNDC().Port() == 0 {
		return nil, fmt.Errorf("member %s has no address yet", m.Name)
	}
	view, err := rndc.Quote(viewOf(m))
	if err != nil {
		return nil, fmt.Errorf("the view of member %s: %w", m.Name, err)
	}
	key := rndc.Key{Algorithm: m.Algorithm, Secret: s.RNDC}
	return &Driver{m: m, key: key, opts: o, view: view, client: rndc.NewClient(m.RNDC(), key, o.RNDC)}, nil
}

func viewOf(m skein.Member) string {
	if m.View == "" {
		return "_default"
	}
	return m.View
}

// Can implements member.Driver.
func (d *Driver) Can() member.Capabilities {
	return member.Capabilities{Roles: []skein.Role{skein.RoleWriteOnly}, Default: skein.RoleWriteOnly, Transfer: true}
}

// Close implements member.Driver.
func (d *Driver) Close() error { return d.client.Close() }

// Status implements member.Driver.
func (d *Driver) Status(ctx context.Context) (version string, err error) {
	a, err := d.call(ctx, "status")
	if err != nil {
		return "", err
	}
	return field(a.Text, "version:"), nil
}

// field returns the rest of the line that begins with a label.
func field(text, label string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, label); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// call runs a command; an error means that no answer came.
func (d *Driver) call(ctx context.Context, command string) (rndc.Answer, error) {
	a, err := d.client.Call(ctx, command)
	if err != nil {
		return a, fmt.Errorf("%w: rndc to %s: %w", member.ErrAway, d.m.RNDC(), err)
	}
	return a, nil
}

// on writes a command about one zone in our view.
func (d *Driver) on(command string, name zone.Name) (string, error) {
	quoted, err := rndc.Quote(strings.TrimSuffix(string(name), "."))
	if name == zone.Root {
		quoted, err = `"."`, nil
	}
	return command + " " + quoted + " IN " + d.view, err
}

// file is the name of a zone's file: from a hash, since a zone's name may hold
// anything, and with the view, since two zones must not share a file.
func (d *Driver) file(name zone.Name) string {
	h := sha256.New()
	h.Write(name.Canonical().AppendWire(nil))
	if d.m.View != "" {
		h.Write([]byte(d.m.View))
	}
	return "skein-" + hex.EncodeToString(h.Sum(nil))[:40] + ".db"
}

// block is a zone's configuration. The old words are used because every BIND
// from 9.11 to the newest takes them.
func (d *Driver) block(name zone.Name) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{ type slave; file "%s"; masters { `, d.file(name))
	for _, p := range d.m.Primaries {
		fmt.Fprintf(&b, `%s port %d key "%s"; `, p.Address, p.Port, d.m.TSIGKey)
	}
	b.WriteString("}; };")
	return b.String()
}

// Apply implements member.Driver.
func (d *Driver) Apply(ctx context.Context, steps []member.Step, done func(i int, err error)) error {
	for i, step := range steps {
		var err error
		switch step.Action {
		case member.ActionAdd:
			err = d.add(ctx, step.Zone)
		case member.ActionDelete:
			err = d.delete(ctx, step.Zone)
		case member.ActionRetransfer:
			err = d.retransfer(ctx, step.Zone)
		default:
			err = fmt.Errorf("driver bind cannot %s", step.Action)
		}
		if errors.Is(err, member.ErrAway) {
			return err
		}
		done(i, err)
	}
	return nil
}

func (d *Driver) add(ctx context.Context, name zone.Name) error {
	if err := d.checkKey(ctx); err != nil {
		return err
	}
	command, err := d.on("addzone", name)
	if err != nil {
		return err
	}
	a, err := d.call(ctx, command+" "+d.block(name))
	if err != nil || a.Result == 0 {
		return err
	}
	if !strings.Contains(a.Err, "already exists") {
		return d.refusal("adding", name, a)
	}
	there, err := d.presence(ctx, name)
	switch {
	case err != nil:
		return err
	case !there.Ours:
		return fmt.Errorf("%w: %s", member.ErrForeign, name)
	case there.Current:
		return nil
	}
	if command, err = d.on("modzone", name); err != nil {
		return err
	}
	if a, err = d.call(ctx, command+" "+d.block(name)); err != nil || a.Result == 0 {
		return err
	}
	return d.refusal("changing", name, a)
}

func (d *Driver) delete(ctx context.Context, name zone.Name) error {
	there, err := d.presence(ctx, name)
	switch {
	case err != nil || !there.Present:
		return err
	case !there.Ours:
		return fmt.Errorf("%w: %s", member.ErrForeign, name)
	}
	command, err := d.on("delzone -clean", name)
	if err != nil {
		return err
	}
	a, err := d.call(ctx, command)
	if err != nil || a.Result == 0 || a.Err == "not found" {
		return err
	}
	return d.refusal("deleting", name, a)
}

func (d *Driver) retransfer(ctx context.Context, name zone.Name) error {
	command, err := d.on("retransfer", name)
	if err != nil {
		return err
	}
	a, err := d.call(ctx, command)
	switch {
	case err != nil || a.Result == 0:
		return err
	case a.Err == "not found":
		return d.add(ctx, name)
	}
	return d.refusal("transferring", name, a)
}

// Has implements member.Driver.
func (d *Driver) Has(ctx context.Context, names []zone.Name) ([]member.Presence, error) {
	all := make([]member.Presence, len(names))
	for i, name := range names {
		var err error
		if all[i], err = d.presence(ctx, name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (d *Driver) presence(ctx context.Context, name zone.Name) (member.Presence, error) {
	command, err := d.on("showzone", name)
	if err != nil {
		return member.Presence{}, err
	}
	a, err := d.call(ctx, command)
	switch {
	case err != nil:
		return member.Presence{}, err
	case a.Err == "not found" && strings.Contains(a.Text, "view found"):
		return member.Presence{}, d.refusal("looking for", name, a)
	case a.Err == "not found":
		return member.Presence{}, nil
	case a.Result != 0: // such as a member of a catalog zone, which cannot be shown
		return member.Presence{Present: true}, nil
	}
	return d.judge(a.Text, name), nil
}

// judge reads what showzone prints: zone "name" { type …; file "…"; … };
func (d *Driver) judge(text string, name zone.Name) member.Presence {
	there := member.Presence{Present: true}
	list, err := rndc.Statements(text)
	if err != nil || len(list) != 1 {
		return there
	}
	z, err := rndc.ParseZone(list[0].Block)
	if err != nil || z.Type != "secondary" || z.File != d.file(name) {
		return there
	}
	there.Ours = true
	there.Current = slices.EqualFunc(z.Primaries, d.m.Primaries, func(has rndc.Primary, want skein.Primary) bool {
		port := has.Port
		if port == 0 {
			port = 53
		}
		return has.Address == want.Address && port == want.Port && strings.EqualFold(has.Key, d.m.TSIGKey)
	})
	return there
}

// checkKey: BIND takes a zone whose TSIG key it does not know, and then never
// transfers it. So the key is looked for first.
func (d *Driver) checkKey(ctx context.Context) error {
	if d.knowsKey {
		return nil
	}
	a, err := d.call(ctx, "tsig-list")
	if err != nil {
		return err
	}
	if a.Result == 0 && !d.lists(a.Text) {
		return fmt.Errorf("%w: it does not know the TSIG key %s; paste what `skein member config --name %s` prints into its named.conf and run `rndc reconfig` there",
			member.ErrDenied, d.m.TSIGKey, d.m.Name)
	}
	d.knowsKey = true
	return nil
}

// lists reads lines such as view "_default"; type "static"; key "name";
func (d *Driver) lists(text string) bool {
	for line := range strings.Lines(text) {
		list, err := rndc.Statements(line)
		if err != nil {
			continue
		}
		view, key := "", ""
		for _, s := range list {
			switch s.Word(0) {
			case "view":
				view = s.Word(1)
			case "key":
				key = s.Word(1)
			}
		}
		if view == viewOf(d.m) && strings.EqualFold(strings.TrimSuffix(key, "."), d.m.TSIGKey) {
			return true
		}
	}
	return false
}

// refusal makes an error of an answer. The texts are looked at and not the
// numbers, which differ between versions.
func (d *Driver) refusal(doing string, name zone.Name, a rndc.Answer) error {
	said := strings.TrimSpace(a.Err + ": " + a.Text)
	switch {
	case strings.Contains(a.Text, "llow") && strings.Contains(a.Text, "new zones"), a.Err == "permission denied":
		return fmt.Errorf("%w: %s; put allow-new-zones yes; into its options (or into the view %s)", member.ErrDenied, said, viewOf(d.m))
	case strings.Contains(a.Text, "no matching view"):
		return fmt.Errorf("%w: it has no view %s; name one that it has with --view", member.ErrDenied, viewOf(d.m))
	}
	return fmt.Errorf("%s %s was refused (%s); the member's own log says more", doing, name, strings.Trim(said, ": "))
}
