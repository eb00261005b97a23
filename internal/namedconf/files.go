package namedconf

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// File is one file of a configuration.
type File struct {
	Name string // in messages
	Text string
}

// Opener returns the files that an include names, in order. The name is as it
// is written there, if it is relative behind the directory of options; it may
// be a pattern. It comes from the configuration: whoever writes an Opener
// decides what may be read. An error ends Parse.
type Opener func(name string) ([]File, error)

// FS opens the regular files of a file system; absolute names begin at its root.
func FS(fsys fs.FS) Opener {
	return func(name string) (files []File, err error) {
		names, err := fs.Glob(fsys, strings.TrimPrefix(path.Clean("/"+name), "/"))
		if err == nil && len(names) == 0 {
			err = fs.ErrNotExist
		}
		for _, n := range names {
			var text string
			if text, err = readFile(fsys, n); err != nil {
				break
			}
			files = append(files, File{n, text})
		}
		return files, err
	}
}

func readFile(fsys fs.FS, name string) (string, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no regular file", name)
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxSize+1)) // more is too much for Parse
	return string(text), err
}
