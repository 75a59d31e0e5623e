package placement

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/domicile-eu/domicile/internal/parallel"
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// checkGrid answers for all pairs of workloads and sites what the rest of the checker answers one by one: where a workload
// may be by itself, and what it costs there. What several workloads have in common it finds out once.
type checkGrid struct {
	*checker
	sites []*topology.Site // in order of ID
	kins  []*checkItem     // one of each kin, in order
	of    map[checkKin]int // index in kins
	able  []checkBits      // by kin: the sites that pass every unary constraint

	facts map[string]checkBits // by what facts of sites are held against
	ways  map[checkWayKey]*checkWayRow
	// Where Admission knows its classes: the class of each site and each checkClass, and the verdicts on pairs of them.
	siteClass []int32
	asker     map[*checkClass]int32
	verdicts  [][]Verdict
	admitted  []checkBits
	// mostPoints is at least the points of any site that is admitted, and not below zero.
	mostPoints []int64
}

type checkWayKey struct {
	from       topology.AccessPointID
	transit    latency.Transit
	percentile latency.Percentile
}

// checkWayRow is the ways from an access point to all sites.
type checkWayRow struct {
	known   checkBits         // a way that the data may take, with or without a latency
	latency []topology.Micros // on it; -1: unknown
	priced  []topology.Micros // what terms count, see pricedWay
	egress  []int64           // of the way that terms count and of the site; -1 where that overflows
}

