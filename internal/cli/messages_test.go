package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Messages, pages and documents tell people which command to use. Those that
// have moved since are found here.
func TestCommandsThatAreMentionedExist(t *testing.T) {
	t.Parallel()
	root := (&app{}).root()
	mention := regexp.MustCompile(`\bskein ([a-z]+)(?: ([a-z]+(?:-[a-z]+)*))?`)
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && (d.Name() == "node_modules" || d.Name() == "dist" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
				return fs.SkipDir
			}
			return err
		}
		switch filepath.Ext(path) {
		case ".go", ".md", ".js", ".html", ".ts", ".tsx":
		default:
			return nil
		}
		if strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range mention.FindAllStringSubmatch(string(text), -1) {
			c, _, err := root.Find(m[1:2])
			if err != nil || c == root || !c.HasSubCommands() || m[2] == "" {
				continue // prose, or a command whose arguments follow
			}
			if sub, _, err := root.Find(m[1:3]); err != nil || sub == c {
				t.Errorf("%s mentions %q, which is no command", path, m[0])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
