package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/zone"
)

// importers is how many zones are on their way at once: the node commits
// what comes together in one group.
const importers = 32

func (a *app) zoneImport() *cobra.Command {
	var name string
	var replace, tolerant, dryRun bool
	c := &cobra.Command{
		Use:   "import FILE…",
		Short: "Put zone files in",
		Long: "Puts zone files in. A directory means every file in it that ends in .zone or .db; - is standard input.\n" +
			"The zone's name is --zone, or else the owner of the file's SOA record.",
		Example: examples(
			"skein zone import example.com.zone",
			"skein zone import /var/lib/bind/primary --replace"),
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			job := importJob{app: a, replace: replace, tolerant: tolerant, dryRun: dryRun}
			var err error
			if name != "" {
				if job.name, err = zoneName(name); err != nil {
					return err
				}
			}
			files, err := zoneFiles(args)
			if err != nil {
				return err
			}
			if job.name != "" && len(files) != 1 {
				return usage("--zone names one zone, but there are %d files", len(files))
			}
			if job.client, err = a.client(); err != nil {
				return err
			}
			return job.run(c.Context(), files)
		},
	}
	f := c.Flags()
	f.StringVar(&name, "zone", "", "name of the zone, where the file does not say")
	takes(f, "zone", "NAME")
	f.BoolVar(&replace, "replace", false, "replace zones that exist")
	f.BoolVar(&tolerant, "tolerant", false, "mend and warn where strict rules would refuse")
	f.BoolVar(&dryRun, "dry-run", false, "say what would change, and change nothing")
	return c
}

// zoneFiles resolves directories.
func zoneFiles(args []string) (files []string, err error) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		if arg == "-" || err == nil && !info.IsDir() {
			files = append(files, arg)
			continue
		}
		if err != nil {
			return nil, err
		}
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if ext := filepath.Ext(path); err == nil && d.Type().IsRegular() && (ext == ".zone" || ext == ".db") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no zone files (*.zone, *.db) in %s", strings.Join(args, ", "))
	}
	return files, nil
}

// importJob puts many files in.
type importJob struct {
	app                       *app
	client                    *client.Client
	name                      zone.Name
	replace, tolerant, dryRun bool

	mu      sync.Mutex // owns the group
	results []skein.ZoneResult
	failed  int
	first   error // of the failed ones
	created int
	changed int
}

func (j *importJob) run(ctx context.Context, files []string) error {
	if len(files) == 1 {
		result, err := j.put(ctx, files[0])
		if err != nil {
			return err
		}
		return j.app.showChange(brief(result))
	}
	bar := progressbar.DefaultSilent(int64(len(files)))
	if terminal(j.app.err) {
		bar = progressbar.NewOptions(len(files), progressbar.OptionSetWriter(j.app.err), progressbar.OptionSetDescription("importing"), progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("zones"), progressbar.OptionClearOnFinish())
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(importers)
	for _, file := range files {
		group.Go(func() error {
			result, err := j.put(ctx, file)
			j.done(file, result, err)
			bar.Add(1)
			return ctx.Err()
		})
	}
	err := group.Wait()
	bar.Finish()
	if err != nil {
		return fmt.Errorf("stopped after %d of %d files: %w", len(j.results), len(files), err)
	}
	err = j.app.show(j.results, func() {
		j.app.say("%s: %d created, %d changed, %d unchanged, %d failed", plural(len(files), "file"),
			j.created, j.changed, len(j.results)-j.created-j.changed, j.failed)
	})
	if err == nil && j.failed > 0 {
		return &exitError{code: codeOf(j.first)}
	}
	return err
}

func (j *importJob) put(ctx context.Context, file string) (skein.ZoneResult, error) {
	f, err := j.app.readZoneFile(file, j.name)
	if err != nil {
		return skein.ZoneResult{}, err
	}
	contents := skein.ZoneContents{File: f.text, Tolerant: j.tolerant}
	if j.replace {
		return j.client.ImportZone(ctx, string(f.name), skein.PutZone{ZoneContents: contents, DryRun: j.dryRun})
	}
	return j.client.CreateZone(ctx, skein.CreateZone{Name: string(f.name), ZoneContents: contents, DryRun: j.dryRun})
}

func (j *importJob) done(file string, r skein.ZoneResult, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil {
		j.failed++
		if j.first == nil {
			j.first = err
		}
		j.app.note("%s:", file)
		j.app.failText(err)
		return
	}
	switch {
	case r.Created:
		j.created++
	case r.Changed:
		j.changed++
	}
	j.results = append(j.results, brief(r))
}

// brief leaves the records of a new zone out: they are those of the file.
func brief(r skein.ZoneResult) skein.ZoneResult {
	if r.Created {
		r.Delta = skein.DeltaBody{Removed: []skein.RecordSet{}, Added: []skein.RecordSet{}}
	}
	return r
}
