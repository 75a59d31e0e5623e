package policy

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// TestInputFollowsItsSchema checks what rules are given against input.schema.json, with nothing stated and with all.
func TestInputFollowsItsSchema(t *testing.T) {
	var schema map[string]any
	require.NoError(t, json.Unmarshal(InputSchema(), &schema))
	// The checker that comes with OPA knows drafts up to 7.
	delete(schema, "$schema")
	q, err := rego.New(rego.Query("json.match_schema(input.document, input.schema)")).PrepareForEval(t.Context())
	require.NoError(t, err)
	follows := func(document *ast.Term) bool {
		plain, err := ast.JSON(document.Value)
		require.NoError(t, err)
		results, err := q.Eval(t.Context(), rego.EvalInput(map[string]any{"document": plain, "schema": schema}))
		require.NoError(t, err)
		pair := results[0].Expressions[0].Value.([]any)
		if pair[0] != true {
			t.Log(pair[1])
		}
		return pair[0].(bool)
	}
	r := rand.New(rand.NewPCG(1, 1))
	c := libraryWorld(r, 10)
	workloads := []*placement.Workload{{}, libraryWorkload(r), libraryWorkload(r)}
	workloads[0].Kind = placement.VM
	workloads[1].Tiers = []topology.Tier{topology.FarEdge}
	workloads[1].Labels = map[string]string{"zone": "a"}
	for _, w := range workloads {
		work, err := workloadPart(w)
		require.NoError(t, err)
		for s := range c.Sites() {
			p, _ := c.Provider(s.Provider)
			provider, err := providerPart(c, p, "2026-11-23")
			require.NoError(t, err)
			site, err := sitePart(s, p, "2026-11-23")
			require.NoError(t, err)
			require.True(t, follows(admissionInput("2026-11-23", work, site, provider)))
		}
	}
	require.True(t, follows(transitInput("2026-11-23", "health", "jurisdiction", "DE")))
	require.True(t, follows(transitInput("2026-11-23", "", "operator", "")))
	require.False(t, follows(transitInput("2026-11-23", "", "country", "")))
}

// TestFactsThatCannotBeReadDeny gives sites, providers and workloads attributes that no rule could be trusted to see.
func TestFactsThatCannotBeReadDeny(t *testing.T) {
	s, err := Load(nil, nil)
	require.NoError(t, err)
	endless := map[string]any{}
	endless["self"] = endless
	for name, c := range map[string]struct {
		fact any
		want string
	}{
		"a time":      {time.Time{}, "attributes.x: is a time.Time, not a text, truth value, number, list or mapping"},
		"no number":   {math.NaN(), "attributes.x: is NaN, which is no number"},
		"infinity":    {math.Inf(1), "attributes.x: is +Inf, which is no number"},
		"nothing":     {nil, "attributes.x: is a <nil>, not a text, truth value, number, list or mapping"},
		"within":      {[]any{map[string]any{"y": struct{}{}}}, "attributes.x: [0]: y: is a struct {}, not"},
		"without end": {endless, "is nested more than 64 deep"},
		"odd keys":    {map[int]string{1: "x"}, "is a map[int]string"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, who := range []string{"workload", "site", "provider"} {
				facts := func(x string) map[string]any {
					if x != who {
						return nil
					}
					return map[string]any{"x": c.fact}
				}
				w := &placement.Workload{ID: "a/b", Attributes: facts("workload")}
				site := &topology.Site{ID: "s", Provider: "p", Attributes: facts("site")}
				in := placement.Scope{Continuum: continuumOf(t, topology.Provider{ID: "p", Name: "P", Country: "DE"}), AsOf: time.Unix(0, 0)}
				if who == "provider" {
					p, _ := in.Continuum.Provider("p")
					p.Attributes = facts("provider")
				}
				verdicts, err := s.Admit(t.Context(), in, w, []*topology.Site{site})
				require.NoError(t, err)
				assert.True(t, verdicts[0].Denied)
				reasons, err := s.Reasons(t.Context(), in, w, site)
				require.NoError(t, err)
				require.Len(t, reasons, 1)
				assert.Equal(t, "POLICY-ERROR", reasons[0].Code)
				assert.Contains(t, reasons[0].Message, who)
				assert.Contains(t, reasons[0].Message, c.want)
			}
		})
	}
}

func continuumOf(t *testing.T, providers ...topology.Provider) *topology.Continuum {
	c, err := topology.New(topology.Spec{Name: "x", AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Providers: providers})
	require.NoError(t, err)
	return c
}

func TestAnUnknownProviderDenies(t *testing.T) {
	s, err := Load(nil, nil)
	require.NoError(t, err)
	w := newWorld(t, fstest.MapFS{})
	reasons, err := s.Reasons(t.Context(), w.scope(), w.workload("clinic/db"), &topology.Site{ID: "s", Provider: "nobody"})
	require.NoError(t, err)
	require.Len(t, reasons, 1)
	assert.Equal(t, `provider "nobody" is not in the continuum`, reasons[0].Message)
}

