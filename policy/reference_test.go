package policy

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// reference judges with OPA alone: modules as they are written, input as plain maps, everything evaluated for every pair.
type reference struct {
	t     testing.TB
	query rego.PreparedEvalQuery
}

// newReference prepares the packages below a path, out of modules (text by name; nil: those of the library) and the library's
// tables.
func newReference(t testing.TB, below string, modules map[string]string) *reference {
	tables := map[string]any{}
	options := []func(*rego.Rego){}
	require.NoError(t, fs.WalkDir(Library(), ".", func(name string, d fs.DirEntry, err error) error {
		text, _ := fs.ReadFile(Library(), name)
		switch {
		case strings.HasSuffix(name, ".yaml"):
			bad := &defects{}
			x := parseTable(&file{name: name, text: text}, bad)
			require.NoError(t, bad.err())
			tables[x.name] = map[string]any{"values": x.values, "asOf": x.AsOf, "source": x.Source, "validUntil": x.ValidUntil}
		case modules == nil && strings.HasSuffix(name, ".rego") && !strings.HasSuffix(name, "_test.rego"):
			options = append(options, rego.Module("library/"+name, string(text)))
		}
		return nil
	}))
	for name, text := range modules {
		options = append(options, rego.Module(name, text))
	}
	options = append(options, rego.StrictBuiltinErrors(true), rego.Store(inmem.NewFromObject(map[string]any{
		"domicile": map[string]any{"tables": tables},
	})))
	q, err := rego.New(append(options, rego.Query("data.domicile."+below))...).PrepareForEval(t.Context())
	require.NoError(t, err)
	return &reference{t, q}
}

// answer is what rules say about a pair, in a form to compare.
type answer struct {
	Failed bool
	Denied []string // details with their messages, sorted
	Points int64
}

// ask evaluates everything for a pair.
func (r *reference) ask(in placement.Scope, w *placement.Workload, s *topology.Site) answer {
	var a answer
	input := plainInput(in, w, s)
	results, err := r.query.Eval(r.t.Context(), rego.EvalInput(input))
	if err != nil {
		return answer{Failed: true}
	}
	require.Len(r.t, results, 1)
	for _, p := range results[0].Expressions[0].Value.(map[string]any) {
		of := p.(map[string]any)
		denied, _ := of["deny"].([]any)
		for _, d := range denied {
			a.Denied = append(a.Denied, text(d))
		}
		preferred, _ := of["prefer"].([]any)
		for _, p := range preferred {
			n, err := p.(map[string]any)["points"].(json.Number).Int64()
			require.NoError(r.t, err)
			a.Points += n
		}
	}
	slices.Sort(a.Denied)
	return a
}

// engine asks a set the same.
func engine(t testing.TB, set *Set, in placement.Scope, w *placement.Workload, s *topology.Site) answer {
	var a answer
	reasons, err := set.Reasons(t.Context(), in, w, s)
	require.NoError(t, err)
	for _, r := range reasons {
		if r.Code == codeError {
			a.Failed = true
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
	return map[string]any{
		"date": day,
		"workload": map[string]any{
			"application": w.Application, "component": w.Component, "tenant": w.Tenant, "kind": string(w.Kind),
			"data": string(w.Data), "priority": w.Priority, "demand": plain0(w.Demand), "tiers": tiers(w.Tiers),
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
