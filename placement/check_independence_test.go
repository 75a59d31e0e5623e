package placement

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shared are the files that both the search and its checker may use: the problem in the users' words, what makes it
// valid, and the answers. Files that start with "check" are the checker; all others belong to the search or to readers.
var shared = []string{
	"application.go", "budget.go", "caller.go", "doc.go", "explain_types.go", "objective.go", "problem.go", "problem_defaults.go", "relax_types.go",
	"result.go", "validate.go", "validate_path.go", "validate_application.go", "validate_budget.go", "validate_facts.go", "validate_objective.go",
}

// TestCheckerIsIndependent: nobody marks their own homework. The checker's files name nothing that the search declares,
// and import nothing below placement/internal. The shared files do not lean on the search either.
func TestCheckerIsIndependent(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	declared, methods := make(map[string]map[string]bool), make(map[string]map[string]bool) // by side, then name
	for _, side := range []string{"checker", "shared", "search"} {
		declared[side], methods[side] = make(map[string]bool), make(map[string]bool)
	}
	parsed := make(map[string]*ast.File)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		parsed[name] = file
		for _, d := range declarations(file) {
			declared[sideOfFile(name)][d] = true
		}
	}
	for name, file := range parsed {
		for _, m := range methodsOf(file, declared["shared"]) {
			methods[sideOfFile(name)][m] = true
		}
	}
	checked := 0
	for name, file := range parsed {
		side := sideOfFile(name)
		if side == "search" {
			continue
		}
		checked++
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			require.NotContains(t, path, "placement/internal", "%s imports the search", name)
		}
		identifiers, selected := names(file)
		for _, other := range []string{"search", "checker"} {
			if other == side {
				continue
			}
			for _, used := range identifiers {
				require.False(t, declared[other][used], "%s uses %s of the %s", name, used, other)
			}
			for _, used := range selected {
				require.False(t, methods[other][used], "%s calls %s of the %s", name, used, other)
			}
		}
	}
	require.Greater(t, checked, 20)
}

func sideOfFile(name string) string {
	switch {
	case strings.HasPrefix(name, "check"):
		return "checker"
	case slices.Contains(shared, name):
		return "shared"
	}
	return "search"
}

// declarations returns the types, functions, variables and constants of a file.
func declarations(file *ast.File) []string {
	var out []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				out = append(out, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					out = append(out, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						out = append(out, name.Name)
					}
				}
			}
		}
	}
	return slices.DeleteFunc(out, func(name string) bool { return name == "_" })
}

// methodsOf returns the methods that a file gives to some types: one on a shared type is a way to call the search, too.
func methodsOf(file *ast.File, types map[string]bool) []string {
	var out []string
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv == nil {
			continue
		}
		typ := fn.Recv.List[0].Type
		if star, ok := typ.(*ast.StarExpr); ok {
			typ = star.X
		}
		if id, ok := typ.(*ast.Ident); ok && types[id.Name] {
			out = append(out, fn.Name.Name)
		}
	}
	return out
}

// names returns the identifiers that a file uses and does not declare inside a function, and what it selects from values
// (not from other packages).
func names(file *ast.File) (identifiers, selected []string) {
	imported := make(map[string]bool)
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		imported[path[strings.LastIndex(path, "/")+1:]] = true
	}
	local := make(map[string]bool)
	declare := func(exprs ...ast.Expr) {
		for _, x := range exprs {
			if id, ok := x.(*ast.Ident); ok {
				local[id.Name] = true
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				declare(n.Lhs...)
			}
		case *ast.RangeStmt:
			declare(n.Key, n.Value)
		case *ast.Field:
			for _, name := range n.Names {
				declare(name)
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				declare(name)
			}
		}
		return true
	})
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl: // all but its name
			ast.Inspect(n.Type, visit)
			if n.Body != nil {
				ast.Inspect(n.Body, visit)
			}
			return false
		case *ast.SelectorExpr:
			if pkg, ok := n.X.(*ast.Ident); !ok || !imported[pkg.Name] {
				selected = append(selected, n.Sel.Name)
				ast.Inspect(n.X, visit)
			}
			return false
		case *ast.KeyValueExpr:
			if _, field := n.Key.(*ast.Ident); !field {
				ast.Inspect(n.Key, visit)
			}
			ast.Inspect(n.Value, visit)
			return false
		case *ast.Ident:
			if !local[n.Name] {
				identifiers = append(identifiers, n.Name)
			}
		}
		return true
	}
	ast.Inspect(file, visit)
	return identifiers, selected
}
