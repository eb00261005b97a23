package control

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// EditCluster changes settings. What is nil stays.
func (c *Control) EditCluster(ctx context.Context, actor skein.Actor, in skein.EditCluster, expect *int) (row skein.ClusterSettings, err error) {
	change := c.aside(actor, clusterEdit, "")
	defer func() { err = c.recordedChange(ctx, change, err) }()
	if err := c.administer(ctx, actor); err != nil {
		return row, err
	}
	c.clustering.change.Lock()
	defer c.clustering.change.Unlock()
	before := c.settings()
	if err := expectedVersion("the settings of the cluster", before.Version, expect); err != nil {
		return row, err
	}
	row, err = editedSettings(before, in)
	if err != nil {
		return before, err
	}
	if change.Diff = changed(before, row); len(change.Diff) == 0 {
		return before, errSame
	}
	row.Version++
	kept, err := c.keepSettings(ctx, row)
	if !kept {
		return before, err
	}
	c.setSettings(row)
	c.tellThreshold(row)
	return row, err
}

// editedSettings returns settings with what is to be different.
func editedSettings(row skein.ClusterSettings, in skein.EditCluster) (skein.ClusterSettings, error) {
	if in.Threshold != nil {
		if *in.Threshold < 1 || *in.Threshold > maxThreshold {
			return row, invalid(fmt.Sprintf("a threshold of %d failures is none: it is from 1 to %d", *in.Threshold, maxThreshold),
				"to keep every member online whatever fails, set keep online: skein cluster settings --keep-online")
		}
		row.Threshold, row.KeepOnline = *in.Threshold, false
	}
	set(&row.KeepOnline, in.KeepOnline)
	set(&row.FailureNotices, in.FailureNotices)
	for _, choice := range [...]struct {
		what    string
		set     *string
		to      *string
		choices []string
	}{
		{"the way that members are enabled again", &row.Reenable, in.Reenable, []string{skein.ReenableAutomatic, skein.ReenableManual}},
		{"the rule for conflicts", &row.Conflicts, in.Conflicts, []string{skein.ConflictsPerson, skein.ConflictsHighest}},
		{"the rule for remote domains", &row.Remote, in.Remote, []string{skein.RemoteAllowed, skein.RemoteTrusted}},
	} {
		if choice.to == nil {
			continue
		}
		if !slices.Contains(choice.choices, *choice.to) {
			return row, invalid(fmt.Sprintf("%s cannot be %.100q", choice.what, *choice.to), "choose "+strings.Join(choice.choices, " or "))
		}
		*choice.set = *choice.to
	}
	set(&row.ServiceDomains, in.ServiceDomains)
	set(&row.Autodiscover, in.Autodiscover)
	set(&row.AutodiscoverHost, in.AutodiscoverHost)
	if row.AutodiscoverHost != "" {
		host, err := zone.ParseName(string(row.AutodiscoverHost))
		if err != nil || host == zone.Root {
			return row, invalid(fmt.Sprintf("%.300q is no name of a host", row.AutodiscoverHost), "name the host that answers Autodiscover, or none")
		}
		row.AutodiscoverHost = host
	}
	if in.Trusted == nil {
		return row, nil
	}
	var err error
	row.Trusted, err = trustedNetworks(*in.Trusted)
	return row, err
}

// trustedNetworks puts networks in order, each once.
func trustedNetworks(given []netip.Prefix) ([]netip.Prefix, error) {
	if len(given) > maxTrusted {
		return nil, invalid(fmt.Sprintf("%d trusted networks are more than %d", len(given), maxTrusted), "name larger ones")
	}
	all := make([]netip.Prefix, 0, len(given))
	for _, p := range given {
		if p.IsValid() && p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		if !p.IsValid() || p.Bits() == 0 {
			return nil, invalid(fmt.Sprintf("the network %s cannot be trusted: it is none, or everything", p),
				"name networks, as 192.0.2.0/24; to let every domain in, set remote domains to "+skein.RemoteAllowed)
		}
		all = append(all, p.Masked())
	}
	slices.SortFunc(all, func(a, b netip.Prefix) int {
		if by := a.Addr().Compare(b.Addr()); by != 0 {
			return by
		}
		return a.Bits() - b.Bits()
	})
	return slices.Compact(all), nil
}
