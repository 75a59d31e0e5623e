package policy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// copied returns a copy of plain data.
func copied(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = copied(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for k, e := range v {
			out[k] = copied(e)
		}
		return out
	}
	return v
}

// at follows keys into plain data.
func at(v any, keys []string) (any, bool) {
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = m[k]; !ok {
			return nil, false
		}
	}
	return v, true
}

// seen writes down what a footprint says that a rule can see of an input, by no means of the engine's.
func seen(f footprint, input map[string]any) string {
	var b strings.Builder
	for _, p := range f.inputs {
		v, ok := at(input, p)
		fmt.Fprintln(&b, ok, text(v))
	}
	for _, p := range f.kinds {
		switch v, _ := at(input, p); v.(type) {
		case nil:
			fmt.Fprintln(&b, "absent")
		case map[string]any:
			fmt.Fprintln(&b, "object")
		case []any:
			fmt.Fprintln(&b, "array")
		case string:
			fmt.Fprintln(&b, "string")
		case bool:
			fmt.Fprintln(&b, "boolean")
		default:
			fmt.Fprintln(&b, "number")
		}
	}
	return b.String()
}

// facts are values and keys for noise.
type facts struct {
	keys   []string
	values []any
}

// factsOf collects what stands in inputs, and what a library's rules might look for.
func factsOf(inputs ...map[string]any) facts {
	f := facts{keys: []string{"zone", "other", "deep", "er"}, values: []any{"x", "", "noise", true, false, int64(0), int64(1), 2.5, []any{}, map[string]any{}}}
	for _, in := range inputs {
		for _, part := range []string{"workload", "site", "provider"} {
			m := in[part].(map[string]any)["attributes"].(map[string]any)
			for _, k := range sortedKeys(m) {
				f.keys, f.values = append(f.keys, k), append(f.values, m[k])
			}
		}
	}
	return f
}

// disturb changes one thing in an input, so that it stays one of those that rules may be given.
func (f facts) disturb(r *rand.Rand, in map[string]any) {
	part := pick(r, "workload", "site", "site", "provider")
	of := in[part].(map[string]any)
	word := func() string {
		return pick(r, "x", "y", "A", "DE", "FR", "US", "vm", "machine", "edge", "cloud", "p1", "")
	}
	if r.IntN(4) > 0 {
		m := of["attributes"].(map[string]any)
		for {
			k := f.keys[r.IntN(len(f.keys))]
			deep, ok := m[k].(map[string]any)
			switch {
			case ok && r.IntN(2) == 0:
				m = deep
				continue
			case r.IntN(3) == 0:
				delete(m, k)
			default:
				m[k] = copied(f.values[r.IntN(len(f.values))])
			}
			return
		}
	}
	var places []string
	for _, k := range sortedKeys(of) {
		if k != "attributes" {
			places = append(places, k)
		}
	}
	switch k := places[r.IntN(len(places))]; v := of[k].(type) {
	case string:
		of[k] = word()
	case int64, int:
		of[k] = r.Int64N(4)
	case []any:
		switch k {
		case "certifications":
			of[k] = pick(r, []any{}, []any{map[string]any{"scheme": pick(r, "HDS", "X", "ENS"), "level": word()}})
		case "control":
			of[k] = pick(r, []any{}, []any{map[string]any{"owner": "o", "country": word(), "share": r.Int64N(9000), "controls": r.IntN(2) == 0}})
		default:
			of[k] = pick(r, []any{}, []any{word()}, []any{word(), word()})
		}
	case map[string]any:
		switch k {
		case "labels":
			v[f.keys[r.IntN(len(f.keys))]] = word()
		case "energy":
			v["intensity"] = r.Int64N(600)
		default: // demand, sovereignty
			v[pick(r, "cpu", "gpu", "memory", "SOV-1", "SOV-2")] = 1 + r.Int64N(4)
		}
	}
	if r.IntN(8) == 0 {
		in["date"] = pick(r, "2026-11-23", "2026-11-24", "2027-01-31")
	}
}

// noise disturbs an input wherever a footprint says that nothing is seen.
func (f facts) noise(r *rand.Rand, of footprint, input map[string]any) (noisy map[string]any, changes int) {
	noisy = input
	before := seen(of, input)
	for range 12 {
		next := copied(noisy).(map[string]any)
		if f.disturb(r, next); seen(of, next) == before {
			noisy = next
			changes++
		}
	}
	return noisy, changes
}

// outcome is all that plain Rego says of a package.
func (r *reference) outcome(path string, input map[string]any) string {
	value, err := ast.InterfaceToValue(input)
	require.NoError(r.t, err)
	held, err := r.alone(path, value)
	if err != nil {
		return "fails"
	}
	b, err := json.Marshal(map[string]any{"deny": held["deny"], "prefer": held["prefer"]})
	require.NoError(r.t, err)
	return string(b)
}

// disturbed counts what noise was made, and how often what is said differs between inputs that a rule can tell apart.
type disturbed struct{ changes, asked, told int }

