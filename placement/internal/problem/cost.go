package problem

import "math/bits"

// perGB is the number of bytes in a GB, by which prices of traffic are divided.
const perGB = 1_000_000_000

// price returns ceil(rate * factor * egress / 10^9), and false where that does not fit. None may be negative.
func price(rate, factor, egress int64) (int64, bool) {
	hi, f := bits.Mul64(uint64(rate), uint64(factor))
	if hi != 0 {
		return 0, false
	}
	hi, lo := bits.Mul64(f, uint64(egress))
	lo, carry := bits.Add64(lo, perGB-1, 0)
	hi += carry
	if hi >= perGB {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, perGB)
	return int64(q), q <= Most
}

// traffic adds sign times the cost of a flow that costs egress per GB.
func (p *Problem) traffic(rate, egress, sign int64, d *Value) {
	if egress == 0 {
		return
	}
	for k := range p.Traffic {
		term := &p.Traffic[k]
		if !p.wide {
			d[term.Tier] += sign * ((rate*term.Factor*egress + perGB - 1) / perGB)
			continue
		}
		x, _ := price(rate, term.Factor, egress)
		d[term.Tier] += sign * x
	}
}

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

// addLoad adds the change of load where the use of a site changes by sign times a demand.
func (s *State) addLoad(site int32, demand []int64, sign int64, d *Value) {
	base := int(site) * s.p.Dims
	change := int64(0)
	for k, x := range demand {
		if x != 0 {
			use, capacity := s.Use[base+k], s.p.Capacity[base+k]
			change += over(use+sign*x, capacity) - over(use, capacity)
		}
	}
	if change == 0 {
		return
	}
	for t := range s.p.Tiers {
		d[t] += change * s.p.LoadWeight[t]
	}
}

// addMove adds the cost of being at a site rather than at the current one.
func (p *Problem) addMove(i, site int32, sign int64, d *Value) {
	if p.MoveOf == nil || p.MoveOf[i] < 0 {
		return
	}
	cost := p.MoveCost(p.MoveOf[i], site)
	for t := range p.Tiers {
		d[t] += sign * cost[t]
	}
}

// UnaryCost adds what item i costs by itself at position pos of its class, or left out where pos is -1.
func (p *Problem) UnaryCost(i, pos int32, d *Value) { p.addUnary(i, pos, 1, d) }

func (p *Problem) addUnary(i, pos int32, sign int64, d *Value) {
	c := &p.Classes[p.Class[i]]
	if pos < 0 {
		for t := range p.Tiers {
			d[t] += sign * c.Out[t]
		}
		return
	}
	if c.Cost != nil {
		w := len(p.Unary)
		row := c.Cost[int(pos)*w : int(pos)*w+w]
		for k, t := range p.Unary {
			d[t] += sign * row[k]
		}
	}
	p.addMove(i, c.Sites[pos], sign, d)
}

// MoveCost returns the cost of a move (an index of Moves) where it leads to a site. It must not be changed.
func (p *Problem) MoveCost(move, site int32) *Value {
	m := &p.Moves[move]
	switch {
	case m.From == site:
		return &noCost
	case p.Near[m.From] == p.Near[site]:
		return &m.Near
	}
	return &m.Far
}

var noCost Value

// Largest returns the largest magnitude of what one item can cost by itself, by tier.
func (p *Problem) Largest() [MaxTiers]int64 { return p.most }

// LoadOf returns what load adds to a tier.
func (s *State) LoadOf(tier int) int64 {
	sum := int64(0)
	for k, use := range s.Use {
		sum += over(use, s.p.Capacity[k]) * s.p.LoadWeight[tier]
	}
	return sum
}

// TrafficOf returns what the flows between items add to a tier.
func (s *State) TrafficOf(tier int) int64 {
	var sum Value
	for k := range s.p.Flows {
		f := &s.p.Flows[k]
		if from, to := s.Site[f.From], s.Site[f.To]; from >= 0 && to >= 0 {
			_, egress := s.p.Pairs[f.Pairs].Between(from, to)
			s.p.traffic(f.Rate, egress, 1, &sum)
		}
	}
	return sum[tier]
}
