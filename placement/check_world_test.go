package placement

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// checkWorld is a random problem with a random assignment, in which every kind of constraint and every term occurs. The
// same seed gives the same world.
type checkWorld struct {
	spec topology.Spec
	p    *Problem
	a    Assignment
}

func newWorld(t testing.TB, seed uint64, sites, apps int) *checkWorld {
	r := rand.New(rand.NewPCG(seed, 1))
	w := &checkWorld{spec: randomSpec(r, sites), p: &Problem{}, a: make(Assignment)}
	w.p.Continuum = mustContinuum(t, w.spec)
	for i := range apps {
		w.p.Applications = append(w.p.Applications, randomApplication(r, fmt.Sprintf("app%d", i)))
	}
	policy := hashPolicy{}
	w.p.Admission, w.p.Transit = policy, policy
	w.p.Rules = []Rule{hashRule{}}
	w.p.Current = make(Assignment)
	w.p.Objective = Objective{
		{"unplaced", []Term{{Kind: Unplaced, Weight: 1}}},
		{"cost", []Term{{Kind: Price, Weight: 1}, {Kind: Traffic, Weight: 2}, {Kind: Carbon, Weight: 100_000}, {Kind: Preference, Weight: 500}, {Kind: Moves, Weight: 3}, {Kind: RuleCost, Weight: 1}, {Kind: Load, Weight: 40}}},
		{"latency", []Term{{Kind: UserLatency, Weight: 5}, {Kind: Unplaced, Weight: 2}}},
	}
	for _, app := range w.p.Applications {
		for _, load := range app.Workloads {
			if r.IntN(4) > 0 {
				w.a[load.ID] = randomSite(r, w.spec).ID
			}
			if r.IntN(2) > 0 {
				w.p.Current[load.ID] = randomSite(r, w.spec).ID
			}
		}
	}
	return w
}

func mustContinuum(t testing.TB, spec topology.Spec) *topology.Continuum {
	c, err := topology.New(spec)
	require.NoError(t, err)
	return c
}

func randomSite(r *rand.Rand, spec topology.Spec) topology.Site {
	return spec.Sites[r.IntN(len(spec.Sites))]
}

func randomSpec(r *rand.Rand, sites int) topology.Spec {
	countries := []topology.Jurisdiction{"DE", "FR", "CH"}
	spec := topology.Spec{Name: "world"}
	for i := range 3 {
		spec.Providers = append(spec.Providers, topology.Provider{ID: topology.ProviderID(fmt.Sprintf("p%d", i)), Country: countries[i]})
	}
	law := make(map[topology.NodeID]topology.Jurisdiction)
	for i := range 2 {
		id := topology.NodeID(fmt.Sprintf("x%d", i))
		law[id] = countries[r.IntN(3)]
		spec.Exchanges = append(spec.Exchanges, topology.Exchange{ID: id, Country: law[id]})
	}
	link := func(a, b topology.NodeID) {
		p50 := topology.Micros(500 + r.IntN(5000))
		crossed := []topology.Jurisdiction{law[a], law[b], countries[r.IntN(3)]}
		slices.Sort(crossed)
		spec.Links = append(spec.Links, topology.Link{
			ID: topology.LinkID(a + "--" + b), A: a, B: b, Operator: []string{"net", "gas", ""}[r.IntN(3)],
			Jurisdictions: slices.Compact(crossed),
			RTT:           topology.RTT{P50: p50, P95: p50 * 3 / 2, P99: p50 * 2},
			Bandwidth:     1e9, Egress: topology.MicroEUR(r.IntN(5000)),
		})
	}
	for i := range sites {
		s := topology.Site{
			ID: topology.SiteID(fmt.Sprintf("s%02d", i)), Provider: spec.Providers[r.IntN(3)].ID, Country: countries[r.IntN(3)],
			Tier: topology.Tier(1 + r.IntN(4)), Runtimes: []topology.Runtime{topology.Kubernetes, topology.VM},
			Capacity: topology.Resources{topology.CPU: int64(2000 + r.IntN(6000)), topology.Memory: 16 << 30},
			Prices:   map[topology.Dimension]topology.MicroEUR{topology.CPU: topology.MicroEUR(r.IntN(30000))},
			Egress:   topology.MicroEUR(r.IntN(90000)),
			Energy:   topology.Energy{Intensity: int64(r.IntN(600)), PUE: 1200, Power: map[topology.Dimension]int64{topology.CPU: 5000}},
			Labels:   map[string]string{"zone": []string{"a", "b"}[r.IntN(2)]},
		}
		if r.IntN(8) == 0 {
			s.State = topology.State(1 + r.IntN(2))
		}
		if r.IntN(6) == 0 {
			s.Runtimes, s.Labels = []topology.Runtime{topology.VM}, nil
		}
		spec.Sites = append(spec.Sites, s)
		law[s.ID.Node()] = s.Country
		if r.IntN(10) > 0 {
			link(s.ID.Node(), spec.Exchanges[r.IntN(2)].ID)
		}
	}
	link("x0", "x1")
	for i := range 2 {
		id := topology.AccessPointID(fmt.Sprintf("u%d", i))
		spec.AccessPoints = append(spec.AccessPoints, topology.AccessPoint{ID: id, Country: "DE"})
		law[id.Node()] = "DE"
		link(id.Node(), spec.Exchanges[i].ID)
	}
	return spec
}

