package bind

import (
	"context"
	"fmt"
	"strings"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/namedconf"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

// add makes the member a secondary of a zone, or mends how it is one.
func (d *Driver) add(ctx context.Context, name zone.Name) error {
	if err := d.checkKey(ctx); err != nil {
		return err
	}
	a, err := d.about(ctx, "addzone", name, d.text.block(name))
	if err != nil || a.Result == 0 {
		return err
	}
	if a.Err != "already exists" {
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
	// The zone goes on being served while its configuration changes.
	a, err = d.about(ctx, "modzone", name, d.text.block(name))
	if err != nil || a.Result == 0 {
		return err
	}
	return d.refusal("changing", name, a)
}

// Take implements member.Taker. A zone of its named.conf stays: BIND would not
// start any more with one of that name that was added over rndc as well.
func (d *Driver) Take(ctx context.Context, name zone.Name) error {
	there, err := d.presence(ctx, name)
	if err != nil {
		return err
	}
	if !there.Present || there.Ours {
		return d.add(ctx, name)
	}
	if err := d.checkKey(ctx); err != nil {
		return err
	}
	a, err := d.about(ctx, "zonestatus", name)
	switch {
	case err != nil:
		return err
	case field(a.Text, "reconfigurable via modzone:") != "yes":
		return fmt.Errorf("%w: %s is in its named.conf; take it out there and run `rndc reconfig`: then Skein adds it", member.ErrForeign, name)
	}
	if a, err = d.about(ctx, "showzone", name); err != nil {
		return err
	}
	if a.Result != 0 {
		return fmt.Errorf("%w: %s is a member of a catalog zone, which goes on to rule it", member.ErrForeign, name)
	}
	command := "modzone"
	if !isSecondary(a.Text) { // of those modzone changes the configuration and not the zone
		if a, err = d.about(ctx, "delzone", name); err == nil && a.Result != 0 {
			err = d.refusal("taking over", name, a)
		}
		if err != nil {
			return err
		}
		command = "addzone"
	}
	if a, err = d.about(ctx, command, name, d.text.block(name)); err != nil || a.Result == 0 {
		return err
	}
	return d.refusal("taking over", name, a)
}

// isSecondary reads what showzone prints.
func isSecondary(shown string) bool {
	list, err := namedconf.Statements(shown)
	if err != nil || len(list) != 1 {
		return false
	}
	z, err := namedconf.ParseZone(list[0].Block)
	return err == nil && z.Type == "secondary"
}

func (d *Driver) delete(ctx context.Context, name zone.Name) error {
	there, err := d.presence(ctx, name)
	switch {
	case err != nil || !there.Present:
		return err
	case !there.Ours:
		return fmt.Errorf("%w: %s", member.ErrForeign, name)
	}
	a, err := d.about(ctx, "delzone -clean", name)
	if err != nil || a.Result == 0 || noSuchZone(a) {
		return err
	}
	return d.refusal("deleting", name, a)
}

func (d *Driver) retransfer(ctx context.Context, name zone.Name) error {
	a, err := d.about(ctx, "retransfer", name)
	switch {
	case err != nil || a.Result == 0:
		return err
	case noSuchZone(a):
		return d.add(ctx, name)
	}
	return d.refusal("transferring", name, a)
}

// presence asks what is there under a name.
func (d *Driver) presence(ctx context.Context, name zone.Name) (there member.Presence, err error) {
	if len(name) > maxNameText {
		return there, nil
	}
	a, err := d.about(ctx, "showzone", name)
	switch {
	case err != nil:
		return there, err
	case noSuchZone(a):
		return there, nil
	case noSuchView(a):
		return there, d.refusal("looking for", name, a)
	}
	there.Present = true
	if a.Result == 0 {
		there.Ours, there.Current = d.text.judge(a.Text, name)
		return there, nil
	}
	// It is there and cannot be shown: a member of a catalog zone, or one of
	// ours that is lost from where BIND keeps what was added (9.18, where it was
	// added while one of that name was still on its way out). modzone puts it back.
	a, err = d.about(ctx, "zonestatus", name)
	there.Ours = d.text.isOurs(field(a.Text, "files:"), name)
	return there, err
}

// about runs a command about one zone.
func (d *Driver) about(ctx context.Context, command string, name zone.Name, more ...string) (rndc.Answer, error) {
	line, err := d.text.on(command, name)
	if err != nil {
		return rndc.Answer{}, err
	}
	return d.call(ctx, strings.Join(append([]string{line}, more...), " "))
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
	known, sure := d.knows(a.Text)
	if a.Result == 0 && !known && (sure || d.signature(ctx) == badKey) {
		return fmt.Errorf("%w: it does not know the TSIG key %s; paste what `skein member config bind --name %s` prints into its named.conf and run `rndc reconfig` there",
			member.ErrDenied, d.m.TSIGKey, d.m.Name)
	}
	d.knowsKey = true
	return nil
}

// The judgements of Options.Signature.
const (
	goodKey   = "good"
	badKey    = "BADKEY"
	badSecret = "BADSIG"
	badTime   = "BADTIME"
)

// signature asks over DNS what the member makes of our TSIG key; "" if that
// cannot be found out.
func (d *Driver) signature(ctx context.Context) string {
	if d.opts.Signature == nil || d.tsig == "" {
		return ""
	}
	verdict, err := d.opts.Signature(ctx, d.m.DNS(), d.m.TSIGKey, d.m.Algorithm, d.tsig)
	if err != nil {
		return ""
	}
	return verdict
}

// knows looks for our key in what tsig-list prints. BIND 9.18 prints keys in
// the canonical order of their names and ends, without a word, at the first two
// that share what stands behind a dot: only where a later name is listed is it
// sure that a missing one is not there.
func (d *Driver) knows(list string) (known, sure bool) {
	ours, err := zone.ParseName(d.m.TSIGKey)
	if err != nil {
		return false, true
	}
	for _, k := range tsigKeys(list) {
		name, err := zone.ParseName(k.name)
		if err != nil || k.view != d.text.view {
			continue
		}
		if name.Equal(ours) {
			return true, true
		}
		sure = sure || name.Key() > ours.Key()
	}
	return false, sure
}

type tsigKey struct{ view, name string }

// tsigKeys reads lines such as view "_default"; type "static"; key "name";
func tsigKeys(text string) (keys []tsigKey) {
	for line := range strings.Lines(text) {
		list, err := namedconf.Statements(line)
		if err != nil {
			continue
		}
		var k tsigKey
		for _, s := range list {
			switch s.Word(0) {
			case "view":
				k.view = s.Word(1)
			case "key":
				k.name = s.Word(1)
			}
		}
		keys = append(keys, k)
	}
	return keys
}

// The texts are looked at and not the numbers, which differ between versions.
func noSuchZone(a rndc.Answer) bool { return a.Err == "not found" && !noSuchView(a) }

func noSuchView(a rndc.Answer) bool {
	return a.Err == "not found" && strings.Contains(a.Text, "no matching view")
}

func notAllowed(a rndc.Answer) bool {
	return a.Err == "permission denied" || strings.Contains(a.Text, "Not allowing new zones")
}

func noSuchACL(a rndc.Answer) bool { return strings.Contains(a.Text, members) }

// errNoACL: what the member has of its printed configuration is older than the ACL.
var errNoACL = fmt.Errorf("%w", member.ErrDenied)

// refusal makes an error of an answer.
func (d *Driver) refusal(doing string, name zone.Name, a rndc.Answer) error {
	said := strings.Trim(a.Err+": "+a.Text, ": ")
	switch {
	case notAllowed(a):
		return fmt.Errorf("%w: %s; put `allow-new-zones yes;` into its options statement, or into the view %s", member.ErrDenied, said, d.text.view)
	case noSuchACL(a):
		return fmt.Errorf("%w: it has no ACL %s, which says who may transfer from it as a primary; paste again what `skein member config bind --name %s` prints into its named.conf and run `rndc reconfig` there",
			errNoACL, members, d.m.Name)
	case noSuchView(a):
		return fmt.Errorf("%w: it has no view %s; name one that it has with --view", member.ErrDenied, d.text.view)
	}
	return fmt.Errorf("%s %s was refused (%s); the member's own log says more", doing, name, said)
}
