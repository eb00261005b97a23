package cli

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
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
	var who identity
	c := &cobra.Command{
		Use:   "login [URL]",
		Short: "Sign in to a node elsewhere, and trust it from then on",
		Long: "Fetches the certificate authority of a node, has you compare its fingerprint with the one that the node\n" +
			"prints when it starts, and trusts it from then on for this URL alone. With --user it begins a session: the password\n" +
			"is asked for, and the one-time code where one is needed; where there is no terminal they are read from standard\n" +
			"input, a line each. With --link-file it redeems the one-time link that the node prints when it starts, and has a\n" +
			"token of the administrator from then on. The session, or the token, is remembered beside the certificate (mode 0600).",
		Example: examples(
			"skein login https://skein.example.net:8443 --user anna",
			"skein login https://skein.example.net:8443 --link-file - --fingerprint SHA256:3f2a… < link",
			"skein login https://skein.example.net:8443 --token-file plesk-1.token",
			"skein login https://skein.example.net:8443 --token-file plesk-1.token --ca ca.pem",
			"skein login https://skein.example.net:8443 --token-file - --fingerprint SHA256:3f2a… < token"),
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			at := a.elsewhere(args)
			host, err := hostPort(at)
			if err != nil {
				return err
			}
			if who.user == "" && who.link == "" {
				if who.token, err = a.secret(); err != nil {
					return err
				}
				if who.token == "" {
					return usage("say who you are: --user NAME, --link-file FILE, or --token-file FILE (skein token create NAME --output FILE makes one)")
				}
			}
			ca, err := a.authority(c.Context(), host, caFile, fingerprint)
			if err != nil {
				return err
			}
			return a.remember(c.Context(), at, host, who, ca)
		},
	}
	c.Flags().StringVar(&who.user, "user", "", "begin a session of this user")
	c.Flags().StringVar(&who.link, "link-file", "", "file with the one-time link of the administrator, or - for standard input")
	c.Flags().StringVar(&fingerprint, "fingerprint", "", "SHA-256 of the node's CA, as skein serve prints it; then nothing is asked")
	c.Flags().StringVar(&caFile, "ca", "", "the node's certificate authority, copied from its data directory (ca.pem); then nothing is asked")
	takes(c.Flags(), "user", "NAME", "link-file", "FILE", "fingerprint", "SHA256:HEX", "ca", "FILE")
	c.MarkFlagsMutuallyExclusive("fingerprint", "ca")
	c.MarkFlagsMutuallyExclusive("user", "link-file")
	return c
}

// identity is who signs in: a user, the administrator by a one-time link in a
// file, or whoever has the token.
type identity struct{ user, link, token string }

// authority returns whose certificates a node is trusted with: the authority
// of a file, the one that was pinned before, or the one that it shows, if a
// person says so. nil: the system trusts it anyway.
func (a *app) authority(ctx context.Context, host, file, fingerprint string) (*x509.Certificate, error) {
	if file == "" && fingerprint == "" {
		if dir, err := a.logins(); err == nil {
			if pinned := loginFile(dir, host, ".pem"); exists(pinned) {
				file = pinned
			}
		}
	}
	if file != "" {
		return a.readCA(file)
	}
	ca, err := fetchCA(ctx, host)
	if err != nil || ca == nil {
		return nil, err
	}
	return ca, a.trust(host, ca, fingerprint)
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

// remember stores CA and token once the node took the token; with a user it
// is that of a session, with a link what it is redeemed for.
func (a *app) remember(ctx context.Context, at, host string, who identity, ca *x509.Certificate) (err error) {
	var pinned []byte
	if ca != nil {
		pinned = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})
	}
	token, config := who.token, client.Config{URL: at, CA: pinned}
	switch {
	case who.user != "":
		token, err = a.signIn(ctx, config, who.user)
	case who.link != "":
		token, err = a.redeem(ctx, config, who.link)
	}
	if err != nil {
		return err
	}
	cl, err := client.New(client.Config{URL: at, Token: token, CA: pinned})
	if err != nil {
		return err
	}
	defer cl.Close()
	me, err := cl.GetMe(ctx)
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
	return a.show(me.Actor, func() {
		a.say("logged in to %s as %s", at, me.Actor.Name)
		if a.env["SKEIN_URL"] != at {
			a.say("next: export SKEIN_URL=%s", at)
		}
	})
}

// signIn begins a session and returns its secret.
func (a *app) signIn(ctx context.Context, config client.Config, user string) (string, error) {
	cl, err := client.New(config)
	if err != nil {
		return "", err
	}
	defer cl.Close()
	body := skein.Login{User: user}
	if body.Password, err = a.hidden("password of " + user); err != nil {
		return "", err
	}
	made, err := cl.Login(ctx, body)
	if errors.Is(err, skein.ErrCodeNeeded) {
		if body.Code, err = a.hidden("one-time code"); err != nil {
			return "", err
		}
		made, err = cl.Login(ctx, body)
	}
	return made.Secret, err
}

// redeem makes a token of the administrator out of a one-time link, or of the
// code in it.
func (a *app) redeem(ctx context.Context, config client.Config, file string) (string, error) {
	link, err := a.readAll(file)
	if err != nil {
		return "", err
	}
	code := strings.TrimSpace(link)
	if _, after, found := strings.Cut(code, "/claim#"); found {
		code = after
	}
	cl, err := client.New(config)
	if err != nil {
		return "", err
	}
	defer cl.Close()
	made, err := cl.Claim(ctx, code)
	return made.Secret, err
}

// elsewhere is the node of the first argument, else the one that all commands
// go to.
func (a *app) elsewhere(args []string) string {
	return orElse(argument(args), orElse(a.url, a.env["SKEIN_URL"]))
}

func (a *app) logout() *cobra.Command {
	return &cobra.Command{
		Use:     "logout [URL]",
		Short:   "End your session on a node elsewhere, and forget it",
		Long:    "Ends the session that skein login began, and forgets it. A token is forgotten too; it is worth what it was.",
		Example: examples("skein logout", "skein logout https://skein.example.net:8443"),
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			a.url = a.elsewhere(args)
			host, err := hostPort(a.url)
			if err != nil {
				return err
			}
			cl, err := a.client()
			if err != nil {
				return err
			}
			// A token is no session, and a session may have ended: both are forgotten all the same.
			if err := cl.Logout(c.Context()); err != nil && skein.KindOf(err) != skein.KindUnknown && skein.KindOf(err) != skein.KindInvalid {
				return err
			}
			dir, err := a.logins()
			if err != nil {
				return err
			}
			if err := os.Remove(loginFile(dir, host, ".token")); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return a.show(map[string]string{"logged_out": a.url}, func() { a.say("logged out of %s", a.url) })
		},
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
