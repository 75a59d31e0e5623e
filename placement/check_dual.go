package placement

import (
	"fmt"
	"math/big"

	"github.com/domicile-eu/domicile/topology"
)

// Prices are in 2^-40 units of the tier, multipliers in 2^-20; the dual function is added up in 2^-40 units.
const (
	priceBits      = 40
	multiplierBits = 20
)

// checkDual is the dual function of one tier while it is added up.
type checkDual struct {
	tier     int
	earlier  []int64 // multipliers, one per earlier tier
	prices   map[topology.SiteID]map[topology.Dimension]int64
	joint    bool     // components are looked at together
	constant *big.Int // - sum of y x capacity - sum of z x level - sum of m x V
	sum      *big.Int
}

// newDual reads a certificate; nil is one without prices and multipliers.
func (c *checker) newDual(tier int, worth []TierValue, cert *Certificate) (*checkDual, error) {
	d := &checkDual{
		tier: tier, earlier: make([]int64, tier), constant: new(big.Int), sum: new(big.Int),
		prices: make(map[topology.SiteID]map[topology.Dimension]int64),
	}
	if cert == nil {
		return d, nil
	}
	if len(cert.Earlier) > 0 {
		if len(cert.Earlier) != tier {
			return nil, fmt.Errorf("%d multipliers for %d earlier tiers", len(cert.Earlier), tier)
		}
		d.earlier = cert.Earlier
	}
	for t, m := range d.earlier {
		if m < 0 {
			return nil, fmt.Errorf("the multiplier of tier %s is negative: %d", worth[t].Name, m)
		}
		part := new(big.Int).Mul(big.NewInt(m), big.NewInt(worth[t].Value))
		d.constant.Sub(d.constant, part.Lsh(part, priceBits-multiplierBits))
	}
	for _, y := range cert.Capacity {
		s, ok := c.p.Continuum.Site(y.Site)
		if !ok {
			return nil, fmt.Errorf("a price at site %q, which there is not", y.Site)
		}
		if y.Price < 0 {
			return nil, fmt.Errorf("the price of %s at %s is negative: %d", y.Dimension, y.Site, y.Price)
		}
		if _, twice := d.prices[y.Site][y.Dimension]; twice {
			return nil, fmt.Errorf("the price of %s at %s stands there twice", y.Dimension, y.Site)
		}
		if d.prices[y.Site] == nil {
			d.prices[y.Site] = make(map[topology.Dimension]int64)
		}
		d.prices[y.Site][y.Dimension] = y.Price
		d.constant.Sub(d.constant, new(big.Int).Mul(big.NewInt(y.Price), big.NewInt(s.Capacity[y.Dimension])))
	}
	d.joint = cert.Joint
	return d, d.addTerms(c, cert)
}

// bound returns what the dual function proves, rounded up: values are whole numbers.
func (d *checkDual) bound() *big.Int {
	total := new(big.Int).Add(d.sum, d.constant)
	one := big.NewInt(1 << priceBits)
	q, rest := new(big.Int).DivMod(total, one, new(big.Int))
	if rest.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}

// checkFate is workloads that contribute the same: interchangeable ones, but for those of which it is known that they
// are left out.
type checkFate struct {
	*checkItem       // one of them
	count      int64 // how many
	able       checkBits
}

// addDuals adds to each dual function what every workload contributes where it is cheapest.
func (c *checker) addDuals(duals []*checkDual) error {
	c.brief = true
	defer func() { c.brief = false }()
	reach, err := c.reach()
	if err != nil {
		return err
	}
	type key struct {
		kin  int
		live bool
	}
	known := make(map[key]*checkFate)
	var fates []*checkFate
	for _, it := range c.items {
		k := key{reach.of[kinOf(it)], reach.live(it)}
		f := known[k]
		if f == nil {
			f = &checkFate{checkItem: it}
			if k.live {
				f.able = reach.able[k.kin]
			}
			known[k] = f
			fates = append(fates, f)
		}
		f.count++
	}
	return reach.addFates(duals, fates)
}

