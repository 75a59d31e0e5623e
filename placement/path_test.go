package placement

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// requestWorld is an application web > api > db with users, each on a site of its own: near and far ones, far ones cheaper.
// Two or three hops in a row to far sites are too long, one is not.
func requestWorld(t *testing.T, bound topology.Micros) *Problem {
	spec := topology.Spec{
		Providers:    []topology.Provider{{ID: "p", Country: "DE"}},
		AccessPoints: []topology.AccessPoint{{ID: "users", Country: "DE"}},
	}
	for _, s := range []struct {
		id    topology.SiteID
		p50   topology.Micros
		price topology.MicroEUR
	}{{"near-1", 1000, 30_000}, {"near-2", 1000, 20_000}, {"far-1", 4000, 6_000}, {"far-2", 4000, 5_000}, {"far-3", 4000, 4_000}} {
		spec.Sites = append(spec.Sites, topology.Site{ID: s.id, Provider: "p", Country: "DE", Tier: topology.Edge, Runtimes: []topology.Runtime{topology.VM},
			Capacity: topology.Resources{topology.CPU: 1000}, Prices: map[topology.Dimension]topology.MicroEUR{topology.CPU: s.price}})
		spec.Links = append(spec.Links, topology.Link{A: "users", B: s.id.Node(), Operator: "net", Jurisdictions: []topology.Jurisdiction{"DE"},
			Bandwidth: 1e9, RTT: topology.RTT{P50: s.p50, P95: s.p50 * 5 / 4, P99: s.p50 * 2}})
	}
	app := Application{Name: "shop", Flows: []Flow{
		{FromAccess: "users", To: "web"}, {FromComponent: "web", To: "api"}, {FromComponent: "api", To: "db"},
	}}
	for _, component := range []string{"web", "api", "db"} {
		app.Workloads = append(app.Workloads, Workload{ID: WorkloadID("shop/" + component), Application: "shop", Component: component, Kind: VM,
			Priority: 1, Demand: topology.Resources{topology.CPU: 1000}})
	}
	if bound > 0 {
		app.Constraints = []Constraint{Path{FromAccess: "users", Components: []string{"web", "api", "db"}, Bound: bound, Percentile: latency.P99}}
	}
	return &Problem{Continuum: mustContinuum(t, spec), Applications: []Application{app}}
}

// The cheapest way to keep a path is found, and it is the cheapest: by enumeration.
func TestSolveKeepsAPath(t *testing.T) {
	seen := map[string]bool{}
	for _, bound := range []topology.Micros{0, 30_000, 25_000, 20_000, 17_000, 15_000, 12_000} {
		p := requestWorld(t, bound)
		r, err := Solve(context.Background(), p, &Options{MaxSteps: 20_000})
		require.NoError(t, err)
		requireSound(t, p, r)
		best := optimum(t, p)
		for k, tier := range r.Tiers {
			assert.Equal(t, best[k], tier.Value, "%d us: %s", bound, tier.Name)
		}
		seen[string(r.Assignment["shop/web"]+" "+r.Assignment["shop/api"]+" "+r.Assignment["shop/db"])] = true
	}
	assert.Greater(t, len(seen), 3, "the bound should matter: %v", seen)
}

