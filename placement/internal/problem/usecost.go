package problem

import "math/bits"

// over returns by how many thousandths of the capacity the use stands above four fifths of it, rounded up.
func over(use, capacity int64) int64 {
	x := 5*use - 4*capacity
	if x <= 0 || capacity == 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(x), 200)
	lo, carry := bits.Add64(lo, uint64(capacity)-1, 0)
	q, _ := bits.Div64(hi+carry, lo, uint64(capacity))
	return int64(q)
}

// times returns ceil(x * weight / per) for x >= 0, and false where that does not fit.
func times(x, weight, per int64) (int64, bool) {
	if x <= 0 {
		return 0, true
	}
	hi, lo := bits.Mul64(uint64(x), uint64(weight))
	lo, carry := bits.Add64(lo, uint64(per)-1, 0)
	hi += carry
	if hi >= uint64(per) {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, uint64(per))
	return int64(q), q <= Most
}

// lack returns what a site lacks under a balance term, at least 0. Capacities and ratios are bounded so that it fits.
func (b *BalanceTerm) lack(use, capacity []int64) int64 {
	return max(0, b.Ratio*(capacity[b.Dim]-use[b.Dim])-(capacity[b.Against]-use[b.Against]))
}

// addUse adds the change of what the use of a site costs if item i came (sign 1) or left (-1).
func (s *State) addUse(site, i int32, sign int64, d *Value) {
	p := s.p
	base := int(site) * p.Dims
	demand := p.demand[int(i)*p.Dims : int(i)*p.Dims+p.Dims]
	use, capacity := s.Use[base:base+p.Dims], p.Capacity[base:base+p.Dims]
	if p.loads {
		s.addLoad(use, capacity, demand, sign, d)
	}
	if p.plainUse {
		safe := p.Safe
		if safe != nil {
			safe = safe[base : base+p.Dims]
		}
		for k := range p.Excess {
			e := &p.Excess[k]
			if x := demand[e.Dim]; x != 0 {
				was := use[e.Dim] - safe[e.Dim]
				d[e.Tier] += e.Weight * (max(0, was+sign*x) - max(0, was))
			}
		}
		for k := range p.Balance {
			b := &p.Balance[k]
			was := b.Ratio*(capacity[b.Dim]-use[b.Dim]) - (capacity[b.Against] - use[b.Against])
			change := sign * (demand[b.Against] - b.Ratio*demand[b.Dim])
			d[b.Tier] += b.Weight * (max(0, was+change) - max(0, was))
		}
		return
	}
	s.addDividedUse(base, demand, sign, d)
}

// addDividedUse is addUse where contributions are quotients that are rounded.
func (s *State) addDividedUse(base int, demand []int64, sign int64, d *Value) {
	p := s.p
	use, capacity := s.Use[base:base+p.Dims], p.Capacity[base:base+p.Dims]
	for k := range p.Excess {
		e := &p.Excess[k]
		if x := demand[e.Dim]; x != 0 {
			was := use[e.Dim] - p.Safe[base+e.Dim]
			after, _ := times(was+sign*x, e.Weight, e.Per)
			before, _ := times(was, e.Weight, e.Per)
			d[e.Tier] += after - before
		}
	}
	for k := range p.Balance {
		b := &p.Balance[k]
		was := b.Ratio*(capacity[b.Dim]-use[b.Dim]) - (capacity[b.Against] - use[b.Against])
		after, _ := times(was+sign*(demand[b.Against]-b.Ratio*demand[b.Dim]), b.Weight, b.Per)
		before, _ := times(was, b.Weight, b.Per)
		d[b.Tier] += after - before
	}
}

func (s *State) addLoad(use, capacity, demand []int64, sign int64, d *Value) {
	change := int64(0)
	for k, x := range demand {
		if x != 0 {
			change += over(use[k]+sign*x, capacity[k]) - over(use[k], capacity[k])
		}
	}
	if change == 0 {
		return
	}
	for t := range s.p.Tiers {
		d[t] += change * s.p.LoadWeight[t]
	}
}

// LoadOf returns what load adds to a tier.
func (s *State) LoadOf(tier int) int64 {
	sum := int64(0)
	for k, use := range s.Use {
		sum += over(use, s.p.Capacity[k]) * s.p.LoadWeight[tier]
	}
	return sum
}

// ExcessOf returns what a term of Problem.Excess comes to.
func (s *State) ExcessOf(term int) (sum int64) {
	e := &s.p.Excess[term]
	for k := e.Dim; k < len(s.Use); k += s.p.Dims {
		x, _ := times(s.Use[k]-s.p.Safe[k], e.Weight, e.Per)
		sum += x
	}
	return sum
}

// BalanceOf returns what a term of Problem.Balance comes to.
func (s *State) BalanceOf(term int) (sum int64) {
	b := &s.p.Balance[term]
	for k := 0; k < len(s.Use); k += s.p.Dims {
		x, _ := times(b.lack(s.Use[k:], s.p.Capacity[k:]), b.Weight, b.Per)
		sum += x
	}
	return sum
}

// useOf returns what the use of all sites adds to a tier.
func (s *State) useOf(tier int) int64 {
	sum := s.LoadOf(tier)
	for k := range s.p.Excess {
		if s.p.Excess[k].Tier == tier {
			sum += s.ExcessOf(k)
		}
	}
	for k := range s.p.Balance {
		if s.p.Balance[k].Tier == tier {
			sum += s.BalanceOf(k)
		}
	}
	return sum
}

// UseCost returns what the use of one site adds to a tier.
func (s *State) UseCost(site int32, tier int) (sum int64) {
	p := s.p
	base := int(site) * p.Dims
	if w := p.LoadWeight[tier]; w != 0 {
		for d := range p.Dims {
			sum += over(s.Use[base+d], p.Capacity[base+d]) * w
		}
	}
	for k := range p.Excess {
		if e := &p.Excess[k]; e.Tier == tier {
			x, _ := times(s.Use[base+e.Dim]-p.Safe[base+e.Dim], e.Weight, e.Per)
			sum += x
		}
	}
	for k := range p.Balance {
		if b := &p.Balance[k]; b.Tier == tier {
			x, _ := times(b.lack(s.Use[base:], p.Capacity[base:]), b.Weight, b.Per)
			sum += x
		}
	}
	return sum
}

// Used says whether the use of sites costs something.
func (p *Problem) Used() bool { return p.used }

// AddRelief subtracts from v the most that placing an item of a class can save in terms that couple items: what it uses
// up of a dimension that sites have too much left of.
func (p *Problem) AddRelief(class int32, v *Value) {
	for k := range p.Balance {
		b := &p.Balance[k]
		lack, _ := times(p.Classes[class].Demand[b.Dim], b.Ratio, 1)
		x, _ := times(lack, b.Weight, b.Per)
		v[b.Tier] -= x
	}
}
