package placement

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// BenchmarkCheck judges 100,000 workloads (5 replicas of 20,000 components) on 10,000 sites, all of which send to others: most
// of the time goes into their 10,000 latency rows.
func BenchmarkCheck(b *testing.B) {
	w := largeWorld(b, 10_000, 200, 10_000)
	for b.Loop() {
		found, err := Check(b.Context(), w.p, w.a)
		require.NoError(b, err)
		b.ReportMetric(float64(len(found)), "violations")
	}
}

func BenchmarkEvaluate(b *testing.B) {
	w := largeWorld(b, 10_000, 200, 10_000)
	for b.Loop() {
		_, err := Evaluate(b.Context(), w.p, w.a)
		require.NoError(b, err)
	}
}

// oneApplication is 40,000 workloads of 16,000 components in one application, with a conflict and a spread for each
// component and 40,000 affinities, on 500 sites. Some of it is broken.
func oneApplication(b *testing.B) *checkWorld {
	const sites, components, workloads = 500, 16_000, 40_000
	r := rand.New(rand.NewPCG(1, 1))
	spec := topology.Spec{Providers: []topology.Provider{{ID: "p", Country: "DE"}}}
	for s := range sites {
		spec.Sites = append(spec.Sites, topology.Site{
			ID: topology.SiteID(fmt.Sprintf("s%d", s)), Provider: "p", Country: "DE", Tier: topology.Edge, Runtimes: []topology.Runtime{topology.VM},
			Capacity: topology.Resources{topology.CPU: 100_000}, Labels: map[string]string{"zone": fmt.Sprint(s % 20)},
		})
	}
	w := &checkWorld{spec: spec, a: make(Assignment), p: &Problem{Continuum: mustContinuum(b, spec), Current: make(Assignment)}}
	app := Application{Name: "app"}
	name := func() string { return fmt.Sprintf("c%d", r.IntN(components)) }
	for c := range components {
		own := []string{fmt.Sprintf("c%d", c)}
		for k := range workloads/components + c%2 {
			load := Workload{
				ID: WorkloadID(fmt.Sprintf("app/c%d-%d", c, k+1)), Application: "app", Component: own[0], Kind: VM, Priority: 1,
				Demand: topology.Resources{topology.CPU: int64(1 + r.IntN(1000))},
			}
			app.Workloads = append(app.Workloads, load)
			w.a[load.ID], w.p.Current[load.ID] = randomSite(r, spec).ID, randomSite(r, spec).ID
		}
		app.Constraints = append(app.Constraints, Conflict{own, "site", 1}, Spread{own, "label:zone", 2})
	}
	for range 40_000 {
		if a, c := name(), name(); a != c {
			app.Constraints = append(app.Constraints, Affinity{[]string{a}, []string{c}, "label:zone"})
		}
	}
	w.p.Applications = []Application{app}
	return w
}

func BenchmarkOneApplication(b *testing.B) {
	w := oneApplication(b)
	b.Run("validate", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, validate(w.p))
		}
	})
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			_, err := Check(b.Context(), w.p, w.a)
			require.NoError(b, err)
		}
	})
	b.Run("evaluate", func(b *testing.B) {
		for b.Loop() {
			_, err := Evaluate(b.Context(), w.p, w.a)
			require.NoError(b, err)
		}
	})
	b.Run("groups", func(b *testing.B) {
		c, err := compile(b.Context(), &Problem{Continuum: w.p.Continuum})
		require.NoError(b, err)
		c.p = w.p
		for b.Loop() {
			require.NoError(b, c.setGroups())
		}
	})
}

// slowPolicy takes 100 us for each pair, as Rego does.
type slowPolicy struct{ hashPolicy }

func (s slowPolicy) Admit(ctx context.Context, in Scope, w *Workload, sites []*topology.Site) ([]Verdict, error) {
	for start := time.Now(); time.Since(start) < time.Duration(len(sites))*100*time.Microsecond; {
	}
	return s.hashPolicy.Admit(ctx, in, w, sites)
}

// BenchmarkExplain asks everything about 100 workloads (of 20 components) on 50 sites with policies as slow as Rego.
func BenchmarkExplain(b *testing.B) {
	w := largeWorld(b, 50, 4, 10)
	w.p.Admission = slowPolicy{}
	w.settle(b)
	ans, ids := Answer{w.p, w.a}, w.workloads()
	b.Run("why", func(b *testing.B) {
		for b.Loop() {
			_, err := Why(b.Context(), ans, ids[7])
			require.NoError(b, err)
		}
	})
	b.Run("why-not", func(b *testing.B) {
		for b.Loop() {
			_, err := WhyNot(b.Context(), ans, ids[7], w.spec.Sites[9].ID)
			require.NoError(b, err)
		}
	})
	b.Run("refusals", func(b *testing.B) {
		for b.Loop() {
			_, err := Refusals(b.Context(), ans, 8)
			require.NoError(b, err)
		}
	})
	b.Run("bounds", func(b *testing.B) {
		e, err := Evaluate(b.Context(), w.p, w.a)
		require.NoError(b, err)
		r := &Result{Assignment: w.a}
		for _, tier := range e.Tiers {
			r.Tiers = append(r.Tiers, TierResult{Name: tier.Name, Value: tier.Value, Bound: tier.Value})
		}
		for b.Loop() {
			require.ErrorIs(b, VerifyBounds(b.Context(), w.p, r), ErrUnproven)
		}
	})
}

