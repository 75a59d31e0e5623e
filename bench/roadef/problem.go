package roadef

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// hours is what the engine spreads moves over; weights of move costs are taken as many times.
const hours = 720

// The labels of sites, and the domains over them.
const (
	locationLabel      = "location"
	neighbourhoodLabel = "neighbourhood"

	overLocations      placement.Domain = "label:" + locationLabel
	overNeighbourhoods placement.Domain = "label:" + neighbourhoodLabel
)

// The names of things, numbered as in the file; the order of IDs is that of the numbers.

func siteID(machine int) topology.SiteID { return topology.SiteID(fmt.Sprintf("m%05d", machine)) }

func workloadID(process int) placement.WorkloadID {
	return placement.WorkloadID(fmt.Sprintf("p%06d", process))
}

func dimension(resource int) topology.Dimension {
	return topology.Dimension("r" + strconv.Itoa(resource))
}

func component(service int) string { return "s" + strconv.Itoa(service) }

// machineOf is the number of a site.
func machineOf(s topology.SiteID) int {
	n, err := strconv.Atoi(string(s[1:]))
	if err != nil {
		panic("roadef: a site that is no machine: " + string(s))
	}
	return n
}

// Problem says what the challenge asks as a placement problem: the first tier leaves nothing out, the second is the
// challenge's cost. initial is the machine of each process now. O(numbers of the model), but for the matrix of move costs,
// which is not copied.
func (m *Model) Problem(initial []int) (*placement.Problem, error) {
	if len(initial) != len(m.Processes) {
		return nil, fmt.Errorf("%w: %d machines for %d processes", ErrFormat, len(initial), len(m.Processes))
	}
	continuum, err := topology.New(m.continuum())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	graph, err := latency.New(continuum, nil)
	if err != nil {
		return nil, err
	}
	objective, err := m.objective()
	if err != nil {
		return nil, err
	}
	constraints, err := m.constraints()
	if err != nil {
		return nil, err
	}
	p := &placement.Problem{
		Continuum: continuum, Latency: graph, Objective: objective,
		Applications: []placement.Application{{Name: application, Workloads: m.workloads(), Constraints: constraints}},
		Current:      m.assignment(initial),
		Relocation:   relocator{m},
	}
	for r, resource := range m.Resources {
		if resource.Transient {
			p.Transient = append(p.Transient, dimension(r))
		}
	}
	return p, nil
}

const application = "roadef"

// continuum is the machines as sites of one provider, at no price.
func (m *Model) continuum() topology.Spec {
	spec := topology.Spec{Name: application, Providers: []topology.Provider{{ID: application, Country: "FR"}}}
	for k := range m.Machines {
		machine := &m.Machines[k]
		s := topology.Site{
			ID: siteID(k), Provider: application, Country: "FR", Tier: topology.Cloud, Runtimes: []topology.Runtime{topology.VM},
			Capacity: make(topology.Resources, len(m.Resources)), Safe: make(topology.Resources, len(m.Resources)),
			Labels: map[string]string{
				locationLabel: strconv.Itoa(machine.Location), neighbourhoodLabel: strconv.Itoa(machine.Neighbourhood),
			},
		}
		for r, capacity := range machine.Capacity {
			s.Capacity[dimension(r)] = capacity
			// Beyond the capacity nothing can be used, safely or not.
			s.Safe[dimension(r)] = min(machine.Safe[r], capacity)
		}
		spec.Sites = append(spec.Sites, s)
	}
	return spec
}

// workloads is the processes, those of a service together.
func (m *Model) workloads() []placement.Workload {
	order := make([]int, len(m.Processes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.Processes[a].Service, m.Processes[b].Service) })
	dimensions, components := make([]topology.Dimension, len(m.Resources)), make([]string, len(m.Services))
	for r := range dimensions {
		dimensions[r] = dimension(r)
	}
	for s := range components {
		components[s] = component(s)
	}
	workloads := make([]placement.Workload, len(order))
	for k, i := range order {
		p := &m.Processes[i]
		w := placement.Workload{
			ID: workloadID(i), Application: application, Component: components[p.Service], Kind: placement.VM, Priority: 1,
			MoveCost: topology.MicroEUR(p.MoveCost), Demand: make(topology.Resources, len(p.Demand)),
		}
		for r, amount := range p.Demand {
			if amount > 0 {
				w.Demand[dimensions[r]] = amount
			}
		}
		workloads[k] = w
	}
	return workloads
}

