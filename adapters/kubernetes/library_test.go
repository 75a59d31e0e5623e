package kubernetes

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// libraryWorld is a random application on a cluster, and the same written down for the library alone.
type libraryWorld struct {
	c       *Cluster
	clock   *testClock
	space   string
	app     placement.Application
	flows   map[string]string // annotation by receiving component
	at      placement.Assignment
	problem *placement.Problem
	pods    []*v1Pod
}

func (w *libraryWorld) flow(f placement.Flow) {
	w.app.Flows = append(w.app.Flows, f)
	from := fmt.Sprintf(`"from":%q`, f.FromComponent)
	if f.FromAccess != "" {
		from = fmt.Sprintf(`"fromAccess":%q`, f.FromAccess)
	}
	if w.flows[f.To] != "" {
		w.flows[f.To] += ","
	}
	w.flows[f.To] += fmt.Sprintf(`{%s,"rate":"%d","bound":"%dus"}`, from, f.Rate, f.Bound)
}

// load adds a workload and returns the pod that it stands for.
func (w *libraryWorld) load(component, name string) (*v1Pod, placement.WorkloadID) {
	id := placement.WorkloadID("shop/" + name)
	w.app.Workloads = append(w.app.Workloads, placement.Workload{
		ID: id, Application: "shop", Tenant: w.space, Component: component, Kind: placement.Container, Priority: 1,
		Data: placement.DataClass(w.c.spaces[w.space].class), Demand: topology.Resources{topology.CPU: 1000, topology.Memory: 1 << 30},
	})
	return testPod(w.space, name, "1", map[string]string{ApplicationLabel: "shop", ComponentLabel: component},
		map[string]string{FlowsAnnotation: "[" + w.flows[component] + "]"}), id
}

// there leaves out flows of which an end is no workload.
func (w *libraryWorld) there() placement.Application {
	out := w.app
	has := func(name string) bool {
		return name == "" || slices.ContainsFunc(out.Workloads, func(w placement.Workload) bool { return w.Component == name })
	}
	out.Workloads = slices.SortedStableFunc(slices.Values(out.Workloads), func(a, b placement.Workload) int { return strings.Compare(a.Component, b.Component) })
	out.Flows = slices.DeleteFunc(slices.Clone(out.Flows), func(f placement.Flow) bool { return !has(f.To) || !has(f.FromComponent) })
	return out
}

// TestAnswersAreTheLibrarys puts pods of random applications on nodes, asks about one more, and holds every answer to
// placement.WhyNot of a problem that is written down here from the same facts: refused for good where, and only where, the
// checker finds anything but lack of room, and rated in the order of placement's own candidates.
func TestAnswersAreTheLibrarys(t *testing.T) {
	ctx := context.Background()
	file, err := os.Open("../../examples/virt8ra/continuum.yaml")
	require.NoError(t, err)
	defer file.Close()
	continuum, err := topology.Read("continuum.yaml", file)
	require.NoError(t, err)
	set, err := policy.Load([]policy.Source{{FS: os.DirFS("../../examples/virt8ra/policies")}}, nil)
	require.NoError(t, err)
	sites, points := slices.Collect(continuum.Sites()), slices.Collect(continuum.AccessPoints())
	refused, passed := map[placement.ConstraintKind]int{}, 0
	c, clock := testCluster(t, nil)
	c.SetNamespace(testSpace("office", "internal"))
	names := c.testNames()
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := &libraryWorld{c: c, clock: clock, space: "staff", flows: map[string]string{}, at: placement.Assignment{}}
		if r.IntN(4) == 0 {
			w.space = "office"
		}
		w.app = placement.Application{Name: "shop", Tenant: w.space}
		w.flow(placement.Flow{FromAccess: points[r.IntN(len(points))].ID, To: "web", Rate: 1e6, Bound: topology.Micros(10_000 + r.Int64N(60_000))})
		w.flow(placement.Flow{FromComponent: "web", To: "api", Rate: 5e6, Bound: topology.Micros(2_000 + r.Int64N(60_000))})
		w.flow(placement.Flow{FromComponent: "db", To: "api", Rate: 7e6, Bound: topology.Micros(2_000 + r.Int64N(30_000))})
		components := []string{"api", "db", "web"}
		for k := range r.IntN(4) {
			p, id := w.load(components[r.IntN(3)], fmt.Sprintf("p%d", k))
			w.at[id] = sites[r.IntN(len(sites))].ID
			p.Spec.NodeName = string(w.at[id]) + "-0"
			c.SetPod(p)
			w.pods = append(w.pods, p)
		}
		pod, id := w.load(components[r.IntN(3)], "new")
		w.problem = &placement.Problem{Continuum: continuum, Applications: []placement.Application{w.there()}, Admission: set, Transit: set, AsOf: clock.now}
		e, err := placement.Explain(ctx, placement.Answer{Problem: w.problem, Assignment: w.at})
		require.NoError(t, err)
		f, err := c.Filter(ctx, pod, names)
		require.NoError(t, err)
		for _, name := range names {
			why, err := e.WhyNot(ctx, id, topology.SiteID(name[:len(name)-2]))
			require.NoError(t, err)
			broken := slices.DeleteFunc(why.Violations, func(v placement.Violation) bool { return v.Kind == placement.ByCapacity })
			reason, hard := f.Hard[name]
			if len(broken) > 0 {
				refused[broken[0].Kind]++
				require.True(t, hard, "seed %d: %s: the library has %v", seed, name, broken)
			} else {
				passed++
				require.False(t, hard, "seed %d: %s: %s, and the library has nothing", seed, name, reason)
			}
		}
		w.requireRated(t, pod, id, f.Pass, seed)
		for _, p := range w.pods {
			c.DeletePod(p)
		}
	}
	t.Log(refused, passed)
	require.Greater(t, passed, 200)
	require.Positive(t, refused[placement.ByAdmission])
	require.Positive(t, refused[placement.ByLatency])
}

// requireRated holds scores and best nodes to placement's candidates.
func (w *libraryWorld) requireRated(t *testing.T, pod *v1Pod, id placement.WorkloadID, pass []string, seed uint64) {
	t.Helper()
	ctx := context.Background()
	s, err := placement.NewScheduler(ctx, placement.Answer{Problem: w.problem, Assignment: w.at}, &placement.SchedulerOptions{Prices: &placement.Certificate{}})
	require.NoError(t, err)
	all, err := s.Candidates(ctx, id, 1000)
	require.NoError(t, err)
	cost := map[string]int64{}
	for _, x := range all {
		cost[string(x.Site)] = x.Cost
	}
	scores, err := w.c.Score(ctx, pod, pass)
	require.NoError(t, err)
	for i, a := range pass {
		require.True(t, scores[i] >= 0 && scores[i] <= 100)
		for j, b := range pass {
			x, okX := cost[a[:len(a)-2]]
			y, okY := cost[b[:len(b)-2]]
			if okX && okY && x < y { // sites that are full by the file are none of the candidates
				require.GreaterOrEqual(t, scores[i], scores[j], "seed %d: %s costs %d, %s %d", seed, a, x, b, y)
			}
		}
	}
	best, _, err := w.c.Best(ctx, pod, 1)
	require.NoError(t, err)
	require.Equal(t, len(pass) > 0, len(best) == 1)
	if len(best) == 1 && len(all) > 0 {
		require.Equal(t, all[0].Site, topology.SiteID(best[0][:len(best[0])-2]), "seed %d", seed)
	}
}