// largeWorld is a star of stars: sites and access points hang on hubs, hubs on each other. Each application has two
// components of five replicas, both near their users.
func largeWorld(b *testing.B, sites, hubs, apps int) *checkWorld {
	r := rand.New(rand.NewPCG(1, 1))
	spec := topology.Spec{Providers: []topology.Provider{{ID: "p0", Country: "DE"}, {ID: "p1", Country: "FR"}}}
	link := func(a, z string, p50 int) {
		spec.Links = append(spec.Links, topology.Link{
			ID: topology.LinkID(a + "--" + z), A: topology.NodeID(a), B: topology.NodeID(z), Operator: "net",
			Jurisdictions: []topology.Jurisdiction{"DE"}, Bandwidth: 1e9, Egress: 100,
			RTT: topology.RTT{P50: topology.Micros(p50), P95: topology.Micros(p50 * 2), P99: topology.Micros(p50 * 3)},
		})
	}
	for h := range hubs {
		spec.Exchanges = append(spec.Exchanges, topology.Exchange{ID: topology.NodeID(fmt.Sprintf("x%d", h)), Country: "DE"})
		spec.AccessPoints = append(spec.AccessPoints, topology.AccessPoint{ID: topology.AccessPointID(fmt.Sprintf("u%d", h)), Country: "DE"})
		link(fmt.Sprintf("u%d", h), fmt.Sprintf("x%d", h), 300)
		for range min(h, 3) {
			other := r.IntN(h)
			if len(spec.Links) > 0 && spec.Links[len(spec.Links)-1].B != topology.NodeID(fmt.Sprintf("x%d", other)) {
				link(fmt.Sprintf("x%d", h), fmt.Sprintf("x%d", other), 1000+r.IntN(4000))
			}
		}
	}
	for s := range sites {
		spec.Sites = append(spec.Sites, topology.Site{
			ID: topology.SiteID(fmt.Sprintf("s%d", s)), Provider: spec.Providers[s%2].ID, Country: "DE", Tier: topology.Edge,
			Runtimes: []topology.Runtime{topology.VM}, Capacity: topology.Resources{topology.CPU: 64_000, topology.Memory: 256 << 30},
			Prices: map[topology.Dimension]topology.MicroEUR{topology.CPU: topology.MicroEUR(5000 + r.IntN(20000))}, Egress: 10000,
			Energy: topology.Energy{Intensity: 300, PUE: 1300, Power: map[topology.Dimension]int64{topology.CPU: 6000}},
		})
		link(fmt.Sprintf("s%d", s), fmt.Sprintf("x%d", s%hubs), 200+r.IntN(800))
	}
	dedupe := make(map[topology.LinkID]bool)
	unique := spec.Links[:0]
	for _, l := range spec.Links {
		if !dedupe[l.ID] {
			dedupe[l.ID] = true
			unique = append(unique, l)
		}
	}
	spec.Links = unique
	w := &checkWorld{spec: spec, a: make(Assignment), p: &Problem{Continuum: mustContinuum(b, spec)}}
	policy := hashPolicy{}
	w.p.Admission, w.p.Transit = policy, policy
	for i := range apps {
		hub := r.IntN(hubs)
		app := Application{Name: fmt.Sprintf("app%d", i)}
		for _, component := range []string{"web", "db"} {
			cores := int64(1000 + r.IntN(4000))
			for n := range 5 {
				load := Workload{
					ID: WorkloadID(fmt.Sprintf("%s/%s-%d", app.Name, component, n+1)), Application: app.Name, Component: component,
					Kind: VM, Priority: 1, Demand: topology.Resources{topology.CPU: cores, topology.Memory: 4 << 30},
				}
				app.Workloads = append(app.Workloads, load)
				w.a[load.ID] = topology.SiteID(fmt.Sprintf("s%d", hub+hubs*r.IntN(sites/hubs)))
			}
		}
		app.Flows = []Flow{
			{FromAccess: topology.AccessPointID(fmt.Sprintf("u%d", hub)), To: "web", Rate: 1e7, Bound: 20_000},
			{FromComponent: "web", To: "db", Rate: 1e7, Bound: 10_000},
		}
		app.Constraints = []Constraint{Spread{[]string{"db"}, "site", 2}, Conflict{[]string{"web"}, "site", 4}}
		w.p.Applications = append(w.p.Applications, app)
	}
	return w
}
