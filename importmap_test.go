package skein_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/skein-dns/skein"

// place says what a package may import of this module, and why the arrow is
// drawn so. "/…" stands for a folder and everything below it. The standard
// library is free to all but where lean is set.
type place struct {
	may  []string
	lean bool // nothing but the standard library and may
	why  string
}

// importMap is ARCHITECTURE.md's picture: arrows point down only. A package
// without a row fails the test: place it first, then write it.
var importMap = map[string]place{
	".":      {may: []string{"zone"}, why: "the words; no I/O"},
	"zone":   {why: "pure, fuzzable, used by all"},
	"client": {may: []string{".", "zone"}, why: "public: must not drag the server in"},

	"cmd/skein":      {may: []string{"internal/cli"}, why: "ten lines"},
	"internal/cli":   {may: []string{".", "zone", "client", "internal/daemon", "internal/spool", "internal/pleskhost", "internal/namedconf"}, why: "the CLI proves that the API is complete"},
	"internal/spool": {lean: true, why: "runs on the panel's machine"},

	"internal/pleskhost": {lean: true, why: "runs on the panel's machine"},

	"ui": {lean: true, why: "the built console, as files"},

	"internal/daemon": {may: []string{".", "zone", "client", "internal/…", "ui"}, why: "the wiring; the only place that names engines, drivers and doors"},

	"internal/api":          {may: []string{".", "zone", "internal/attempts", "internal/control", "internal/web"}, why: "no way around the gate"},
	"internal/api/document": {may: []string{"internal/api"}, why: "prints the OpenAPI document, for the console's types"},
	"internal/web":          {lean: true, why: "files and headers; what they show comes through the API"},
	"internal/control":      {may: []string{".", "zone", "internal/attempts", "internal/auth", "internal/store", "internal/publish", "internal/dnsadmin", "internal/pki", "internal/secret", "internal/template"}, why: "the gate"},
	"internal/door/plesk":   {may: []string{".", "zone", "internal/control"}, why: "a door translates and nothing else"},

	"internal/door/caller": {may: []string{".", "internal/attempts", "internal/dnsadmin"}, why: "who calls a port of cPanel's, for the doors behind it"},

	"internal/door/whm": {may: []string{".", "zone", "internal/control", "internal/dnsadmin", "internal/door/caller"}, why: "a door translates and nothing else; who calls was found out before it"},

	"internal/door/whmapi": {may: []string{".", "zone", "internal/control", "internal/dnsadmin", "internal/door/caller"}, why: "a door translates and nothing else; reads forms as cPanel's clients send them"},

	"internal/door/rndc": {may: []string{".", "zone", "internal/rndc", "internal/namedconf"}, why: "a door translates and nothing else"},

	"internal/auth":     {may: []string{".", "zone"}, why: "rules are pure; a token may be limited to names"},
	"internal/secret":   {may: []string{"."}, why: "one purpose"},
	"internal/attempts": {why: "one purpose: slows down whoever tries secrets"},
	"internal/pki":      {may: []string{"."}, why: "one purpose"},
	"internal/advice":   {may: []string{".", "internal/notice"}, why: "pure: what was observed, and what to say of it"},
	"internal/notice":   {may: []string{"internal/spool"}, why: "one purpose; kept until it is delivered"},

	"internal/store":           {may: []string{".", "zone"}, why: "the contract"},
	"internal/store/storetest": {may: []string{".", "zone", "internal/store"}, why: "the suite of every engine"},
	"internal/store/sqlite":    {may: []string{".", "zone", "internal/store"}, why: "rules must not exist once per engine"},
	"internal/store/observed":  {may: []string{".", "zone", "internal/store"}, why: "rebuildable, beside the truth"},
	"internal/publish":         {may: []string{".", "zone"}, why: "pure"},
	"internal/template":        {may: []string{"zone"}, why: "pure: text with variables, and what zone it makes"},

	"internal/reconcile": {may: []string{".", "zone", "internal/store", "internal/member", "internal/probe", "internal/publish"}, why: "knows drivers only by their contract; compares what is served with what is published"},
	"internal/probe":     {may: []string{".", "zone", "internal/xfr"}, why: "asks as an outsider would, and says it in the words of the root package"},

	"internal/member":            {may: []string{".", "zone"}, why: "the contract"},
	"internal/member/membertest": {may: []string{".", "zone", "internal/member", "internal/servertest"}, why: "the suite of every driver"},
	"internal/member/fake":       {may: []string{".", "zone", "internal/member", "internal/nameserver"}, why: "test code: a member that is read, and does what it is told wrong"},
	"internal/member/bind":       {may: []string{".", "zone", "internal/member", "internal/member/stream", "internal/rndc", "internal/namedconf"}, why: "drivers stay replaceable"},
	"internal/member/exec":       {may: []string{".", "zone", "internal/member"}, why: "drivers stay replaceable"},
	"internal/member/nsd":        {may: []string{".", "zone", "internal/member", "internal/nsdctl"}, why: "drivers stay replaceable"},
	"internal/member/vpsnet":     {may: []string{".", "zone", "internal/member", "internal/member/rest", "internal/member/flat"}, why: "drivers stay replaceable"},
	"internal/member/softlayer":  {may: []string{".", "zone", "internal/member", "internal/member/rest", "internal/member/flat"}, why: "drivers stay replaceable"},
	"internal/member/rest":       {may: []string{"internal/member"}, why: "what the JSON APIs of clouds have in common"},
	"internal/member/stream":     {lean: true, why: "long answers in JSON, while they come; pure"},
	"internal/member/flat":       {may: []string{"zone"}, why: "records one by one, and what differs; pure"},
	"internal/member/route53":    {may: []string{".", "zone", "internal/member"}, why: "drivers stay replaceable"},
	"internal/member/powerdns":   {may: []string{".", "zone", "internal/member", "internal/member/stream"}, why: "drivers stay replaceable; the API is JSON over HTTP, and nobody else speaks it"},
	"internal/member/catalog":    {may: []string{".", "zone", "internal/member", "internal/listing", "internal/probe", "internal/xfr"}, why: "drivers stay replaceable; what a consumer of a catalog has, it tells by its answers alone"},
	"internal/member/whm":        {may: []string{".", "zone", "internal/member", "internal/dnsadmin"}, why: "drivers stay replaceable"},
	"internal/metrics":           {lean: true, why: "a text format"},
	"internal/memberlog":         {may: []string{".", "internal/member"}, why: "files of what was said to members"},
	"internal/nsdctl":            {lean: true, why: "a wire protocol, of the client's side"},
	"internal/rndc":              {may: []string{"internal/namedconf"}, lean: true, why: "a wire protocol, both sides"},
	"internal/dnsadmin":          {lean: true, why: "a wire protocol, both sides"},
	"internal/namedconf":         {lean: true, why: "a language; opens no file"},

	"internal/tsig":             {lean: true, why: "signatures of messages in wire form; pure"},
	"internal/update":           {may: []string{"zone"}, why: "dynamic update; pure"},
	"internal/listing":          {may: []string{"zone", "internal/catalog"}, why: "which zones a catalog lists, and when there is another version; knows no contents but its own"},
	"internal/catalog":          {may: []string{"zone"}, why: "catalog zones; pure"},
	"internal/xfr":              {may: []string{"zone", "internal/tsig"}, why: "pure but for its sockets"},
	"internal/nameserver":       {may: []string{"zone", "internal/xfr", "internal/tsig", "internal/update", "internal/nameserver/block", "internal/nameserver/arena"}, why: "answers with the control plane down"},
	"internal/nameserver/block": {may: []string{"zone"}, why: "a zone in octets; pure"},
	"internal/nameserver/arena": {why: "memory, whatever lies in it"},

	"internal/image":     {lean: true, why: "files of zones, whatever those are made of"},
	"internal/zonedir":   {may: []string{"zone", "internal/image", "internal/nameserver"}, why: "a Source"},
	"internal/secondary": {may: []string{"zone", "internal/catalog", "internal/nameserver", "internal/xfr"}, why: "decides when which primary is asked; its folder is a Source"},
	"internal/inventory": {may: []string{".", "zone", "internal/control", "internal/member"}, why: "reads members as a door does: what they have goes through the gate"},
	"internal/intake":    {may: []string{".", "zone", "internal/control", "internal/secondary", "internal/catalog", "internal/xfr", "internal/store/observed"}, why: "a door: what is transferred goes through the gate, and when a primary spoke lies beside the truth"},

	"internal/servertest":  {lean: true, why: "test code: real servers"},
	"internal/clustertest": {may: []string{".", "zone", "internal/…"}, why: "test code: a cluster in one process"},
	"e2e":                  {why: "sees what a user sees"},
	"bench":                {may: []string{".", "zone", "client"}, why: "sees what a user sees"},
}

