package multicluster

import (
	"context"
	"math"
	"math/big"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Scores are the AddOnPlacementScores of Open Cluster Management.
var Scores = schema.GroupVersionResource{Group: "cluster.open-cluster-management.io", Version: "v1alpha1", Resource: "addonplacementscores"}

// worst is the score of a cluster that is refused or about which something is not known.
const worst = -100

// reference is what price and carbon are compared for: a node-sized slice of four cores and 16 GiB.
var reference = topology.Resources{topology.CPU: 4000, topology.Memory: 16 << 30}

// Score is one figure of one cluster, -100 (worst, refused or unknown) to 100 (best).
type Score struct {
	Name  string
	Value int32
}

// Score compares the clusters of a world: for each the scores price and carbon (an hour of four cores and 16 GiB), latency-POINT for
// each access point (median round trip over a way that ordinary data may take), and for each component fit-APPLICATION-COMPONENT,
// which joins policies, room, cost and latency: what Domicile would rank first gets 100, what it refuses -100. Between best and worst a score is
// linear. A cluster that takes nothing new has -100 in all of them. O(components x sites).
func (w *World) Score(ctx context.Context, there *topology.Continuum) (map[topology.SiteID][]Score, error) {
	g := w.Latency
	if g == nil {
		var err error
		if g, err = latency.New(there, nil); err != nil {
			return nil, err
		}
	}
	var sites []*topology.Site
	for s := range there.Sites() {
		sites = append(sites, s)
	}
	out := make(map[topology.SiteID][]Score, len(sites))
	add := func(name string, figures []int64) {
		for i, v := range scale(sites, figures) {
			out[sites[i].ID] = append(out[sites[i].ID], Score{name, v})
		}
	}
	add("carbon", figures(sites, func(s *topology.Site) (int64, error) {
		if s.Energy.Intensity == 0 || len(s.Energy.Power) == 0 {
			return unknown, nil // nothing stated is not nothing emitted
		}
		return s.HourlyEmissions(reference)
	}))
	add("price", figures(sites, func(s *topology.Site) (int64, error) {
		if len(s.Prices) == 0 {
			return unknown, nil
		}
		n, err := s.HourlyPrice(reference)
		return int64(n), err
	}))
	for p := range there.AccessPoints() {
		row := g.Row(topology.NodeID(p.ID), latency.Transit{})
		add("latency-"+label(string(p.ID)), figures(sites, func(s *topology.Site) (int64, error) {
			return rtt(row, s), nil
		}))
	}
	return out, w.fit(ctx, there, sites, add)
}

// fit adds how the sites rank for each component.
func (w *World) fit(ctx context.Context, there *topology.Continuum, sites []*topology.Site, add func(string, []int64)) error {
	if len(w.Applications) == 0 {
		return nil
	}
	p := w.problem(there, w.Applications, nil)
	s, err := placement.NewScheduler(ctx, placement.Answer{Problem: p}, &placement.SchedulerOptions{Prices: &placement.Certificate{}})
	if err != nil {
		return err
	}
	seen := map[component]bool{}
	for _, a := range w.Applications {
		for i := range a.Workloads {
			c := component{a.Name, a.Workloads[i].Component}
			if seen[c] {
				continue
			}
			seen[c] = true
			ranked, err := s.Candidates(ctx, a.Workloads[i].ID, len(sites))
			if err != nil {
				return err
			}
			rank := make(map[topology.SiteID]int64, len(ranked))
			for n, r := range ranked {
				rank[r.Site] = int64(n)
			}
			add("fit-"+label(c.application)+"-"+label(c.name), figures(sites, func(s *topology.Site) (int64, error) {
				if n, ok := rank[s.ID]; ok {
					return n, nil
				}
				return unknown, nil
			}))
		}
	}
	return nil
}

// unknown is the figure of what is not known or refused.
const unknown = math.MaxInt64

func figures(sites []*topology.Site, of func(*topology.Site) (int64, error)) []int64 {
	out := make([]int64, len(sites))
	for i, s := range sites {
		n, err := of(s)
		if err != nil || n < 0 {
			n = unknown
		}
		out[i] = n
	}
	return out
}

// scale maps figures, of which the least is best, to 100 ... -99 and what is unknown or not up to -100. Where all are alike, all have 100.
func scale(sites []*topology.Site, figures []int64) []int32 {
	least, most := int64(unknown), int64(-1)
	known := func(i int) bool { return figures[i] != unknown && sites[i].State == topology.Up }
	for i, n := range figures {
		if known(i) {
			least, most = min(least, n), max(most, n)
		}
	}
	out := make([]int32, len(figures))
	for i, n := range figures {
		switch {
		case !known(i):
			out[i] = worst
		case most == least:
			out[i] = 100
		default:
			// 199 times the figure may not fit 64 bits
			lost := new(big.Int).Mul(big.NewInt(199), big.NewInt(n-least))
			out[i] = int32(100 - lost.Div(lost, big.NewInt(most-least)).Int64())
		}
	}
	return out
}

// ScoreObject is the AddOnPlacementScore of one cluster; it lives in the namespace of the cluster's name.
func ScoreObject(cluster, name string, scores []Score, until time.Time) *unstructured.Unstructured {
	list := make([]any, 0, len(scores))
	for _, s := range scores {
		list = append(list, map[string]any{"name": s.Name, "value": int64(s.Value)})
	}
	o := &unstructured.Unstructured{Object: map[string]any{
		"status": map[string]any{"scores": list, "validUntil": until.UTC().Format(time.RFC3339)},
	}}
	o.SetGroupVersionKind(Scores.GroupVersion().WithKind("AddOnPlacementScore"))
	o.SetName(name)
	o.SetNamespace(cluster)
	return o
}

func rtt(row *latency.Row, s *topology.Site) int64 {
	n, ok := row.Latency(topology.NodeID(s.ID), latency.P50)
	if !ok {
		return unknown
	}
	return int64(n)
}
