package placement

import (
	"fmt"
	"math"
	"math/big"

	"github.com/domicile-eu/domicile/topology"
)

// Prices of workloads, and all that a search tree adds up, are in 2^-20 units of the tier.
const workloadBits = 20

// mostUnits is the largest number of units that a knapsack may have.
const mostUnits = 1 << 16

// checkBranches replays the search tree of a certificate. It adds up in 64 bits what is rounded or cut off so that the bound
// falls; nothing may be larger than most, so that no sum overflows.
type checkBranches struct {
	c     *checker
	cert  *Certificate
	claim int64 // what every leaf has to prove, in 2^-20
	most  int64

	items  []*checkItem
	number map[WorkloadID]int
	sites  []*topology.Site
	siteAt map[topology.SiteID]int
	dim    []topology.Dimension // by site; empty: no knapsack
	unit   []int64

	constant int64
	out      []int64   // by workload
	cost     [][]int64 // by site and workload
	barred   [][]bool  // by site and workload: not admissible, or ruled out

	at    []int                // by workload: where it is placed, -1: undecided
	room  []topology.Resources // by site: what is left
	fixed int64                // what the placed ones cost
}

// verifyTree says why the tree of a certificate does not prove a bound; nil where it does.
func (c *checker) verifyTree(d *checkDual, cert *Certificate, bound int64) error {
	c.brief = true
	defer func() { c.brief = false }()
	t := &checkBranches{c: c, cert: cert, items: c.items, number: make(map[WorkloadID]int), siteAt: make(map[topology.SiteID]int)}
	t.most = math.MaxInt64 / 16 / int64(len(t.items)+1)
	// A value is a whole number: what is above bound - 1 is bound.
	if bound <= math.MinInt64>>(workloadBits+2) || bound >= math.MaxInt64>>(workloadBits+2) {
		return fmt.Errorf("a search tree proves no bound as large as %d", bound)
	}
	t.claim = (bound-1)<<workloadBits + 1
	for i, it := range t.items {
		t.number[it.w.ID] = i
		t.at = append(t.at, -1)
	}
	if err := t.readSites(); err != nil {
		return err
	}
	if err := t.readCosts(d); err != nil {
		return err
	}
	next, err := t.walk(0, make([]int64, len(t.items)))
	if err == nil && next != len(cert.Tree) {
		err = fmt.Errorf("the search tree ends at node %d of %d", next, len(cert.Tree))
	}
	return err
}

func (t *checkBranches) readSites() error {
	for s := range t.c.p.Continuum.Sites() {
		t.siteAt[s.ID] = len(t.sites)
		t.sites = append(t.sites, s)
		room := make(topology.Resources)
		for dim, x := range s.Capacity {
			room[dim] = x
		}
		t.room = append(t.room, room)
	}
	t.dim, t.unit = make([]topology.Dimension, len(t.sites)), make([]int64, len(t.sites))
	for _, k := range t.cert.Knapsacks {
		s, ok := t.siteAt[k.Site]
		switch {
		case !ok:
			return fmt.Errorf("a knapsack at site %q, which there is not", k.Site)
		case t.dim[s] != "":
			return fmt.Errorf("two knapsacks at %s", k.Site)
		case k.Dimension == "" || k.Unit < 1 || t.sites[s].Capacity[k.Dimension]/k.Unit > mostUnits:
			return fmt.Errorf("the knapsack at %s has a unit of %d %s", k.Site, k.Unit, k.Dimension)
		}
		t.dim[s], t.unit[s] = k.Dimension, k.Unit
	}
	return nil
}

// readCosts computes what each workload costs left out and on each site, at the prices of a dual function.
func (t *checkBranches) readCosts(d *checkDual) error {
	constant := new(big.Int).Rsh(d.constant, priceBits-workloadBits) // towards minus infinity
	if t.constant = constant.Int64(); !constant.IsInt64() || t.constant < math.MinInt64/4 || t.constant > math.MaxInt64/4 {
		return fmt.Errorf("the prices of capacities come to too much for a search tree")
	}
	able, err := t.c.ableSites()
	if err != nil {
		return err
	}
	for range t.sites {
		t.cost = append(t.cost, make([]int64, len(t.items)))
		barred := make([]bool, len(t.items))
		for i := range barred {
			barred[i] = true
		}
		t.barred = append(t.barred, barred)
	}
	for i, it := range t.items {
		if err := t.c.ctx.Err(); err != nil {
			return err
		}
		v := t.c.values()
		if err := t.c.addUnplaced(v, it); err != nil {
			return err
		}
		x, err := t.down(d.contribution(t.c, v, nil, nil))
		if err != nil {
			return err
		}
		t.out = append(t.out, x)
		if err := t.readItem(d, i, it, able(it)); err != nil {
			return err
		}
	}
	return nil
}

func (t *checkBranches) readItem(d *checkDual, i int, it *checkItem, sites []*topology.Site) error {
	before := it.site
	defer t.c.put(it, before)
	for _, s := range sites {
		t.c.put(it, s)
		v, err := t.c.unaryValues(it, s)
		if err != nil {
			return err
		}
		x, err := t.down(d.contribution(t.c, v, it.w.Demand, s))
		if err != nil {
			return err
		}
		k := t.siteAt[s.ID]
		t.cost[k][i], t.barred[k][i] = x, false
	}
	return nil
}

// down rounds what is in 2^-40 units down to 2^-20, and to what fits.
func (t *checkBranches) down(x *big.Int) (int64, error) {
	x = new(big.Int).Rsh(x, priceBits-workloadBits)
	if x.Cmp(big.NewInt(-t.most)) < 0 {
		return 0, fmt.Errorf("a cost is too low for a search tree: %s", x)
	}
	if x.Cmp(big.NewInt(t.most)) > 0 {
		return t.most, nil
	}
	return x.Int64(), nil
}

// ableSites returns what tells the sites that a workload may be on, as far as bounds know.
func (c *checker) ableSites() (func(*checkItem) []*topology.Site, error) {
	reach, err := c.reach()
	if err != nil {
		return nil, err
	}
	return func(it *checkItem) (sites []*topology.Site) {
		if !reach.live(it) {
			return nil
		}
		able := reach.able[reach.of[kinOf(it)]]
		for k, s := range reach.sites {
			if able.holds(int32(k)) {
				sites = append(sites, s)
			}
		}
		return sites
	}, nil
}
