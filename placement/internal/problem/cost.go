package problem

import "math/bits"

// perGB is the number of bytes in a GB, by which prices of traffic are divided; hours those of a month, by which costs
// that are paid once are.
const (
	perGB = 1_000_000_000
	hours = 720
)

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

// UnaryCost adds what item i costs by itself at position pos of its class, or left out where pos is -1.
// Only tests ask, who hold the bounds against it.
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
	if p.moving {
		p.addMove(i, c.Sites[pos], sign, d)
	}
}

// addMove adds the cost of being at a site rather than at home.
func (p *Problem) addMove(i, site int32, sign int64, d *Value) {
	if p.MoveOf != nil && p.MoveOf[i] >= 0 {
		cost := p.LeaveCost(p.MoveOf[i], site)
		for t := range p.Tiers {
			d[t] += sign * cost[t]
		}
	}
	if p.relocate != nil && p.Home[i] >= 0 {
		x := p.relocate[p.Home[i]][site]
		for k := range p.Relocation {
			term := &p.Relocation[k]
			d[term.Tier] += sign * monthly(x, term.Weight)
		}
	}
}

// monthly returns ceil(cost * weight / 720), of which Finish has made sure that it fits.
func monthly(cost, weight int64) int64 {
	if weight%hours == 0 {
		return cost * (weight / hours)
	}
	x, _ := times(cost, weight, hours)
	return x
}

// LeaveCost returns the part of MoveCost that only depends on whether the site is near. It must not be changed.
func (p *Problem) LeaveCost(move, site int32) *Value {
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

// MoveCost returns the cost of a move (an index of Moves) where it leads to a site, relocation included.
func (p *Problem) MoveCost(move, site int32) (v Value) {
	m := &p.Moves[move]
	if m.From == site {
		return v
	}
	v = *p.LeaveCost(move, site)
	if p.relocate != nil {
		for k := range p.Relocation {
			term := &p.Relocation[k]
			v[term.Tier] += monthly(p.relocate[m.From][site], term.Weight)
		}
	}
	return v
}

func (p *Problem) addGroupMoves(before, after int32, d *Value) {
	if before == after {
		return
	}
	for k := range p.GroupMoves {
		term := &p.GroupMoves[k]
		d[term.Tier] += monthly(int64(after), term.Weight) - monthly(int64(before), term.Weight)
	}
}

// Largest returns the largest magnitude of what one item can cost by itself, by tier.
func (p *Problem) Largest() [MaxTiers]int64 { return p.most }

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

// RelocationOf returns what a term of Problem.Relocation comes to, GroupMovesOf one of Problem.GroupMoves.
func (s *State) RelocationOf(term int) (sum int64) {
	for i, site := range s.Site {
		if home := s.p.Home[i]; site >= 0 && home >= 0 {
			sum += monthly(s.p.relocate[home][site], s.p.Relocation[term].Weight)
		}
	}
	return sum
}

// GroupMovesOf returns what a term of Problem.GroupMoves comes to.
func (s *State) GroupMovesOf(term int) int64 {
	return monthly(int64(s.away.most), s.p.GroupMoves[term].Weight)
}
