package cli

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

func (a *app) login() *cobra.Command {
	var fingerprint, caFile string
	c := &cobra.Command{
		Use:   "login URL",
		Short: "Trust a node elsewhere, and remember the token for it",
		Long: "Fetches the certificate authority of a node, has you compare its fingerprint with the one that the node\n" +
			"prints when it starts, and trusts it from then on for this URL alone. The token is remembered beside it (mode 0600).",
		Example: examples(
			"skein login https://skein.example.net:8443 --token-file plesk-1.token",
			"skein login https://skein.example.net:8443 --token-file plesk-1.token --ca ca.pem",
			"skein login https://skein.example.net:8443 --token-file - --fingerprint SHA256:3f2a… < token"),
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			host, err := hostPort(args[0])
			if err != nil {
				return err
			}
			token, err := a.secret()
			if err != nil {
				return err
			}
			if token == "" {
				return usage("a token is needed: --token-file FILE (skein token create NAME --output FILE makes one)")
			}
			var ca *x509.Certificate
			if caFile != "" {
				ca, err = a.readCA(caFile)
			} else if ca, err = fetchCA(c.Context(), host); err == nil && ca != nil {
				err = a.trust(host, ca, fingerprint)
			}
			if err != nil {
				return err
			}
			return a.remember(c.Context(), args[0], host, token, ca)
		},
	}
	c.Flags().StringVar(&fingerprint, "fingerprint", "", "SHA-256 of the node's CA, as skein serve prints it; then nothing is asked")
	c.Flags().StringVar(&caFile, "ca", "", "the node's certificate authority, copied from its data directory (ca.pem); then nothing is asked")
	takes(c.Flags(), "fingerprint", "SHA256:HEX", "ca", "FILE")
	c.MarkFlagsMutuallyExclusive("fingerprint", "ca")
	return c
}

// readCA reads an authority's certificate in PEM.
func (a *app) readCA(path string) (*x509.Certificate, error) {
	text, err := a.readAll(path)
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode([]byte(text)); block != nil {
		if ca, err := x509.ParseCertificate(block.Bytes); err == nil && ca.IsCA {
			return ca, nil
		}
	}
	return nil, &skein.Error{Kind: skein.KindInvalid, What: path + " holds no certificate of an authority in PEM", Mend: "copy ca.pem from the node's data directory"}
}

// fetchCA returns the authority that a node shows, or nil where the system
// trusts its certificate anyway.
func fetchCA(ctx context.Context, host string) (*x509.Certificate, error) {
	dial := func(config *tls.Config) (net.Conn, error) {
		d := tls.Dialer{NetDialer: &net.Dialer{Timeout: 10 * time.Second}, Config: config}
		return d.DialContext(ctx, "tcp", host)
	}
	if conn, err := dial(&tls.Config{MinVersion: tls.VersionTLS12}); err == nil {
		return nil, conn.Close()
	}
	// Nothing is sent over this connection: it is only to see the certificate, which a person then compares.
	conn, err := dial(&tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true})
	if err != nil {
		return nil, &skein.Error{Kind: skein.KindUnavailable, What: "cannot reach " + host, Mend: "is skein serve running there, and the port open?", Cause: err}
	}
	defer conn.Close()
	chain := conn.(*tls.Conn).ConnectionState().PeerCertificates
	ca := chain[len(chain)-1]
	if !ca.IsCA {
		return nil, &skein.Error{Kind: skein.KindInvalid, What: host + " shows a certificate without its authority", Mend: "put the whole chain into the node's tls-cert file"}
	}
	return ca, nil
}

// trust compares the fingerprint with what was given, or asks.
func (a *app) trust(host string, ca *x509.Certificate, given string) error {
	sum := sha256.Sum256(ca.Raw)
	have := "SHA256:" + hex.EncodeToString(sum[:])
	if given != "" {
		if plainHex(given) != plainHex(have) {
			return &skein.Error{Kind: skein.KindForbidden, What: fmt.Sprintf("the CA of %s has the fingerprint %s, not the one given", host, have),
				Mend: "compare with what skein serve printed there; if it differs, somebody stands in between"}
		}
		return nil
	}
	a.note("%s has a CA of its own with the fingerprint\n  %s", host, have)
	if !terminal(a.in) {
		return usage("compare it with what skein serve printed there, and say --fingerprint %s", have)
	}
	fmt.Fprint(a.err, "Is that what skein serve printed there? [y/N] ")
	answer, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil || !strings.HasPrefix(strings.ToLower(strings.TrimSpace(answer)), "y") {
		return &exitError{exitRefused, fmt.Errorf("not trusted, nothing was stored")}
	}
	return nil
}

func plainHex(fingerprint string) string {
	_, after, ok := strings.Cut(fingerprint, "SHA256:")
	if !ok {
		after = fingerprint
	}
	return strings.ToLower(strings.ReplaceAll(after, ":", ""))
}

// remember stores CA and token once the node took the token.
func (a *app) remember(ctx context.Context, at, host, token string, ca *x509.Certificate) error {
	var pinned []byte
	if ca != nil {
		pinned = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})
	}
	cl, err := client.New(client.Config{URL: at, Token: token, CA: pinned})
	if err != nil {
		return err
	}
	defer cl.Close()
	status, err := cl.GetStatus(ctx)
	if err != nil {
		return err
	}
	dir, err := a.logins()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := writeFile(loginFile(dir, host, ".token"), []byte(token+"\n"), 0o600); err != nil {
		return err
	}
	if pinned != nil {
		if err := writeFile(loginFile(dir, host, ".pem"), pinned, 0o644); err != nil {
			return err
		}
	}
	return a.show(status.You, func() {
		a.say("logged in to %s as %s", at, status.You.Name)
		if a.env["SKEIN_URL"] != at {
			a.say("next: export SKEIN_URL=%s", at)
		}
	})
}
