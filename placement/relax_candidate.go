package placement

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/topology"
)

// candidate is a set of fixes that may make room for what is missing.
type candidate struct {
	site       topology.SiteID
	fixes      []Fix
	exceptions int // rules that somebody is excepted from
	looser     int64
	left       []string          // components that stay behind
	wishes     int               // selectors and constraints over several that are given up
	cost       topology.MicroEUR // what running there costs an hour, estimated
}

// candidates turns what each site lacks into fixes, where all of it can be fixed; the best first.
func (x *relaxing) candidates(items []*checkItem, sites []siteNeeds) ([]candidate, error) {
	var out []candidate
	for _, s := range sites {
		c, ok := candidateFor(s)
		if !ok {
			continue
		}
		var err error
		if c.cost, err = x.runningAt(items[0], s.site); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, compareCandidates)
	return out, nil
}

// runningAt estimates what a way costs by what decides between sites: price and traffic of one replica there, beside what
// is placed. What cannot be priced comes last.
func (x *relaxing) runningAt(it *checkItem, s *topology.Site) (topology.MicroEUR, error) {
	was := it.site
	x.c.put(it, s)
	defer x.c.put(it, was)
	price, err := s.HourlyPrice(it.w.Demand)
	if err != nil {
		return math.MaxInt64, nil
	}
	sum := int64(price)
	it.touching(func(f *checkFlow, from, to *checkItem) bool {
		var egress int64
		if egress, err = x.c.flowEgress(f, from, to); err != nil {
			return false
		}
		sum = addUp(sum, orMost(mulDivUp(f.share, bytesPerHour, egress, 1_000_000_000)))
		return true
	})
	return topology.MicroEUR(sum), err
}

func candidateFor(s siteNeeds) (candidate, bool) {
	c := candidate{site: s.site.ID}
	excepted := false
	for _, n := range s.needs {
		if n.fix == nil && (n.Kind != ByAdmission || !excepted) {
			return c, false
		}
		c.looser = max(c.looser, n.looser)
		switch n.Kind {
		case ByAdmission:
			c.exceptions++
			excepted = true
		case BySelector, BySpread, ByConflict, ByAffinity:
			c.wishes++
		}
		if n.fix != nil {
			c.fixes = append(c.fixes, *n.fix)
		}
	}
	return c, true
}

// with joins two sets of fixes.
func (c candidate) with(o candidate) candidate {
	c.fixes = append(c.fixes[:len(c.fixes):len(c.fixes)], o.fixes...)
	c.exceptions, c.wishes = c.exceptions+o.exceptions, c.wishes+o.wishes
	c.cost = topology.MicroEUR(addUp(int64(c.cost), int64(o.cost)))
	c.looser = max(c.looser, o.looser)
	return c
}

// signature tells apart what kinds of things are asked for.
func (c candidate) signature() string {
	var parts []string
	for _, f := range c.fixes {
		parts = append(parts, string(f.Kind)+" "+string(f.Dimension)+" "+f.Source+" "+strings.Join(f.Rules, ","))
	}
	return strings.Join(parts, "; ")
}

// compareHarm puts an exception from a policy behind everything else, and a bound raised to more than its double behind
// what has a price: a law is not loosened because that is cheap.
func compareHarm(a, b candidate) int {
	double := func(c candidate) int {
		if c.looser > 1000 {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.exceptions, b.exceptions), cmp.Compare(len(a.left), len(b.left)), cmp.Compare(double(a), double(b)), cmp.Compare(a.wishes, b.wishes))
}

// compareCandidates puts first what is worth trying first.
func compareCandidates(a, b candidate) int {
	return cmp.Or(compareHarm(a, b), cmp.Compare(len(a.fixes), len(b.fixes)), cmp.Compare(a.looser, b.looser),
		cmp.Compare(a.cost, b.cost), cmp.Compare(a.site, b.site))
}

// covers says whether the fixes ask for no more than those of o, so that o is not worth telling beside them.
func (c candidate) covers(o candidate) bool {
	for _, f := range c.fixes {
		if !slices.ContainsFunc(o.fixes, f.atMost) {
			return false
		}
	}
	return true
}

// atMost says whether f is the same kind of fix as g in the same place and asks for no more.
func (f Fix) atMost(g Fix) bool {
	if f.Kind != g.Kind || f.Component != g.Component || f.Site != g.Site || f.Dimension != g.Dimension || f.Source != g.Source || f.From != g.From || f.Budget != g.Budget || f.Wish != g.Wish {
		return false
	}
	for _, r := range f.Rules {
		if !slices.Contains(g.Rules, r) {
			return false
		}
	}
	return f.Amount <= g.Amount && f.To <= g.To
}
