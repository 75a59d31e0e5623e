package migrate

import (
	"fmt"

	"github.com/domicile-eu/domicile/latency"
	core "github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Case is one migration problem: where everything runs, where it is to run, and how much may go on at once.
type Case struct {
	Name  string // of the file, or of the generator
	Class string // what is averaged over
	// Problem has a site for each server and a workload for each virtual machine.
	Problem  *placement.Problem
	From, To placement.Assignment
	// Ready is when a site that is off at the start has booted; sites that are on are not in it.
	Ready map[topology.SiteID]topology.Micros
}

// options are those that every case is planned with: no time beyond the copying, no cap but the links.
func (c *Case) options() *core.Options {
	return &core.Options{Setup: -1, SiteMoves: max(len(c.From), 1), Ready: c.Ready}
}

// builder collects what a case is made of.
type builder struct {
	spec     topology.Spec
	works    []placement.Workload
	from, to placement.Assignment
	ready    map[topology.SiteID]topology.Micros
}

const provider = "provider"

func newBuilder(name string) *builder {
	return &builder{
		spec: topology.Spec{Name: name, Providers: []topology.Provider{{ID: provider, Country: "FR"}}},
		from: placement.Assignment{}, to: placement.Assignment{}, ready: map[topology.SiteID]topology.Micros{},
	}
}

// The names of things, numbered as in the files.

func siteID(server int) topology.SiteID   { return topology.SiteID(fmt.Sprintf("s%05d", server)) }
func workID(vm int) placement.WorkloadID  { return placement.WorkloadID(fmt.Sprintf("vm%05d", vm)) }
func switchID(number int) topology.NodeID { return topology.NodeID(fmt.Sprintf("switch%05d", number)) }

func (b *builder) site(server int, capacity topology.Resources) {
	b.spec.Sites = append(b.spec.Sites, topology.Site{
		ID: siteID(server), Provider: provider, Country: "FR", Tier: topology.Cloud, Runtimes: []topology.Runtime{topology.VM},
		Capacity: capacity,
	})
}

// link adds a full-duplex link.
func (b *builder) link(id topology.LinkID, x, y topology.NodeID, bandwidth int64) {
	b.spec.Links = append(b.spec.Links, topology.Link{
		ID: id, A: x, B: y, Operator: provider, Jurisdictions: []topology.Jurisdiction{"FR"},
		RTT: topology.RTT{P50: 100, P95: 100, P99: 100}, Bandwidth: bandwidth,
	})
}

func (b *builder) exchange(number int) {
	b.spec.Exchanges = append(b.spec.Exchanges, topology.Exchange{ID: switchID(number), Country: "FR"})
}

func (b *builder) workload(vm int, demand topology.Resources, facts placement.Migration, from, to int) {
	facts.Methods = []placement.Method{placement.PreCopy}
	b.works = append(b.works, placement.Workload{
		ID: workID(vm), Application: "vms", Component: "vm", Kind: placement.VM, Priority: 1, Demand: demand, Migration: facts,
	})
	b.from[workID(vm)], b.to[workID(vm)] = siteID(from), siteID(to)
}

func (b *builder) build(name, class string) (*Case, error) {
	continuum, err := topology.New(b.spec)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
	}
	graph, err := latency.New(continuum, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
	}
	problem := &placement.Problem{
		Continuum: continuum, Latency: graph, Current: b.from,
		Applications: []placement.Application{{Name: "vms", Workloads: b.works}},
	}
	return &Case{Name: name, Class: class, Problem: problem, From: b.from, To: b.to, Ready: b.ready}, nil
}
