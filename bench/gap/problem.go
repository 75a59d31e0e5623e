package gap

import (
	"fmt"
	"strconv"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// name is that of the provider, of the continuum and of the application.
const name = "gap"

func siteID(agent int) topology.SiteID { return topology.SiteID(fmt.Sprintf("a%04d", agent)) }

func workloadID(job int) placement.WorkloadID {
	return placement.WorkloadID(fmt.Sprintf("%s/j%06d", name, job))
}

func dimension(agent int) topology.Dimension { return topology.Dimension("use-" + strconv.Itoa(agent)) }

// Problem says what an instance asks as a placement problem: agents are sites, jobs are workloads.
//
// What a job takes depends on the agent, and a demand does not. So each agent is a dimension of its own: a job demands of
// it what it would take from that agent, and all other sites have as much of it as all jobs together could want. Costs come
// from a rule. Nothing is left out if that is possible, which is the first tier; the second is the cost.
func (g *Instance) Problem() (*placement.Problem, error) {
	spec := topology.Spec{Name: name, Providers: []topology.Provider{{ID: name, Country: "FR"}}}
	ample := make([]int64, g.Agents())
	for a, uses := range g.Use {
		for _, x := range uses {
			ample[a] += x
		}
	}
	for a := range g.Agents() {
		s := topology.Site{
			ID: siteID(a), Provider: name, Country: "FR", Tier: topology.Cloud, Runtimes: []topology.Runtime{topology.VM},
			Capacity: make(topology.Resources, g.Agents()),
		}
		for d, amount := range ample {
			s.Capacity[dimension(d)] = amount
		}
		s.Capacity[dimension(a)] = g.Capacity[a]
		spec.Sites = append(spec.Sites, s)
	}
	continuum, err := topology.New(spec)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	app := placement.Application{Name: name}
	costs := rule{jobs: make(map[string]int), agents: make(map[topology.SiteID]int), cost: g.Cost}
	for a := range g.Agents() {
		costs.agents[siteID(a)] = a
	}
	for j := range g.Jobs() {
		component := "j" + strconv.Itoa(j)
		costs.jobs[component] = j
		w := placement.Workload{
			ID: workloadID(j), Application: name, Component: component, Kind: placement.VM, Priority: 1,
			Demand: make(topology.Resources, g.Agents()),
		}
		for a, uses := range g.Use {
			w.Demand[dimension(a)] = uses[j]
		}
		app.Workloads = append(app.Workloads, w)
	}
	return &placement.Problem{
		Continuum: continuum, Applications: []placement.Application{app}, Rules: []placement.Rule{&costs},
		Objective: placement.Objective{
			{Name: "unplaced", Terms: []placement.Term{{Kind: placement.Unplaced, Weight: 1}}},
			{Name: "cost", Terms: []placement.Term{{Kind: placement.RuleCost, Weight: 1}}},
		},
	}, nil
}

// rule is the costs of an instance.
type rule struct {
	jobs   map[string]int // by component
	agents map[topology.SiteID]int
	cost   [][]int64
}

// Judge implements placement.Rule.
func (r *rule) Judge(w *placement.Workload, s *topology.Site) (bool, string, topology.MicroEUR) {
	return true, "", topology.MicroEUR(r.cost[r.agents[s.ID]][r.jobs[w.Component]])
}

// agents returns the agent of each job, -1 for none.
func (g *Instance) agents(a placement.Assignment) []int {
	number := make(map[topology.SiteID]int)
	for k := range g.Agents() {
		number[siteID(k)] = k
	}
	out := make([]int, g.Jobs())
	for j := range out {
		out[j] = -1
		if s, ok := a[workloadID(j)]; ok {
			out[j] = number[s]
		}
	}
	return out
}

// judge adds up an answer straight from the numbers of the instance, and lists what is wrong with it.
func (g *Instance) judge(agents []int) (cost int64, wrong []string) {
	use := make([]int64, g.Agents())
	for j, a := range agents {
		if a < 0 {
			wrong = append(wrong, fmt.Sprintf("job %d has no agent", j+1))
			continue
		}
		cost += g.Cost[a][j]
		use[a] += g.Use[a][j]
	}
	for a, x := range use {
		if x > g.Capacity[a] {
			wrong = append(wrong, fmt.Sprintf("agent %d has %d of %d in use", a+1, x, g.Capacity[a]))
		}
	}
	return cost, wrong
}
