package control

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// A member that is a primary is transferred from by the others of its pools,
// after this node: then the death of one source expires nothing. Which members
// those are is worked out from all that there are, and stored nowhere; so is
// the key of each pair.

const (
	// maxOthers bounds the members that one transfers from: a server that looks
	// for a source asks them one after the other.
	maxOthers = 3

	pairKeyPrefix = "skein-pair-"
)

// supplied returns a member with the members that it transfers from.
func (c *Control) supplied(m skein.Member, rows []store.MemberRow) skein.Member {
	m.Others = nil
	for _, row := range rows { // by name
		if p := row.Member; len(m.Others) < maxOthers && c.supplies(p, m) {
			m.Others = append(m.Others, skein.MemberPrimary{Member: p.Name, Address: p.Address, Port: p.Port, Key: c.pairKey(m, p)})
		}
	}
	return m
}

// supplies reports whether a member is to transfer from another, which has all
// zones that it is to have. What a disabled member serves stays transferable.
func (c *Control) supplies(p, m skein.Member) bool {
	if !p.Primary || p.Name == m.Name || !p.Address.IsValid() || p.State == skein.MemberPending || p.State == skein.MemberObserved {
		return false
	}
	needs := c.needs(m.Driver)
	if !needs.Transfer || needs.Others != nil && !needs.Others(m) || !m.Address.IsValid() || p.Address.Is4() != m.Address.Is4() {
		return false
	}
	has := writtenPools(p)
	return !slices.ContainsFunc(writtenPools(m), func(pool string) bool { return !slices.Contains(has, pool) })
}

// writtenPools are the pools whose zones a member is given.
func writtenPools(m skein.Member) (pools []string) {
	if writes(m.Role) {
		pools = append(pools, m.Pool)
	}
	for _, s := range m.Shares {
		if writes(s.Role) {
			pools = append(pools, s.Pool)
		}
	}
	return pools
}

// pairKey names the key that a member transfers from another with. Each pair
// has its own, and another one once either was made anew under its name. Where
// a server has one key for all its sources it is that one.
func (c *Control) pairKey(m, p skein.Member) string {
	if c.needs(m.Driver).OneKey {
		return m.TSIGKey
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s\x00%d", m.Name, m.Created.UnixNano(), p.Name, p.Created.UnixNano()))
	return pairKeyPrefix + hex.EncodeToString(sum[:16])
}

// PairKey returns the key of a pair, by its name. Its secret follows from the
// secret of the member's own key, and tells nothing of that (RFC 5869).
func PairKey(m skein.Member, s skein.MemberSecrets, name string) skein.TransferKey {
	k := skein.TransferKey{Name: name, Algorithm: m.Algorithm, Secret: s.TSIG}
	if name == m.TSIGKey {
		return k
	}
	own, err := base64.StdEncoding.DecodeString(s.TSIG)
	if err == nil {
		own, err = hkdf.Key(sha256.New, own, nil, "skein transfer key "+name, max(keySize(m.Algorithm), minKey))
	}
	if err != nil {
		return skein.TransferKey{Name: name, Algorithm: m.Algorithm} // whose key is checked: it cannot be
	}
	k.Secret = base64.StdEncoding.EncodeToString(own)
	return k
}

// pairKeys are the keys that a member has besides its own: of those that it
// transfers from, and, as a primary, of those that transfer from it.
func (c *Control) pairKeys(m skein.Member, s skein.MemberSecrets, rows []store.MemberRow) (keys PairKeys, err error) {
	for _, other := range c.supplied(m, rows).Others {
		if other.Key != m.TSIGKey {
			keys.From = append(keys.From, PairKey(m, s, other.Key))
		}
	}
	if !m.Primary {
		return keys, nil
	}
	if m.State == skein.MemberPending || m.State == skein.MemberObserved { // as it will be
		m.State = skein.MemberEnabled
	}
	rows = withMember(rows, store.MemberRow{Member: m})
	for _, row := range rows {
		for _, from := range c.supplied(row.Member, rows).Others {
			if from.Member != m.Name {
				continue
			}
			secrets, err := c.open(row)
			if err != nil {
				return keys, err
			}
			keys.To = append(keys.To, PairKey(row.Member, secrets, from.Key))
		}
	}
	return keys, nil
}

// PairKeys are keys of transfers between a member and others.
type PairKeys struct {
	From []skein.TransferKey // that it fetches zones with
	To   []skein.TransferKey // that others fetch zones from it with
}

// withMember returns the members with one of them changed, or one more.
func withMember(rows []store.MemberRow, row store.MemberRow) []store.MemberRow {
	after := withoutMember(rows, row.Member.Name)
	at, _ := slices.BinarySearchFunc(after, row.Member.Name, func(r store.MemberRow, name string) int { return strings.Compare(r.Member.Name, name) })
	return slices.Insert(after, at, row)
}

func withoutMember(rows []store.MemberRow, name string) []store.MemberRow {
	return slices.DeleteFunc(slices.Clone(rows), func(r store.MemberRow) bool { return r.Member.Name == name })
}

// resupply tells the cluster of the others whose sources have changed with the
// change of one member. c.members is held. One that cannot be told goes on
// without.
func (c *Control) resupply(ctx context.Context, changed string, before, after []store.MemberRow) {
	for _, row := range after {
		m := c.supplied(row.Member, after)
		if m.Name == changed || slices.Equal(c.supplied(row.Member, before).Others, m.Others) {
			continue
		}
		secrets, err := c.open(row)
		if err == nil {
			err = c.Cluster.SetMember(m, secrets)
		}
		if err != nil {
			c.Log.Error("a member does not know of another source of transfers", "member", m.Name, "err", err)
		}
	}
}
