package migrate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// side is what a group of files declares and what it uses of the rest of the package.
type side struct {
	declares  map[string]bool   // package-level names
	methods   map[string]bool   // and fields of structs
	uses      map[string]string // names not declared in the same file -> file
	selectors map[string]string
	imports   map[string]bool
}

// TestReplaySharesNoCode reads the sources: files named replay* and the others may have nothing in common but the
// exported types that both speak in.
func TestReplaySharesNoCode(t *testing.T) {
	replay, planner := newSide(), newSide()
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, f := range files {
		name := f.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		switch {
		case strings.HasPrefix(name, "replay"):
			replay.read(name, parsed)
		case name == "exit_proof.go": // hands a finished plan to the judge
		default:
			planner.read(name, parsed)
		}
	}
	assert.NotEmpty(t, replay.declares)
	shared := []string{"Plan", "Move", "Stuck", "Options", "Running", "Certificate", "Lane", "MoveTime", "Price", "Which", "Calendar", "Slot",
		"WorkingDays", "Late", "ErrInvalid"}
	for name, file := range replay.uses {
		if planner.declares[name] && !slices.Contains(shared, name) {
			t.Errorf("%s uses %s of the planner", file, name)
		}
	}
	for name, file := range replay.selectors {
		if planner.methods[name] && !replay.methods[name] && !ast.IsExported(name) {
			t.Errorf("%s calls the planner's method %s", file, name)
		}
	}
	for name, file := range planner.uses {
		if replay.declares[name] {
			t.Errorf("%s uses %s of the replay", file, name)
		}
	}
	for path := range replay.imports {
		assert.NotContains(t, path, "internal/", "the replay may not share helpers with the planner either")
	}
}

func newSide() *side {
	return &side{
		declares: make(map[string]bool), methods: make(map[string]bool), uses: make(map[string]string),
		selectors: make(map[string]string), imports: make(map[string]bool),
	}
}

func (s *side) read(name string, f *ast.File) {
	for _, imp := range f.Imports {
		s.imports[imp.Path.Value] = true
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil {
				s.methods[d.Name.Name] = true
			} else {
				s.declares[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					s.declares[spec.Name.Name] = true
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						s.declares[id.Name] = true
					}
				}
			}
		}
	}
	// The parser resolves what a file declares itself; what is left belongs to the package, the universe or an import.
	for _, id := range f.Unresolved {
		s.uses[id.Name] = name
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			s.selectors[n.Sel.Name] = name
		case *ast.StructType:
			for _, field := range n.Fields.List {
				for _, id := range field.Names {
					s.methods[id.Name] = true
				}
			}
		}
		return true
	})
}
