package cli

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/skein-dns/skein/internal/daemon"
)

// man writes the manual pages, for packagers.
func (a *app) man(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write the manual pages into a folder",
		Example: examples("skein man /usr/share/man/man1"),
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			root.DisableAutoGenTag = true
			return doc.GenManTree(root, &doc.GenManHeader{Title: "SKEIN", Section: "1", Source: "Skein " + daemon.Version, Manual: "Skein"}, args[0])
		},
	}
}