// fences keep outside modules where they belong.
var fences = map[string][]string{
	"github.com/miekg/dns":          {"zone", "internal/xfr", "internal/update", "internal/probe", "internal/nameserver"},
	"modernc.org/sqlite":            {"internal/store/sqlite", "internal/store/observed"},
	"github.com/pressly/goose/v3":   {"internal/store/sqlite", "internal/store/observed"},
	"github.com/danielgtaylor/huma": {"internal/api"},
	"github.com/spf13/cobra":        {"internal/cli"},
	"github.com/aws":                {"internal/member/route53"},
	"github.com/wneessen/go-mail":   {"internal/notice"},
	"gopkg.in/natefinch/lumberjack": {"internal/memberlog"},
	"github.com/nicholas-fedor":     {"internal/notice"},
	"testing":                       {"internal/store/storetest", "internal/member/membertest", "internal/servertest", "internal/clustertest"},
}

func TestArrowsPointDown(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	eachGoFile(t, func(file string, f *ast.File) {
		dir := path.Dir(file)
		seen[dir] = true
		row, placed := importMap[dir]
		if !placed {
			t.Errorf("%s: package %s has no row in importMap; place it, with the reason", file, dir)
			return
		}
		test := strings.HasSuffix(file, "_test.go")
		for _, spec := range f.Imports {
			name := strings.Trim(spec.Path.Value, `"`)
			inside, ours := strings.CutPrefix(name, module)
			switch {
			case ours:
				inside = strings.TrimPrefix(inside, "/")
				if inside == "" {
					inside = "."
				}
				// Tests may use whatever helps; the product may not.
				if !test && inside != dir && !slices.ContainsFunc(row.may, func(p string) bool { return matches(p, inside) }) {
					t.Errorf("%s imports %s; %s may import %v (%s)", file, inside, dir, row.may, row.why)
				}
			case !test && row.lean && strings.Contains(strings.Split(name, "/")[0], "."):
				t.Errorf("%s imports %s; %s keeps to the standard library (%s)", file, name, dir, row.why)
			}
			for fenced, allowed := range fences {
				if (name == fenced || strings.HasPrefix(name, fenced+"/")) && !test && !slices.Contains(allowed, dir) {
					t.Errorf("%s imports %s, which stays within %v", file, name, allowed)
				}
			}
		}
	})
	for dir := range importMap {
		if !seen[dir] {
			t.Errorf("importMap has a row for %s, which does not exist", dir)
		}
	}
}

// Nothing happens on import.
func TestNothingHappensOnImport(t *testing.T) {
	t.Parallel()
	eachGoFile(t, func(file string, f *ast.File) {
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function", file)
			}
		}
	})
}

// Every package says what it is for, once.
func TestEveryPackageIsDocumented(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	eachGoFile(t, func(file string, f *ast.File) {
		dir := path.Dir(file)
		documented[dir] = documented[dir] || f.Doc != nil
	})
	for dir, ok := range documented {
		if !ok && dir != "bench" {
			t.Errorf("package %s has no package comment", dir)
		}
	}
}

func matches(pattern, dir string) bool {
	if prefix, all := strings.CutSuffix(pattern, "/…"); all {
		return strings.HasPrefix(dir, prefix+"/")
	}
	return pattern == dir
}

// eachGoFile parses every Go file of the module, without function bodies' types.
func eachGoFile(t *testing.T, visit func(file string, f *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "tools" || d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && file != ".") {
			return filepath.SkipDir
		}
		if filepath.Ext(file) != ".go" {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(file), f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
