package domicile

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/domicile-eu/domicile"

// A ban says that the packages below from (tests included where tests is set) must not import packages below to.
type ban struct {
	from, to string
	because  string
	tests    bool
}

var bans = []ban{
	{from: "topology", to: "latency", because: "what exists does not depend on how far apart it is", tests: true},
	{from: "topology", to: "placement", because: "topology is the ground everything stands on", tests: true},
	{from: "topology", to: "policy", because: "jurisdiction groups are data of the policies, not of the topology", tests: true},
	{from: "topology", to: "migrate", because: "topology is the ground everything stands on", tests: true},
	{from: "latency", to: "placement", because: "distances do not depend on who asks", tests: true},
	{from: "latency", to: "policy", because: "policy fills latency.Transit, latency never asks back", tests: true},
	{from: "latency", to: "migrate", because: "distances do not depend on who asks", tests: true},
	{from: "placement", to: "policy", because: "placement declares Admission and Transit and policy fills them; a program may bring its own", tests: true},
	{from: "placement", to: "migrate", because: "where comes before how to get there", tests: true},
	{from: "policy", to: "migrate", because: "policy judges states, the planner asks through placement's interfaces"},
	{from: "migrate", to: "policy", because: "the planner sees policy only through placement's interfaces", tests: true},
	{from: "internal", to: "topology", because: "shared helpers stand below the domain", tests: true},
	{from: "internal", to: "latency", because: "shared helpers stand below the domain", tests: true},
	{from: "internal", to: "placement", because: "shared helpers stand below the domain", tests: true},
	{from: "internal", to: "policy", because: "shared helpers stand below the domain", tests: true},
	{from: "internal", to: "migrate", because: "shared helpers stand below the domain", tests: true},
}

// allBans adds to bans that nothing in the library may know who uses it.
func allBans() []ban {
	out := bans[:len(bans):len(bans)]
	for _, part := range core {
		for _, user := range []string{"adapters", "bench", "examples"} {
			out = append(out, ban{part, user, "data flows down only: an adapter holds no decision logic and nobody below calls it", true})
		}
	}
	return out
}

// foreign lists, for each part, the only packages of other modules that its code may import. Tests may use testify as
// well, gonum as an oracle, and YAML where they hold a schema to a file.
var foreign = map[string][]string{
	"internal/document": {"go.yaml.in/yaml/v3"}, // the one place that reads YAML
	"internal":          {},
	"topology":          {"github.com/google/btree"},
	"latency":           {"gonum.org/v1/gonum", "github.com/cespare/xxhash/v2"},
	"placement":         {"gonum.org/v1/gonum", "github.com/cespare/xxhash/v2"},
	"migrate":           {"gonum.org/v1/gonum", "github.com/google/btree"},
	"policy":            {"github.com/open-policy-agent/opa/v1", "github.com/cespare/xxhash/v2"},
	"adapters":          {},
	"bench":             {"gonum.org/v1/gonum", "github.com/pkg/profile"},
	"bench/policies":    {"github.com/open-policy-agent/opa/v1"}, // what is measured against
	"examples":          {},
}

var foreignInTests = []string{"github.com/stretchr/testify", "gonum.org/v1/gonum", "go.yaml.in/yaml/v3"}

// banned are packages of the standard library that the core's code (not its tests) must not import, and why.
var banned = []ban{
	{to: "math/rand", because: "global randomness makes answers irreproducible; use math/rand/v2 with a seed"},
	{to: "net", because: "the core does no input or output of its own"},
	{to: "os", because: "the core does no input or output of its own"},
	{to: "syscall", because: "the core does no input or output of its own"},
	{to: "log", because: "the core returns what it has to say"},
}

// generator makes the outlines of countries anew; no package holds it.
const generator = "internal/outline/gen.go"

// core is what programs import to decide.
var core = []string{"topology", "latency", "placement", "policy", "migrate", "internal"}

type imported struct {
	file, pkg, path string // file and package relative to the module
	test            bool
}

func TestImports(t *testing.T) {
	all := imports(t)
	require.NotEmpty(t, all)
	for _, im := range all {
		inside, ours := strings.CutPrefix(im.path, module+"/")
		for _, b := range allBans() {
			if ours && below(im.pkg, b.from) && below(inside, b.to) && (b.tests || !im.test) {
				assert.Failf(t, "forbidden import", "%s imports %s: %s", im.file, im.path, b.because)
			}
		}
		for _, b := range banned {
			if anyBelow(im.pkg, core) && !im.test && below(im.path, b.to) && im.path != "math/rand/v2" && im.pkg != "internal/scenario" && im.file != generator {
				assert.Failf(t, "forbidden import", "%s imports %s: %s", im.file, im.path, b.because)
			}
		}
		if ours || !strings.Contains(strings.SplitN(im.path, "/", 2)[0], ".") {
			continue
		}
		allowed := allowedFor(im.pkg)
		if im.test {
			allowed = append(allowed[:len(allowed):len(allowed)], foreignInTests...)
		}
		if !anyBelow(im.path, allowed) {
			assert.Failf(t, "unknown dependency", "%s imports %s, and %q may import only %v of other modules: every dependency "+
				"lands in the module graph of whoever imports the library", im.file, im.path, im.pkg, allowed)
		}
	}
}

// One strict reader for every format, so that what one refuses no other lets pass.
func TestOnlyDocumentReadsYAML(t *testing.T) {
	for _, im := range imports(t) {
		if below(im.path, "go.yaml.in/yaml") && im.pkg != "internal/document" && !im.test {
			assert.Failf(t, "second YAML reader", "%s: strictness, size limits and line numbers live in internal/document", im.file)
		}
	}
}

func allowedFor(pkg string) []string {
	best, found := "", false
	for p := range foreign {
		if below(pkg, p) && len(p) >= len(best) {
			best, found = p, true
		}
	}
	if !found {
		return nil
	}
	return foreign[best]
}

func anyBelow(path string, parents []string) bool {
	for _, p := range parents {
		if below(path, p) {
			return true
		}
	}
	return false
}

func below(path, parent string) bool {
	return path == parent || strings.HasPrefix(path, parent+"/")
}

func imports(t *testing.T) []imported {
	var out []imported
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || nested(path)) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			out = append(out, imported{path, filepath.ToSlash(filepath.Dir(path)), name, strings.HasSuffix(path, "_test.go")})
		}
		return nil
	})
	require.NoError(t, err)
	sort.Slice(out, func(i, j int) bool { return out[i].file+out[i].path < out[j].file+out[j].path })
	return out
}

// nested says whether a directory is a module of its own.
func nested(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// TestTheRootRequiresNoKubernetes: whoever imports the library keeps the client-go that they have.
func TestTheRootRequiresNoKubernetes(t *testing.T) {
	text, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	assert.NotContains(t, string(text), "k8s.io/")
	_, err = os.Stat("go.work")
	assert.ErrorIs(t, err, fs.ErrNotExist, "a go.work would let the versions of one module leak into the tests of another")
}
