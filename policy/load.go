package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/version"
)

// Load compiles the modules, tables and packs of sources into a set. The library's tables and helper functions are there for all
// modules to read; its packs are in force where a packs.yaml names them. A table, pack or helper package of a source
// replaces the library's of the same name as a whole.
//
// The error names every defect with file and line, and wraps [ErrInvalid]. What Rego would take for a rule that never holds is refused
// as well: a table, rule or key of the input that does not exist. No sources make a set that admits everything.
func Load(sources []Source, opts *Options) (*Set, error) {
	o, err := opts.resolved()
	if err != nil {
		return nil, err
	}
	return load(sources, Library(), o)
}

// load is Load with a library of one's own.
func load(sources []Source, library fs.FS, o Options) (*Set, error) {
	bad := &defects{}
	f := gather(sources, library, false, o, bad)
	if bad.none() {
		f.activate(bad)
	}
	if !bad.none() {
		return nil, bad.err()
	}
	s := build(f, o, bad)
	if !bad.none() {
		return nil, bad.err()
	}
	return s, nil
}

// folder is what sources hold, parsed.
type folder struct {
	modules []*module // tests left out
	tests   []*module
	tables  map[string]*table
	packs   []*file // packs.yaml files
	// revision is what bundles say of themselves, in the order of sources, joined by commas.
	revision string
}

// gather reads and parses sources and the library, and lets the sources' parts replace the library's. Tests are passed over
// unless they are asked for.
func gather(sources []Source, library fs.FS, tests bool, o Options, bad *defects) *folder {
	own := newCollector(o.MaxModuleBytes, bad)
	for _, s := range sources {
		own.read(s, false)
	}
	ready := newCollector(defaultMaxModuleBytes, bad)
	ready.read(Source{Name: libraryName, FS: library}, true)

	f := &folder{tables: map[string]*table{}, revision: strings.Join(own.revisions, ", ")}
	replaced := map[string]bool{} // names of packs, paths of helper packages
	read := func(files []*file) {
		for _, x := range files {
			if tests || !x.isTest() {
				f.parse(x, bad)
			}
		}
	}
	read(own.files)
	for _, m := range f.modules {
		replaced[m.unit()] = true
	}
	read(ready.files)
	f.modules = slices.DeleteFunc(f.modules, func(m *module) bool { return m.library && replaced[m.unit()] })
	slices.SortStableFunc(f.modules, func(a, b *module) int { return strings.Compare(a.name, b.name) })
	return f
}

// unit is what is replaced as a whole: a pack or a helper package. The other packages are not the library's.
func (m *module) unit() string {
	if m.side.pack != "" {
		return "pack " + m.side.pack
	}
	return m.path()
}

// parse adds a file.
func (f *folder) parse(x *file, bad *defects) {
	switch {
	case x.isPacks():
		f.packs = append(f.packs, x)
	case x.isModule():
		m := parseModule(x, bad)
		if m != nil {
			m.checkRoots(bad)
		}
		switch {
		case m == nil:
		case x.isTest():
			f.tests = append(f.tests, m)
		default:
			f.modules = append(f.modules, m)
		}
	default:
		t := parseTable(x, bad)
		if t == nil {
			return
		}
		switch other, ok := f.tables[t.name]; {
		case !ok:
			f.tables[t.name] = t
		case !t.library:
			bad.add(x.name, 0, "table %s stands in %s already", t.name, other.File)
		}
	}
}

// activate leaves out the packs that no packs.yaml names.
func (f *folder) activate(bad *defects) {
	known := map[string]bool{}
	for _, m := range f.modules {
		if m.side.pack != "" {
			known[m.side.pack] = true
		}
	}
	var active []string
	for _, x := range f.packs {
		active = append(active, parsePacks(x, sortedKeys(known), bad)...)
	}
	f.modules = slices.DeleteFunc(f.modules, func(m *module) bool {
		return m.side.pack != "" && !slices.Contains(active, m.side.pack)
	})
}

// build compiles a folder into a set and notes every defect on the way.
func build(f *folder, o Options, bad *defects) *Set {
	s := &Set{
		options: o, tables: f.tables, digest: f.digest(), data: f.dataDigest(), revision: f.revision, memoryLimit: maxMemory,
	}
	for _, m := range f.modules {
		s.rules = append(s.rules, rulesOf(m, bad)...)
	}
	order(s.rules, bad)
	checkConflicts(f.modules, bad)
	before := len(bad.own)
	checkWeights(f.modules, bad)
	if len(bad.own) > before {
		return s
	}
	s.lints = lintModules(s.rules)
	split(s.rules)

	modules := map[string]*ast.Module{}
	for i, m := range f.modules {
		modules[fmt.Sprintf("%06d", i)] = m.ast
	}
	before = len(bad.own)
	s.compiler = compile(modules, bad)
	if len(bad.own) > before {
		return s
	}
	r := newReader(s.compiler, sortedKeys(f.tables))
	checkReferences(r, f.tables, bad)
	for _, x := range s.rules {
		x.reads = r.footprint(s.compiler.GetRulesExact(x.ref)...)
		checkInputs(x, bad)
		checkShape(s.compiler, x, bad)
	}
	s.views = newViews(s.rules)
	for _, kind := range verdicts[:2] {
		for i, x := range s.rules {
			if x.Kind == kind {
				s.asked = append(s.asked, i)
				s.tenants = s.tenants || x.side.tenant != ""
			}
		}
	}
	prepare(s.compiler, s.rules, bad)
	s.guards = newGuards()
	guardCalls(s.compiler, s.guards)
	store, err := newStore(f.tables)
	if err != nil {
		bad.add("tables", 0, "%v", err)
	}
	s.store = store
	s.lints = append(s.lints, s.lintFootprints()...)
	sortFindings(s.lints)
	s.reset()
	return s
}

// digest identifies all that a set can answer from.
func (f *folder) digest() string {
	h := sha256.New()
	write(h, "opa", version.Version)
	for _, m := range f.modules {
		write(h, "module", m.name, string(m.text))
	}
	write(h, "data", f.dataDigest())
	return hex.EncodeToString(h.Sum(nil))
}

// dataDigest identifies the tables.
func (f *folder) dataDigest() string {
	h := sha256.New()
	for _, name := range sortedKeys(f.tables) {
		t := f.tables[name]
		text, err := toValue(t.values)
		if err != nil {
			write(h, "unreadable", err.Error())
			continue
		}
		write(h, "table", name, t.File, t.AsOf, t.Source, t.ValidUntil, text.String())
	}
	return hex.EncodeToString(h.Sum(nil))
}

// write adds texts to a digest, so that where one ends and the next begins makes a difference.
func write(h hash.Hash, texts ...string) {
	for _, t := range texts {
		fmt.Fprintf(h, "%d:%s", len(t), t)
	}
}
