package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// maxZoneFile bounds what is read into memory; the API has a limit of its own.
const maxZoneFile = 1 << 30

// zoneFile is a zone file that was read and understood.
type zoneFile struct {
	path string
	name zone.Name
	text string
	sets []zone.RRset
	warn []skein.Problem
}

// readZoneFile reads a zone file; "-" is standard input. The zone's name is
// the owner of its SOA; name, or else the file's own name, is the origin that
// relative names start from where the file has no $ORIGIN.
func (a *app) readZoneFile(path string, name zone.Name) (zoneFile, error) {
	text, err := a.readAll(path)
	if err != nil {
		return zoneFile{}, err
	}
	origin := name
	if origin == "" {
		origin = originOf(path)
	}
	sets, warnings, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: origin})
	if err != nil {
		return zoneFile{}, zoneFileError(path, err)
	}
	f := zoneFile{path: path, name: name, text: text, sets: sets, warn: problemsOf(warnings)}
	for _, set := range sets {
		if f.name == "" && set.Type == zone.TypeSOA {
			f.name = set.Name
		}
	}
	if f.name == "" {
		return zoneFile{}, &skein.Error{Kind: skein.KindInvalid, What: path + " has no SOA record, so its zone is not known", Mend: "add the SOA, or say --zone NAME"}
	}
	return f, nil
}

func (a *app) readAll(path string) (string, error) {
	in := a.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxZoneFile+1))
	if err == nil && len(text) > maxZoneFile {
		err = fmt.Errorf("it is larger than %d MB", maxZoneFile>>20)
	}
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return string(text), nil
}

// originOf takes a zone's name from a file's: example.com.zone, db.example.com, ROOT.zone.
func originOf(path string) zone.Name {
	base := filepath.Base(path)
	for _, suffix := range []string{".zone", ".db", ".txt"} {
		base = strings.TrimSuffix(base, suffix)
	}
	base = strings.TrimPrefix(base, "db.")
	if base == "ROOT" || base == "-" {
		return zone.Root
	}
	name, err := zone.ParseName(base)
	if err != nil {
		return zone.Root
	}
	return name
}

// zoneFileError makes every finding of a zone file readable, with the file's name.
func zoneFileError(path string, err error) error {
	e := &skein.Error{Kind: skein.KindInvalid, What: path + " is not a zone file that Skein can take", Mend: "correct the lines named above; nothing was changed"}
	var list *zone.Errors
	if errors.As(err, &list) {
		e.Problems = problemsOf(list.Problems)
	} else {
		e.Cause = err
	}
	return e
}

func problemsOf(found []zone.Problem) []skein.Problem {
	var all []skein.Problem
	for _, p := range found {
		all = append(all, skein.Problem{Line: p.Line, Name: string(p.Name), Warning: p.Warning, Text: p.Text})
	}
	return all
}

func (a *app) zoneCheck() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:     "check FILE…",
		Short:   "Check zone files, without a node",
		Example: examples("skein zone check example.com.zone"),
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var origin zone.Name
			if name != "" {
				var err error
				if origin, err = zoneName(name); err != nil {
					return err
				}
			}
			all := checkedFiles{Files: []checkedFile{}}
			bad := 0
			for _, path := range args {
				r := a.checkFile(path, origin)
				if !r.OK {
					bad++
				}
				all.Files = append(all.Files, r)
			}
			err := a.show(all, func() {
				for _, r := range all.Files {
					for _, p := range r.Problems {
						a.say("%s: %s", r.File, problem(p))
					}
					if r.OK {
						a.say("%s: %s is good, %s", r.File, r.Zone.Unicode(), plural(r.Records, "record"))
					}
				}
			})
			if err == nil && bad > 0 {
				return &exitError{code: exitFailed}
			}
			return err
		},
	}
	c.Flags().StringVar(&name, "zone", "", "name of the zone, where the file does not say")
	takes(c.Flags(), "zone", "NAME")
	return c
}

// checkedFiles is what zone check -o json prints.
type checkedFiles struct {
	Files []checkedFile `json:"files"`
}

type checkedFile struct {
	File string    `json:"file"`
	Zone zone.Name `json:"zone,omitempty"`
	skein.CheckResult
}

// checkFile applies the rules of editors.
func (a *app) checkFile(path string, name zone.Name) checkedFile {
	r := checkedFile{File: path}
	r.Problems = []skein.Problem{}
	refuse := func(err error) checkedFile {
		var e *skein.Error
		if errors.As(err, &e) && len(e.Problems) > 0 {
			r.Problems = append(r.Problems, e.Problems...)
		} else {
			r.Problems = append(r.Problems, skein.Problem{Text: err.Error()})
		}
		return r
	}
	f, err := a.readZoneFile(path, name)
	if err != nil {
		return refuse(err)
	}
	r.Zone, r.Problems = f.name, append(r.Problems, f.warn...)
	contents, err := zone.NewContents(f.name, f.sets)
	if err != nil {
		return refuse(err)
	}
	_, r.Records = contents.Len()
	_, problems, err := zone.Validate(contents, zone.Strict)
	r.Problems = append(r.Problems, problemsOf(problems)...)
	r.OK = err == nil
	if err != nil && len(problems) == 0 {
		return refuse(zoneFileError(path, err))
	}
	return r
}
