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
	f.BoolVar(&dryRun, "plan", false, "say what would change, and change nothing")
	a.waitOn(c)
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

// imported is what became of one file.
type imported struct {
	File    string            `json:"file"`
	Outcome string            `json:"outcome"` // created, changed, unchanged or failed
	Result  *skein.ZoneResult `json:"result,omitempty"`
	Error   *failure          `json:"error,omitempty"`
}

// imports is what became of all.
type imports struct {
	Files     []imported `json:"files"`
	Created   int        `json:"created"`
	Changed   int        `json:"changed"`
	Unchanged int        `json:"unchanged"`
	Failed    int        `json:"failed"`
	DryRun    bool       `json:"dry_run,omitempty"`
}

// importJob puts many files in.
type importJob struct {
	app                       *app
	client                    *client.Client
	name                      zone.Name
	replace, tolerant, dryRun bool
	bar                       *progressbar.ProgressBar

	mu    sync.Mutex // owns the group
	all   imports    // its Files are kept for -o json only
	first error      // of the failed ones
	late  error      // of those that were waited for in vain
}

func (j *importJob) run(ctx context.Context, files []string) error {
	if len(files) == 1 && j.app.format != "json" {
		result, err := j.put(ctx, files[0])
		if err != nil {
			return err
		}
		return j.app.showChange(result)
	}
	j.all = imports{Files: []imported{}, DryRun: j.dryRun}
	if j.app.format == "json" {
		j.all.Files = make([]imported, len(files))
	}
	j.bar = j.app.progress(len(files), "importing")
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(importers)
	for i, file := range files {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			result, err := j.put(ctx, file)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			j.done(i, file, result, err)
			return nil
		})
	}
	err := group.Wait()
	j.bar.Finish()
	done := j.all.Created + j.all.Changed + j.all.Unchanged + j.all.Failed
	if err != nil {
		return fmt.Errorf("stopped after %d of %d files: %w", done, len(files), err)
	}
	err = j.app.show(j.all, func() {
		trial := ""
		if j.dryRun {
			trial = "nothing was changed; it would be: "
		}
		j.app.say("%s: %s%d created, %d changed, %d unchanged, %d failed", plural(len(files), "file"), trial, j.all.Created, j.all.Changed, j.all.Unchanged, j.all.Failed)
	})
	switch {
	case err != nil:
		return err
	case j.first != nil:
		return &exitError{code: codeOf(j.first)}
	}
	return j.late
}

func (j *importJob) put(ctx context.Context, file string) (skein.ZoneResult, error) {
	f, err := j.app.readZoneFile(file, j.name)
	if err != nil {
		return skein.ZoneResult{}, err
	}
	contents := skein.ZoneContents{File: f.text, Tolerant: j.tolerant}
	var result skein.ZoneResult
	if j.replace {
		result, err = j.client.ImportZone(ctx, string(f.name), skein.PutZone{ZoneContents: contents, DryRun: j.dryRun})
	} else {
		result, err = j.client.CreateZone(ctx, skein.CreateZone{Name: string(f.name), ZoneContents: contents, DryRun: j.dryRun})
	}
	if result.Created { // its records are those of the file
		result.Delta = skein.DeltaBody{Removed: []skein.RecordSet{}, Added: []skein.RecordSet{}}
	}
	return result, err
}

func (j *importJob) done(i int, file string, r skein.ZoneResult, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	defer j.bar.Add(1)
	one := imported{File: file, Result: &r}
	switch {
	case err != nil:
		f := failureOf(err)
		one.Outcome, one.Result, one.Error = "failed", nil, &f
		j.all.Failed++
		if j.first == nil {
			j.first = err
		}
	case r.Created:
		one.Outcome = "created"
		j.all.Created++
	case r.Changed:
		one.Outcome = "changed"
		j.all.Changed++
	default:
		one.Outcome = "unchanged"
		j.all.Unchanged++
	}
	if r.Late != "" && j.late == nil {
		j.late = notYet(r)
	}
	if j.app.format == "json" {
		j.all.Files[i] = one
	} else if err != nil {
		j.bar.Clear()
		j.app.note("%s:", file)
		j.app.failText(err)
	}
}
