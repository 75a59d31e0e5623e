package migrate

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// headRounds bounds how often heads are sharpened by each other; after any round they are good.
const headRounds = 24

// heads returns for each hop a time before which it cannot start in any plan that makes the same hops: the site has to be
// ready, the workload has to have come, and what is lacking at the site has to have been given back, by whichever hops do
// so first. Where all of those use up one lane, they do it one after another.
func (s *scheduler) heads(ready []topology.Micros) []topology.Micros {
	head := make([]topology.Micros, len(s.hops))
	last := make(map[int32]int32)
	came := make([]int32, len(s.hops))
	for i, h := range s.hops {
		came[i] = -1
		if first, ok := last[h.work]; ok {
			came[i] = first
		}
		last[h.work] = int32(i)
		if ready != nil && h.left == 0 {
			head[i] = ready[h.to]
		}
	}
	var short []*shortage
	for stock := range s.touch {
		if f := s.shortage(int32(stock)); f != nil && s.stocks.isRoom(int32(stock)) {
			short = append(short, f)
		}
	}
	for changed, round := true, 0; changed && round < headRounds; round++ {
		changed = false
		for i, h := range s.hops {
			if first := came[i]; first >= 0 && h.left == 0 && head[first]+s.hops[first].rest() > head[i] {
				head[i] = head[first] + s.hops[first].rest()
				changed = true
			}
		}
		for _, f := range short {
			changed = f.raise(s.hops, head) || changed
		}
	}
	return head
}

// shortage is a stock that not all who take it find free at the start.
type shortage struct {
	takers []touch // with what is lacking for each
	givers []touch
	alone  bool // the givers can only go one at a time
}

func (s *scheduler) shortage(stock int32) *shortage {
	f := &shortage{}
	for _, t := range s.touch[stock] {
		if t.amount > 0 {
			f.givers = append(f.givers, t)
		} else if lacking := -t.amount - s.stocks.free[stock]; lacking > 0 && s.hops[t.hop].left == 0 {
			f.takers = append(f.takers, touch{t.hop, lacking})
		}
	}
	if len(f.takers) == 0 {
		return nil
	}
	f.alone = s.oneByOne(f.givers)
	return f
}

// oneByOne says whether there is a lane of which each of the hops needs more than half.
func (s *scheduler) oneByOne(hops []touch) bool {
	if len(hops) == 0 {
		return false
	}
	for _, u := range s.net.needs[hops[0].hop] {
		all := s.net.lanes[u.stock].kind == linkRate
		for _, t := range hops {
			all = all && slices.ContainsFunc(s.net.needs[t.hop], func(v use) bool {
				return v.stock == u.stock && v.amount > s.net.capacity[u.stock]/2
			})
		}
		if all {
			return true
		}
	}
	return false
}

// raise sharpens the heads of the takers, and says whether it did.
func (f *shortage) raise(hops []*hop, head []topology.Micros) bool {
	type gift struct {
		at, takes topology.Micros
		amount    int64
	}
	gifts := make([]gift, len(f.givers))
	first := never
	for i, t := range f.givers {
		gifts[i] = gift{head[t.hop] + hops[t.hop].rest(), hops[t.hop].rest(), t.amount}
		first = min(first, head[t.hop])
	}
	slices.SortFunc(gifts, func(a, b gift) int { return cmp.Compare(a.at, b.at) })
	at := make([]topology.Micros, len(f.takers))
	for i, t := range f.takers {
		for k, left := 0, t.amount; k < len(gifts) && left > 0; k++ {
			left -= gifts[k].amount
			at[i] = gifts[k].at
		}
	}
	if f.alone { // the quickest per amount first, the last one in part: no set that suffices takes less time
		slices.SortFunc(gifts, func(a, b gift) int {
			return cmp.Compare(float64(a.takes)*float64(b.amount), float64(b.takes)*float64(a.amount))
		})
		for i, t := range f.takers {
			sum, left := first, t.amount
			for k := 0; k < len(gifts) && left > 0; k++ {
				if gifts[k].amount <= left {
					sum += gifts[k].takes
				} else {
					sum += topology.Micros(float64(gifts[k].takes) * float64(left) / float64(gifts[k].amount) * (1 - 1e-9))
				}
				left -= gifts[k].amount
			}
			at[i] = max(at[i], sum)
		}
	}
	raised := false
	for i, t := range f.takers {
		if at[i] > head[t.hop] {
			head[t.hop] = at[i]
			raised = true
		}
	}
	return raised
}
