package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/internal/daemon"
)

// client reaches a node: the one of --data on this machine by its socket, as
// administrator; or the one of --url, by a token.
func (a *app) client() (*client.Client, error) {
	if a.await.For != "" {
		if err := checkWhom("wait", a.await.For); err != nil {
			return nil, err
		}
	}
	cl, err := a.connect()
	if err != nil {
		return nil, err
	}
	return cl.Waiting(a.await), nil
}

func (a *app) connect() (*client.Client, error) {
	at := a.url
	if at == "" && a.data == "" {
		at = a.env["SKEIN_URL"]
	}
	if at != "" && a.data != "" {
		return nil, usage("--data names a node on this machine, --url one elsewhere; say one of them")
	}
	if at == "" {
		return a.local()
	}
	token, err := a.secret()
	if err != nil {
		return nil, err
	}
	if token == "" {
		kept, err := a.remembered(at, ".token")
		if err != nil {
			return nil, err
		}
		token = strings.TrimSpace(string(kept))
	}
	ca, err := a.remembered(at, ".pem")
	if err != nil {
		return nil, err
	}
	return client.New(client.Config{URL: at, Token: token, CA: ca})
}

func (a *app) local() (*client.Client, error) {
	socket := daemon.Socket(a.dataDir())
	if _, err := os.Stat(socket); errors.Is(err, fs.ErrNotExist) {
		return nil, &skein.Error{
			Kind: skein.KindUnavailable,
			What: "no node runs on " + a.dataDir(),
			Mend: "start it with skein serve --data DIR; or name the right directory with --data or $SKEIN_DATA, or a node elsewhere with --url or $SKEIN_URL",
		}
	}
	config := client.Config{UnixSocket: socket}
	if a.tokenFile != "" { // whoever names a token wants to be nothing more
		var err error
		if config.Token, err = a.secret(); err != nil {
			return nil, err
		}
	}
	return client.New(config)
}

func (a *app) dataDir() string {
	switch {
	case a.data != "":
		return a.data
	case a.env["SKEIN_DATA"] != "":
		return a.env["SKEIN_DATA"]
	}
	return daemon.DefaultData
}

// secret reads the API token from a file, the environment or standard input.
func (a *app) secret() (string, error) {
	file := a.tokenFile
	if file == "" {
		file = a.env["SKEIN_TOKEN_FILE"]
	}
	var text []byte
	var err error
	switch {
	case file == "-":
		text, err = io.ReadAll(io.LimitReader(a.in, 4096))
	case file != "":
		text, err = os.ReadFile(file)
	default:
		return a.env["SKEIN_TOKEN"], nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	if token := strings.TrimSpace(string(text)); token != "" && !strings.ContainsAny(token, " \n") {
		return token, nil
	}
	return "", &skein.Error{Kind: skein.KindInvalid, What: file + " does not hold one token", Mend: "skein token create NAME --output FILE writes one"}
}

// logins is the directory of what `skein login` remembers: for each node its
// CA (HOST_PORT.pem) and, if one was given, the token (HOST_PORT.token).
func (a *app) logins() (string, error) {
	if dir := a.env["XDG_CONFIG_HOME"]; dir != "" {
		return filepath.Join(dir, "skein"), nil
	}
	if home := a.env["HOME"]; home != "" {
		return filepath.Join(home, ".config", "skein"), nil
	}
	return "", errors.New("there is no home directory to remember logins in: set HOME or XDG_CONFIG_HOME")
}

// remembered returns what login stored about a node, nil if nothing.
func (a *app) remembered(at, suffix string) ([]byte, error) {
	host, err := hostPort(at)
	if err != nil {
		return nil, err
	}
	dir, err := a.logins()
	if err != nil {
		return nil, nil // nowhere to remember, nothing remembered
	}
	text, err := os.ReadFile(loginFile(dir, host, suffix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

func loginFile(dir, host, suffix string) string {
	return filepath.Join(dir, strings.NewReplacer(":", "_", "[", "", "]", "", "/", "").Replace(host)+suffix)
}

// hostPort returns the HOST:PORT of an https address.
func hostPort(at string) (string, error) {
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" {
		return "", usage("%q is not the address of an API, such as https://skein.example.net:8443", at)
	}
	if u.Port() == "" {
		return net.JoinHostPort(u.Hostname(), "443"), nil
	}
	return u.Host, nil
}
