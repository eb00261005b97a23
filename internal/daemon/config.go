package daemon

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/skein-dns/skein/zone"
)

// Config is everything that a node can be told. DefaultConfig is a good start;
// Options says for each key what it means.
type Config struct {
	Data    string
	DNS     []netip.AddrPort
	API     string
	RNDC    []netip.AddrPort
	KeyFile string // "" is <Data>.key
	TLSCert string
	TLSKey  string
	TLS     []netip.AddrPort

	WHM     []netip.AddrPort
	CPanel  []netip.AddrPort
	WHMCert string // "" is that of the API
	WHMKey  string

	AllowTransfer    []string // peers that are no members, see transferAccess
	TSIGKeys         string   // file of their keys
	Notify           []string // see notifyTargets
	Catalog          zone.Name
	CookieSecretFile string

	Hostnames            []string
	PrimaryAddress       []netip.Addr
	Keep                 time.Duration
	Resolvers            []netip.AddrPort // asked what the parents of zones say; nil: the system's
	Roots                []netip.AddrPort // of the DNS, that traces begin at; nil: the Internet's
	Audit, AuditContents time.Duration    // rounds over all zones of a member; the loop's own if zero
	Notices              string           // file of where they go; "" nowhere
	LogLevel             slog.Level
}

// DefaultData is where a node keeps what it knows unless told otherwise.
const DefaultData = "/var/lib/skein"

// DefaultConfig returns what holds where nothing else is said.
func DefaultConfig() Config {
	return Config{
		Data: DefaultData,
		DNS:  everywhere(53),
		API:  "[::]:8443",
		Keep: 30 * 24 * time.Hour,
	}
}

// Socket is the unix socket that the command line of a data directory uses.
func Socket(data string) string { return filepath.Join(data, "skein.sock") }

// CAFile is the certificate of a node's own authority, for clients to pin.
func CAFile(data string) string { return filepath.Join(data, "ca.pem") }

// PleskSpool is where the hook on the node's own machine keeps pushes.
func PleskSpool(data string) string { return filepath.Join(data, "spool", "plesk") }

// keyFile lies outside the data directory, so that no backup of that holds both.
func (c Config) keyFile() string {
	if c.KeyFile != "" {
		return c.KeyFile
	}
	return filepath.Clean(c.Data) + ".key"
}

// Option is one key: `Key: value` in the file, --Key on the command line,
// SKEIN_KEY in the environment.
type Option struct {
	Key     string
	Help    string
	Meaning string // one word for the value: DIR, ADDR:PORT
	Default string // for people
	Many    bool   // takes a list
	set     func(c *Config, values []string) error
}

