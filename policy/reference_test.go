package policy

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// reference judges with OPA alone: modules as they are written, input as plain maps, everything evaluated for every pair. OPA's
// rule indexer and early exit, which the engine relies on, are off.
type reference struct {
	t        testing.TB
	compiler *ast.Compiler
	store    storage.Store
	sides    []referenceSide
	codes    map[string]string // of the only rule of a package, by its path without data.
	single   map[string]rego.PreparedEvalQuery
	indexed  bool // as OPA evaluates by default
}

// referenceSide is the packages of one who speaks.
type referenceSide struct {
	path, tenant, owner string
	query               rego.PreparedEvalQuery
}

// newReference prepares modules, text by name, with the tables of a folder, for packages below these.
func newReference(t testing.TB, tables fs.FS, modules map[string]string, below ...string) *reference {
	parsed, codes := map[string]*ast.Module{}, map[string]string{}
	for name, text := range modules {
		m, err := ast.ParseModuleWithOpts(name, text, ast.ParserOptions{RegoVersion: ast.RegoV1})
		require.NoError(t, err, text)
		parsed[name] = m
		if _, code, ok := strings.Cut(text, "custom: {code: "); ok {
			codes[strings.TrimPrefix(m.Package.Path.String(), "data.")], _, _ = strings.Cut(code, ",")
		}
	}
	return parsedReference(t, tables, parsed, codes, below...)
}

func parsedReference(t testing.TB, tables fs.FS, modules map[string]*ast.Module, codes map[string]string, below ...string) *reference {
	r := &reference{t: t, compiler: ast.NewCompiler(), codes: codes, single: map[string]rego.PreparedEvalQuery{}}
	r.store = inmem.NewFromObject(map[string]any{"domicile": map[string]any{"tables": plainTables(t, tables)}})
	r.compiler.Compile(modules)
	require.False(t, r.compiler.Failed(), "%v", r.compiler.Errors)
	for _, path := range below {
		side := referenceSide{path: "domicile." + path, query: r.prepare("domicile." + path)}
		switch who, id, _ := strings.Cut(path, "."); who {
		case "tenant":
			side.tenant = id
		case "owner":
			side.owner = id
		}
		r.sides = append(r.sides, side)
	}
	return r
}

func (r *reference) prepare(path string) rego.PreparedEvalQuery {
	q, err := rego.New(
		rego.Compiler(r.compiler), rego.Store(r.store), rego.StrictBuiltinErrors(true), rego.Query("data."+path),
	).PrepareForEval(r.t.Context())
	require.NoError(r.t, err)
	return q
}

// plainTables reads tables as rules see them.
func plainTables(t testing.TB, folder fs.FS) map[string]any {
	tables := map[string]any{}
	require.NoError(t, fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if text, _ := fs.ReadFile(folder, name); strings.HasSuffix(name, ".yaml") {
			bad := &defects{}
			x := parseTable(&file{name: name, text: text}, bad)
			require.NoError(t, bad.err())
			tables[x.name] = map[string]any{"values": x.values, "asOf": x.AsOf, "source": x.Source, "validUntil": x.ValidUntil}
		}
		return nil
	}))
	return tables
}

// libraryModules returns the text of the library's modules by name.
func libraryModules(t testing.TB) map[string]string {
	modules := map[string]string{}
	require.NoError(t, fs.WalkDir(Library(), ".", func(name string, d fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".rego") && !strings.HasSuffix(name, "_test.rego") {
			text, err := fs.ReadFile(Library(), name)
			require.NoError(t, err)
			modules["library/"+name] = string(text)
		}
		return nil
	}))
	return modules
}

// answer is what rules say about a pair, in a form to compare.
type answer struct {
	Failed []string // codes of rules that could not be judged, sorted
	Denied []string // details with their messages, sorted
	Points int64    // none where anything failed or denies
}

// ask evaluates everything for a pair.
func (r *reference) ask(in placement.Scope, w *placement.Workload, s *topology.Site) answer {
	input := plainInput(in, w, s)
	a := r.judge(input, w.Tenant, string(s.Provider))
	if len(a.Failed) > 0 && !r.indexed {
		// OPA's index passes over clauses of which a later condition does not hold, before an earlier one can fail.
		r.indexed = true
		a = r.judge(input, w.Tenant, string(s.Provider))
		r.indexed = false
	}
	return a
}

// judge evaluates the sides that speak of a tenant and an owner.
func (r *reference) judge(input map[string]any, tenant, owner string) answer {
	var a answer
	value, err := ast.InterfaceToValue(input)
	require.NoError(r.t, err)
	for _, side := range r.sides {
		if side.tenant != "" && side.tenant != tenant || side.owner != "" && side.owner != owner {
			continue
		}
		results, err := r.eval(side.query, value)
		if err == nil {
			for _, name := range sortedKeys(results) {
				a.add(results[name], r.codes[side.path+"."+name])
			}
			continue
		}
		for _, path := range sortedKeys(r.codes) { // one of them fails
			if !strings.HasPrefix(path, side.path+".") {
				continue
			}
			if result, err := r.alone(path, value); err != nil {
				a.Failed = append(a.Failed, r.codes[path])
			} else {
				a.add(result, r.codes[path])
			}
		}
	}
	slices.Sort(a.Denied)
	slices.Sort(a.Failed)
	if len(a.Denied)+len(a.Failed) > 0 {
		a.Points = 0
	}
	return a
}

