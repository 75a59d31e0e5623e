package placement

import (
	"errors"
	"math/big"
	"slices"

	"github.com/domicile-eu/domicile/internal/parallel"
)

// Workloads of one demand are looked at together: price and emissions of the demand and the shadow prices of what it takes
// are the same for all of them, and most of what they contribute. Where none of the rest can be negative, only the first
// of the sites in order of that part need be looked at.

// errTooWide says that a number has more bits than there is room for.
var errTooWide = errors.New("too wide for 128 bits")

// addNarrow adds up what workloads contribute in 128 bits, demand by demand and side by side. It says whether that could be
// done: where a number is larger, it has added nothing.
func (g *checkGrid) addNarrow(duals []*checkDual, fates []*checkFate) (bool, error) {
	var groups []*checkDemand
	byDemand := make(map[string]*checkDemand)
	for _, f := range fates {
		text := demandText(f.w.Demand)
		group := byDemand[text]
		if group == nil {
			group = &checkDemand{checkGrid: g, duals: duals}
			byDemand[text] = group
			groups = append(groups, group)
		}
		group.fates = append(group.fates, f)
	}
	err := parallel.Each(len(groups), func(_, k int) error { return groups[k].add() })
	if errors.Is(err, errTooWide) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, group := range groups {
		for i, d := range duals {
			if d != nil {
				d.sum.Add(d.sum, &group.sums[i])
			}
		}
	}
	return true, nil
}

// checkDemand is the workloads of one demand.
type checkDemand struct {
	*checkGrid
	duals []*checkDual
	fates []*checkFate
	sums  []big.Int // by dual function

	lines []checkLine // by dual function
	// Of the workload at hand: the ways of its flows from access points, by place in checkItem.in (nil for other flows),
	// and what policies say to each class of sites (nil where the classes are not known).
	ways     []*checkWayRow
	verdicts []Verdict
	most     int64       // points, at least; not below zero
	value    checkValues // scratch
}

// checkLine is what the demand contributes to one dual function at each site.
type checkLine struct {
	factors []checkFactor // by term
	base    []checkWide   // by site
	order   []int32       // the sites by base, then number; unsorted where that does not pay
	sorted  bool
}

// checkFactor is what a term counts in a dual function: times x 2^shift.
type checkFactor struct {
	times int64
	shift int
}

// sortFrom is how many workloads must share a demand before sorting the sites for them pays.
const sortFrom = 4

// add adds up the least contributions of all workloads.
func (d *checkDemand) add() error {
	d.sums, d.value = make([]big.Int, len(d.duals)), d.values()
	if err := d.draw(); err != nil {
		return err
	}
	for _, f := range d.fates {
		if err := d.ctx.Err(); err != nil {
			return err
		}
		if err := d.turnTo(f.checkItem); err != nil {
			return err
		}
		for i, dual := range d.duals {
			if dual == nil {
				continue
			}
			least, err := d.least(f, &d.lines[i])
			if err != nil {
				return err
			}
			x := least.big()
			d.sums[i].Add(&d.sums[i], x.Mul(x, big.NewInt(f.count)))
		}
	}
	return nil
}

// turnTo looks up what is known of a workload.
func (d *checkDemand) turnTo(it *checkItem) error {
	d.ways = d.ways[:0]
	for _, f := range it.in {
		var ways *checkWayRow
		if f.FromAccess != "" {
			key, err := d.wayKey(f, it)
			if err != nil {
				return err
			}
			ways = d.checkGrid.ways[key]
		}
		d.ways = append(d.ways, ways)
	}
	d.verdicts, d.most = nil, 0
	if d.checkGrid.verdicts != nil {
		asker := d.asker[it.class]
		d.verdicts, d.most = d.checkGrid.verdicts[asker], d.mostPoints[asker]
	}
	return nil
}

// points returns what policies prefer of the workload at hand on a site that they admit.
func (d *checkDemand) points(it *checkItem, at int32) int64 {
	if d.verdicts != nil {
		return d.verdicts[d.siteClass[at]].Points
	}
	return it.class.verdicts[d.sites[at].ID].Points
}

// draw computes the lines.
func (d *checkDemand) draw() error {
	union := newCheckBits(len(d.sites))
	for _, f := range d.fates {
		for k := range f.able {
			union[k] |= f.able[k]
		}
	}
	d.lines = make([]checkLine, len(d.duals))
	for i, dual := range d.duals {
		if dual == nil {
			continue
		}
		line := &d.lines[i]
		line.factors, line.base = d.factors(dual), make([]checkWide, len(d.sites))
	}
	it := d.fates[0].checkItem
	for at := range union.all {
		if err := d.drawAt(it, at); err != nil {
			return err
		}
	}
	for i := range d.lines {
		line := &d.lines[i]
		for at := range union.all {
			line.order = append(line.order, at)
		}
		if line.sorted = len(d.fates) >= sortFrom; line.sorted && d.duals[i] != nil {
			slices.SortFunc(line.order, func(a, b int32) int { return line.base[a].compare(line.base[b]) })
		}
	}
	return nil
}

