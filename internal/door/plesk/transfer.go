package plesk

import (
	"context"
	"encoding/json"
	"net/netip"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// In mode transfer the push says only which zones there are. Contents come by
// zone transfer from Plesk's own nameserver, with its serial and its
// signatures: Plesk's copy and Skein's are the same then.

// dnsPort is where Plesk's nameserver answers.
const dnsPort = 53

// setup finds out how the actor's source works. A token may be older than the
// sources are: then there is none, and contents come with the push. One that is
// paused, or speaks from elsewhere, is no matter of single tasks: the push is
// to come again.
func (p *push) setup(ctx context.Context) error {
	if err := p.control.Admit(ctx, p.actor); err != nil {
		return err
	}
	s, err := p.control.Source(ctx, p.actor, p.actor.Source)
	switch {
	case skein.KindOf(err) == skein.KindNotFound:
		p.mode = skein.ModePush
		return nil
	case err != nil:
		return err
	}
	p.mode = skein.ModePush
	if s.Mode == skein.ModeTransfer {
		p.mode = skein.ModeTransfer
		p.primaries = s.Transfer
	}
	return nil
}

// primary is what a zone of the source is asked for with: nothing where the
// source names its primaries, else where the hook speaks from.
func (p *push) primary() ([]skein.TransferPrimary, error) {
	if p.primaries != nil && len(p.primaries.Primaries) > 0 {
		return nil, nil
	}
	at, err := p.nameserver()
	if err != nil {
		return nil, err
	}
	return []skein.TransferPrimary{{Address: at}}, nil
}

// nameserver is where Plesk's own nameserver answers.
func (p *push) nameserver() (netip.AddrPort, error) {
	if p.primaries != nil && len(p.primaries.Primaries) > 0 {
		return p.primaries.Primaries[0].Address, nil
	}
	if !p.actor.Addr.IsValid() {
		return netip.AddrPort{}, &skein.Error{Kind: skein.KindConflict, What: "it is not known where Plesk's nameserver is", Mend: "name it: skein source edit " + p.actor.Source + " --primary ADDRESS"}
	}
	return netip.AddrPortFrom(p.actor.Addr.Unmap(), dnsPort), nil
}

// transferZone asks for a zone to be transferred, or to be looked at anew.
func (p *push) transferZone(ctx context.Context, raw json.RawMessage, r *skein.TaskResult) error {
	_, origin, err := parseZone(raw, r)
	if err != nil {
		return err
	}
	from, err := p.primary()
	if err != nil {
		return err
	}
	created, err := p.control.AddTransferZone(ctx, p.actor, skein.TransferZone{Name: origin, Primaries: from})
	if err != nil {
		return err
	}
	r.Outcome = applied
	switch where := p.whence(from); {
	case created:
		r.Text = "it is transferred from " + where
	case p.theirs.Refresh != nil && p.theirs.Refresh(origin, p.actor.Source):
		r.Text = "its serial is asked for at " + where
	default:
		r.Text = "its serial is asked for at " + where + " when it is due"
	}
	return nil
}

// whence names the primaries for people.
func (p *push) whence(own []skein.TransferPrimary) string {
	if own == nil {
		own = p.primaries.Primaries
	}
	var all []string
	for _, at := range own {
		all = append(all, at.Address.String())
	}
	return strings.Join(all, ", ")
}

// dropTransfer ends the transfer of a zone: that its source lists it no more
// deletes it. Not done is what never was transferred, but came with a push.
func (p *push) dropTransfer(ctx context.Context, origin zone.Name, r *skein.TaskResult) (done bool, err error) {
	err = p.control.DeleteTransferZone(ctx, p.actor, origin)
	if skein.KindOf(err) == skein.KindNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.Outcome = applied
	return true, nil
}