// newGrid finds the sites that each workload may be on.
func (c *checker) newGrid() (*checkGrid, error) {
	g := &checkGrid{
		checker: c, sites: c.sites(), of: make(map[checkKin]int), facts: make(map[string]checkBits),
		ways: make(map[checkWayKey]*checkWayRow),
	}
	for _, it := range c.items {
		if _, known := g.of[kinOf(it)]; !known {
			g.of[kinOf(it)] = len(g.kins)
			g.kins = append(g.kins, it)
		}
	}
	g.able = make([]checkBits, len(g.kins))
	for k, it := range g.kins {
		if err := c.ctx.Err(); err != nil {
			return nil, err
		}
		g.able[k] = slices.Clone(g.fitting(it))
		g.able[k].keep(g.suiting(it))
	}
	for _, step := range []func() error{g.findWays, g.askClasses, g.narrow} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// fitting returns the sites that could take a workload's demand if they were empty.
func (g *checkGrid) fitting(it *checkItem) checkBits {
	return g.where("demand "+demandText(it.w.Demand), func(s *topology.Site) bool { return fitsAlone(it.w.Demand, s.Capacity) })
}

// suiting returns the sites whose facts refuse nothing to a workload.
func (g *checkGrid) suiting(it *checkItem) checkBits {
	key := fmt.Sprintf("facts %q %q %v", it.w.Kind, it.w.Site, it.w.Tiers)
	for _, label := range slices.Sorted(maps.Keys(it.w.Labels)) {
		key += strconv.Quote(label) + strconv.Quote(it.w.Labels[label])
	}
	if it.current != nil && it.current.State == topology.Cordoned {
		key += strconv.Quote(string(it.current.ID))
	}
	return g.where(key, func(s *topology.Site) bool { return len(g.plainRefusals(it, s)) == 0 })
}

// demandText writes a demand so that equal ones have equal texts.
func demandText(demand topology.Resources) string {
	b := make([]byte, 0, 96)
	for _, dim := range slices.Sorted(maps.Keys(demand)) {
		b = append(strconv.AppendQuote(b, string(dim)), '=')
		b = append(strconv.AppendInt(b, demand[dim], 10), ' ')
	}
	return string(b)
}

// where returns the sites of which something holds, found out once for each key.
func (g *checkGrid) where(key string, holds func(*topology.Site) bool) checkBits {
	b, ok := g.facts[key]
	if ok {
		return b
	}
	b = newCheckBits(len(g.sites))
	for k, s := range g.sites {
		if holds(s) {
			b.add(int32(k))
		}
	}
	g.facts[key] = b
	return b
}

// findWays looks up the ways from access points to all sites, side by side.
func (g *checkGrid) findWays() error {
	var keys []checkWayKey
	for _, it := range g.kins {
		for _, f := range it.in {
			if f.FromAccess == "" {
				continue
			}
			key, err := g.wayKey(f, it)
			if err != nil {
				return err
			}
			if _, known := g.ways[key]; !known {
				g.ways[key] = &checkWayRow{}
				keys = append(keys, key)
			}
		}
	}
	return parallel.Each(len(keys), func(_, k int) error {
		g.fillWays(keys[k], g.ways[keys[k]])
		return g.ctx.Err()
	})
}

func (g *checkGrid) wayKey(f *checkFlow, to *checkItem) (checkWayKey, error) {
	t, err := g.transit(f.data(to))
	return checkWayKey{f.FromAccess, t, f.percentile}, err
}

func (g *checkGrid) fillWays(key checkWayKey, w *checkWayRow) {
	n := len(g.sites)
	w.known, w.latency, w.priced, w.egress = newCheckBits(n), make([]topology.Micros, n), make([]topology.Micros, n), make([]int64, n)
	allowed := g.graph.Row(key.from.Node(), key.transit)
	open := g.graph.Row(key.from.Node(), latency.Transit{})
	for k, s := range g.sites {
		node := s.ID.Node()
		leg, known := allowed.Leg(node)
		l, quick := allowed.Latency(node, key.percentile)
		w.latency[k] = -1
		if known {
			w.known.add(int32(k))
		}
		if known && quick {
			w.latency[k] = l
		}
		w.priced[k] = max(w.latency[k], 0)
		if !known || !quick {
			if _, ok := open.Leg(node); ok {
				l, _ = open.Latency(node, key.percentile)
				w.priced[k] = l
			}
		}
		if !known {
			leg, _ = open.Leg(node)
		}
		sum, ok := addExact(int64(leg.Egress), int64(s.Egress))
		if !ok {
			sum = -1
		}
		w.egress[k] = sum
	}
}

// askClasses asks an Admission that knows its classes about one of each, side by side.
func (g *checkGrid) askClasses() error {
	admission, ok := g.p.Admission.(Classifier)
	if !ok {
		return nil
	}
	workloads := make([]*Workload, len(g.classes))
	for k, class := range g.classes {
		workloads[k] = class.w
	}
	ofClasses, ofSites, err := classesBy(g.ctx, admission, g.scope, workloads, g.sites)
	if err != nil {
		return fmt.Errorf("classes of admission: %w", err)
	}
	askers, err := oneOfEach(ofClasses, workloads)
	if err != nil {
		return err
	}
	sites, err := oneOfEach(ofSites, g.sites)
	if err != nil {
		return err
	}
	g.siteClass, g.asker = ofSites, make(map[*checkClass]int32, len(g.classes))
	for k, class := range g.classes {
		g.asker[class] = ofClasses[k]
	}
	g.verdicts, g.admitted, g.mostPoints = make([][]Verdict, len(askers)), make([]checkBits, len(askers)), make([]int64, len(askers))
	return parallel.Each(len(askers), func(_, k int) error {
		verdicts, err := admission.Admit(g.ctx, g.scope, askers[k], sites)
		if err != nil {
			return fmt.Errorf("admission of %s: %w", askers[k].ID, err)
		}
		if len(verdicts) != len(sites) {
			return fmt.Errorf("admission of %s: %d verdicts for %d sites", askers[k].ID, len(verdicts), len(sites))
		}
		g.verdicts[k], g.admitted[k] = verdicts, newCheckBits(len(g.sites))
		for at, s := range ofSites {
			if !verdicts[s].Denied {
				g.admitted[k].add(int32(at))
				g.mostPoints[k] = max(g.mostPoints[k], verdicts[s].Points)
			}
		}
		return nil
	})
}

// oneOfEach returns the first of each class.
func oneOfEach[T any](numbers []int32, all []T) ([]T, error) {
	if len(numbers) != len(all) || slices.ContainsFunc(numbers, func(k int32) bool { return k < 0 }) {
		return nil, fmt.Errorf("classes of admission: not one number for each of %d", len(all))
	}
	if len(all) == 0 {
		return nil, nil
	}
	one := make([]T, slices.Max(numbers)+1)
	for k := len(all) - 1; k >= 0; k-- {
		one[numbers[k]] = all[k]
	}
	return one, nil
}

// narrow takes away the sites that flows, policies and rules refuse.
func (g *checkGrid) narrow() error {
	err := parallel.Each(len(g.kins), func(_, k int) error {
		it := g.kins[k]
		for _, f := range it.in {
			if f.FromAccess == "" {
				continue
			}
			key, err := g.wayKey(f, it)
			if err != nil {
				return err
			}
			g.ways[key].narrow(g.able[k], f.Bound)
		}
		if g.verdicts != nil {
			g.able[k].keep(g.admitted[g.asker[it.class]])
		}
		return g.ctx.Err()
	})
	if err != nil || len(g.p.Rules) == 0 && (g.p.Admission == nil || g.verdicts != nil) {
		return err
	}
	for k, it := range g.kins {
		if err := g.narrowByAsking(it, g.able[k]); err != nil {
			return err
		}
	}
	return nil
}

// narrow takes away the sites to which there is no way, or none within a bound.
func (w *checkWayRow) narrow(able checkBits, bound topology.Micros) {
	if bound == 0 {
		able.keep(w.known)
		return
	}
	for k := range able.all {
		if l := w.latency[k]; l < 0 || l > bound {
			able.remove(k)
		}
	}
}

// narrowByAsking asks policies and rules site by site about what is left.
func (g *checkGrid) narrowByAsking(it *checkItem, able checkBits) error {
	if err := g.ctx.Err(); err != nil {
		return err
	}
	var left []*topology.Site
	for k := range able.all {
		left = append(left, g.sites[k])
	}
	if g.verdicts == nil {
		if err := g.admit(it.class, left); err != nil {
			return err
		}
	}
	for k := range able.all {
		s := g.sites[k]
		if g.verdicts == nil {
			if v, err := g.verdict(it, s); err != nil {
				return err
			} else if v.Denied {
				able.remove(k)
				continue
			}
		}
		ruling, err := g.ruling(it, s)
		if err != nil {
			return err
		}
		if len(ruling.refusals) > 0 {
			able.remove(k)
		}
	}
	return nil
}
