package placement

import (
	"context"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// schedPath is a bound over several flows of an application, one after the other.
type schedPath struct {
	from       topology.NodeID // of the access point; empty where the path starts at its first component
	stages     [][]int32       // workloads by component
	transit    [][]latency.Transit
	bound      topology.Micros
	percentile latency.Percentile
}

// schedStop says where a workload stands in a path.
type schedStop struct{ path, stage int32 }

// addPaths lists the paths. Transits that their hops need are asked for.
func (p *schedPlan) addPaths(ctx context.Context, w *schedWorld) error {
	for _, constraint := range p.app.Constraints {
		path, ok := constraint.(Path)
		if !ok {
			continue
		}
		out := schedPath{bound: path.Bound, percentile: path.percentile()}
		if path.FromAccess != "" {
			out.from = path.FromAccess.Node()
		}
		before := Flow{FromAccess: path.FromAccess}
		for n, name := range path.Components {
			before.To = name
			loads := p.of(name)
			transits := make([]latency.Transit, len(loads))
			for k, i := range loads {
				p.loads[i].stops = append(p.loads[i].stops, schedStop{int32(len(p.paths)), int32(n)})
				if n == 0 && path.FromAccess == "" {
					continue
				}
				var err error
				if transits[k], err = w.shapes.transit(ctx, dataOf(flowOf(p.app, &before), &p.app.Workloads[i])); err != nil {
					return err
				}
			}
			out.stages, out.transit = append(out.stages, loads), append(out.transit, transits)
			before = Flow{FromComponent: name}
		}
		p.paths = append(p.paths, out)
	}
	return nil
}

// late says whether a path through workload i misses its bound, all hops judged on the way there.
func (a *schedApp) late(w *schedWorld, i int32) bool {
	for _, stop := range a.loads[i].stops {
		p := &a.paths[stop.path]
		if heads := a.heads(w, p, len(p.stages), stop.stage, i); slowest(heads, p) > p.bound {
			return true
		}
	}
	return false
}

// schedLeg is what some stages of a path add up to, for one choice of their workloads.
type schedLeg struct {
	site int32 // at the end that is towards the others; -1: none
	sum  latency.Tail
	lost bool // a hop is not known
}

func slowest(legs []schedLeg, p *schedPath) (most topology.Micros) {
	for _, l := range legs {
		if l.lost {
			return p.bound + 1
		}
		most = max(most, l.sum.Latency(p.percentile))
	}
	return most
}

// heads lists the choices of the first n stages, each with the site of the last; of one stage only workload i counts where
// it is among them.
func (a *schedApp) heads(w *schedWorld, p *schedPath, n int, only, i int32) []schedLeg {
	legs := []schedLeg{{site: -1}}
	for stage := range n {
		var next []schedLeg
		known := make(map[schedLeg]bool)
		for _, l := range legs {
			for k, load := range p.stages[stage] {
				at := a.site[load]
				if at < 0 || int32(stage) == only && load != i {
					continue
				}
				leg := l.onward(w, p, p.transit[stage][k], at)
				if !known[leg] {
					known[leg] = true
					next = append(next, leg)
				}
			}
		}
		legs = next
	}
	return legs
}

// onward adds the hop to a site, under the transit of what is sent there.
func (l schedLeg) onward(w *schedWorld, p *schedPath, t latency.Transit, at int32) schedLeg {
	from := p.from
	if l.site >= 0 {
		from = w.sites[l.site].ID.Node()
	}
	if from != "" && l.site != at {
		hop, ok := w.graph.Row(from, t).Tail(w.sites[at].ID.Node(), p.percentile)
		l.sum, l.lost = l.sum.Plus(hop), l.lost || !ok
	}
	l.site = at
	return l
}

// schedGap is a path as one workload of it meets it, with all others where they are: what is before, and what behind.
type schedGap struct {
	*schedPath
	before, behind []schedSide
}

// schedSide is the rest of a path on one side of a workload.
type schedSide struct {
	schedLeg
	row *latency.Row // from its end; nil: there is no hop
}

// gaps returns the paths that a workload stands in and that all other stages of are placed.
func (a *schedApp) gaps(w *schedWorld, i int32) (out []schedGap) {
	for _, stop := range a.loads[i].stops {
		p := &a.paths[stop.path]
		own := 0
		for p.stages[stop.stage][own] != i {
			own++
		}
		g := schedGap{schedPath: p}
		for _, l := range a.heads(w, p, int(stop.stage), -1, -1) {
			s := schedSide{schedLeg: l}
			if l.site >= 0 {
				s.row = w.graph.Row(w.sites[l.site].ID.Node(), p.transit[stop.stage][own])
			} else if p.from != "" {
				s.row = w.graph.Row(p.from, p.transit[stop.stage][own])
			}
			g.before = append(g.before, s)
		}
		g.behind = a.tails(w, p, int(stop.stage)+1)
		out = append(out, g)
	}
	return out
}

// tails lists the choices of the stages from one on, each with the row of its first site.
func (a *schedApp) tails(w *schedWorld, p *schedPath, first int) (out []schedSide) {
	if first == len(p.stages) {
		return []schedSide{{schedLeg: schedLeg{site: -1}}}
	}
	for k, load := range p.stages[first] {
		at := a.site[load]
		if at < 0 {
			continue
		}
		rest := schedPath{stages: p.stages[first:], transit: p.transit[first:], percentile: p.percentile}
		for _, l := range a.heads(w, &rest, len(rest.stages), 0, load) {
			l.site = at
			out = append(out, schedSide{l, w.graph.Row(w.sites[at].ID.Node(), p.transit[first][k])})
		}
	}
	return out
}

// keeps says whether all choices keep the bound with the workload at a site. Both hops are looked up from the others'
// side, as in reaches.
func (g *schedGap) keeps(w *schedWorld, at int32) bool {
	node := w.sites[at].ID.Node()
	for _, b := range g.before {
		b.meet(node, at, g.percentile)
		for _, e := range g.behind {
			e.meet(node, at, g.percentile)
			if b.lost || e.lost || b.sum.Plus(e.sum).Latency(g.percentile) > g.bound {
				return false
			}
		}
	}
	return true
}

// meet adds the hop between the rest of a path and a site.
func (s *schedSide) meet(node topology.NodeID, at int32, p latency.Percentile) {
	if s.row == nil || s.site == at {
		return
	}
	hop, ok := s.row.Tail(node, p)
	s.sum, s.lost = s.sum.Plus(hop), s.lost || !ok
}
