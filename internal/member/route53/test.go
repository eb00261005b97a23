package route53

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Test implements member.Driver. It makes nothing: hosted zones cost money.
func (d *Driver) Test(ctx context.Context, _ zone.Name) []skein.Check {
	var t member.Findings
	if d.testKey(ctx, &t) && d.testLimit(ctx, &t) && d.testZones(ctx, &t) {
		d.testSet(ctx, &t)
	}
	return t.Checks
}

const rights = "route53:ListHostedZones, ListHostedZonesByName, GetHostedZoneCount, ListResourceRecordSets, GetChange, CreateHostedZone, UpdateHostedZoneComment, DeleteHostedZone and ChangeResourceRecordSets"

func (d *Driver) testKey(ctx context.Context, t *member.Findings) bool {
	zones, err := d.count(ctx)
	switch {
	case errors.Is(err, member.ErrDenied):
		return t.Bad("key", "one of these: the access key id (--username) or its secret (--token-file) is wrong, or was made inactive (IAM); its user has not the rights "+rights+
			"; the clock of this machine is wrong by more than five minutes; the partition needs another --set "+SettingRegion+"=REGION", "AWS does not let us in: %v", err)
	case err != nil:
		return t.Bad("key", "one of these: a firewall here drops HTTPS; no name server here resolves the name of the API; --endpoint is not where it is", "no answer comes from Route 53: %v", err)
	}
	return t.Good("key", "it takes our access key; the account has %d hosted zones", zones)
}

// testLimit looks how many zones the account may still have.
func (d *Driver) testLimit(ctx context.Context, t *member.Findings) bool {
	var out *route53.GetAccountLimitOutput
	err := d.call(ctx, "GetAccountLimit", "", func(ctx context.Context) (err error) {
		out, err = d.api.GetAccountLimit(ctx, &route53.GetAccountLimitInput{Type: types.AccountLimitTypeMaxHostedZonesByOwner})
		return err
	})
	if err != nil || out.Limit == nil {
		return t.Warn("limit", "allow route53:GetAccountLimit, or look in the console under Service Quotas", "it does not tell how many hosted zones the account may have")
	}
	if most := aws.ToInt64(out.Limit.Value); out.Count >= most {
		return t.Warn("limit", "ask AWS for more (Service Quotas, Route 53)", "the account has %d of the %d hosted zones that it may have: none can be made", out.Count, most)
	}
	return t.Good("limit", "the account has %d of the %d hosted zones that it may have", out.Count, aws.ToInt64(out.Limit.Value))
}

func (d *Driver) testZones(ctx context.Context, t *member.Findings) bool {
	d.account.doubt()
	if _, _, err := d.find(ctx, zone.Root); err != nil {
		return t.Bad("zones", "give the user of the key the rights "+rights, "its hosted zones cannot be listed: %v", err)
	}
	ours, twice := d.account.tally()
	if len(twice) > 0 {
		return t.Warn("zones", "delete the one that the parent zone does not delegate to", "there are several public hosted zones of one name: %s", strings.Join(twice, ", "))
	}
	return t.Good("zones", "%d of its hosted zones are Skein's", ours)
}

// someTwice are as many names as are told of.
const someTwice = 5

// tally counts the zones that are ours, and names some that are there twice.
func (a *account) tally() (ours int, twice []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, h := range a.zones {
		if h.ours {
			ours++
		}
		if h.twice && len(twice) < someTwice {
			twice = append(twice, fmt.Sprint(name))
		}
	}
	return ours, twice
}

// testSet looks whether new zones can be given the nameservers that they shall have.
func (d *Driver) testSet(ctx context.Context, t *member.Findings) {
	set := d.m.Settings[SettingDelegationSet]
	if set == "" {
		return
	}
	var out *route53.GetReusableDelegationSetOutput
	err := d.call(ctx, "GetReusableDelegationSet", set, func(ctx context.Context) (err error) {
		out, err = d.api.GetReusableDelegationSet(ctx, &route53.GetReusableDelegationSetInput{Id: aws.String(set)})
		return err
	})
	if err != nil || out.DelegationSet == nil {
		t.Bad("delegation-set", "give the id of one of the account's reusable delegation sets (aws route53 list-reusable-delegation-sets), and allow route53:GetReusableDelegationSet", "there is no delegation set %q: %v", set, err)
		return
	}
	t.Good("delegation-set", "new zones get the nameservers %s; those that are there keep theirs", strings.Join(out.DelegationSet.NameServers, ", "))
}
