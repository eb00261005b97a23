package api_test

import (
	"bufio"
	"bytes"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Whatever can be done in the console is an operation of the document, and a
// command does it too. What the console uses are the operations that
// ui/src/api/unused.txt does not list, which the console's own tests keep as it is;
// what commands use is read off their code, by its types.
func TestTheConsoleDoesWhatTheCommandLineDoes(t *testing.T) {
	t.Parallel()
	document := map[string]*regexp.Regexp{}
	doc, _ := readDocument(t)
	doc.each(func(method, path string, _ operation) {
		pattern := regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(path), "[^/]+")
		document[method+" "+path] = regexp.MustCompile("^" + method + " " + pattern + "$")
	})
	console := maps.Clone(document)
	text, err := os.ReadFile(filepath.Join("..", "..", "ui", "src", "api", "unused.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.FieldsFuncSeq(string(text), func(r rune) bool { return r == '\n' }) {
		if document[line] == nil {
			t.Errorf("the console does not use %s, which there is not", line)
		}
		delete(console, line)
	}
	commands := map[string]bool{}
	requests := calledByMethods(t)
	for method, where := range clientCalls(t) {
		request := requests[method]
		for operation, pattern := range document {
			if pattern.MatchString(request) {
				commands[operation] = true
			}
		}
		if request == "" && !slices.Contains(clientExtras, method) {
			t.Errorf("%s calls %s, which asks for nothing", where, method)
		}
	}
	for _, operation := range slices.Sorted(maps.Keys(console)) {
		if !commands[operation] {
			t.Errorf("the console uses %s, and no command does", operation)
		}
	}
}

// clientCalls are the methods of *client.Client that the code of the commands
// uses, each with a place where it does.
func clientCalls(t *testing.T) map[string]string {
	t.Helper()
	const cli, client = "github.com/skein-dns/skein/internal/cli", "github.com/skein-dns/skein/client"
	list := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}\t{{.Dir}}\t{{join .GoFiles \" \"}}", cli)
	var complaints bytes.Buffer
	list.Stderr = &complaints
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaints.String())
	}
	exports, files, fset := map[string]string{}, []*ast.File{}, token.NewFileSet()
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		exports[fields[0]] = fields[1]
		if fields[0] != cli {
			continue
		}
		for name := range strings.FieldsSeq(fields[3]) {
			f, err := parser.ParseFile(fset, filepath.Join(fields[2], name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	check := types.Config{Importer: importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
	if _, err := check.Check(cli, fset, files, info); err != nil {
		t.Fatal(err)
	}
	calls := map[string]string{}
	for ident, used := range info.Uses {
		if f, is := used.(*types.Func); is && f.Pkg() != nil && f.Pkg().Path() == client && f.Signature().Recv() != nil {
			calls[f.Name()] = fset.Position(ident.Pos()).String()
		}
	}
	if len(calls) == 0 {
		t.Fatal("the commands call nothing")
	}
	return calls
}