func randomApplication(r *rand.Rand, name string) Application {
	app := Application{Name: name, Tenant: "t" + name}
	names := []string{"web", "db", "cache"}
	for _, component := range names {
		w := Workload{
			Application: name, Tenant: app.Tenant, Component: component, Kind: []Kind{VM, Container}[r.IntN(2)],
			Demand:   topology.Resources{topology.CPU: int64(200 + r.IntN(2000)), topology.Memory: int64(r.IntN(4)) << 30},
			Data:     []DataClass{"", "health", "public"}[r.IntN(3)],
			Priority: int64(1 + r.IntN(5)), MoveCost: topology.MicroEUR(r.IntN(100000)),
			Migration: Migration{Disk: int64(r.IntN(1 << 30))},
		}
		if r.IntN(5) == 0 {
			w.Labels = map[string]string{"zone": "a"}
		}
		for i := range 1 + r.IntN(3) {
			w.ID = WorkloadID(fmt.Sprintf("%s/%s-%d", name, component, i+1))
			app.Workloads = append(app.Workloads, w)
		}
	}
	pick := func() string { return names[r.IntN(3)] }
	bound := func() topology.Micros { return topology.Micros(r.IntN(2) * (4000 + r.IntN(20000))) }
	for range 1 + r.IntN(3) {
		app.Flows = append(app.Flows,
			Flow{FromAccess: topology.AccessPointID(fmt.Sprintf("u%d", r.IntN(2))), To: pick(), Rate: int64(r.IntN(1e8)), Bound: bound()},
			Flow{FromComponent: pick(), To: pick(), Rate: int64(r.IntN(1e8)), Bound: bound(), Percentile: latency.P99, Data: "public"})
	}
	over := func() Domain { return []Domain{"site", "provider", "country", "tier", "label:zone"}[r.IntN(5)] }
	switch r.IntN(5) {
	case 0:
		app.Constraints = append(app.Constraints, Spread{[]string{pick()}, over(), 2})
	case 1:
		app.Constraints = append(app.Constraints, Conflict{[]string{"web", "db"}, over(), 1 + r.IntN(2)})
	case 2:
		app.Constraints = append(app.Constraints, Affinity{[]string{"web"}, []string{"db", "cache"}, over()})
	case 3:
		app.Constraints = append(app.Constraints, Affinity{[]string{"web", "db"}, nil, over()}, Gang{[]string{"cache"}})
	}
	if r.IntN(2) == 0 {
		app.addRandomPath(r)
	}
	return app
}