// TestTightPathsFindTheirPlaces: sixty applications of five replicas, each of which must stay near its users, and cheap
// sites everywhere: a path that is looked at only once its last component is placed finds itself scattered. There is room
// for nearly all at least, and search must find it.
func TestTightPathsFindTheirPlaces(t *testing.T) {
	const regions = 6
	r := rand.New(rand.NewPCG(2, 3))
	spec := topology.Spec{Providers: []topology.Provider{{ID: "p", Country: "DE"}}}
	link := func(a, b topology.NodeID, p50 topology.Micros) {
		spec.Links = append(spec.Links, topology.Link{A: a, B: b, Operator: "net", Jurisdictions: []topology.Jurisdiction{"DE"}, Bandwidth: 1e10,
			RTT: topology.RTT{P50: p50, P95: p50 * 3 / 2, P99: p50 * 2}})
	}
	hub := func(k int) topology.NodeID { return topology.NodeID(fmt.Sprintf("hub%d", k%regions)) }
	for k := range regions {
		users := topology.AccessPointID(fmt.Sprintf("users%d", k))
		spec.Exchanges = append(spec.Exchanges, topology.Exchange{ID: hub(k), Country: "DE"})
		spec.AccessPoints = append(spec.AccessPoints, topology.AccessPoint{ID: users, Country: "DE"})
		link(hub(k), users.Node(), 450)
		link(hub(k), hub(k+1), 3000)
	}
	for k := range 5 * regions {
		id := topology.SiteID(fmt.Sprintf("s%02d", k))
		spec.Sites = append(spec.Sites, topology.Site{ID: id, Provider: "p", Country: "DE", Tier: topology.Edge, Runtimes: []topology.Runtime{topology.VM},
			Capacity: topology.Resources{topology.CPU: 12_000}, Prices: map[topology.Dimension]topology.MicroEUR{topology.CPU: topology.MicroEUR(1000 + r.IntN(9000))}})
		link(id.Node(), hub(k), topology.Micros(300+r.IntN(700)))
	}
	p := &Problem{Continuum: mustContinuum(t, spec)}
	for k := range 60 {
		name, users := fmt.Sprintf("a%02d", k), topology.AccessPointID(fmt.Sprintf("users%d", k%regions))
		app := Application{Name: name, Flows: []Flow{
			{FromAccess: users, To: "web", Rate: 1e6}, {FromComponent: "web", To: "api", Rate: 1e6}, {FromComponent: "api", To: "db", Rate: 1e6},
		}}
		for _, id := range []string{"web-1", "web-2", "api-1", "api-2", "db-1"} {
			app.Workloads = append(app.Workloads, Workload{ID: WorkloadID(name + "/" + id), Application: name, Component: id[:len(id)-2], Kind: VM,
				Priority: 1, Demand: topology.Resources{topology.CPU: 1000}})
		}
		app.Constraints = []Constraint{Spread{[]string{"web"}, "site", 2}, Path{FromAccess: users, Components: []string{"web", "api", "db"},
			Bound: topology.Micros(5500 + r.IntN(4000)), Percentile: latency.P99}}
		p.Applications = append(p.Applications, app)
	}
	res, err := Solve(context.Background(), p, &Options{Seed: 1, MaxSteps: 120_000})
	require.NoError(t, err)
	requireSound(t, p, res)
	assert.LessOrEqual(t, len(res.Unplaced), 3, "one in a hundred; 44 where paths are looked at when complete")
}

// A path that nothing can keep is told as what refuses, and the fix says what it takes.
func TestRelaxRaisesThePathToWhatItTakes(t *testing.T) {
	p := requestWorld(t, 11_000)
	p.Applications[0].Workloads[0].Site, p.Applications[0].Workloads[1].Site = "near-1", "near-2"
	r := relieved(t, p)
	require.NotEmpty(t, r.Conflict)
	assert.Contains(t, r.Conflict, Requirement{ByPath, "p99 of path users > web > api > db within 11 ms"})
	require.NotEmpty(t, r.Ways)
	require.Len(t, r.Ways[0].Fixes, 1)
	f := r.Ways[0].Fixes[0]
	assert.Equal(t, ByPath, f.Kind)
	assert.Greater(t, f.To, f.From)
	assert.Contains(t, f.Message, "raise the p99 bound of path users > web > api > db of shop from 11 ms to ")
	for _, bad := range []Fix{{Kind: ByPath, Component: "shop/web", Source: "none", From: 11_000, To: 10_000}, {Kind: ByPath, Component: "x/web"},
		{Kind: ByPath, Component: "shop/web", Source: f.Source, From: 8_500, To: 10_000}} {
		_, err := bad.Apply(p)
		require.ErrorIs(t, err, ErrInvalid)
	}
	fixed, err := f.Apply(p)
	require.NoError(t, err)
	assert.Equal(t, f.To, fixed.Applications[0].Constraints[0].(Path).Bound)
	assert.Equal(t, f.From, p.Applications[0].Constraints[0].(Path).Bound, "the problem stays as it was")
}