// addFates adds what workloads contribute to the dual functions: each by itself, or those that flows join together.
func (r *checkReach) addFates(duals []*checkDual, fates []*checkFate) error {
	apart, joint := make([]*checkDual, len(duals)), make([]*checkDual, len(duals))
	split := false
	for i, d := range duals {
		switch {
		case d != nil && d.joint:
			joint[i], split = d, true
		case d != nil:
			apart[i] = d
		}
	}
	if err := r.addEach(apart, fates); err != nil || !split {
		return err
	}
	trees := r.trees()
	node := make(map[*checkItem]*checkNode)
	for _, t := range trees {
		for _, n := range t.nodes {
			for _, it := range n.items {
				node[it] = n
			}
		}
	}
	var loose []*checkFate
	for _, f := range fates {
		if n := node[f.checkItem]; n != nil {
			n.fates = append(n.fates, f)
		} else {
			loose = append(loose, f)
		}
	}
	if err := r.addEach(joint, loose); err != nil {
		return err
	}
	return r.addTrees(joint, trees)
}

// addEach adds what each workload contributes for itself.
func (r *checkReach) addEach(duals []*checkDual, fates []*checkFate) error {
	if done, err := r.addNarrow(duals, fates); done || err != nil {
		return err
	}
	return r.addWide(duals, fates)
}

// addWide adds up what workloads contribute in numbers of any size.
func (g *checkGrid) addWide(duals []*checkDual, fates []*checkFate) error {
	for _, f := range fates {
		if err := g.ctx.Err(); err != nil {
			return err
		}
		var sites []*topology.Site
		for at := range f.able.all {
			sites = append(sites, g.sites[at])
		}
		least, err := g.cheapest(f.checkItem, sites, duals)
		if err != nil {
			return err
		}
		n := big.NewInt(f.count)
		for i, d := range duals {
			if d != nil {
				d.sum.Add(d.sum, least[i].Mul(least[i], n))
			}
		}
	}
	return nil
}

// cheapest returns, for each dual function, the least that a workload contributes: left out, or on one of the sites.
func (c *checker) cheapest(it *checkItem, sites []*topology.Site, duals []*checkDual) ([]*big.Int, error) {
	least := make([]*big.Int, len(duals))
	out := c.values()
	if err := c.addUnplaced(out, it); err != nil {
		return nil, err
	}
	for i, d := range duals {
		if d != nil {
			least[i] = d.contribution(c, out, nil, nil)
		}
	}
	before := it.site
	defer c.put(it, before)
	for _, s := range sites {
		c.put(it, s)
		v, err := c.unaryValues(it, s)
		if err != nil {
			return nil, err
		}
		for i, d := range duals {
			if d == nil {
				continue
			}
			if x := d.contribution(c, v, it.w.Demand, s); x.Cmp(least[i]) < 0 {
				least[i] = x
			}
		}
	}
	return least, nil
}

// unaryValues returns what a workload costs on a site, where it has been put, whatever the others do.
func (c *checker) unaryValues(it *checkItem, s *topology.Site) (checkValues, error) {
	v := c.values()
	if err := c.addUnary(v, it, s); err != nil {
		return nil, err
	}
	for _, f := range it.in {
		if f.FromAccess == "" {
			continue
		}
		if err := c.addFlow(v, f, nil, it); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// contribution returns what one choice of a workload adds to the dual function.
func (d *checkDual) contribution(c *checker, v checkValues, demand topology.Resources, s *topology.Site) *big.Int {
	sum := new(big.Int)
	for i, term := range c.objective {
		part := big.NewInt(v[i])
		switch {
		case term.tier == d.tier:
			sum.Add(sum, part.Lsh(part, priceBits))
		case term.tier < d.tier && d.earlier[term.tier] != 0:
			part.Mul(part, big.NewInt(d.earlier[term.tier]))
			sum.Add(sum, part.Lsh(part, priceBits-multiplierBits))
		}
	}
	if s != nil {
		for dim, y := range d.prices[s.ID] {
			sum.Add(sum, new(big.Int).Mul(big.NewInt(y), big.NewInt(demand[dim])))
		}
	}
	return sum
}

// fitsAlone says whether an empty site could take a demand.
func fitsAlone(demand, capacity topology.Resources) bool {
	for dim, amount := range demand {
		if amount > capacity[dim] {
			return false
		}
	}
	return true
}