// addRandomPath adds a path through all components, with the flows that it needs where they are missing.
func (app *Application) addRandomPath(r *rand.Rand) {
	path := Path{Components: []string{"web", "db", "cache"}, Bound: topology.Micros(4000 + r.IntN(30000)), Percentile: latency.Percentile(r.IntN(1000))}
	data := []DataClass{"public", ""}[r.IntN(2)]
	hops := []Flow{{FromComponent: "web", To: "db", Data: data}, {FromComponent: "db", To: "cache", Data: data}}
	if r.IntN(2) == 0 {
		path.FromAccess, path.Name = "u0", "request"
		hops = append(hops, Flow{FromAccess: "u0", To: "web"})
	}
	for _, hop := range hops {
		if !slices.ContainsFunc(app.Flows, func(f Flow) bool {
			return f.FromAccess == hop.FromAccess && f.FromComponent == hop.FromComponent && f.To == hop.To
		}) {
			app.Flows = append(app.Flows, hop)
		}
	}
	app.Constraints = append(app.Constraints, path)
}

// hashPolicy decides by the hash of what it is asked about.
type hashPolicy struct{}

func hashOf(parts ...any) uint32 {
	h := fnv.New32a()
	fmt.Fprint(h, parts...)
	return h.Sum32()
}

func (hashPolicy) Admit(_ context.Context, _ Scope, w *Workload, sites []*topology.Site) ([]Verdict, error) {
	verdicts := make([]Verdict, len(sites))
	for i, s := range sites {
		h := hashOf(w.Data, w.Component, s.Provider, s.Country)
		verdicts[i] = Verdict{Denied: h%6 == 0, Points: int64(h/7%5) - 2}
	}
	return verdicts, nil
}

func (hashPolicy) Reasons(_ context.Context, _ Scope, w *Workload, s *topology.Site) ([]Reason, error) {
	if hashOf(w.Data, w.Component, s.Provider, s.Country)%6 != 0 {
		return nil, nil
	}
	return []Reason{{Code: "H-" + string(s.Country)}}, nil
}

func (hashPolicy) Transit(_ context.Context, _ Scope, class DataClass) (latency.Transit, error) {
	if class != "health" {
		return latency.Transit{}, nil
	}
	return latency.NewTransit(latency.Permit{Jurisdictions: []topology.Jurisdiction{"DE", "FR"}, AnyOperator: true}), nil
}

func (hashPolicy) TransitReasons(_ context.Context, _ Scope, class DataClass, j topology.Jurisdiction, operator string) ([]Reason, error) {
	if class == "health" && j == "CH" {
		return []Reason{{Code: "T-CH"}}, nil
	}
	return nil, nil
}

// hashRule refuses and charges by hash.
type hashRule struct{}

func (hashRule) Judge(w *Workload, s *topology.Site) (bool, string, topology.MicroEUR) {
	h := hashOf(w.Component, s.Tier, s.Country)
	return h%9 != 0, "the program does not want it", topology.MicroEUR(h % 1000)
}

// settle takes workloads out of the assignment until nothing is wrong with it.
func (w *checkWorld) settle(t testing.TB) {
	for {
		found, err := Check(context.Background(), w.p, w.a)
		require.NoError(t, err)
		if len(found) == 0 {
			return
		}
		for _, id := range found[0].Workloads {
			if _, placed := w.a[id]; placed {
				delete(w.a, id)
				break
			}
		}
	}
}

// workloads returns those of the problem in order of ID.
func (w *checkWorld) workloads() []WorkloadID {
	var ids []WorkloadID
	for _, app := range w.p.Applications {
		for _, load := range app.Workloads {
			ids = append(ids, load.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func (w *checkWorld) with(id WorkloadID, s topology.SiteID) Assignment {
	a := maps.Clone(w.a)
	a[id] = s
	return a
}