// assignment names machines of processes.
func (m *Model) assignment(on []int) placement.Assignment {
	sites := make([]topology.SiteID, len(m.Machines))
	for k := range sites {
		sites[k] = siteID(k)
	}
	a := make(placement.Assignment, len(on))
	for i, machine := range on {
		a[workloadID(i)] = sites[machine]
	}
	return a
}

// constraints is what the challenge asks of services. Where the challenge could be satisfied by no assignment at all, it is
// an error: the initial one is to be allowed.
func (m *Model) constraints() ([]placement.Constraint, error) {
	size := make([]int, len(m.Services))
	for i := range m.Processes {
		size[m.Processes[i].Service]++
	}
	var out []placement.Constraint
	for s := range m.Services {
		service := &m.Services[s]
		if size[s] == 0 {
			continue
		}
		own := []string{component(s)}
		if size[s] > 1 {
			out = append(out, placement.Conflict{Components: own, Over: "site", AtMost: 1})
		}
		if service.Spread > size[s] {
			return nil, fmt.Errorf("%w: service %d with %d processes is to be in %d locations", ErrFormat, s, size[s], service.Spread)
		}
		if service.Spread > 1 {
			out = append(out, placement.Spread{Components: own, Over: overLocations, AtLeast: service.Spread})
		}
		needs := slices.Clone(service.Needs)
		slices.Sort(needs)
		for _, other := range slices.Compact(needs) {
			if other == s {
				continue
			}
			if size[other] == 0 {
				return nil, fmt.Errorf("%w: service %d depends on service %d, which has no process", ErrFormat, s, other)
			}
			out = append(out, placement.Affinity{Components: own, With: []string{component(other)}, Over: overNeighbourhoods})
		}
	}
	return out, nil
}

// objective is the challenge's cost behind the tier that leaves nothing out. Terms that weigh nothing are left out.
func (m *Model) objective() (placement.Objective, error) {
	var terms []placement.Term
	add := func(t placement.Term) {
		if t.Weight > 0 {
			terms = append(terms, t)
		}
	}
	for r, resource := range m.Resources {
		add(placement.Term{Kind: placement.Excess, Dimension: dimension(r), Weight: resource.Weight})
	}
	for i, b := range m.Balances {
		t := placement.Term{Kind: placement.Balance, Dimension: dimension(b.Of), Against: dimension(b.Against), Ratio: b.Ratio, Weight: b.Weight}
		k := slices.IndexFunc(terms, func(o placement.Term) bool {
			return o.Kind == t.Kind && o.Dimension == t.Dimension && o.Against == t.Against
		})
		switch {
		case k < 0:
			add(t)
		case terms[k].Ratio != t.Ratio || terms[k].Weight > math.MaxInt64-t.Weight:
			return nil, fmt.Errorf("%w: balance cost %d is about the same resources as one before it", ErrFormat, i)
		default:
			terms[k].Weight += t.Weight
		}
	}
	for _, move := range []struct {
		kind   placement.TermKind
		weight int64
	}{{placement.Moves, m.ProcessMove}, {placement.GroupMoves, m.ServiceMove}, {placement.Relocation, m.MachineMove}} {
		if move.weight > math.MaxInt64/hours {
			return nil, fmt.Errorf("%w: a weight of move costs, %d, is too large", ErrFormat, move.weight)
		}
		add(placement.Term{Kind: move.kind, Weight: hours * move.weight})
	}
	return placement.Objective{
		{Name: "unplaced", Terms: []placement.Term{{Kind: placement.Unplaced, Weight: 1}}},
		{Name: "cost", Terms: terms},
	}, nil
}

// relocator prices moves by the matrix of the model.
type relocator struct{ m *Model }

// RelocationCost implements placement.Relocator.
func (r relocator) RelocationCost(from, to *topology.Site) topology.MicroEUR {
	return topology.MicroEUR(r.m.MoveCost(machineOf(from.ID), machineOf(to.ID)))
}