// alone evaluates one package.
func (r *reference) alone(path string, input ast.Value) (map[string]any, error) {
	if _, ok := r.single[path]; !ok {
		r.single[path] = r.prepare(path)
	}
	return r.eval(r.single[path], input)
}

func (r *reference) eval(q rego.PreparedEvalQuery, input ast.Value) (map[string]any, error) {
	results, err := q.Eval(r.t.Context(), rego.EvalParsedInput(input), rego.EvalRuleIndexing(r.indexed), rego.EvalEarlyExit(r.indexed))
	if err != nil {
		return nil, err
	}
	if len(results) == 0 { // nobody speaks
		return nil, nil
	}
	return results[0].Expressions[0].Value.(map[string]any), nil
}

// add adds what a package holds; code is of its only rule.
func (a *answer) add(held any, code string) {
	of := held.(map[string]any)
	denied, _ := of["deny"].([]any)
	for _, d := range denied {
		a.Denied = append(a.Denied, text(d))
	}
	preferred, _ := of["prefer"].([]any)
	for _, p := range preferred {
		points, _ := p.(map[string]any)["points"].(json.Number)
		n, err := points.Int64()
		if err != nil {
			a.Failed = append(a.Failed, code)
			return
		}
		a.Points += n
	}
}

// engine asks a set the same.
func engine(t testing.TB, set *Set, in placement.Scope, w *placement.Workload, s *topology.Site) answer {
	var a answer
	reasons, err := set.Reasons(t.Context(), in, w, s)
	require.NoError(t, err)
	for _, r := range reasons {
		if r.Code == codeError {
			code, _, _ := strings.Cut(r.Message, " ")
			a.Failed = append(a.Failed, code)
			continue
		}
		detail := map[string]any{}
		for k, v := range r.Detail {
			detail[k] = v
		}
		if r.Message != "" {
			detail["message"] = r.Message
		}
		a.Denied = append(a.Denied, text(detail))
	}
	slices.Sort(a.Denied)
	slices.Sort(a.Failed)
	verdicts, err := set.Admit(t.Context(), in, w, []*topology.Site{s})
	require.NoError(t, err)
	require.Equal(t, len(reasons) > 0, verdicts[0].Denied)
	a.Points = verdicts[0].Points
	return a
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// plainInput writes the input down from the contract, independently of the engine.
func plainInput(in placement.Scope, w *placement.Workload, s *topology.Site) map[string]any {
	day := in.AsOf.Format(time.DateOnly)
	p, _ := in.Continuum.Provider(s.Provider)
	of := func(lists ...[]topology.Certification) []any {
		found := map[string]any{}
		for _, c := range slices.Concat(lists...) {
			if c.ValidUntil != "" && c.ValidUntil >= day {
				found[c.Scheme+"\x00"+c.Level] = map[string]any{"scheme": c.Scheme, "level": c.Level}
			}
		}
		out := []any{}
		for _, k := range sortedKeys(found) {
			out = append(out, found[k])
		}
		return out
	}
	control := []any{}
	for _, h := range in.Continuum.Control(p.ID) {
		control = append(control, map[string]any{
			"owner": string(h.Owner), "country": string(h.Country), "share": h.Share, "controls": h.Controls,
		})
	}
	known := int64(0)
	for _, o := range p.Owners {
		known += o.Share
	}
	demanded := map[string]any{}
	for d, n := range w.Demand {
		if n != 0 {
			demanded[string(d)] = n
		}
	}
	return map[string]any{
		"date": day,
		"workload": map[string]any{
			"application": w.Application, "component": w.Component, "tenant": w.Tenant, "kind": string(w.Kind),
			"data": string(w.Data), "priority": w.Priority, "demand": demanded, "tiers": tiers(w.Tiers),
			"labels": plain0(w.Labels), "attributes": plain0(w.Attributes),
		},
		"site": map[string]any{
			"id": string(s.ID), "country": string(s.Country), "city": s.City, "tier": s.Tier.String(),
			"runtimes": plainList(s.Runtimes), "labels": plain0(s.Labels), "attributes": plain0(s.Attributes),
			"certifications": of(s.Certifications, p.Certifications), "energy": map[string]any{"intensity": s.Energy.Intensity},
		},
		"provider": map[string]any{
			"id": string(p.ID), "name": p.Name, "country": string(p.Country), "control": control, "ownersKnown": known,
			"certifications": of(p.Certifications), "sovereignty": plain0(p.Sovereignty), "attributes": plain0(p.Attributes),
		},
	}
}

func plain0[K ~string, V any](m map[K]V) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		out[string(k)] = v
	}
	return out
}

func plainList[V ~string](list []V) []any {
	out := []any{}
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

func tiers(list []topology.Tier) []any {
	out := []any{}
	for _, v := range list {
		out = append(out, v.String())
	}
	return out
}