// TestValues goes to Rego's form and back, for every kind of value that attributes may have.
func TestValues(t *testing.T) {
	for _, v := range []any{
		"x", "", true, false, int64(0), int64(math.MaxInt64), int64(math.MinInt64), 1.5, 1e300, -0.25, []any{}, []any{"a", int64(1), []any{false}},
		map[string]any{}, map[string]any{"a": map[string]any{"b": []any{1.25}}},
	} {
		value, err := toValue(v)
		require.NoError(t, err)
		back, err := fromValue(value)
		require.NoError(t, err)
		assert.Equal(t, v, back)
	}
	for v, want := range map[any]string{7: "7", "": `""`} {
		value, err := toValue(v)
		require.NoError(t, err)
		assert.Equal(t, want, value.String())
	}
	typed, err := toValue(map[string]any{"texts": []string{"b", "a"}, "named": map[topology.SiteID]bool{"s": true}})
	require.NoError(t, err)
	assert.Equal(t, `{"named": {"s": true}, "texts": ["b", "a"]}`, typed.String())
	large, err := fromValue(ast.Number("1e999"))
	require.NoError(t, err)
	assert.Equal(t, "1e999", large)
	set, err := fromValue(ast.NewSet(ast.StringTerm("b"), ast.StringTerm("a")))
	require.NoError(t, err)
	assert.Equal(t, []any{"a", "b"}, set)
}

// TestSchemasOfFiles holds the readers and the schemas against the same documents.
func TestSchemasOfFiles(t *testing.T) {
	q, err := rego.New(rego.Query("json.match_schema(input.document, input.schema)")).PrepareForEval(t.Context())
	require.NoError(t, err)
	follows := func(document string, schema []byte) bool {
		var d, s map[string]any
		require.NoError(t, json.Unmarshal([]byte(document), &d))
		require.NoError(t, json.Unmarshal(schema, &s))
		delete(s, "$schema")
		results, err := q.Eval(t.Context(), rego.EvalInput(map[string]any{"document": d, "schema": s}))
		require.NoError(t, err)
		return results[0].Expressions[0].Value.([]any)[0].(bool)
	}
	table := `{"apiVersion": "domicile.eu/v1alpha1", "kind": "PolicyTable", "name": "t", "asOf": "2026-01-01", "source": "x", "validUntil": "2027-01-01", "values": {"a": 1}}`
	packs := `{"apiVersion": "domicile.eu/v1alpha1", "kind": "PolicyPacks", "packs": ["residency"]}`
	for _, c := range []struct {
		from, old, new string
		ok             bool
	}{
		{table, "", "", true},
		{table, `"t"`, `"t-1_b"`, true},
		{table, `"t"`, `"T"`, false},
		{table, `"x"`, `""`, false},
		{table, `{"a": 1}`, `{}`, false},
		{table, `{"a": 1}`, `[1]`, false},
		{table, `{"a": 1}`, `{"a": [1, "x", true, 1.5, {"b": {}}]}`, true},
		{table, `"name": "t", `, ``, false},
		{table, `"asOf"`, `"asof"`, false},
		{table, `2026-01-01`, `January`, false},
		{table, `PolicyTable`, `PolicyPacks`, false},
		{packs, "", "", true},
		{packs, `["residency"]`, `[]`, false},
		{packs, `["residency"]`, `["residency", "residency"]`, false},
		{packs, `["residency"]`, `"residency"`, false},
		{packs, `"packs"`, `"pack"`, false},
		{packs, `v1alpha1`, `v1`, false},
	} {
		document := strings.Replace(c.from, c.old, c.new, 1)
		bad := &defects{}
		f := &file{name: "f.yaml", text: []byte(document)}
		schema := TableSchema()
		if c.from == table {
			parseTable(f, bad)
		} else {
			schema = PacksSchema()
			parsePacks(f, []string{"residency"}, bad)
		}
		assert.Equal(t, c.ok, bad.none(), "%s: %v", document, bad.err())
		assert.Equal(t, c.ok, follows(document, schema), document)
	}
}

func TestExpiryOfCertifications(t *testing.T) {
	list := []topology.Certification{
		{Scheme: "B", ValidUntil: "2026-11-23"}, {Scheme: "A", Level: "2", ValidUntil: "2027-01-01"}, {Scheme: "A", Level: "1", ValidUntil: "2027-01-01"},
		{Scheme: "old", ValidUntil: "2026-11-22"}, {Scheme: "undated"}, {Scheme: "odd", ValidUntil: "2999"},
	}
	got := certifications("2026-11-23", list, slices.Clone(list))
	assert.Equal(t, `[{"level": "1", "scheme": "A"}, {"level": "2", "scheme": "A"}, {"level": "", "scheme": "B"}]`, got.String())
}
