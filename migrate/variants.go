package migrate

import (
	"context"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

const (
	// nearest is how many of the nearest routes between two sites are looked at, beside the widest one, two that share no
	// link, and those that avoid a link which is busy.
	nearest = 4
	// mostCuts is around how many busy links routes are looked for: each takes a graph of its own.
	mostCuts = 32
	// variantSteps bounds the search for routes, in looks at links and nodes.
	variantSteps = 10_000_000
)

// variants finds the routes that hops can take.
type variants struct {
	ctx   context.Context
	q     *sequencer
	size  int // of the network
	known map[journey][]latency.Route
	cuts  map[topology.LinkID]*latency.Graph
	round map[bypass][]latency.Route
	made  map[traced]*hop // nil: the hop cannot be made so
	steps int
}

// journey is what routes depend on.
type journey struct {
	from, to int32
	transit  latency.Transit
}

// bypass is a journey that avoids a link.
type bypass struct {
	journey
	link topology.LinkID
}

// traced is a hop over a route; they are the same route if they are stored at the same place.
type traced struct {
	work, from, to int32
	first          *latency.Hop
}

func newVariants(ctx context.Context, q *sequencer, m *mesh) *variants {
	return &variants{
		ctx: ctx, q: q, size: len(m.links) + len(m.country), known: make(map[journey][]latency.Route),
		cuts: make(map[topology.LinkID]*latency.Graph), round: make(map[bypass][]latency.Route), made: make(map[traced]*hop),
	}
}

// of returns a hop over other routes by the same method, those that avoid a lane first of all.
func (v *variants) of(h *hop, busy lane) ([]*hop, error) {
	if h.rate == 0 {
		return nil, nil
	}
	t, err := v.q.world.transitOf(v.ctx, h.work)
	if err != nil {
		return nil, err
	}
	j := journey{h.from, h.to, t}
	routes := v.routes(j)
	if busy.kind == linkRate || busy.kind == linkMoves {
		routes = slices.Concat(v.around(j, topology.LinkID(busy.name)), routes)
	}
	var out []*hop
	for k := range routes {
		if sameWay(&routes[k], &h.route) || slices.ContainsFunc(out, func(o *hop) bool { return sameWay(&routes[k], &o.route) }) {
			continue
		}
		other, err := v.make(h, &routes[k])
		if err != nil {
			return nil, err
		}
		if other != nil {
			out = append(out, other)
		}
	}
	return out, nil
}

func sameWay(a, b *latency.Route) bool {
	return slices.EqualFunc(a.Hops, b.Hops, func(x, y latency.Hop) bool { return x.Link == y.Link && x.From == y.From })
}

// routes returns the routes of a journey, the nearest first.
func (v *variants) routes(j journey) []latency.Route {
	if known, ok := v.known[j]; ok || v.steps > variantSteps {
		return known
	}
	g, from, to := v.q.world.graph, v.node(j.from), v.node(j.to)
	out := g.Routes(from, to, j.transit, nearest, nil)
	if len(out) > 1 {
		if pair, ok := g.Disjoint(from, to, j.transit); ok {
			out = append(out, pair[0], pair[1])
		}
		if wide, ok := g.Widest(from, to, j.transit); ok {
			out = append(out, wide)
		}
	}
	v.steps += 8 * v.size
	v.known[j] = out
	return out
}

// around returns the nearest route of a journey that avoids a link.
func (v *variants) around(j journey, link topology.LinkID) []latency.Route {
	d := bypass{j, link}
	if known, ok := v.round[d]; ok || v.steps > 2*variantSteps {
		return known
	}
	g := v.cuts[link]
	if g == nil {
		if len(v.cuts) == mostCuts {
			return nil
		}
		var err error
		if g, err = v.q.world.graph.Without(nil, []topology.LinkID{link}); err != nil {
			return nil // the graph is of another continuum
		}
		v.cuts[link] = g
		v.steps += 8 * v.size
	}
	var out []latency.Route
	if route, ok := g.Route(v.node(j.from), v.node(j.to), j.transit); ok {
		out = append(out, route)
	}
	v.steps += 50 + v.size/8 // a row serves all that leave from there
	v.round[d] = out
	return out
}

func (v *variants) node(site int32) topology.NodeID { return v.q.world.sites[site].ID.Node() }

// make prepares a hop over another route, nil where it cannot take that by its method, as safely, or in its calendars.
func (v *variants) make(h *hop, route *latency.Route) (*hop, error) {
	key := traced{h.work, h.from, h.to, &route.Hops[0]}
	if known, ok := v.made[key]; ok {
		return known, nil
	}
	w := v.q.world
	other, no, err := w.choose(h.work, h.from, h.to, *route)
	if err != nil {
		return nil, err
	}
	if no != nil || other.method != h.method || other.rate == 0 || other.estimate.Safe >= longest && h.estimate.Safe < longest ||
		w.times.of(other).fit(w.ready[h.to], other.span()) == never {
		other = nil
	} else {
		other.stage, other.takes, other.gives = h.stage, h.takes, h.gives
	}
	v.made[key] = other
	return other, nil
}
