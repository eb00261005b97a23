package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
)

func (a *app) memberDrivers() *cobra.Command {
	return &cobra.Command{
		Use:   "drivers [DRIVER]",
		Short: "List the kinds of servers that can be members, and what each needs",
		Long: "Lists the kinds of servers that can be members, with the flags of skein member add that each needs. Of one driver it\n" +
			"also tells the settings of its own, which are given with --set NAME=VALUE.",
		Example: examples("skein member drivers", "skein member drivers whm"),
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cl, err := a.client()
			if err != nil {
				return err
			}
			list, err := cl.ListDrivers(c.Context())
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return a.show(list, func() { a.sayDrivers(list.Drivers) })
			}
			for _, d := range list.Drivers {
				if d.Name == args[0] {
					return a.show(d, func() { a.sayDriver(d) })
				}
			}
			return &skein.Error{Kind: skein.KindNotFound, What: "there is no driver " + args[0], Mend: "skein member drivers lists them"}
		},
	}
}

func (a *app) sayDrivers(drivers []skein.DriverInfo) {
	t := newTable("DRIVER", "FOR", "ROLES", "NEEDS")
	for _, d := range drivers {
		t.row(d.Name, dash(d.Does), rolesText(d.Roles), strings.Join(needsOf(d), " "))
	}
	t.print(a, "no drivers")
}

func (a *app) sayDriver(d skein.DriverInfo) {
	a.say("%s: %s", d.Name, dash(d.Does))
	a.say("roles: %s (the first one by default)", rolesText(d.Roles))
	a.say("needs: %s", dash(strings.Join(needsOf(d), " ")))
	if d.Prints {
		a.say("configuration to paste: skein member config %s --help", d.Name)
	}
	if len(d.Settings) == 0 {
		return
	}
	a.say("")
	t := newTable("SETTING", "VALUE", "DEFAULT", "MEANING")
	for _, s := range d.Settings {
		t.row("--set "+s.Name+"=", s.Meaning, dash(s.Default), s.Help)
	}
	t.print(a, "")
}

func rolesText(roles []skein.Role) string {
	texts := make([]string, len(roles))
	for i, r := range roles {
		texts[i] = string(r)
	}
	return strings.Join(texts, ", ")
}

// needsOf are the flags that a member of a driver is added with.
func needsOf(d skein.DriverInfo) (flags []string) {
	for _, f := range []struct {
		needed bool
		flag   string
	}{
		{d.Address, "--address"}, {d.RNDC, "--rndc-key-file"}, {d.Username && d.DefaultUser == "", "--username"}, {d.Token, "--token-file"},
		{d.Certificate, "--certificate-file --private-key-file"},
	} {
		if f.needed {
			flags = append(flags, f.flag)
		}
	}
	return flags
}
