package cli

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/internal/namedconf"
	"github.com/skein-dns/skein/zone"
)

// zoneFlags name zones that are to be transferred in.
type zoneFlags struct {
	names     []string
	list      string
	namedConf string
	root      string
}

func (z *zoneFlags) on(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&z.names, "zone", nil, "zone to transfer from its primaries; give one flag for each")
	f.StringVar(&z.list, "zones-file", "", "file with names of such zones, one a line (- is standard input)")
	f.StringVar(&z.namedConf, "named-conf", "", "take the zones that this named.conf has: its primary zones from --primary, its secondary ones from the primaries, and with the keys, that they name")
	f.StringVar(&z.root, "named-root", "/", "directory that absolute names of included files begin at, for a copy of a server's files")
	takes(f, "zone", "NAME", "zones-file", "FILE", "named-conf", "FILE", "named-root", "DIR")
}

// wanted is what the flags come to: zones, and why others were left out.
type wanted struct {
	zones []skein.NewTransferZone
	left  []skein.Problem
	keys  []skein.TransferKey // of a named.conf, which the primaries of its zones name

	have map[string]bool // the names of zones
}

func (z *zoneFlags) read(a *app, source string) (w wanted, err error) {
	for _, name := range z.names {
		if err := w.add(name, source, nil); err != nil {
			return w, usage("--zone: %s", err)
		}
	}
	if z.list != "" {
		text, err := a.readAll(z.list)
		if err != nil {
			return w, err
		}
		if err := w.readList(text, source); err != nil {
			return w, &skein.Error{Kind: skein.KindInvalid, What: z.list + " is not a list of zones", Mend: "write one name a line; # begins a comment", Cause: err}
		}
	}
	if z.namedConf != "" {
		if err := z.readNamedConf(a, source, &w); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (w *wanted) add(name, source string, primaries []skein.TransferPrimary) error {
	parsed, err := zone.ParseName(name)
	if err != nil || w.have[parsed.Key()] {
		return err
	}
	if w.have == nil {
		w.have = map[string]bool{}
	}
	w.have[parsed.Key()] = true
	w.zones = append(w.zones, skein.NewTransferZone{Name: string(parsed), Source: source, Primaries: primaries})
	return nil
}

// readList reads one name a line.
func (w *wanted) readList(text, source string) error {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := w.add(line, source, nil); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return nil
}

// readNamedConf takes the zones of a BIND. What it includes is read below the
// root, and nowhere else.
func (z *zoneFlags) readNamedConf(a *app, source string, w *wanted) error {
	text, err := a.readAll(z.namedConf)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(z.root)
	if err != nil {
		return err
	}
	defer root.Close()
	config, err := namedconf.Parse(namedconf.File{Name: filepath.Base(z.namedConf), Text: text}, namedconf.FS(root.FS()))
	if err != nil {
		return &skein.Error{Kind: skein.KindInvalid, What: "cannot read " + z.namedConf, Cause: err,
			Mend: "named-checkconf -p on that server prints one file without includes: give that"}
	}
	for _, found := range config.Zones {
		if why := w.take(found, source); why != "" {
			w.left = append(w.left, skein.Problem{Name: found.Name, Warning: true, Text: why})
		}
	}
	w.takeKeys(config.Keys)
	return nil
}

// takeKeys keeps the keys that zones need. One of a view is as good as any:
// their names say what they are for.
func (w *wanted) takeKeys(keys []namedconf.Key) {
	needed := map[string]bool{}
	for _, z := range w.zones {
		for _, p := range z.Primaries {
			needed[p.Key] = true
		}
	}
	for _, k := range keys {
		if needed[k.Name] {
			needed[k.Name] = false // once
			w.keys = append(w.keys, skein.TransferKey{Name: k.Name, Algorithm: k.Algorithm, Secret: k.Secret})
		}
	}
}

// complete adds to the keys of a source those that its zones need besides.
func (w *wanted) complete(body *skein.NewSource) {
	for _, key := range w.keys {
		if body.Secrets == nil {
			body.Secrets = &skein.SourceSecrets{}
		}
		if !slices.ContainsFunc(body.Secrets.Keys, func(k skein.TransferKey) bool { return k.Name == key.Name }) {
			body.Secrets.Keys = append(body.Secrets.Keys, key)
		}
	}
}

// local are zones that every BIND has for itself (RFC 6303 section 4).
var local = []zone.Name{"localhost.", "127.in-addr.arpa.", "0.in-addr.arpa.", "255.in-addr.arpa.",
	"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.", "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa."}

// take adds a zone of a named.conf, or says why not.
func (w *wanted) take(found namedconf.Zone, source string) (why string) {
	name, err := zone.ParseName(found.Name)
	switch {
	case err != nil:
		return err.Error()
	case slices.ContainsFunc(local, name.Equal):
		return "every server has it for itself"
	case found.Class != "" && !strings.EqualFold(found.Class, "IN"):
		return "it is of class " + found.Class
	case found.Type != "primary" && found.Type != "secondary":
		return "it is of type " + orElse(found.Type, "none")
	case w.have[name.Key()]:
		return "it is there already, in another view"
	case len(found.Unknown) > 0:
		return "its primaries " + strings.Join(found.Unknown, ", ") + " are not defined"
	}
	var primaries []skein.TransferPrimary // of a primary zone: the source's
	for _, p := range found.Primaries {
		primaries = append(primaries, skein.TransferPrimary{Address: netip.AddrPortFrom(p.Address, portOf(p.Port, p.TLS != "")), Key: p.Key, TLS: p.TLS})
	}
	w.add(string(name), source, primaries) // a name that was understood already
	return ""
}

// transfersIn is what became of zones that were asked for.
type transfersIn struct {
	Added  int             `json:"added"`
	There  int             `json:"there" doc:"that were asked for already"`
	Failed []skein.Problem `json:"failed,omitempty"`

	first error
}

// put asks for every zone, many at a time. One that fails does not hold up the others.
func (w wanted) put(ctx context.Context, a *app, cl *client.Client) (result transfersIn, err error) {
	bar := a.progress(len(w.zones), "adding zones")
	defer bar.Finish()
	var mu sync.Mutex // owns result
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(importers)
	for _, z := range w.zones {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			got, err := cl.AddTransferZone(ctx, z)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			mu.Lock()
			defer mu.Unlock()
			bar.Add(1)
			result.count(z.Name, got, err)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return result, fmt.Errorf("stopped after %d of %d zones: %w", result.Added+result.There+len(result.Failed), len(w.zones), err)
	}
	return result, nil
}

func (r *transfersIn) count(name string, got skein.TransferZoneResult, err error) {
	switch {
	case err != nil:
		r.Failed = append(r.Failed, skein.Problem{Name: name, Text: err.Error()})
		if r.first == nil {
			r.first = err
		}
	case got.Created:
		r.Added++
	default:
		r.There++
	}
}
