package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/skein-dns/skein/internal/notice"
)

// targets is the file that says where notices go. It is a file of its own
// since it holds secrets.
type targets struct {
	Mail *struct {
		Server   string     `yaml:"server"`
		TLS      notice.TLS `yaml:"tls"`
		From     string     `yaml:"from"`
		To       []string   `yaml:"to"`
		User     string     `yaml:"user"`
		Password string     `yaml:"password"`
	} `yaml:"mail"`
	Webhooks []struct {
		Name   string `yaml:"name"`
		URL    string `yaml:"url"`
		Secret string `yaml:"secret"`
	} `yaml:"webhooks"`
	Chats []struct {
		Name string `yaml:"name"`
		URL  string `yaml:"url"`
	} `yaml:"chats"`
}

// readTargets reads the file. Whatever it does not know fails, with the line.
func readTargets(file string) ([]notice.Target, error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s, which is to say where notices go", file)
	}
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("%s holds secrets, and everybody on this machine may read it; say chmod o-rwx %s", file, file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var t targets
	if err := yaml.UnmarshalWithOptions(text, &t, yaml.Strict()); err != nil {
		// What is beside the line that is wrong may be a secret.
		return nil, fmt.Errorf("reading %s: %s", file, yaml.FormatError(err, false, false))
	}
	return t.list(file)
}

func (t targets) list(file string) (all []notice.Target, err error) {
	type checked interface {
		notice.Target
		Check() error
	}
	var list []checked
	if m := t.Mail; m != nil {
		list = append(list, &notice.Mail{Label: "mail", Server: m.Server, TLS: m.TLS, From: m.From, To: m.To, User: m.User, Password: m.Password})
	}
	for _, w := range t.Webhooks {
		list = append(list, &notice.Webhook{Label: w.Name, URL: w.URL, Secret: []byte(w.Secret)})
	}
	for _, c := range t.Chats {
		list = append(list, &notice.Chat{Label: c.Name, URL: c.URL})
	}
	for _, target := range list {
		if err := target.Check(); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", file, target.Name(), err)
		}
		if slices.ContainsFunc(all, func(t notice.Target) bool { return t.Name() == target.Name() }) {
			return nil, fmt.Errorf("%s: two targets have the name %q", file, target.Name())
		}
		all = append(all, target)
	}
	return all, nil
}
