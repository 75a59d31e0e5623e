package policy

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// towns is a problem of sites in three countries, each with room for the given number of workloads, and one application.
func towns(t *testing.T, room int64, workloads int, constraints ...placement.Constraint) *placement.Problem {
	t.Helper()
	spec := topology.Spec{Name: "towns", AsOf: newWorld(t, fstest.MapFS{}).continuum.AsOf(),
		Providers: []topology.Provider{{ID: "p", Name: "P", Country: "DE"}}}
	for _, c := range []topology.Jurisdiction{"DE", "FR", "PL"} {
		spec.Sites = append(spec.Sites, topology.Site{
			ID: topology.SiteID("site-" + strings.ToLower(string(c))), Name: string(c), Provider: "p", Country: c, Tier: topology.Regional,
			Runtimes: []topology.Runtime{topology.VM}, Capacity: topology.Resources{topology.CPU: room * 1000},
		})
	}
	c, err := topology.New(spec)
	require.NoError(t, err)
	app := placement.Application{Name: "app", Constraints: constraints}
	for i := range workloads {
		app.Workloads = append(app.Workloads, placement.Workload{
			ID: placement.WorkloadID(fmt.Sprintf("app/w-%d", i)), Application: "app", Component: "w", Kind: placement.VM, Priority: 1,
			Demand: topology.Resources{topology.CPU: 1000},
		})
	}
	return &placement.Problem{Continuum: c, Applications: []placement.Application{app}}
}

// without is a set that refuses these countries.
func without(t *testing.T, countries string) *Set {
	t.Helper()
	s, err := Load(one("a.rego", `package domicile.continuum.a

# METADATA
# title: Not there
# custom: {code: NOT-001}
deny contains {"country": c} if {
	some c in `+countries+`
	input.site.country == c
}
`), nil)
	require.NoError(t, err)
	return s
}

func ids(list []Displaced) (out []string) {
	for _, d := range list {
		out = append(out, string(d.Workload)+": "+string(d.From)+" -> "+string(d.To))
	}
	return out
}

func TestImpactMovesWhatIsRefused(t *testing.T) {
	p := towns(t, 2, 3)
	p.Admission = without(t, `{"FR"}`)
	p.Current = placement.Assignment{"app/w-0": "site-pl", "app/w-1": "site-de", "app/w-2": "site-fr"}
	x, err := Impact(t.Context(), p, without(t, `{"FR", "PL"}`), nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"app/w-0: site-pl -> site-de"}, ids(x.MustMove))
	assert.Equal(t, 1, x.MustMove[0].Admitted)
	assert.Equal(t, []placement.WorkloadID{"app/w-2"}, x.Refused, "was refused before")
	assert.Equal(t, []int64{9, 6, 3}, []int64{x.Pairs, x.PairsBefore, x.PairsAfter})
	assert.Equal(t, []RuleImpact{{Code: "NOT-001", Title: "Not there", MustMove: 1}}, x.Rules)
	require.Len(t, x.Changed, 1)
	assert.Empty(t, x.Added)
	assert.Equal(t, placement.Assignment{"app/w-0": "site-pl", "app/w-1": "site-de", "app/w-2": "site-fr"}, p.Current)
	require.Len(t, x.MustMove[0].Violations, 1)
	assert.Equal(t, "NOT-001", x.MustMove[0].Violations[0].Reasons[0].Code)

	back, err := Impact(t.Context(), p, without(t, `set()`), nil)
	require.NoError(t, err)
	assert.Empty(t, back.MustMove)
	assert.Equal(t, []placement.WorkloadID{"app/w-2"}, back.Lifted)
}

// TestImpactSaysWhyThereIsNowhereToGo tells a proposal that admits no site from a lack of room.
func TestImpactSaysWhyThereIsNowhereToGo(t *testing.T) {
	p := towns(t, 1, 3)
	p.Current = placement.Assignment{"app/w-0": "site-pl", "app/w-1": "site-de", "app/w-2": "site-fr"}
	full, err := Impact(t.Context(), p, without(t, `{"PL"}`), nil)
	require.NoError(t, err)
	require.Equal(t, []string{"app/w-0: site-pl -> "}, ids(full.Stranded()))
	assert.Equal(t, 2, full.MustMove[0].Admitted)
	assert.Equal(t, map[placement.ConstraintKind]int{placement.ByCapacity: 2, placement.ByAdmission: 1}, full.MustMove[0].Unplaced)
	assert.Empty(t, full.Also)

	none, err := Impact(t.Context(), p, without(t, `{"PL", "DE", "FR"}`), nil)
	require.NoError(t, err)
	require.Len(t, none.Stranded(), 3)
	assert.Zero(t, none.MustMove[0].Admitted)
	assert.Equal(t, []RuleImpact{{Code: "NOT-001", Title: "Not there", MustMove: 3, Stranded: 3}}, none.Rules)
}

