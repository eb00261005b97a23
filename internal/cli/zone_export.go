package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
)

func (a *app) zoneExport() *cobra.Command {
	return &cobra.Command{
		Use:               "export NAME [FILE]",
		Short:             "Write a zone as a zone file",
		Example:           examples("skein zone export example.com example.com.zone"),
		ValidArgsFunction: a.completeZone,
		Args:              cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			cl, name, err := a.ofZone(args[0])
			if err != nil {
				return err
			}
			text, err := cl.ExportZone(c.Context(), string(name))
			if err != nil {
				return err
			}
			if len(args) == 2 && args[1] != "-" {
				return writeFile(args[1], text, 0o644)
			}
			if a.format == "json" {
				return a.show(skein.ZoneContents{File: string(text)}, nil)
			}
			_, err = a.out.Write(text)
			return err
		},
	}
}

// writeFile replaces a file as a whole or not at all.
func writeFile(path string, text []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".skein-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(mode)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}
