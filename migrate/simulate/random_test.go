package simulate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// deny refuses listed pairs of workload and site.
type deny map[string]bool

func (d deny) Admit(_ context.Context, _ placement.Scope, w *placement.Workload, sites []*topology.Site) ([]placement.Verdict, error) {
	out := make([]placement.Verdict, len(sites))
	for i, s := range sites {
		out[i].Denied = d[fmt.Sprintf("%s@%s", w.ID, s.ID)]
	}
	return out, nil
}

func (d deny) Reasons(_ context.Context, _ placement.Scope, w *placement.Workload, s *topology.Site) ([]placement.Reason, error) {
	if d[fmt.Sprintf("%s@%s", w.ID, s.ID)] {
		return []placement.Reason{{Code: "T-1", Title: "Denied in this test"}}, nil
	}
	return nil, nil
}

// world is a random problem whose start and goal both hold every capacity and constraint.
type world struct {
	problem  *placement.Problem
	from, to placement.Assignment
	plan     *migrate.Options
}

var day = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func randomWorld(t testing.TB, seed uint64) world {
	rng := rand.New(rand.NewPCG(seed, 4))
	sites, works := 3+rng.IntN(4), 4+rng.IntN(14)
	w := world{from: placement.Assignment{}, to: placement.Assignment{}, plan: &migrate.Options{SiteMoves: 1 + rng.IntN(4), Passes: 4}}
	spec := topology.Spec{Name: "test", AsOf: day, Exchanges: []topology.Exchange{{ID: "ix", Name: "ix", Country: "DE"}}}
	use := make([][2]int64, sites)
	apps := []placement.Application{{Name: "a"}, {Name: "b"}}
	denied := deny{}
	for i := range works {
		from, to, size := rng.IntN(sites), rng.IntN(sites), 1+rng.Int64N(4)
		use[from][0] += size
		use[to][1] += size
		app := &apps[i%2]
		work := placement.Workload{
			ID: placement.WorkloadID(fmt.Sprintf("%s/c%d-%d", app.Name, i%3, i)), Application: app.Name, Component: fmt.Sprintf("c%d", i%3),
			Kind: placement.VM, Priority: 1, Demand: topology.Resources{topology.CPU: size * 1000, topology.Memory: size * 1e9},
		}
		work.Kind = []placement.Kind{placement.VM, placement.Container, placement.Machine}[rng.IntN(3)]
		if rng.IntN(2) == 0 {
			work.Migration.Disk = rng.Int64N(20e9)
		}
		if rng.IntN(4) == 0 {
			work.Kind = placement.VM
			work.Migration.Methods = []placement.Method{placement.PostCopy}
		}
		app.Workloads = append(app.Workloads, work)
		w.from[work.ID], w.to[work.ID] = site(from), site(to)
		denied[fmt.Sprintf("%s@%s", work.ID, site(rng.IntN(sites)))] = rng.IntN(3) == 0
	}
	for i := range sites {
		room := max(use[i][0], use[i][1], 1) + rng.Int64N(3)
		spec.Sites = append(spec.Sites, topology.Site{
			ID: site(i), Name: string(site(i)), Provider: topology.ProviderID(fmt.Sprintf("p%d", i%2)), Country: "DE", City: "x", Tier: topology.Regional,
			Location: topology.Location{Lat: 50, Lon: 8}, Capacity: topology.Resources{topology.CPU: room * 1000, topology.Memory: room * 1e9},
			Runtimes: []topology.Runtime{topology.BareMetal, topology.Kubernetes, topology.VM}, Energy: topology.Energy{PUE: 1000},
			Prices: map[topology.Dimension]topology.MicroEUR{topology.CPU: 10_000}, Egress: topology.MicroEUR(rng.IntN(20_000)),
		})
		spec.Links = append(spec.Links, topology.Link{
			ID: topology.LinkID("l" + fmt.Sprint(i)), A: topology.NodeID(site(i)), B: "ix", Operator: "net", Jurisdictions: []topology.Jurisdiction{"DE"},
			RTT: topology.RTT{P50: 1000, P95: 2000, P99: 3000}, Bandwidth: []int64{1e9, 10e9}[rng.IntN(2)],
		})
	}
	for i := range 2 {
		spec.Providers = append(spec.Providers, topology.Provider{ID: topology.ProviderID(fmt.Sprintf("p%d", i)), Name: "p", Country: "DE"})
	}
	if seed%2 == 0 {
		for i := range apps {
			apps[i].Constraints = constraints(rng, &apps[i], w)
		}
	}
	c, err := topology.New(spec)
	require.NoError(t, err)
	g, err := latency.New(c, nil)
	require.NoError(t, err)
	w.problem = &placement.Problem{Continuum: c, Latency: g, Applications: apps, Current: w.from, AsOf: day}
	if seed%3 == 0 {
		w.problem.Admission = denied
	}
	return w
}

func site(i int) topology.SiteID { return topology.SiteID(fmt.Sprintf("s%d", i)) }

// constraints are those that hold at the start and at the goal.
func constraints(rng *rand.Rand, app *placement.Application, w world) []placement.Constraint {
	most, least := 0, 99
	for _, at := range []placement.Assignment{w.from, w.to} {
		count := make(map[topology.SiteID]int)
		for i := range app.Workloads {
			if app.Workloads[i].Component == "c0" {
				count[at[app.Workloads[i].ID]]++
			}
		}
		least = min(least, len(count))
		for _, n := range count {
			most = max(most, n)
		}
	}
	if rng.IntN(2) == 0 {
		return []placement.Constraint{placement.Conflict{Components: []string{"c0"}, Over: "site", AtMost: max(1, most)}}
	}
	return []placement.Constraint{placement.Spread{Components: []string{"c0"}, Over: "site", AtLeast: max(1, least)}}
}

func keys(m map[placement.WorkloadID][]topology.SiteID) []placement.WorkloadID {
	var out []placement.WorkloadID
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
