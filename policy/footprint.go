package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// footprint is what a rule can see: it yields the same wherever these are the same.
type footprint struct {
	inputs []inputPath // sorted, none below another
	whole  bool        // everything is seen: inputs are the four parts of the input
	tables []string    // sorted
}

// inputPath is a path of keys below input.
type inputPath []string

func (p inputPath) String() string { return strings.Join(append([]string{"input"}, p...), ".") }

func (p inputPath) below(q inputPath) bool { return len(p) >= len(q) && slices.Equal(p[:len(q)], q) }

// reader finds footprints in a compiled set. It takes every mention of input or data in a rule, and in all rules that the
// rule can refer to, for a read of the whole value at the longest path of constant keys, so that a key that is absent
// is told from one that is present as well. That is more than what is read at times, never less: nothing else reaches the value of
// input or data, since the sandbox has no builtin that does.
type reader struct {
	compiler *ast.Compiler
	tables   []string // names of all tables, sorted
	direct   map[*ast.Rule]*mentions
}

// mentions is what one rule refers to by itself.
type mentions struct {
	inputs []inputPath
	data   []ast.Ref
}

func newReader(c *ast.Compiler, tables []string) *reader {
	return &reader{compiler: c, tables: tables, direct: map[*ast.Rule]*mentions{}}
}

// mentions returns what a rule refers to by itself, its else branches included.
func (r *reader) mentions(rule *ast.Rule) *mentions {
	if m, ok := r.direct[rule]; ok {
		return m
	}
	m := &mentions{}
	var v *ast.GenericVisitor
	v = ast.NewGenericVisitor(func(x any) bool {
		switch x := x.(type) {
		case *ast.Head:
			// The visitor leaves out the reference of heads.
			for _, t := range x.Reference[min(1, len(x.Reference)):] {
				v.Walk(t)
			}
		case *ast.Expr:
			if len(x.With) > 0 || !transparent(x.Terms) {
				// What "with" makes of a path may depend on what stands above it. Rules rarely need it, so they are taken to
				// see everything.
				m.inputs = append(m.inputs, inputPath{})
			}
		case ast.Ref:
			if !m.refer(x) {
				v.Walk(x[0])
			}
			for _, t := range x[1:] {
				v.Walk(t)
			}
			return true
		case ast.Var: // the compiler makes references of them; one that it left would be the whole
			m.refer(ast.Ref{ast.NewTerm(x)})
		}
		return false
	})
	v.Walk(rule)
	r.direct[rule] = m
	return m
}

// transparent says whether the visitor looks into the terms of an expression. A form of expression that a later OPA
// introduces is taken to see everything.
func transparent(terms any) bool {
	switch terms.(type) {
	case *ast.Term, []*ast.Term, *ast.SomeDecl, *ast.Every, *ast.Not, *ast.LogicalAnd, *ast.LogicalOr:
		return true
	}
	return false
}

// refer notes a reference to input or data and says whether it is one.
func (m *mentions) refer(ref ast.Ref) bool {
	switch {
	case ref[0].Equal(ast.InputRootDocument):
		m.inputs = append(m.inputs, constantKeys(ref))
	case ref[0].Equal(ast.DefaultRootDocument):
		m.data = append(m.data, ref)
	default:
		return false
	}
	return true
}

// constantKeys returns the keys of a reference up to the first that is not a constant text.
func constantKeys(ref ast.Ref) []string {
	keys := []string{}
	for _, t := range ref[1:] {
		key, ok := t.Value.(ast.String)
		if !ok {
			break
		}
		keys = append(keys, string(key))
	}
	return keys
}

// footprint returns what a rule can see, through all rules that it can refer to.
func (r *reader) footprint(rules ...*ast.Rule) footprint {
	seen := map[*ast.Rule]bool{}
	tables := map[string]bool{}
	var inputs []inputPath
	for len(rules) > 0 {
		rule := rules[len(rules)-1]
		rules = rules[:len(rules)-1]
		if seen[rule] {
			continue
		}
		seen[rule] = true
		m := r.mentions(rule)
		inputs = append(inputs, m.inputs...)
		for _, ref := range m.data {
			for _, name := range r.tablesAt(ref) {
				tables[name] = true
			}
			rules = append(rules, r.rulesAt(ref)...)
		}
	}
	f := footprint{tables: slices.Sorted(maps.Keys(tables))}
	f.inputs, f.whole = shortest(inputs)
	return f
}

// rulesAt returns the rules that a reference to data can refer to.
func (r *reader) rulesAt(ref ast.Ref) []*ast.Rule {
	return r.compiler.GetRulesDynamicWithOpts(ref, ast.RulesOptions{IncludeHiddenModules: true})
}

// tablesAt returns the tables that a reference to data can read: one that does not name its table reads all.
func (r *reader) tablesAt(ref ast.Ref) []string {
	keys := constantKeys(ref)
	if !reaches(keys) {
		return nil
	}
	if len(keys) <= len(tablesPath) {
		return r.tables
	}
	return []string{keys[len(tablesPath)]}
}

// tablesPath is where tables stand in data.
var tablesPath = []string{"domicile", "tables"}

// reaches says whether a reference that starts with these constant keys can lead to, or above, the tables.
func reaches(keys []string) bool {
	for i, key := range keys {
		if i < len(tablesPath) && key != tablesPath[i] {
			return false
		}
	}
	return true
}

// shortest sorts paths and leaves out those below others. A path to everything becomes the four parts of the input, so that
// each path belongs to one of them.
func shortest(paths []inputPath) (kept []inputPath, whole bool) {
	if slices.ContainsFunc(paths, func(p inputPath) bool { return len(p) == 0 }) {
		return []inputPath{{"date"}, {"provider"}, {"site"}, {"workload"}}, true
	}
	slices.SortFunc(paths, slices.Compare)
	for _, p := range paths {
		if len(kept) == 0 || !p.below(kept[len(kept)-1]) {
			kept = append(kept, p)
		}
	}
	return kept, false
}