// TestImpactTakesGangsAlong names those that stop although nothing refuses them.
func TestImpactTakesGangsAlong(t *testing.T) {
	p := towns(t, 1, 3, placement.Gang{Components: []string{"w"}})
	p.Current = placement.Assignment{"app/w-0": "site-pl", "app/w-1": "site-de", "app/w-2": "site-fr"}
	x, err := Impact(t.Context(), p, without(t, `{"PL"}`), nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"app/w-0: site-pl -> "}, ids(x.MustMove))
	assert.Equal(t, []string{"app/w-1: site-de -> ", "app/w-2: site-fr -> "}, ids(x.Also))
}

// TestImpactMakesRoom lets a workload that nothing refuses move, where that places one more.
func TestImpactMakesRoom(t *testing.T) {
	p := towns(t, 1, 2)
	p.Applications[0].Workloads[0].Labels = map[string]string{"town": "old"}
	p.Applications[0].Workloads[0].Component = "v"
	var sites []topology.Site
	for s := range p.Continuum.Sites() {
		labelled := *s
		if s.Country != "FR" {
			labelled.Labels = map[string]string{"town": "old"}
		}
		sites = append(sites, labelled)
	}
	var err error
	p.Continuum, err = p.Continuum.Update(topology.Changes{Put: topology.Spec{Sites: sites}})
	require.NoError(t, err)
	p.Current = placement.Assignment{"app/w-0": "site-pl", "app/w-1": "site-de"}
	x, err := Impact(t.Context(), p, without(t, `{"PL"}`), nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"app/w-0: site-pl -> site-de"}, ids(x.MustMove))
	assert.Equal(t, []string{"app/w-1: site-de -> site-fr"}, ids(x.Also))
}

// TestImpactOnRandomProblems compares with the plain definition: who must move is refused after and not before, and with room
// for all those that no site admits have nowhere to go.
func TestImpactOnRandomProblems(t *testing.T) {
	all := []string{"site-de", "site-fr", "site-pl"}
	subset := func(r *rand.Rand) (string, []string) {
		text, sites := "{", []string(nil)
		for _, s := range all {
			if r.IntN(2) == 0 {
				text += fmt.Sprintf("%q, ", strings.ToUpper(s[5:]))
				sites = append(sites, s)
			}
		}
		return text + `"XX"}`, sites
	}
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 0))
		p := towns(t, 9, 5)
		p.Current = placement.Assignment{}
		for i := range 5 {
			p.Current[placement.WorkloadID(fmt.Sprintf("app/w-%d", i))] = topology.SiteID(all[r.IntN(3)])
		}
		before, refusedBefore := subset(r)
		after, refusedAfter := subset(r)
		p.Admission = without(t, before)
		x, err := Impact(t.Context(), p, without(t, after), &placement.Options{MaxSteps: 2000})
		require.NoError(t, err)
		var must []placement.WorkloadID
		for _, w := range slices.Sorted(maps.Keys(p.Current)) {
			s := string(p.Current[w])
			if slices.Contains(refusedAfter, s) && !slices.Contains(refusedBefore, s) {
				must = append(must, w)
			}
		}
		var got []placement.WorkloadID
		for _, d := range x.MustMove {
			got = append(got, d.Workload)
			assert.Equal(t, len(refusedAfter) == 3, d.To == "")
			assert.Equal(t, 3-len(refusedAfter), d.Admitted)
		}
		assert.Equal(t, must, got, "seed %d", seed)
		assert.Empty(t, x.Also)
		assert.EqualValues(t, 5*(3-len(refusedBefore)), x.PairsBefore)
		assert.EqualValues(t, 5*(3-len(refusedAfter)), x.PairsAfter)
		violations, err := placement.Check(t.Context(), &placement.Problem{Continuum: p.Continuum, Applications: p.Applications, Admission: without(t, after)}, x.Result.Assignment)
		require.NoError(t, err)
		assert.Empty(t, violations)
	}
}

func TestImpactRefuses(t *testing.T) {
	p := towns(t, 1, 1)
	_, err := Impact(t.Context(), p, without(t, `set()`), nil)
	require.ErrorIs(t, err, placement.ErrInvalid)
	p.Current = placement.Assignment{"app/w-0": "site-pl"}
	_, err = Impact(t.Context(), p, nil, nil)
	require.ErrorContains(t, err, "no set")
}
