package daemon

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// Started is what an operator needs of a node that just started.
type Started struct {
	Version     string           `json:"version"`
	Data        string           `json:"data"`
	Key         string           `json:"key"` // where the key of its secrets is
	DNS         []netip.AddrPort `json:"dns"`
	TLS         []netip.AddrPort `json:"tls,omitempty"` // DNS over TLS
	API         string           `json:"api"`
	RNDC        []netip.AddrPort `json:"rndc,omitempty"`
	WHM         []netip.AddrPort `json:"whm,omitempty"`
	CPanel      []netip.AddrPort `json:"cpanel,omitempty"`
	WHMName     string           `json:"whm_name,omitempty"` // as cPanel servers are to call it
	CA          string           `json:"ca,omitempty"`       // file of the API's certificate authority, if it is the node's own
	Fingerprint string           `json:"fingerprint"`        // of that authority
	Claim       string           `json:"claim,omitempty"`    // link that makes the first administrator's token, once
}

func (n *node) started(ctx context.Context) Started {
	s := Started{Version: Version, Data: n.Data, Key: n.keyFrom, DNS: n.server.Addrs(), TLS: n.server.TLSAddrs(), API: "https://" + n.publicAddr(), RNDC: n.RNDC, Fingerprint: n.fingerprint()}
	if n.authority != nil {
		s.CA = CAFile(n.Data)
	}
	s.CPanel = n.CPanel
	if s.WHM = n.WHM; len(n.WHM) > 0 {
		s.WHMName = n.whmName()
	}
	if code, ok := n.control.ClaimCode(ctx); ok {
		s.Claim = s.API + "/claim#" + code
	}
	return s
}

// publicAddr is the API's HOST:PORT for links: the configured name, the
// address that it listens on, or this machine's name where that is all of them.
func (n *node) publicAddr() string {
	at, err := netip.ParseAddrPort(n.apiAt.Addr().String())
	if err != nil {
		return n.apiAt.Addr().String()
	}
	host := at.Addr().String()
	switch {
	case len(n.Hostnames) > 0:
		host = n.Hostnames[0]
	case at.Addr().IsUnspecified():
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	return net.JoinHostPort(host, fmt.Sprint(at.Port()))
}

// certificateHosts is every name and address that a client may use for the API.
func (n *node) certificateHosts() []string {
	hosts := append(slices.Clone(n.Hostnames), "localhost", "127.0.0.1", "::1")
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, name)
	}
	for _, at := range slices.Concat(n.server.TLSAddrs(), n.WHM, n.CPanel) {
		if !at.Addr().IsUnspecified() {
			hosts = append(hosts, at.Addr().String())
		}
	}
	at, err := netip.ParseAddrPort(n.apiAt.Addr().String())
	if err == nil && !at.Addr().IsUnspecified() {
		hosts = append(hosts, at.Addr().Unmap().String())
	}
	if addrs, err := net.InterfaceAddrs(); err == nil && at.Addr().IsUnspecified() {
		for _, a := range addrs {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil && !prefix.Addr().IsLinkLocalUnicast() {
				hosts = append(hosts, prefix.Addr().String())
			}
		}
	}
	hosts = slices.DeleteFunc(hosts, func(h string) bool { return strings.ContainsAny(h, " /") })
	slices.Sort(hosts)
	return slices.Compact(hosts)
}
