package cli

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
)

// memberFlags describe a member.
type memberFlags struct {
	body      skein.NewMember
	address   string
	rndc      string
	primaries []string
	rndcKey   string
	tsigKey   string
}

func (m *memberFlags) on(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&m.address, "address", "", "address that the member answers DNS at, as seen from here")
	f.Uint16Var(&m.body.Port, "port", 53, "its DNS port")
	f.Uint16Var(&m.body.RNDCPort, "rndc-port", 953, "its rndc port")
	f.StringVar(&m.rndc, "rndc-address", "", "address of its rndc channel (default: --address)")
	f.StringVar(&m.body.View, "view", "", "BIND view that the zones go into")
	f.StringArrayVar(&m.primaries, "primary-address", nil, "address, or ADDR:PORT, that the member reaches this node by (default: found out)")
	f.StringVar(&m.rndcKey, "rndc-key-file", "", "rndc key of the member, in the format of rndc.key (- is standard input)")
	f.StringVar(&m.tsigKey, "tsig-key-file", "", "key that signs its transfers, in the same format (default: made)")
	f.StringVar(&m.body.Algorithm, "algorithm", "", "of keys that are made (default: hmac-sha256)")
	takes(f, "address", "IP", "port", "PORT", "rndc-port", "PORT", "rndc-address", "IP", "view", "NAME", "primary-address", "IP",
		"rndc-key-file", "FILE", "tsig-key-file", "FILE", "algorithm", "NAME")
}

// member returns the description once the flags are read.
func (m *memberFlags) member(a *app, driver, name string) (skein.NewMember, error) {
	body := m.body
	body.Driver, body.Name = driver, name
	var err error
	if m.address == "" {
		return body, usage("say --address IP: where %s answers DNS", name)
	}
	if body.Address, err = netip.ParseAddr(m.address); err != nil {
		return body, usage("--address: %s", err)
	}
	if m.rndc != "" {
		if body.RNDCAddress, err = netip.ParseAddr(m.rndc); err != nil {
			return body, usage("--rndc-address: %s", err)
		}
	}
	for _, p := range m.primaries {
		primary, err := parsePrimary(p)
		if err != nil {
			return body, usage("--primary-address: %s", err)
		}
		body.Primaries = append(body.Primaries, primary)
	}
	var secrets skein.MemberSecrets
	if m.rndcKey != "" {
		if body.Algorithm, secrets.RNDC, err = a.readKey(m.rndcKey); err != nil {
			return body, err
		}
	}
	if m.tsigKey != "" {
		algorithm, secret, err := a.readKey(m.tsigKey)
		if err != nil {
			return body, err
		}
		if body.Algorithm != "" && body.Algorithm != algorithm {
			return body, usage("the keys are of two algorithms, %s and %s; a member has one for both", body.Algorithm, algorithm)
		}
		body.Algorithm, secrets.TSIG = algorithm, secret
	}
	if secrets != (skein.MemberSecrets{}) {
		body.Secrets = &secrets
	}
	return body, nil
}

// parsePrimary reads ADDR or ADDR:PORT; port 0 is the node's own.
func parsePrimary(s string) (skein.Primary, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return skein.Primary{Address: addr}, nil
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return skein.Primary{}, fmt.Errorf("%q is neither ADDR nor ADDR:PORT", s)
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return skein.Primary{}, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return skein.Primary{Address: addr, Port: uint16(n)}, err
}

// keyStatement is what named, rndc-confgen and tsig-keygen write:
// key "name" { algorithm hmac-sha256; secret "base64"; };
var keyStatement = regexp.MustCompile(`(?s)key\s+"?[^"\s{]+"?\s*\{(.*?)\}`)

// readKey reads the first key of a file. Errors never quote the file.
func (a *app) readKey(path string) (algorithm, secret string, err error) {
	if path != "-" {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
			a.note("warning: %s can be read by others (mode %04o); chmod 600 it", path, info.Mode().Perm())
		}
	}
	text, err := a.readAll(path)
	if err != nil {
		return "", "", err
	}
	if body := keyStatement.FindStringSubmatch(text); body != nil {
		for _, statement := range strings.Split(body[1], ";") {
			switch f := strings.Fields(statement); {
			case len(f) == 2 && f[0] == "algorithm":
				algorithm = strings.ToLower(strings.Trim(f[1], `"`))
			case len(f) == 2 && f[0] == "secret":
				secret = strings.Trim(f[1], `"`)
			}
		}
	}
	if algorithm == "" || secret == "" {
		return "", "", &skein.Error{Kind: skein.KindInvalid, What: path + " holds no key", Mend: `it should say: key "name" { algorithm hmac-sha256; secret "…"; };`}
	}
	return algorithm, secret, nil
}

