package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// footprint is what a rule can see: it yields the same wherever these are the same.
type footprint struct {
	inputs []inputPath // seen as a whole: the value, or that there is none. Sorted, none below another.
	kinds  []inputPath // of which no more is seen than whether there is a value and of which type. Sorted, none below inputs.
	whole  bool        // everything is seen: inputs are the four parts of the input
	tables []string    // sorted
	broad  []read      // the sights of so much of the site that sites are classes of their own, the first of each path
}

// inputPath is a path of keys below input.
type inputPath []string

func (p inputPath) String() string { return strings.Join(append([]string{"input"}, p...), ".") }

// key writes the path so that no other is written the same, whatever characters its keys have.
func (p inputPath) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", len(p))
	for _, k := range p {
		fmt.Fprintf(&b, " %d:%s", len(k), k)
	}
	return b.String()
}

func (p inputPath) below(q inputPath) bool { return len(p) >= len(q) && slices.Equal(p[:len(q)], q) }

// join returns the path with more keys. It is never nil.
func (p inputPath) join(keys []string) inputPath {
	return append(append(make(inputPath, 0, len(p)+len(keys)), p...), keys...)
}

// reader finds footprints in a compiled set. It takes every mention of input or data in a rule, and in all rules that the
// rule can refer to, for a read of the whole value at the longest path of constant keys, so that a key that is absent
// is told from one that is present as well; see visit for what is known of variables. That is more than what is read at times,
// never less: nothing else reaches the value of input or data, since the sandbox has no builtin that does.
type reader struct {
	compiler *ast.Compiler
	tables   []string // names of all tables, sorted
	known    map[*ast.Rule]map[string]*mentions
}

func newReader(c *ast.Compiler, tables []string) *reader {
	return &reader{compiler: c, tables: tables, known: map[*ast.Rule]map[string]*mentions{}}
}

// mentions returns what a rule refers to by itself, its else branches included.
func (r *reader) mentions(c call) *mentions {
	of := r.known[c.rule]
	if of == nil {
		of = map[string]*mentions{}
		r.known[c.rule] = of
	}
	key := c.key()
	m, ok := of[key]
	if !ok {
		m = r.mentionsOf(c)
		of[key] = m
	}
	return m
}

// mostCalls is how many rules with what they are called with a footprint follows before it takes the rule to see everything.
const mostCalls = 10_000

// footprint returns what a rule can see, through all rules that it can refer to.
func (r *reader) footprint(rules ...*ast.Rule) footprint {
	type state struct {
		rule *ast.Rule
		key  string
	}
	seen := map[state]bool{}
	tables := map[string]bool{}
	var reads []read
	var open []call
	for _, rule := range rules {
		open = append(open, call{rule: rule})
	}
	for len(open) > 0 {
		c := open[len(open)-1]
		open = open[:len(open)-1]
		at := state{c.rule, c.key()}
		if seen[at] {
			continue
		}
		seen[at] = true
		if len(seen) > mostCalls {
			reads = append(reads, read{path: inputPath{}, at: rules[0].Location})
			break
		}
		m := r.mentions(c)
		reads = append(reads, m.inputs...)
		for _, ref := range m.data {
			for _, name := range r.tablesAt(ref) {
				tables[name] = true
			}
		}
		open = append(open, m.calls...)
	}
	f := footprint{tables: slices.Sorted(maps.Keys(tables))}
	if len(seen) > mostCalls {
		f.tables = r.tables
	}
	f.add(reads)
	return f
}

// add sorts paths and leaves out those below others. A path to everything becomes the four parts of the input, so that
// each path belongs to one of them.
func (f *footprint) add(reads []read) {
	var whole, kinds []inputPath
	for _, x := range reads {
		if x.kind {
			if !always(x.path) {
				kinds = append(kinds, x.path)
			}
			continue
		}
		whole = append(whole, x.path)
		f.whole = f.whole || len(x.path) == 0
		f.note(x)
	}
	slices.SortFunc(f.broad, func(a, b read) int { return slices.Compare(a.path, b.path) })
	if f.whole {
		f.inputs = []inputPath{{"date"}, {"provider"}, {"site"}, {"workload"}}
		return
	}
	f.inputs = shortest(whole)
	slices.SortFunc(kinds, slices.Compare)
	for _, p := range slices.CompactFunc(kinds, slices.Equal) {
		if !slices.ContainsFunc(f.inputs, func(q inputPath) bool { return p.below(q) }) {
			f.kinds = append(f.kinds, p)
		}
	}
}

// note keeps a sight of the site that tells every two sites apart.
func (f *footprint) note(x read) {
	if !perSite(x.path) || slices.ContainsFunc(f.broad, func(y read) bool { return slices.Equal(x.path, y.path) }) {
		return
	}
	f.broad = append(f.broad, x)
}

// perSite says whether no two sites have the same value at a path.
func perSite(p inputPath) bool {
	return len(p) == 0 || p[0] == "site" && (len(p) == 1 || p[1] == "id")
}

// always says whether an object, or a text, stands at a path in every input of admission; see the schema of the input.
func always(p inputPath) bool {
	switch len(p) {
	case 0:
		return true
	case 1:
		return slices.Contains([]string{"date", "provider", "site", "workload"}, p[0])
	case 2:
		return slices.Contains([]string{"provider.attributes", "provider.sovereignty", "site.attributes", "site.energy", "site.labels",
			"workload.attributes", "workload.demand", "workload.labels"}, p[0]+"."+p[1])
	}
	return false
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

// shortest sorts paths and leaves out those below others.
func shortest(paths []inputPath) (kept []inputPath) {
	slices.SortFunc(paths, slices.Compare)
	for _, p := range paths {
		if len(kept) == 0 || !p.below(kept[len(kept)-1]) {
			kept = append(kept, p)
		}
	}
	return kept
}
