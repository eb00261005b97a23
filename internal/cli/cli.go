// Package cli is Skein's command line: one file a command. It reaches the
// daemon through package client only; serve, demo and nameserver start one.
package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

// The exit codes, a contract with scripts.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitRefused  = 3 // refused or conflict
	exitNotFound = 4
	exitTimeout  = 5
)

// app is one run of the command line.
type app struct {
	in       io.Reader
	lines    *bufio.Reader // of in, once a line of it was read
	out, err io.Writer
	env      map[string]string
	environ  []string

	format    string // table or json
	data      string
	url       string
	tokenFile string
	await     client.WaitQuery // that changes of zones are to be seen on members
}

// Main runs one command and returns its exit code. Env is as in os.Environ.
func Main(args []string, in io.Reader, out, errw io.Writer, env []string) int {
	a := &app{in: in, out: out, err: errw, env: map[string]string{}, environ: env}
	for _, pair := range env {
		if key, value, ok := strings.Cut(pair, "="); ok {
			a.env[key] = value
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // so that a second signal kills

	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errw)
	began := false                                  // before that, whatever is wrong is the usage
	root.CompletionOptions.DisableDefaultCmd = true // ours is one of the commands
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if a.format != "table" && a.format != "json" {
			return fmt.Errorf("the format %q is unknown; say -o table or -o json", a.format)
		}
		// Cobra would look at these later, when it has begun.
		if err := errors.Join(c.ValidateRequiredFlags(), c.ValidateFlagGroups()); err != nil {
			return err
		}
		began = true
		return nil
	}
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	if !began {
		err = usage("%s", err)
	}
	return a.fail(cmd, err)
}

// root is the tree of all commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "skein",
		Short: "Skein keeps a group of nameservers in step",
		Long: "Skein keeps a group of nameservers in step: zones that panels and people put in are answered by\n" +
			"every nameserver of the cluster moments later, and Skein proves it by asking each of them.",
		Example: examples(
			"skein demo                           # a whole cluster on loopback, to look at",
			"skein serve --data /var/lib/skein    # start a node",
			"skein zone create example.com --ns ns1.example.net --ns ns2.example.net",
			"skein record set example.com www A 192.0.2.1 192.0.2.2",
			"skein wait example.com               # until every member was seen serving it"),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          onlyCommands,
		RunE:          help,
	}
	flags := root.PersistentFlags()
	flags.StringVarP(&a.format, "format", "o", "table", "table, for people, or json")
	flags.StringVar(&a.data, "data", "", "data directory of the node on this machine ($SKEIN_DATA)")
	flags.StringVar(&a.url, "url", "", "API of a node elsewhere, such as https://skein.example.net:8443 ($SKEIN_URL)")
	flags.StringVar(&a.tokenFile, "token-file", "", "file with the API token, or - for standard input ($SKEIN_TOKEN_FILE, $SKEIN_TOKEN)")
	takes(flags, "format", "FORMAT", "data", "DIR", "url", "URL", "token-file", "FILE")
	root.SetGlobalNormalizationFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "dry-run" { // what --plan was called in some places
			name = "plan"
		}
		return pflag.NormalizedName(strings.ReplaceAll(name, "_", "-")) // as cPanel's scripts write them
	})
	root.AddGroup(
		&cobra.Group{ID: "nodes", Title: "Nodes:"},
		&cobra.Group{ID: "work", Title: "Zones, members and sources:"},
		&cobra.Group{ID: "around", Title: "Around them:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("nodes", a.serve(), a.demo(), a.nameserver())
	add("work", a.zone(), a.record(), a.member(), a.pool(), a.template(), a.source(), a.conflict(), a.hold(), a.sync(), a.wait())
	add("around", a.hook(), a.tenant(), a.user(), a.token(), a.login(), a.logout(), a.cluster(), a.audit(), a.version(), a.man(root), a.completion(root))
	return root
}

// group is a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: onlyCommands, RunE: help, DisableFlagsInUseLine: true}
	c.AddCommand(commands...)
	var all []string
	for _, sub := range commands {
		all = append(all, sub.Example)
	}
	c.Example = strings.Join(all, "\n")
	return c
}

// takesAway completes a command that takes away what its argument names, and
// says so: key is the field of that name in JSON.
func (a *app) takesAway(c *cobra.Command, sentence, key string, do func(*client.Client, context.Context, string) error) *cobra.Command {
	c.Args = cobra.ExactArgs(1)
	c.RunE = func(c *cobra.Command, args []string) error {
		cl, err := a.client()
		if err != nil {
			return err
		}
		if err := do(cl, c.Context(), args[0]); err != nil {
			return err
		}
		return a.show(map[string]string{key: args[0]}, func() { a.say(sentence, args[0]) })
	}
	return c
}

// argument is the first one, where it may be missing.
func argument(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func help(c *cobra.Command, _ []string) error { return c.Help() }

// onlyCommands is for commands that only hold others: what is left over is misspelt.
func onlyCommands(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	meant := ""
	c.SuggestionsMinimumDistance = 2 // two letters
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		meant = "; is " + strings.Join(near, " or ") + " meant?"
	}
	return fmt.Errorf("unknown command %q for %q%s", args[0], c.CommandPath(), meant)
}

// examples are commands to copy, a comment behind some.
func examples(lines ...string) string { return "  " + strings.Join(lines, "\n  ") }

// takes says, flag by flag, what the value of each is called in the help.
func takes(flags *pflag.FlagSet, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		f := flags.Lookup(pairs[i])
		f.Value = namedValue{f.Value, pairs[i+1]}
	}
}

// namedValue is a flag's value with a name for people in place of its Go type.
type namedValue struct {
	pflag.Value
	name string
}

func (v namedValue) Type() string { return v.name }

// exitError ends the program with a code and, if it has one, a message.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage says that the command line is wrong.
func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// codeOf is the one place where errors become exit codes.
func codeOf(err error) int {
	var exit *exitError
	if errors.As(err, &exit) {
		return exit.code
	}
	switch skein.KindOf(err) {
	case skein.KindInvalid:
		return exitUsage
	case skein.KindForbidden, skein.KindUnknown, skein.KindConflict:
		return exitRefused
	case skein.KindNotFound:
		return exitNotFound
	case skein.KindTimeout:
		return exitTimeout
	}
	return exitFailed
}

// fail prints an error for whom it is meant, and returns its exit code.
func (a *app) fail(cmd *cobra.Command, err error) int {
	code := codeOf(err)
	var exit *exitError
	if errors.As(err, &exit) && exit.err == nil {
		return code
	}
	if a.format == "json" {
		a.failJSON(err)
		return code
	}
	a.failText(err)
	if code == exitUsage && errors.As(err, &exit) {
		a.note("usage: %s\ntry: %s --help", cmd.UseLine(), cmd.CommandPath())
	}
	return code
}