// Options is the one table of all keys; flags, environment, file and reference are made of it.
func Options() []Option {
	return []Option{
		{Key: "data", Meaning: "DIR", Default: DefaultData, Help: "directory of everything that this node keeps",
			set: func(c *Config, v []string) error { return text(&c.Data, v) }},
		{Key: "dns", Meaning: "ADDR:PORT", Default: "0.0.0.0:53, [::]:53", Many: true, Help: "where the embedded nameserver answers, UDP and TCP",
			set: func(c *Config, v []string) (err error) { c.DNS, err = parseDNS(v); return err }},
		{Key: "api", Meaning: "ADDR:PORT", Default: "[::]:8443", Help: "where the REST API listens, TLS always",
			set: func(c *Config, v []string) error { return parseAPI(c, v) }},
		{Key: "rndc", Meaning: "ADDR:PORT", Many: true, Help: "where sources of the door rndc drive this node as if it were a BIND; the usual port is 953",
			set: func(c *Config, v []string) (err error) { c.RNDC, err = parseDNS(v); return err }},
		{Key: "whm", Meaning: "ADDR:PORT", Many: true, Help: "where cPanel servers call this node as a cPanel DNSONLY member of their cluster, TLS always; they know no other port than 2087",
			set: func(c *Config, v []string) (err error) { c.WHM, err = parseDNS(v); return err }},
		{Key: "cpanel", Meaning: "ADDR:PORT", Many: true, Help: "where clients of cPanel accounts, such as those that get certificates, edit zones by UAPI and API 2, TLS always; they expect port 2083",
			set: func(c *Config, v []string) (err error) { c.CPanel, err = parseDNS(v); return err }},
		{Key: "whm-certificate", Meaning: "FILE", Help: "certificate chain of the addresses of whm and cpanel in PEM; SIGHUP reads it again (default: that of the API)",
			set: func(c *Config, v []string) error { return text(&c.WHMCert, v) }},
		{Key: "whm-key", Meaning: "FILE", Help: "private key of whm-certificate in PEM",
			set: func(c *Config, v []string) error { return text(&c.WHMKey, v) }},
		{Key: "key-file", Meaning: "FILE", Help: "key that secrets are encrypted with (default: the data directory's name with .key; systemd credential skein.key)",
			set: func(c *Config, v []string) error { return text(&c.KeyFile, v) }},
		{Key: "tls", Meaning: "ADDR:PORT", Many: true, Help: "where the embedded nameserver answers over TLS (RFC 7858, RFC 9103); the usual port is 853",
			set: func(c *Config, v []string) (err error) { c.TLS, err = parseDNS(v); return err }},
		{Key: "tls-cert", Meaning: "FILE", Help: "certificate chain of API and DNS over TLS in PEM; SIGHUP reads it again (default: from an own CA made at the first start)",
			set: func(c *Config, v []string) error { return text(&c.TLSCert, v) }},
		{Key: "tls-key", Meaning: "FILE", Help: "private key of tls-cert in PEM",
			set: func(c *Config, v []string) error { return text(&c.TLSKey, v) }},
		{Key: "hostname", Meaning: "NAME", Many: true, Help: "name or address that the API is reached by; in its certificate and in links",
			set: func(c *Config, v []string) error { c.Hostnames = v; return nil }},
		{Key: "allow-transfer", Meaning: "NET", Many: true, Help: "addresses, networks and key:NAME of tsig-key that may transfer every zone beside the members; tls: before it allows it over TLS alone",
			set: func(c *Config, v []string) error { c.AllowTransfer = v; return nil }},
		{Key: "tsig-key", Meaning: "FILE", Help: "keys of such peers, one a line: name algorithm base64; whoever has one may transfer zones",
			set: func(c *Config, v []string) error { return text(&c.TSIGKeys, v) }},
		{Key: "notify", Meaning: "ADDR", Many: true, Help: "ADDR[:PORT] of such peers to tell of every change, and /key:NAME behind it to sign",
			set: func(c *Config, v []string) error { c.Notify = v; return nil }},
		{Key: "catalog", Meaning: "NAME", Help: "name of a catalog zone (RFC 9432) that lists all zones",
			set: func(c *Config, v []string) error {
				return one(v, func(s string) (err error) { c.Catalog, err = zone.ParseName(s); return err })
			}},
		{Key: "cookie-secret-file", Meaning: "FILE", Help: "secrets of DNS cookies that servers share, 32 hexadecimal digits a line; the first makes, all verify (default: an own one, renewed every day)",
			set: func(c *Config, v []string) error { return text(&c.CookieSecretFile, v) }},
		{Key: "primary-address", Meaning: "ADDR", Many: true, Help: "address that members reach the nameserver by (default: found out per member)",
			set: func(c *Config, v []string) (err error) { c.PrimaryAddress, err = each(v, netip.ParseAddr); return err }},
		{Key: "keep", Meaning: "DURATION", Default: "720h", Help: "how long replaced and deleted contents and the audit log are kept, such as 720h",
			set: func(c *Config, v []string) error { return parseKeep(c, v) }},
		{Key: "audit", Meaning: "DURATION", Default: "10m", Help: "how long one look at the serials of all zones on a member takes",
			set: func(c *Config, v []string) error { return parseRound(&c.Audit, v) }},
		{Key: "audit-contents", Meaning: "DURATION", Default: "24h", Help: "how long one comparison of all contents on a member takes, if that is not more than half of its time",
			set: func(c *Config, v []string) error { return parseRound(&c.AuditContents, v) }},
		{Key: "resolver", Meaning: "ADDR:PORT", Many: true, Default: "the system's", Help: "resolver that is asked whether the parent of a new zone has a DS for it; none asks nobody",
			set: func(c *Config, v []string) (err error) { c.Resolvers, err = parseResolvers(v); return err }},
		{Key: "root-server", Meaning: "ADDR:PORT", Many: true, Default: "the Internet's", Help: "root server that a trace of a zone's delegation begins at, where the DNS is one's own; servers below are asked at the same port as the first",
			set: func(c *Config, v []string) (err error) { c.Roots, err = parseServers(v); return err }},
		{Key: "notices", Meaning: "FILE", Help: "file that says where notices go: mail, webhooks, chat (default: nowhere)",
			set: func(c *Config, v []string) error { return text(&c.Notices, v) }},
		{Key: "log-level", Meaning: "LEVEL", Default: "info", Help: "debug, info, warn or error",
			set: func(c *Config, v []string) error {
				return one(v, func(s string) error { return c.LogLevel.UnmarshalText([]byte(s)) })
			}},
	}
}

