package policy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// TestLibraryAgainstPlainRego compares all packs of the library with OPA alone on pairs that differ in everything the
// packs look at.
func TestLibraryAgainstPlainRego(t *testing.T) {
	set, err := Load(everyPack(), nil)
	require.NoError(t, err)
	ref := newReference(t, "packs", nil)
	r := rand.New(rand.NewPCG(1, 1))
	in := placement.Scope{Continuum: libraryWorld(r, 12), AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	denied := 0
	for range 12 {
		w := libraryWorkload(r)
		for s := range in.Continuum.Sites() {
			want, got := ref.ask(in, w, s), engine(t, set, in, w, s)
			if len(want.Denied) > 0 {
				denied++
				want.Points = 0
			}
			require.Equal(t, want, got, "%+v on %+v", w, s)
		}
	}
	require.Greater(t, denied, 20)
	require.Less(t, denied, 140)
}

// pick returns one of the values, or nothing.
func pick[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

// some states some of the facts, each with a chance of so many percent.
func some(r *rand.Rand, percent int, facts map[string][]any) map[string]any {
	out := map[string]any{}
	for _, k := range sortedKeys(facts) {
		if r.IntN(100) < percent {
			out[k] = pick(r, facts[k]...)
		}
	}
	return out
}

func libraryWorld(r *rand.Rand, sites int) *topology.Continuum {
	spec := topology.Spec{Name: "x", AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	spec.Providers = []topology.Provider{{ID: "abroad", Name: "Abroad", Country: "US"}, {ID: "near", Name: "Near", Country: "FR"}}
	certify := func() (c []topology.Certification) {
		for _, x := range []topology.Certification{
			{Scheme: "BSI-C5", Level: "type2"}, {Scheme: "HDS", Level: "v2"}, {Scheme: "ISO-27001", Level: "2022"},
			{Scheme: "ENS", Level: "high"}, {Scheme: "SCCO", Level: "scco2"}, {Scheme: "PCI-DSS", Level: "4.0"},
		} {
			if r.IntN(4) > 0 {
				x.ValidUntil = pick(r, "2027-01-01", "2026-11-23", "2026-11-22", "")
				x.Source = "assumed"
				c = append(c, x)
			}
		}
		return c
	}
	for i := range sites {
		p := topology.Provider{
			ID: topology.ProviderID(fmt.Sprintf("p%02d", i)), Name: "P", Country: pick[topology.Jurisdiction](r, "DE", "FR", "US", "CH", "PL"),
			Certifications: certify(),
			Attributes: some(r, 66, map[string][]any{
				"auditRights": {true, false}, "euSubsidiary": {true, false}, "publishesTransfers": {true, false},
				"keyManagement": {"provider", "customer", "external-eu"}, "exitNoticeDays": {int64(10), int64(90)},
				"ownershipForm": {"family", "free-float"}, "supportFrom": {[]any{"DE"}, []any{"DE", "IN"}},
				"establishments": {[]any{"DE"}, []any{"FR"}}, "governmentCloud": {true, false},
			}),
		}
		for k := range 8 {
			if r.IntN(4) > 0 {
				if p.Sovereignty == nil {
					p.Sovereignty = map[string]int{}
				}
				p.Sovereignty[fmt.Sprintf("SOV-%d", k+1)] = r.IntN(5)
			}
		}
		for _, owner := range []topology.ProviderID{"abroad", "near"} {
			if share := r.Int64N(6000); share > 1500 && (len(p.Owners) == 0 || p.Owners[0].Share+share <= 10000) {
				p.Owners = append(p.Owners, topology.Stake{Owner: owner, Share: share})
			}
		}
		spec.Providers = append(spec.Providers, p)
		spec.Sites = append(spec.Sites, topology.Site{
			ID: topology.SiteID(fmt.Sprintf("s%02d", i)), Name: "S", Provider: p.ID, City: pick(r, "Berlin", "Paris"),
			Country:  pick[topology.Jurisdiction](r, "DE", "FR", "US", "CH", "PL", "DE", "FR"),
			Location: topology.Location{Lat: 50, Lon: 8}, Tier: pick(r, topology.Edge, topology.Cloud), Runtimes: []topology.Runtime{topology.VM},
			Capacity: topology.Resources{topology.CPU: 64000}, Certifications: certify(),
			Energy: topology.Energy{Intensity: r.Int64N(500)},
			Attributes: some(r, 66, map[string][]any{
				"encryptionAtRest": {"provider-managed", "customer-managed", "external-kms"}, "confidentialComputing": {true, false},
				"dedicatedHosts": {true, false}, "vran": {true, false}, "physicalAccess": {"public", "locked", "staffed"},
				"exclusiveTenant": {"tenant", "other"}, "gpuModel": {"H100", "L4"},
			}),
		})
	}
	c, err := topology.New(spec)
	if err != nil {
		panic(err)
	}
	return c
}

func libraryWorkload(r *rand.Rand) *placement.Workload {
	return &placement.Workload{
		ID: "a/b", Application: "a", Component: "b", Tenant: pick(r, "tenant", "other"), Kind: placement.VM, Priority: 1,
		Demand: topology.Resources{topology.CPU: 1000, topology.GPU: r.Int64N(2)},
		Data:   pick[placement.DataClass](r, "", "", "internal", "telemetry", "personal", "payments", "health-de", "nonsense"),
		Attributes: some(r, 15, map[string][]any{
			"residency": {[]any{"DE"}, []any{"DE", "FR"}}, "notIn": {[]any{"US"}}, "home": {"DE", "FR"},
			"keys": {"external-kms", "customer-managed"}, "confidentialComputing": {true, false}, "isolation": {"host", "shared"},
			"seal": {map[string]any{"SOV-1": int64(2)}}, "maxIntensity": {int64(100)}, "gpuModels": {[]any{"H100"}},
			"exitPlan": {"tested", "none"}, "criticalFunction": {true, false}, "polandOnly": {true, false},
		}),
	}
}

// TestGeneratedPoliciesAgainstPlainRego compares generated rules, written in the ways in which footprints go wrong, with
// OPA alone. One set answers for all pairs and days, so that an answer remembered for a pair that the rule can tell apart shows.
func TestGeneratedPoliciesAgainstPlainRego(t *testing.T) {
	sets, pairs := 40, 0
	if testing.Short() {
		sets = 10
	}
	r := rand.New(rand.NewPCG(2, 1))
	for range sets {
		module := generate(r)
		set, err := Load(one("a.rego", module), nil)
		require.NoError(t, err, module)
		ref := newReference(t, "continuum", map[string]string{"a.rego": module})
		w := newWorld(t, fstest.MapFS{})
		w.asOf = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
		sites := generatedSites(r, w.continuum)
		in := placement.Scope{Continuum: sites, AsOf: w.asOf}
		for range 6 {
			x := &placement.Workload{
				ID: "a/b", Application: "a", Component: "b", Tenant: "t", Kind: pick(r, placement.VM, placement.Machine), Priority: 1,
				Data: pick[placement.DataClass](r, "", "x"), Attributes: generatedFacts(r),
			}
			in.AsOf = in.AsOf.AddDate(0, 0, 2*(in.AsOf.Day()%2)-1) // 23, 24, 23, ...
			for s := range sites.Sites() {
				want, got := ref.ask(in, x, s), engine(t, set, in, x, s)
				if want.Failed {
					require.True(t, got.Failed, module)
					continue
				}
				if len(want.Denied) > 0 {
					want.Points = 0
				}
				require.Equal(t, want, got, "%s\n%s", module, text(plainInput(in, x, s)))
				pairs++
			}
		}
	}
	require.Greater(t, pairs, sets*30)
}

// generatedFacts returns values, shallow and deep, of A, B and C, any of which may be absent.
func generatedFacts(r *rand.Rand) map[string]any {
	value := func() any {
		return pick[any](r, true, false, "x", "y", int64(1), map[string]any{}, map[string]any{"deep": true},
			map[string]any{"deep": false}, []any{"x"}, 1.5, "")
	}
	out := map[string]any{}
	for _, k := range []string{"A", "B", "C"} {
		if r.IntN(3) > 0 {
			out[k] = value()
		}
	}
	return out
}

// generatedSites gives three providers with three sites each such facts.
func generatedSites(r *rand.Rand, from *topology.Continuum) *topology.Continuum {
	spec := topology.Spec{Name: "g", AsOf: from.AsOf()}
	for i := range 3 {
		p := topology.Provider{ID: topology.ProviderID(fmt.Sprintf("p%d", i)), Name: "P", Country: "DE", Attributes: generatedFacts(r)}
		spec.Providers = append(spec.Providers, p)
		for k := range 3 {
			spec.Sites = append(spec.Sites, topology.Site{
				ID: topology.SiteID(fmt.Sprintf("s%d%d", i, k)), Name: "S", Provider: p.ID, City: pick(r, "x", "y"),
				Country: pick[topology.Jurisdiction](r, "DE", "FR"), Tier: topology.Edge, Location: topology.Location{Lat: 50, Lon: 8},
				Runtimes: []topology.Runtime{topology.VM}, Capacity: topology.Resources{topology.CPU: 1000}, Attributes: generatedFacts(r),
			})
		}
	}
	c, err := topology.New(spec)
	if err != nil {
		panic(err)
	}
	return c
}

// generate writes a module of six rules.
func generate(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString(`package domicile.continuum.a

of(o, k) := o.attributes[k]

either(o) := v if {
	v := o.attributes.A
} else := o.attributes.B

default stated := false

stated if input.provider.attributes.A == input.workload.attributes.A

reach contains input.site.attributes[input.workload.attributes.B]

deeper(o) if o.attributes.A.deep

bare(o, p) if {
	x := o.attributes
	not x.A
	p.attributes.B
} else if not o.attributes.C.deep

through(o) if bare(o, input.workload)

plain if input.site.attributes.C

deep if input.site.attributes.C.deep

members := {m | some m in input.site.runtimes}

by_kind[input.workload.kind] := input.site.attributes.A

`)
	for i := range 6 {
		key, fact := pick(r, "A", "B", "C"), pick(r, "site", "provider", "workload")
		head := fmt.Sprintf(`deny contains {"n": %d, "v": %s}`, i, value(r))
		if r.IntN(3) == 0 {
			head = fmt.Sprintf(`prefer contains {"points": %d, "because": %s}`, i+1, value(r))
		}
		fmt.Fprintf(&b, "# METADATA\n# title: t\n# custom: {code: R-%d, basis: b, as_of: \"2026\"}\n%s if {\n", i, head)
		for n := range 1 + r.IntN(2) {
			fmt.Fprintf(&b, "\t%s\n", condition(r, n, fact, key))
		}
		b.WriteString("}\n\n")
	}
	return b.String()
}

// value writes an expression for a head that is never undefined.
func value(r *rand.Rand) string {
	return pick(r, `1`, `object.get(input.site.attributes, "A", "none")`, `object.get(input.workload, ["attributes", "B"], "none")`,
		`[v | v := input.provider.attributes.C]`, `{k | input.site.attributes[k]}`, `input.date`, `object.get(input, ["site", "attributes", "C"], 0)`)
}

// condition writes one condition, each of a kind that a footprint could miss.
func condition(r *rand.Rand, n int, of, key string) string {
	x := fmt.Sprintf("x%d", n)
	literal := pick(r, `true`, `false`, `"x"`, `1`, `{}`, `{"deep": true}`)
	path := fmt.Sprintf("input.%s.attributes.%s", of, key)
	return strings.NewReplacer("X", x, "PATH", path, "OF", of, "KEY", key, "LIT", literal).Replace(pick(r,
		`PATH == LIT`,
		`not PATH == LIT`,
		`not PATH`,
		`PATH`,
		"X := input.OF\n\tX.attributes.KEY == LIT",
		"X := input.OF\n\tnot X.attributes.KEY",
		"X := PATH\n\tnot X.deep",
		"X := PATH\n\tX != LIT",
		"X := input\n\tnot X.OF.attributes.KEY.deep",
		`of(input.OF, "KEY") == LIT`,
		`not of(input.OF, "KEY")`,
		`deeper(input.OF)`,
		`not deeper(input.OF)`,
		`bare(input.OF, input.site)`,
		`not bare(input.provider, input.OF)`,
		"X := input.OF\n\tthrough(X)",
		"X := PATH\n\tis_object(X)",
		"X := PATH\n\tnot is_string(X)",
		`type_name(PATH) == "string"`,
		"X := input.OF.attributes\n\tobject.get(X, \"KEY\", LIT) == LIT",
		`object.get(input, ["OF", "attributes", "KEY", "deep"], LIT) == LIT`,
		"is_object(PATH)\n\tobject.get(PATH, \"deep\", LIT) == LIT",
		`plain with input.site.attributes as {"C": LIT}`,
		`not deep with input.site.attributes.C.deep as input.site.city`,
		`deeper(input.OF) with input.OF.attributes.A.deep.er as LIT`,
		`not bare(input.site, input.OF) with input.site as input.OF`,
		`stated with input.provider as input.site with input.workload.attributes.A as LIT`,
		`count([1 | X := PATH; not X.deep]) == 1`,
		"some X in [LIT]\n\tX == PATH",
		`either(input.OF) == LIT`,
		`not either(input.OF)`,
		`stated`,
		`not stated`,
		`not plain`,
		`count(reach) == 0`,
		`some X in reach`,
		`by_kind.vm`,
		`not by_kind[input.workload.kind]`,
		`object.get(input.OF.attributes, "KEY", LIT) == LIT`,
		"some X\n\tinput.OF[X].KEY == LIT",
		"X := \"attributes\"\n\tnot input.OF[X].KEY",
		"some X\n\twalk(input.OF.attributes, [X, LIT])",
		"some X, _ in input.OF.attributes\n\tX == \"KEY\"",
		`count([1 | input.OF.attributes[_] == LIT]) > 0`,
		`every X in input.site.runtimes { X != input.workload.kind }`,
		`{1 | PATH} == set()`,
		`plain with input.site.attributes.C as LIT`,
		`not plain with input.site.attributes.C as input.OF.attributes.KEY`,
		`deep with input.site.attributes.C.deep as true`,
		`not deep with input.site.attributes.C.deep as LIT`,
		`of({"attributes": {"KEY": 1}}, "KEY") == 1`,
		`input.date == "2026-11-24"`,
		`members == {"vm"}`,
		`input.site.city == input.site.attributes.KEY`,
		`data.domicile.continuum.a.stated`,
		`data.domicile.tables[input.OF.attributes.KEY]`,
		`not input.site.country in data.domicile.tables.eea.values.countries`,
	))
}
