package knapsack

import "math"

// climb is a search for prices at which the bound of a node is high.
type climb struct {
	v      *node
	price  []float64
	dir    []float64
	rough  []int64 // price, rounded
	best   []int64
	bound  int64     // at best
	share  []float32 // by pair: how often the fillings of late had it; nil: not kept
	target int64     // nothing above it is of use
	each   func()    // called after every look
}

func newClimb(v *node, u []int64) *climb {
	c := &climb{
		v: v, price: make([]float64, len(u)), dir: make([]float64, len(u)), rough: make([]int64, len(u)),
		best: append([]int64(nil), u...), bound: math.MinInt64,
	}
	c.back()
	return c
}

// back returns to the best prices and forgets the direction.
func (c *climb) back() {
	for i, x := range c.best {
		c.price[i] = float64(x)
	}
	clear(c.dir)
}

// look evaluates the bound at the current prices.
func (c *climb) look() int64 {
	most := float64(c.v.m.most)
	for i, x := range c.price {
		c.rough[i] = int64(math.Max(-most, math.Min(most, math.Round(x))))
	}
	b := c.v.bound(c.rough)
	if b > c.bound {
		c.bound = b
		copy(c.best, c.rough)
	}
	if c.share != nil {
		const late = 0.03 // about what a descent from one node to the next takes looks
		for k := range c.share {
			c.share[k] *= 1 - late
		}
		for _, k := range c.v.where {
			c.share[k] += late
		}
	}
	if c.each != nil {
		c.each()
	}
	return b
}

// run climbs by Polyak steps along deflected directions towards a level above the best bound so far, as package bound does.
func (c *climb) run(steps int, ahead float64, patience int) {
	b := c.look()
	aimed, idle := c.bound, 0
	least := math.Ldexp(1, Bits-10)
	for ; steps > 0 && c.bound < c.target && !c.v.m.over(); steps-- {
		if float64(c.bound-aimed) >= ahead/2 {
			ahead, aimed, idle = ahead*1.5, c.bound, 0
		} else if idle++; idle >= patience {
			ahead, aimed, idle = ahead/2, c.bound, 0
			c.back()
			b = c.look()
		}
		level := math.Min(float64(c.bound)+ahead, float64(c.target))
		if ahead < least || !c.step(level-float64(b)) {
			return
		}
		b = c.look()
	}
}

// step moves the prices so that, were the bound linear, it would rise by so much.
func (c *climb) step(rise float64) bool {
	dot, old, square := 0.0, 0.0, 0.0
	for i := range c.dir {
		g := c.slope(i)
		dot += g * c.dir[i]
		old += c.dir[i] * c.dir[i]
	}
	deflect := 0.0
	if dot < 0 {
		deflect = -1.5 * dot / old
	}
	for i := range c.dir {
		c.dir[i] = c.slope(i) + deflect*c.dir[i]
		square += c.dir[i] * c.dir[i]
	}
	if square == 0 {
		return false
	}
	length := rise / square
	for i := range c.dir {
		c.price[i] += length * c.dir[i]
	}
	return true
}

// slope is how fast the bound rises with the price of an item.
func (c *climb) slope(i int) float64 {
	if c.v.at[i] >= 0 {
		return 0
	}
	g := -float64(c.v.times[i])
	if c.rough[i] < c.v.m.out[i] {
		g++
	}
	return g
}