// Set takes the values of one option over.
func (o Option) Set(c *Config, values []string) error {
	if err := o.set(c, values); err != nil {
		return fmt.Errorf("%s: %w", o.Key, err)
	}
	return nil
}

func one(values []string, take func(string) error) error {
	if len(values) != 1 {
		return fmt.Errorf("wants one value, not %d", len(values))
	}
	return take(values[0])
}

func text(to *string, values []string) error {
	return one(values, func(s string) error { *to = s; return nil })
}

func each[T any](values []string, parse func(string) (T, error)) (all []T, err error) {
	for _, v := range values {
		x, err := parse(v)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

// everywhere is all addresses of the machine, a socket for each IP version
// that it has.
func everywhere(port uint16) []netip.AddrPort {
	all := []netip.AddrPort{netip.AddrPortFrom(netip.IPv4Unspecified(), port)}
	if _, err := os.Stat("/proc/net/if_inet6"); err == nil {
		all = append(all, netip.AddrPortFrom(netip.IPv6Unspecified(), port))
	}
	return all
}

// parseDNS reads where a nameserver answers. [::] is all addresses of IPv6
// alone; :PORT is those of both versions.
func parseDNS(values []string) (all []netip.AddrPort, err error) {
	for _, v := range values {
		at, err := parseListen(v)
		switch {
		case err != nil:
			return nil, err
		case strings.HasPrefix(v, ":"):
			all = append(all, everywhere(at.Port())...)
		default:
			all = append(all, at)
		}
	}
	return all, nil
}

// parseResolvers reads addresses with or without a port; none alone is an
// empty list that is not nil.
func parseResolvers(values []string) ([]netip.AddrPort, error) {
	if len(values) == 1 && values[0] == "none" {
		return []netip.AddrPort{}, nil
	}
	return parseServers(values)
}

// parseServers reads addresses of DNS servers with or without a port.
func parseServers(values []string) (all []netip.AddrPort, err error) {
	for _, v := range values {
		at, err := netip.ParseAddrPort(v)
		if addr, only := netip.ParseAddr(v); only == nil {
			at, err = netip.AddrPortFrom(addr, 53), nil
		}
		if err != nil {
			return nil, fmt.Errorf("%q is no ADDR or ADDR:PORT, such as 192.0.2.1:53", v)
		}
		all = append(all, at)
	}
	return all, nil
}

// parseListen reads ADDR:PORT; without ADDR all addresses of the machine are meant.
func parseListen(s string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q is not ADDR:PORT, such as 192.0.2.1:53 or [::]:53", s)
	}
	addr := netip.IPv6Unspecified()
	if host != "" {
		if addr, err = netip.ParseAddr(host); err != nil {
			return netip.AddrPort{}, fmt.Errorf("%q does not begin with an address, such as 192.0.2.1 or [2001:db8::1]", s)
		}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q does not end with a port from 0 to 65535", s)
	}
	return netip.AddrPortFrom(addr, uint16(n)), nil
}

func parseAPI(c *Config, values []string) error {
	return one(values, func(s string) error {
		at, err := parseListen(s)
		c.API = at.String()
		return err
	})
}

func parseRound(to *time.Duration, values []string) error {
	return one(values, func(s string) error {
		d, err := time.ParseDuration(s)
		if err == nil && d < time.Second {
			err = fmt.Errorf("%q is less than a second", s)
		}
		*to = d
		return err
	})
}

func parseKeep(c *Config, values []string) error {
	return one(values, func(s string) error {
		d, err := time.ParseDuration(s)
		if err == nil && d < time.Hour {
			err = fmt.Errorf("%q is less than an hour", s)
		}
		c.Keep = d
		return err
	})
}
