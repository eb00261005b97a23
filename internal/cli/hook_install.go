package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/internal/pleskhost"
	"github.com/skein-dns/skein/internal/spool"
)

// hookInstall is one installation on the machine of a Plesk server.
type hookInstall struct {
	app      *app
	settings string // folder that was named
	caFile   string
	spool    string
	also     string
	mode     string
	set      func(flag string) bool // whether it was given
}

func (a *app) hookPleskInstall() *cobra.Command {
	in := hookInstall{app: a}
	c := &cobra.Command{
		Use:   "install",
		Short: "Have Plesk call the hook for each change",
		Long: "On the Plesk server, as root: tries URL, token and authority, keeps them for root alone, and registers the hook\n" +
			"with Plesk's own tool. Plesk has one slot: the command line that lies there is kept, and skein hook plesk uninstall puts\n" +
			"it back; with --also it goes on being called, with the same input. What is not said stays as it was installed,\n" +
			"and installing again mends what was interrupted or changed by others.\n\n" +
			"In mode push, contents come with each change. In mode transfer (skein source edit NAME --mode transfer), Skein\n" +
			"transfers them from Plesk's own nameserver, with its serial and its signatures, and Plesk must allow the transfer.",
		Example: examples(
			"skein hook plesk install --url https://skein.example.net:8443 --token-file plesk-1.token --ca ca.pem",
			"skein hook plesk install --also '/usr/local/psa/bin/extension --exec slave-dns-manager slave-dns.php'",
			"skein hook plesk install --data /var/lib/skein      # on Skein's own machine"),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			in.set = c.Flags().Changed
			return in.run(c.Context())
		},
	}
	f := c.Flags()
	settingsFlag(f, &in.settings)
	f.StringVar(&in.caFile, "ca", "", "the node's certificate authority, copied from its data directory (ca.pem)")
	f.StringVar(&in.spool, "spool", "", "folder that keeps what is not delivered yet (default /var/lib/skein/spool/plesk-remote)")
	f.StringVar(&in.also, "also", "", "command line to run after the hook, with the same input; '' for none")
	f.StringVar(&in.mode, "mode", skein.ModePush, "push: contents come with the change; transfer: from Plesk's nameserver")
	takes(f, "ca", "FILE", "spool", "DIR", "also", "COMMAND", "mode", "MODE")
	return c
}

// installed is what the command answers.
type installed struct {
	Command string `json:"command"`           // as Plesk runs it
	Evicted string `json:"evicted,omitempty"` // what Plesk ran before
	Also    string `json:"also,omitempty"`
	Source  string `json:"source"`
	Mode    string `json:"mode"`
	Spool   string `json:"spool"`
}

// run installs. The order makes an interruption at any point harmless: the
// settings are whole before Plesk is told of them, and what Plesk was told
// before is in them.
func (in *hookInstall) run(ctx context.Context) error {
	if os.Geteuid() != 0 {
		return notRoot()
	}
	dir, err := settingsDir(in.settings)
	if err != nil {
		return err
	}
	command, err := ownCommand(dir)
	if err != nil {
		return err
	}
	panel, err := findPanel(in.app.environ)
	if err != nil {
		return err
	}
	unlock, err := dir.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	before, err := dir.Load()
	if err != nil && !errors.Is(err, pleskhost.ErrNone) {
		return err
	}
	s, err := in.merge(before)
	if err != nil {
		return err
	}
	if err := leaves(before, s); err != nil {
		return err
	}
	report, err := in.try(ctx, s)
	if err != nil {
		return err
	}
	now, err := panel.Registered(ctx)
	if err != nil {
		return pleskFailed("Plesk does not say what it calls now; nothing was changed", err)
	}
	s.Command = command
	if !pleskhost.Ours(now, dir) {
		s.Evicted = now
	}
	if _, err := spool.Open(s.Spool); err != nil {
		return err
	}
	if err := dir.Save(s); err != nil {
		return err
	}
	if now != command {
		if err := panel.Register(ctx, command); err != nil {
			return pleskFailed("Plesk does not call the hook", err)
		}
	}
	return in.app.show(installed{s.Command, s.Evicted, s.Also, report.Source, s.Mode, s.Spool}, func() { in.tell(s, report, now) })
}