// drawAt computes the points of all lines at a site.
func (d *checkDemand) drawAt(it *checkItem, at int32) error {
	s, v := d.sites[at], d.value
	clear(v)
	for i, term := range d.objective {
		if term.Kind != Price && term.Kind != Carbon {
			continue
		}
		quantity, div, err := d.quantity(term.Kind, it, s)
		if err == nil {
			err = d.contribute(v, i, it, div, quantity, term.Weight)
		}
		if err != nil {
			return err
		}
	}
	for i, dual := range d.duals {
		if dual == nil {
			continue
		}
		line := &d.lines[i]
		sum, ok := line.weigh(v)
		for dim, y := range dual.prices[s.ID] {
			x, fits := wideProduct(y, it.w.Demand[dim], 0)
			sum, ok = sum.plus(x), ok && fits
		}
		if !ok {
			return errTooWide
		}
		line.base[at] = sum
	}
	return nil
}

// factors returns what each term counts in a dual function.
func (g *checkGrid) factors(d *checkDual) []checkFactor {
	factors := make([]checkFactor, len(g.objective))
	for i, term := range g.objective {
		switch {
		case term.tier == d.tier:
			factors[i] = checkFactor{1, priceBits}
		case term.tier < d.tier:
			factors[i] = checkFactor{d.earlier[term.tier], priceBits - multiplierBits}
		}
	}
	return factors
}

// weigh returns what values count, and false where that is too wide.
func (l *checkLine) weigh(v checkValues) (sum checkWide, ok bool) {
	for i, f := range l.factors {
		if f.times == 0 || v[i] == 0 {
			continue
		}
		x, fits := wideProduct(f.times, v[i], f.shift)
		if !fits {
			return sum, false
		}
		sum = sum.plus(x)
	}
	return sum, true
}

// least returns the least that one workload contributes: left out, or on one of its sites.
func (d *checkDemand) least(f *checkFate, line *checkLine) (checkWide, error) {
	clear(d.value)
	if err := d.addUnplaced(d.value, f.checkItem); err != nil {
		return checkWide{}, err
	}
	least, ok := line.weigh(d.value)
	if !ok {
		return least, errTooWide
	}
	floor, bounded, err := d.floor(f, line)
	if err != nil {
		return least, err
	}
	for _, at := range line.order {
		if f.able == nil || line.sorted && bounded && !line.base[at].plus(floor).less(least) {
			break
		}
		if !f.able.holds(at) {
			continue
		}
		x, err := d.rest(f, line, at)
		if err != nil {
			return least, err
		}
		if x = x.plus(line.base[at]); x.less(least) {
			least = x
		}
	}
	return least, nil
}

// floor returns at most what anything but the base contributes on any site, and false where that is not known.
func (d *checkDemand) floor(f *checkFate, line *checkLine) (checkWide, bool, error) {
	clear(d.value)
	for i, term := range d.objective {
		switch {
		case line.factors[i].times == 0:
		case term.Kind == RuleCost && len(d.p.Rules) > 0:
			return checkWide{}, false, nil // may be negative
		case term.Kind == Preference && d.p.Admission != nil:
			if d.verdicts == nil {
				return checkWide{}, false, nil
			}
			if err := d.contribute(d.value, i, f.checkItem, 1, -d.most, term.Weight); err != nil {
				return checkWide{}, false, nil // a site with so many points may not be in reach
			}
		}
	}
	floor, ok := line.weigh(d.value)
	return floor, ok, nil
}

// rest returns what a workload contributes on a site beyond the base.
func (d *checkDemand) rest(f *checkFate, line *checkLine, at int32) (checkWide, error) {
	it, s, v := f.checkItem, d.sites[at], d.value
	clear(v)
	for i, term := range d.objective {
		var err error
		switch {
		case line.factors[i].times == 0 || term.Weight == 0 || term.Kind == Price || term.Kind == Carbon:
		case term.Kind == Traffic || term.Kind == UserLatency:
			err = d.restOfFlows(v, i, it, at)
		case term.Kind == Preference:
			points, ok := subExact(0, d.points(it, at))
			if !ok {
				_, _, err = d.quantity(term.Kind, it, s) // words the error
			} else if points != 0 {
				err = d.contribute(v, i, it, 1, points, term.Weight)
			}
		default:
			var quantity, div int64
			if quantity, div, err = d.quantity(term.Kind, it, s); err == nil && quantity != 0 {
				err = d.contribute(v, i, it, div, quantity, term.Weight)
			}
		}
		if err != nil {
			return checkWide{}, err
		}
	}
	sum, ok := line.weigh(v)
	if !ok {
		return sum, errTooWide
	}
	return sum, nil
}

// restOfFlows adds what the flows from access points contribute to a term.
func (d *checkDemand) restOfFlows(v checkValues, i int, it *checkItem, at int32) error {
	weight := d.objective[i].Weight
	for k, f := range it.in {
		ways := d.ways[k]
		if ways == nil {
			continue
		}
		var err error
		switch {
		case d.objective[i].Kind == UserLatency:
			err = d.contribute(v, i, it, 1_000_000_000, int64(ways.priced[at]), f.share, weight)
		case ways.egress[at] < 0:
			before := it.site
			it.site = d.sites[at]
			_, err = d.flowEgress(f, nil, it) // words the error
			it.site = before
		default:
			err = d.contribute(v, i, it, 1_000_000_000, f.share, ways.egress[at], 450, weight)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
