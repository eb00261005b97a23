// Command lego puts the record of a DNS-01 challenge in, or takes it out
// again, as go-acme/lego does with its provider cpanel:
//
//	lego present|cleanup DOMAIN KEYAUTH
//
// CPANEL_MODE, CPANEL_USERNAME, CPANEL_TOKEN and CPANEL_BASE_URL are as lego
// documents them; RESOLVER (ADDR:PORT) says where it looks for the zone. It is
// a module of its own, so that nothing of lego comes into Skein's.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/go-acme/lego/v5/challenge/dns01"
	"github.com/go-acme/lego/v5/providers/dns/cpanel"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("usage: lego present|cleanup DOMAIN KEYAUTH")
	}
	options := dns01.NewOptions()
	options.RecursiveNameservers = []string{os.Getenv("RESOLVER")}
	dns01.SetDefaultClient(dns01.NewClient(options))
	provider, err := cpanel.NewDNSProvider()
	if err != nil {
		return err
	}
	switch args[0] {
	case "present":
		return provider.Present(ctx, args[1], "", args[2])
	case "cleanup":
		return provider.CleanUp(ctx, args[1], "", args[2])
	}
	return fmt.Errorf("lego knows present and cleanup, and not %q", args[0])
}
