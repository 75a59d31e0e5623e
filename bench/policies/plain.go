package policies

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// plain is what an embedder does: the modules as they are written in one prepared query, which is evaluated for a pair with
// an input of maps, and yields what every rule has to say. It shares no code with package policy but the reader of tables.
type plain struct {
	query   rego.PreparedEvalQuery
	entries []entry // of the list that the query yields

	day       string
	continuum *topology.Continuum
	workloads map[*placement.Workload]map[string]any
	sites     map[*topology.Site][2]map[string]any // site and provider
}

// entry is a set of one package that is asked for.
type entry struct {
	ref, kind, tenant, owner string
}

// newPlain prepares the modules that hold a set's rules, of a folder and the library.
func newPlain(ctx context.Context, set *policy.Set, sources []policy.Source, day string, c *topology.Continuum) (*plain, error) {
	p := &plain{day: day, continuum: c, workloads: map[*placement.Workload]map[string]any{}, sites: map[*topology.Site][2]map[string]any{}}
	active := map[string]bool{}
	for _, r := range set.Rules() {
		active[r.Location[:strings.LastIndexByte(r.Location, ':')]] = true
	}
	tables := map[string]any{}
	options := []func(*rego.Rego){rego.StrictBuiltinErrors(true)}
	for _, s := range append([]policy.Source{{Name: "library", FS: policy.Library()}}, sources...) {
		err := fs.WalkDir(s.FS, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.rego") {
				return err
			}
			text, err := fs.ReadFile(s.FS, name)
			if err != nil {
				return err
			}
			full := path.Join(s.Name, name)
			switch {
			case path.Ext(name) == ".yaml" && path.Base(name) != "packs.yaml":
				return addTable(tables, full, text)
			case path.Ext(name) == ".rego" && (active[full] || s.Name != "library" || path.Dir(name) == "lib"):
				options = append(options, rego.Module(full, string(text)))
				return p.addEntries(full, string(text))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(p.entries, func(a, b entry) int { return strings.Compare(a.ref, b.ref) })
	p.entries = slices.Compact(p.entries)
	var refs []string
	for _, e := range p.entries {
		refs = append(refs, e.ref)
	}
	options = append(options, rego.Query("["+strings.Join(refs, ", ")+"]"),
		rego.Store(inmem.NewFromObject(map[string]any{"domicile": map[string]any{"tables": tables}})))
	var err error
	p.query, err = rego.New(options...).PrepareForEval(ctx)
	return p, err
}

var errTable = errors.New("no table")

func addTable(tables map[string]any, name string, text []byte) error {
	o, err := document.Parse(name, "PolicyTable", bytes.NewReader(text), errTable)
	if err != nil {
		return err
	}
	o.Known("name", "asOf", "source", "validUntil", "values")
	tables[o.String("name")] = map[string]any{
		"asOf": o.Time("asOf").Format(time.DateOnly), "source": o.String("source"),
		"validUntil": o.Time("validUntil").Format(time.DateOnly), "values": o.Any("values"),
	}
	return o.Err()
}

// addEntries notes the sets deny and prefer of a module, and who speaks in it.
func (p *plain) addEntries(name, text string) error {
	m, err := ast.ParseModuleWithOpts(name, text, ast.ParserOptions{RegoVersion: ast.RegoV1})
	if err != nil {
		return err
	}
	for _, r := range m.Rules {
		kind := r.Head.Ref()[0].String()
		if kind != "deny" && kind != "prefer" {
			continue
		}
		e := entry{ref: m.Package.Path.Append(ast.StringTerm(kind)).String(), kind: kind}
		word := func(k int) string { return string(m.Package.Path[k].Value.(ast.String)) }
		switch word(2) {
		case "tenant":
			e.tenant = word(3)
		case "owner":
			e.owner = word(3)
		}
		p.entries = append(p.entries, e)
	}
	return nil
}

// eval evaluates everything for a pair.
func (p *plain) eval(ctx context.Context, w *placement.Workload, s *topology.Site) (rego.ResultSet, error) {
	facts := p.sites[s]
	return p.query.Eval(ctx, rego.EvalInput(map[string]any{"date": p.day, "workload": p.workloads[w], "site": facts[0], "provider": facts[1]}))
}

// finding is what plain evaluation says of a pair.
type finding struct {
	denied  bool
	points  int64
	failed  bool
	details []string // what deny rules yield, as JSON, sorted
}

// read reads a result.
func (p *plain) read(results rego.ResultSet, err error, w *placement.Workload, s *topology.Site) finding {
	var f finding
	if err != nil || len(results) != 1 {
		return finding{denied: true, failed: true}
	}
	for k, held := range results[0].Expressions[0].Value.([]any) {
		e := p.entries[k]
		if e.tenant != "" && e.tenant != w.Tenant || e.owner != "" && e.owner != string(s.Provider) {
			continue
		}
		for _, x := range held.([]any) {
			if e.kind == "deny" {
				f.denied = true
				f.details = append(f.details, jsonText(x))
				continue
			}
			n, err := x.(map[string]any)["points"].(json.Number).Int64()
			f.failed = f.failed || err != nil
			f.points += n
		}
	}
	if f.denied {
		f.points = 0
	}
	slices.Sort(f.details)
	return f
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
