package problem

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// ErrOverflow is returned where a sum of the problem might not fit 64 bits.
var ErrOverflow = errors.New("sums of this problem may overflow 64 bits")

// ErrNegative is returned where a price that must not be is below zero.
var ErrNegative = errors.New("the price of a relocation is negative")

// Most is the largest magnitude that a sum over all items may reach, and the largest capacity: deltas are differences of
// two such sums, and the load multiplies by five.
const Most = math.MaxInt64 / 16

// Finish builds the indexes and makes sure that no sum can overflow. O(items + members + flows + cost entries).
func (p *Problem) Finish() error {
	if p.Tiers > MaxTiers {
		return fmt.Errorf("%d tiers, at most %d are supported", p.Tiers, MaxTiers)
	}
	for t := range p.Tiers {
		p.loads = p.loads || p.LoadWeight[t] != 0
	}
	p.used = p.loads || len(p.Excess) > 0 || len(p.Balance) > 0
	for c := range p.Classes {
		p.Classes[c].Sort(p.Unary)
	}
	if err := p.checkSums(); err != nil {
		return err
	}
	p.indexItems()
	p.indexGroups()
	p.indexWatch()
	p.indexFlows()
	p.indexPaths()
	return p.indexMoves()
}

// Sort orders the positions of a class for Order; unary is Problem.Unary. Finish does it where nobody has.
func (c *Class) Sort(unary []int) {
	if c.order != nil || c.Cost == nil || len(c.Sites) == 0 {
		return
	}
	w := len(unary)
	c.order = make([]int32, len(c.Sites))
	for k := range c.order {
		c.order[k] = int32(k)
	}
	slices.SortFunc(c.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(c.Cost[int(a)*w], c.Cost[int(b)*w]), cmp.Compare(a, b))
	})
	for j, t := range unary {
		c.least[t] = c.Cost[j]
		for k := j; k < len(c.Cost); k += w {
			c.least[t] = min(c.least[t], c.Cost[k])
		}
	}
}

// checkSums adds up, per tier, the largest magnitude of every contribution, and per dimension all demands.
func (p *Problem) checkSums() error {
	var total [MaxTiers]uint64
	add := func(t int, x uint64, times int64) bool {
		hi, lo := bits.Mul64(x, uint64(times))
		sum, carry := bits.Add64(total[t], lo, 0)
		total[t] = sum
		return hi == 0 && carry == 0 && sum <= Most
	}
	size := make([]int64, len(p.Classes))
	for _, c := range p.Class {
		size[c]++
	}
	for c := range p.Classes {
		for t, largest := range p.largest(&p.Classes[c]) {
			if !add(t, largest, size[c]) {
				return fmt.Errorf("%w: tier %d, costs of workloads on sites", ErrOverflow, t+1)
			}
			p.most[t] = max(p.most[t], int64(largest))
		}
	}
	var moving Value
	for _, m := range p.MoveOf {
		for t := 0; m >= 0 && t < p.Tiers; t++ {
			most := max(p.Moves[m].Near[t], p.Moves[m].Far[t])
			if !add(t, uint64(most), 1) {
				return fmt.Errorf("%w: tier %d, move costs", ErrOverflow, t+1)
			}
			moving[t] = max(moving[t], most)
		}
	}
	for t := range p.most {
		p.most[t] += moving[t]
	}
	for _, term := range p.Traffic {
		for k := range p.Flows {
			f := &p.Flows[k]
			most, ok := price(f.Rate, term.Factor, p.Pairs[f.Pairs].MaxEgress)
			if !ok || !add(term.Tier, uint64(most), 1) {
				return fmt.Errorf("%w: tier %d, traffic", ErrOverflow, term.Tier+1)
			}
			hi, lo := bits.Mul64(uint64(f.Rate)*uint64(term.Factor), uint64(p.Pairs[f.Pairs].MaxEgress))
			p.wide = p.wide || hi != 0 || lo > math.MaxInt64-perGB
		}
	}
	for t := range p.Tiers {
		// Within its capacity a site is at most 200 thousandths above four fifths in a dimension.
		if p.LoadWeight[t] != 0 && !add(t, uint64(p.LoadWeight[t]), 200*int64(p.Sites)*int64(p.Dims)) {
			return fmt.Errorf("%w: tier %d, load", ErrOverflow, t+1)
		}
	}
	if err := p.checkDemands(size); err != nil {
		return err
	}
	return p.checkUse(add)
}

// checkUse bounds what excess and balance can come to within the capacities and with all that is demanded.
func (p *Problem) checkUse(add func(t int, x uint64, times int64) bool) error {
	p.plainUse = true
	for _, e := range p.Excess {
		p.plainUse = p.plainUse && e.Per == 1
		for k := e.Dim; k < len(p.Capacity); k += p.Dims {
			x, ok := times(p.Capacity[k], e.Weight, e.Per)
			if !ok || !add(e.Tier, uint64(x), 1) {
				return fmt.Errorf("%w: tier %d, use above what is safe", ErrOverflow, e.Tier+1)
			}
		}
	}
	for _, b := range p.Balance {
		p.plainUse = p.plainUse && b.Per == 1
		for k := 0; k < len(p.Capacity); k += p.Dims {
			free, ok := times(p.Capacity[k+b.Dim], b.Ratio, 1)
			if !ok {
				return fmt.Errorf("%w: tier %d, balance", ErrOverflow, b.Tier+1)
			}
			x, ok := times(free, b.Weight, b.Per)
			if !ok || !add(b.Tier, uint64(x), 1) {
				return fmt.Errorf("%w: tier %d, balance", ErrOverflow, b.Tier+1)
			}
		}
	}
	for _, term := range p.GroupMoves {
		x, ok := times(int64(p.Items), term.Weight, hours)
		if !ok || !add(term.Tier, uint64(x), 1) {
			return fmt.Errorf("%w: tier %d, moves of a group", ErrOverflow, term.Tier+1)
		}
	}
	return nil
}

// largest returns the largest magnitude that one item of a class can contribute to each tier.
func (p *Problem) largest(c *Class) (most [MaxTiers]uint64) {
	for t := range p.Tiers {
		most[t] = uint64(c.Out[t])
	}
	for k, x := range c.Cost {
		t := p.Unary[k%len(p.Unary)]
		most[t] = max(most[t], magnitude(x))
	}
	return most
}

func (p *Problem) checkDemands(size []int64) error {
	for d := range p.Dims {
		sum := uint64(0)
		for c := range p.Classes {
			hi, lo := bits.Mul64(uint64(p.Classes[c].Demand[d]), uint64(size[c]))
			var carry uint64
			sum, carry = bits.Add64(sum, lo, 0)
			if hi != 0 || carry != 0 || sum > Most {
				return fmt.Errorf("%w: demands of dimension %d", ErrOverflow, d+1)
			}
		}
	}
	for _, x := range p.Capacity {
		if x > Most {
			return fmt.Errorf("%w: a capacity of %d", ErrOverflow, x)
		}
	}
	return nil
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}
