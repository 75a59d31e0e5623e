package latency_test

import (
	"fmt"

	gonum "gonum.org/v1/gonum/graph/network"
	"gonum.org/v1/gonum/graph/topo"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// Which nodes do most ways lead through, by the number of hops, and what is connected inside some borders?
func ExampleGraph_Network() {
	g, err := latency.New(network(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	view := g.Network(latency.Transit{})
	between := gonum.Betweenness(view)
	for nodes := view.Nodes(); nodes.Next(); {
		n := nodes.Node().(latency.NetworkNode)
		fmt.Println(n.Node, between[n.ID()])
	}
	eu := latency.NewTransit(latency.Permit{Jurisdictions: list("AT", "DE", "IT"), AnyOperator: true})
	for _, part := range topo.ConnectedComponents(g.Network(eu)) {
		fmt.Println("a part of", len(part))
	}
	// Unordered output:
	// milan 1
	// munich 7
	// phone 0
	// vienna 2
	// zurich 2
	// a part of 4
	// a part of 1
}

func ExampleGraph_Unavoidable() {
	g, err := latency.New(network(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	eu := latency.NewTransit(latency.Permit{Jurisdictions: list("AT", "DE", "IT"), AnyOperator: true})
	for _, t := range []latency.Transit{{}, eu} {
		nodes, links, _ := g.Unavoidable("phone", "milan", t)
		fmt.Println(nodes, links)
	}
	// Output:
	// [munich] [phone--munich]
	// [munich vienna] [phone--munich munich--vienna vienna--milan]
}

func ExampleGraph_Without() {
	g, err := latency.New(network(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	left, err := g.Without([]topology.NodeID{"zurich"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, graph := range []*latency.Graph{g, left} {
		p95, ok := graph.Row("phone", latency.Transit{}).Latency("milan", latency.P95)
		fmt.Println(p95, ok)
	}
	// Output:
	// 38.2 ms true
	// 44.4 ms true
}

func ExampleGraph_Labels() {
	g, err := latency.New(network(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	labels, err := g.Labels(latency.Transit{}, 0)
	if err != nil { // latency.ErrDense: ask rows instead
		fmt.Println(err)
		return
	}
	fmt.Println(labels.Mean("munich", "milan"))
	// Output: 8.21 ms true
}
