// Command skein is Skein: the node, and the command line that drives it.
package main

import (
	"os"

	"github.com/skein-dns/skein/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}
