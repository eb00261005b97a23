package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/internal/daemon"
	"github.com/skein-dns/skein/internal/pleskhost"
)

// settingsFlag says where the hook's settings lie.
func settingsFlag(f *pflag.FlagSet, dir *string) {
	f.StringVar(dir, "settings", "", "folder of the hook's settings (default "+pleskhost.DefaultDir+")")
	takes(f, "settings", "DIR")
}

// settingsDir makes the folder that was named absolute, since Plesk is told of it.
func settingsDir(named string) (pleskhost.Dir, error) {
	if named == "" {
		return pleskhost.DefaultDir, nil
	}
	dir, err := filepath.Abs(named)
	return pleskhost.Dir(dir), err
}

// findSettings says where to: what was installed on this machine, unless flags
// name something else. The environment does not count, since Plesk's is its own.
func (h *pleskHook) findSettings() error {
	if h.app.tokenFile == "-" {
		return usage("the token cannot come from standard input, where Plesk's tasks are: name a file with --token-file")
	}
	if h.settings != "" || h.app.url == "" && h.app.data == "" {
		dir, err := settingsDir(h.settings)
		if err != nil {
			return err
		}
		found, err := dir.Load()
		absent := errors.Is(err, pleskhost.ErrNone) || errors.Is(err, fs.ErrPermission)
		switch {
		case err == nil:
			h.use(found)
		case h.settings != "" || !absent:
			return &skein.Error{Kind: skein.KindUnavailable, What: fmt.Sprintf("the hook, run by user %d, does not know where to deliver to", os.Geteuid()),
				Cause: err, Mend: "as root: skein hook plesk install; and it is root that must run the hook"}
		}
	}
	if h.dir == "" {
		h.dir = h.defaultDir()
	}
	return nil
}

func (h *pleskHook) use(s pleskhost.Settings) {
	h.installed = &s
	h.app.data, h.app.url = s.Data, s.URL
	if h.dir == "" {
		h.dir = s.Spool
	}
	if h.also == "" {
		h.also = s.Also
	}
}

// client reaches the node that the settings name, else that of the flags.
func (h *pleskHook) client() (*client.Client, error) {
	if h.installed == nil || h.installed.URL == "" {
		return h.app.client()
	}
	return client.New(client.Config{URL: h.installed.URL, Token: h.installed.Token, CA: []byte(h.installed.CA)})
}

// defaultDir: the node on this machine delivers from its own spool as the
// Plesk server on this machine. What goes elsewhere, as somebody else, must
// not lie in it.
func (h *pleskHook) defaultDir() string {
	if h.app.url == "" && (h.app.data != "" || h.app.env["SKEIN_URL"] == "") {
		return daemon.PleskSpool(h.app.dataDir())
	}
	return daemon.PleskSpool(h.app.dataDir()) + "-remote"
}
