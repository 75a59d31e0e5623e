package placement

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// TestBrokenCurrentStays: where what runs breaks one spread, only one of its replicas moves.
func TestBrokenCurrentStays(t *testing.T) {
	spec := topology.Spec{Name: "four", Providers: []topology.Provider{{ID: "p0", Country: "DE"}, {ID: "p1", Country: "DE"}}}
	for k, id := range []string{"a", "b", "c", "d"} {
		spec.Sites = append(spec.Sites, topology.Site{
			ID: topology.SiteID(id), Name: id, Provider: topology.ProviderID(fmt.Sprint("p", k/2)), Country: "DE", Tier: topology.Cloud,
			Runtimes: []topology.Runtime{topology.Kubernetes}, Capacity: topology.Resources{topology.CPU: 100},
		})
	}
	continuum := mustContinuum(t, spec)
	graph, err := latency.New(continuum, nil)
	require.NoError(t, err)
	p := &Problem{Continuum: continuum, Latency: graph, Current: Assignment{}}
	for n := range 20 {
		app := Application{Name: fmt.Sprintf("app-%d", n), Tenant: "t"}
		for r := range 2 {
			id := WorkloadID(fmt.Sprintf("%s/w-%d", app.Name, r))
			app.Workloads = append(app.Workloads, Workload{
				ID: id, Application: app.Name, Tenant: "t", Component: "w", Kind: Container, Demand: topology.Resources{topology.CPU: 1}, Priority: 1,
			})
			p.Current[id] = "d"
		}
		if n == 0 {
			app.Constraints = []Constraint{Spread{Components: []string{"w"}, Over: "provider", AtLeast: 2}}
		}
		p.Applications = append(p.Applications, app)
	}
	r, err := Solve(context.Background(), p, &Options{MaxSteps: 1})
	require.NoError(t, err)
	requireSound(t, p, r)
	moved := 0
	for id, site := range r.Assignment {
		if site != p.Current[id] {
			moved++
			assert.Contains(t, string(id), "app-0/")
		}
	}
	assert.Equal(t, 1, moved)
}