func TestResultTellsThatAPathRefuses(t *testing.T) {
	p := requestWorld(t, 9_000)
	r, err := Solve(context.Background(), p, nil)
	require.NoError(t, err)
	require.Len(t, r.Unplaced, 1)
	assert.Positive(t, r.Unplaced[0].Refused[ByPath])
}

// TestReservationsKeepPaths: a reservation is granted exactly where WhyNot has nothing against it, and refused for the path
// where it is only that.
func TestReservationsKeepPaths(t *testing.T) {
	ctx := context.Background()
	granted, late := 0, 0
	for seed := range uint64(60) {
		w := newWorld(t, seed, 8, 3)
		w.settle(t)
		s, err := NewScheduler(ctx, Answer{w.p, w.a}, without)
		require.NoError(t, err)
		r := rand.New(rand.NewPCG(seed, 4))
		for range 60 {
			ids := w.workloads()
			id := ids[r.IntN(len(ids))]
			ans := s.Answer()
			if _, ok := ans.Assignment[id]; ok {
				if r.IntN(3) == 0 {
					require.NoError(t, s.Release(id))
				}
				continue
			}
			site := randomSite(r, w.spec).ID
			why, err := WhyNot(ctx, ans, id, site)
			require.NoError(t, err)
			kinds := map[ConstraintKind]bool{}
			for _, v := range why.Violations {
				kinds[v.Kind] = true
			}
			err = s.Reserve(ctx, Assignment{id: site})
			require.Equal(t, len(kinds) == 0, err == nil, "seed %d: %s on %s: %v, %v", seed, id, site, why.Violations, err)
			if err == nil {
				granted++
			} else if len(kinds) == 1 && kinds[ByPath] {
				var refusal *Refusal
				require.ErrorAs(t, err, &refusal)
				assert.Equal(t, ByPath, refusal.Kind)
				late++
			}
		}
	}
	assert.Greater(t, granted, 100)
	assert.Greater(t, late, 10)
}

// TestPathsAreValidated: every defect is named where it is.
func TestPathsAreValidated(t *testing.T) {
	sound := requestWorld(t, 9_000).Applications[0]
	for want, change := range map[string]func(app *Application, p *Path){
		"path.components: missing":                              func(_ *Application, p *Path) { p.Components = nil },
		`path.components: there is no component "x"`:            func(_ *Application, p *Path) { p.Components[1] = "x" },
		"path.components: web is named twice":                   func(_ *Application, p *Path) { p.Components[1] = "web" },
		"path.components: a path is two flows or more":          func(_ *Application, p *Path) { p.Components = p.Components[:1] },
		"path.components: there is no flow from web to db":      func(_ *Application, p *Path) { p.Components = []string{"web", "db"} },
		"path.components: there is no flow from users to web":   func(a *Application, _ *Path) { a.Flows = a.Flows[1:] },
		"path.bound: 0 is not above 0":                          func(_ *Application, p *Path) { p.Bound = 0 },
		"path.percentile: 1000 is none":                         func(_ *Application, p *Path) { p.Percentile = 1000 },
		"path.name: users > web > api > db is also the name of": func(a *Application, p *Path) { a.Constraints = append(a.Constraints, *p) },
		`flows of data "" and of "health" from web to api: it is`: func(a *Application, _ *Path) {
			a.Flows = append(a.Flows, Flow{FromComponent: "web", To: "api", Data: "health"})
		},
		"path.components: more than 10000 choices of replicas": func(a *Application, _ *Path) {
			a.Workloads = nil
			for _, c := range []string{"web", "api", "db"} {
				for n := range 22 {
					w := sound.Workloads[0]
					w.ID, w.Component = WorkloadID(c+string(rune('a'+n))), c
					a.Workloads = append(a.Workloads, w)
				}
			}
		},
	} {
		p := requestWorld(t, 9_000)
		app := &p.Applications[0]
		path := app.Constraints[0].(Path)
		path.Components = slices.Clone(path.Components)
		change(app, &path)
		app.Constraints[0] = path
		_, err := Check(context.Background(), p, nil)
		require.ErrorIs(t, err, ErrInvalid, want)
		assert.ErrorContains(t, err, want)
	}
}