// deafTo sees that a rule says the same through all noise outside its footprint.
func (d *disturbed) deafTo(t testing.TB, r *rand.Rand, x *rule, ref *reference, policy string, inputs []map[string]any) {
	f := factsOf(inputs...)
	first := ""
	for n, input := range inputs {
		before := ref.outcome(x.module.path(), input)
		if n == 0 {
			first = before
		} else if first != before {
			d.told++
		}
		for range 2 {
			noisy, changes := f.noise(r, x.reads, input)
			if changes == 0 {
				continue
			}
			d.changes += changes
			d.asked++
			if after := ref.outcome(x.module.path(), noisy); before != after {
				require.Equal(t, before, after, "%s sees %v and kinds of %v\n%s\n%s\n%s", x.Code, x.reads.inputs, x.reads.kinds, policy, text(input), text(noisy))
			}
		}
	}
}

// TestNoiseOutsideFootprints disturbs the input of generated rules wherever their footprints say that nothing is seen: plain Rego
// says the same.
func TestNoiseOutsideFootprints(t *testing.T) {
	var d disturbed
	sets := 20 * effort()
	for n := range sets {
		r := rand.New(rand.NewPCG(41, uint64(n)))
		a := agree(t, r, generate(r, 8))
		in := placement.Scope{Continuum: generatedSites(r, libraryWorld(r, 1)), AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
		inputs := someInputs(r, in, generatedWorkloads(r, 8))
		for _, x := range a.set.rules {
			d.deafTo(t, r, x, a.ref, a.text, inputs)
		}
	}
	t.Logf("%+v", d)
	require.Greater(t, d.changes, sets*100)
	require.Greater(t, d.told, sets)
}

// someInputs pairs each workload with a site.
func someInputs(r *rand.Rand, in placement.Scope, workloads []*placement.Workload) []map[string]any {
	sites := slices.Collect(in.Continuum.Sites())
	var inputs []map[string]any
	for _, w := range workloads {
		inputs = append(inputs, plainInput(in, w, sites[r.IntN(len(sites))]))
	}
	return inputs
}

// TestNoiseOutsideLibraryFootprints does the same with the rules of the library, each of which is compiled by itself.
func TestNoiseOutsideLibraryFootprints(t *testing.T) {
	s, err := Load(everyPack(), nil)
	require.NoError(t, err)
	texts := libraryModules(t)
	var d disturbed
	for _, x := range s.rules {
		if x.Kind == "transit" {
			continue
		}
		modules := map[string]*ast.Module{}
		for name, text := range texts {
			if !strings.Contains(name, "/lib/") && name != x.module.name {
				continue
			}
			m, err := ast.ParseModuleWithOpts(name, text, ast.ParserOptions{RegoVersion: ast.RegoV1})
			require.NoError(t, err)
			m.Rules = slices.DeleteFunc(m.Rules, func(r *ast.Rule) bool {
				return slices.Contains(verdicts, string(r.Head.Name)) && r.Location.Row != x.source.Location.Row
			})
			modules[name] = m
		}
		ref := parsedReference(t, Library(), modules, nil)
		r := rand.New(rand.NewPCG(42, uint64(len(x.Code))))
		in := placement.Scope{Continuum: libraryWorld(r, 20), AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
		var workloads []*placement.Workload
		for range 12 * effort() {
			workloads = append(workloads, libraryWorkload(r))
		}
		d.deafTo(t, r, x, ref, x.Location, someInputs(r, in, workloads))
	}
	t.Logf("%+v", d)
	require.Greater(t, d.told, 20)
}

// TestEqualClassesSayTheSame: where the engine gives two pairs the same classes, plain Rego says the same of them, reasons included.
func TestEqualClassesSayTheSame(t *testing.T) {
	same := 0
	for n := range 6 * effort() {
		r := rand.New(rand.NewPCG(43, uint64(n)))
		a := agree(t, r, generate(r, 6))
		in := placement.Scope{Continuum: generatedSites(r, libraryWorld(r, 1)), AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
		m := a.set.recall()
		p := m.picture(a.set, in.Continuum, "2026-11-23")
		type pair struct{ rule, workload, site int32 }
		first := map[pair]string{}
		for _, w := range generatedWorkloads(r, 5) {
			ofWorkload, err := m.workload(a.set, "2026-11-23", w)
			require.NoError(t, err)
			for site := range in.Continuum.Sites() {
				ofSite := a.classesOf(m, p, site)
				for i, x := range a.set.rules {
					key := pair{int32(i), ofWorkload[x.workloadView], ofSite[x.siteView]}
					says := a.ref.outcome(x.module.path(), plainInput(in, w, site))
					if before, ok := first[key]; ok {
						same++
						require.Equal(t, before, says, "%s\n%s\n%s", x.Code, a.text, text(plainInput(in, w, site)))
					}
					first[key] = says
				}
			}
		}
	}
	require.Greater(t, same, 500)
}

func (a *agreement) classesOf(m *memory, p *picture, site *topology.Site) []int32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.site(a.set, p, site).classes
}