func (a *app) memberConfig() *cobra.Command {
	var flags memberFlags
	var name, file string
	var style skein.ConfigStyle
	c := &cobra.Command{
		Use:   "config DRIVER",
		Short: "Make a pending member, and print the configuration to paste on it",
		Long: "Makes the keys of a new member, stores it as pending, and prints the block to paste into its configuration.\n" +
			"The block holds secrets: --output writes it to a file at mode 0600. For a member that exists it is printed again.",
		Example: examples(
			"skein member config bind --name ns2.example.net --address 192.0.2.53 --output ns2.conf",
			"skein member config bind --name ns2.example.net --merge    # again, for a named.conf with options"),
		Args: oneDriver,
		RunE: func(c *cobra.Command, args []string) error {
			if name == "" {
				return usage("say --name NAME: how the member is to be called, such as its host name")
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			var result skein.MemberResult
			if flags.address == "" {
				result, err = cl.GetMemberConfig(c.Context(), name, style)
				if skein.KindOf(err) == skein.KindNotFound {
					return usage("there is no member %s yet; to make it, say --address IP", name)
				}
			} else {
				var body skein.NewMember
				if body, err = flags.member(a, args[0], name); err != nil {
					return err
				}
				body.Style = style
				result, err = cl.ConfigureMember(c.Context(), body)
			}
			if err != nil {
				return err
			}
			if file != "" {
				if err := writeFile(file, []byte(result.Config), 0o600); err != nil {
					return err
				}
				result.Config = ""
				return a.show(result, func() {
					a.say("%s is %s; put %s on it, then: skein member test %s", name, result.Member.State, file, name)
				})
			}
			if a.format != "json" {
				a.note("%s is %s; paste the block on it, then: skein member test %s", name, result.Member.State, name)
			}
			return a.show(result, func() { fmt.Fprint(a.out, result.Config) })
		},
	}
	flags.on(c)
	f := c.Flags()
	f.StringVar(&name, "name", "", "name of the member")
	f.StringVar(&style.Directory, "directory", "", "its working directory, which it may write to (default: /var/cache/bind)")
	f.BoolVar(&style.Merge, "merge", false, "it has an options statement already: print the lines for that one apart")
	f.StringVar(&file, "output", "", "write the block to this file, mode 0600, instead of printing it")
	takes(f, "name", "NAME", "directory", "DIR", "output", "FILE")
	return c
}

func (a *app) memberAdd() *cobra.Command {
	var flags memberFlags
	c := &cobra.Command{
		Use:   "add DRIVER NAME",
		Short: "Test a server that has its keys, and bring it in",
		Long: "Tests a server, and if it passes brings it in: every zone is pushed to it. Its rndc key comes from a file;\n" +
			"its transfer key must be known to it as well (skein member config prints it).",
		Example: examples("skein member add bind ns2.example.net --address 192.0.2.53 --rndc-key-file rndc.key"),
		Args:    twoDriver,
		RunE: func(c *cobra.Command, args []string) error {
			body, err := flags.member(a, args[0], args[1])
			if err != nil {
				return err
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			result, err := cl.AddMember(c.Context(), body)
			if err != nil {
				return err
			}
			return a.showTest(c.Context(), cl, result)
		},
	}
	flags.on(c)
	c.Flags().BoolVar(&flags.body.Pending, "pending", false, "store it without a test")
	return c
}

func oneDriver(c *cobra.Command, args []string) error { return drivers(c, args, 1) }
func twoDriver(c *cobra.Command, args []string) error { return drivers(c, args, 2) }

func drivers(c *cobra.Command, args []string, n int) error {
	if err := cobra.ExactArgs(n)(c, args); err != nil {
		return err
	}
	if args[0] != "bind" {
		return fmt.Errorf("the driver %q is unknown; there is: bind", args[0])
	}
	return nil
}