func (in *hookInstall) tell(s pleskhost.Settings, report skein.DoorReport, before string) {
	a := in.app
	a.say("Plesk calls %s", s.Command)
	a.say("as source %s, in mode %s, with the spool %s", report.Source, s.Mode, s.Spool)
	if s.Also != "" {
		a.say("and after it, with the same input: %s", s.Also)
	}
	if s.Evicted != "" && s.Evicted != s.Also {
		a.say("kept, and not called any more: %s", s.Evicted)
		if before == s.Evicted {
			a.say("  to go on calling it too: skein hook plesk install --also '%s'", s.Evicted)
		}
	}
	a.say("next: plesk repair dns -sync-zones -y")
}

// try hands the door an empty push: whoever may do that may push.
func (in *hookInstall) try(ctx context.Context, s pleskhost.Settings) (skein.DoorReport, error) {
	h := pleskHook{app: &app{data: s.Data, env: map[string]string{}}, installed: &s}
	cl, err := h.client()
	if err != nil {
		return skein.DoorReport{}, err
	}
	defer cl.Close()
	report, err := knock(ctx, cl)
	if err != nil {
		return report, err
	}
	if report.Mode != s.Mode {
		return report, &skein.Error{Kind: skein.KindConflict, What: "the source " + report.Source + " is in mode " + report.Mode + " at Skein, not " + s.Mode,
			Mend: "skein source edit " + report.Source + " --mode " + s.Mode + " there, or install with --mode " + report.Mode}
	}
	return report, nil
}

// knock hands the door an empty push, and says what is wrong if that fails.
func knock(ctx context.Context, cl *client.Client) (skein.DoorReport, error) {
	ctx, cancel := context.WithTimeout(ctx, hookWait)
	defer cancel()
	report, err := cl.PushPlesk(ctx, "", []byte("[]"))
	if err != nil {
		return report, untrusted(err)
	}
	status, err := cl.GetStatus(ctx)
	if err == nil && status.Admin && status.You.Door != "cli" {
		err = &skein.Error{Kind: skein.KindForbidden, What: "the token is an administrator's: whoever broke into this Plesk server could change every zone",
			Mend: "make one for this server alone: skein token create plesk-1 --source plesk-1 --output FILE"}
	}
	return report, err
}

func notRoot() error {
	return &skein.Error{Kind: skein.KindForbidden, What: "only root can register the hook with Plesk, and keep its token from others", Mend: "run it as root"}
}

func findPanel(env []string) (pleskhost.Panel, error) {
	panel, err := pleskhost.FindPanel(env)
	if err != nil {
		return panel, &skein.Error{Kind: skein.KindUnavailable, What: "the hook cannot be registered", Cause: err, Mend: "run this on the Plesk server; with plesk in the search path"}
	}
	return panel, nil
}

func pleskFailed(what string, err error) error {
	return &skein.Error{Kind: skein.KindUnavailable, What: what, Cause: err,
		Mend: "try it by hand: plesk bin server_dns --help; then run the same command of skein again, which goes on where it stopped"}
}

// ownCommand is the command line that calls this very program with the settings in dir.
func ownCommand(dir pleskhost.Dir) (string, error) {
	program, err := os.Executable()
	if err == nil {
		err = pleskhost.CheckProgram(program)
	}
	command := ""
	if err == nil {
		command, err = pleskhost.Command(program, dir)
	}
	if err != nil {
		return "", &skein.Error{Kind: skein.KindInvalid, What: "Plesk cannot be told to call this program", Cause: err, Mend: "copy it to /usr/local/bin/skein, root's and mode 0755, and run it from there"}
	}
	return command, nil
}

// untrusted says what to do about an authority that is not known here.
func untrusted(err error) error {
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		return err
	}
	return &skein.Error{Kind: skein.KindForbidden, What: "the certificate there is of an authority that is not trusted here", Cause: unknown,
		Mend: "copy ca.pem from the data directory of that node and name it with --ca FILE"}
}
