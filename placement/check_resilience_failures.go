package placement

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// failures lists everything that can fail by itself, in order of kind and ID. Nodes and links are those of the latency
// graph, whose network the problem's continuum shares.
func (c *checker) failures() []*checkFailure {
	type key struct {
		kind FailureKind
		id   string
	}
	all := map[key]*checkFailure{}
	at := func(kind FailureKind, id string) *checkFailure {
		f := all[key{kind, id}]
		if f == nil {
			f = &checkFailure{kind: kind, id: id}
			all[key{kind, id}] = f
		}
		return f
	}
	node := func(id topology.NodeID, country topology.Jurisdiction, failures ...*checkFailure) {
		if country != "" {
			failures = append(failures, at(FailedJurisdiction, string(country)))
		}
		for _, f := range failures {
			f.nodes = append(f.nodes, id)
		}
	}
	network := c.graph.Continuum()
	for s := range network.Sites() {
		node(s.ID.Node(), s.Country, at(FailedSite, string(s.ID)), at(FailedProvider, string(s.Provider)))
	}
	for x := range network.Exchanges() {
		node(x.ID, x.Country, at(FailedExchange, string(x.ID)))
	}
	for a := range network.AccessPoints() {
		node(a.ID.Node(), a.Country)
	}
	for l := range network.Links() {
		at(FailedLink, string(l.ID)).links = []topology.LinkID{l.ID}
		if l.Operator != "" {
			f := at(FailedOperator, l.Operator)
			f.links = append(f.links, l.ID)
		}
		for _, j := range l.Jurisdictions {
			f := at(FailedJurisdiction, string(j))
			f.links = append(f.links, l.ID)
		}
	}
	list := make([]*checkFailure, 0, len(all))
	for _, f := range all {
		list = append(list, f)
	}
	slices.SortFunc(list, (*checkFailure).compare)
	linksAt(network, list)
	return list
}

func (f *checkFailure) compare(g *checkFailure) int {
	return cmp.Or(cmp.Compare(slices.Index(failureKinds, f.kind), slices.Index(failureKinds, g.kind)), cmp.Compare(f.id, g.id))
}

// linksAt adds to each failure the links at its nodes.
func linksAt(network *topology.Continuum, list []*checkFailure) {
	at := map[topology.NodeID][]topology.LinkID{}
	for l := range network.Links() {
		at[l.A] = append(at[l.A], l.ID)
		if l.A != l.B {
			at[l.B] = append(at[l.B], l.ID)
		}
	}
	for _, f := range list {
		for _, node := range f.nodes {
			f.links = append(f.links, at[node]...)
		}
		slices.Sort(f.links)
		f.links = slices.Compact(f.links)
	}
}
