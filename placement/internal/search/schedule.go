package search

import (
	"math"
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// The budget is used up in four parts. In the first nothing is accepted that does not improve, so that there is an answer
// soon. In the second the search cools down fast from hot to cold, and it is taken down how the value falls with the
// temperature. In the third, by far the longest, it cools down once more, from a little above the temperature at which the
// second was as good as the first, and slowest where the second has seen the value fall most, in all and in proportion to
// what is left: there large items settle, and what is missed no later move mends. A slow search follows the temperature
// sooner than the fast one did, so what fell at the next few temperatures counts with each. In the last only improvements count again.
const (
	firstShare  = 0.02
	secondShare = 0.10
	lastShare   = 0.03
	stages      = 32 // temperatures of the second part
	enough      = 1000
	ahead       = 7 // stages by which the third part begins hotter
	lag         = 8 // stages by which the fall of the second part came late, at most
	// hottest is the quantile of the changes seen that is the first temperature, coldest the part of the smallest change
	// that is the last.
	hottest = 0.9
	coldest = 0.3
)

// schedule turns the share of the budget that is used up into temperatures.
type schedule struct {
	tier       int
	hot, cold  [problem.MaxTiers]float64 // by tier, 0 where nothing changes
	descended  float64                   // value at the end of the first part
	sum, count [stages]float64           // values seen in the second part, by stage
	until      [stages]float64           // share of the third part at which each stage ends
	first      int                       // stage at which the third part begins; stages: it accepts nothing worse
	planned    bool
	perItem    float64 // steps of all workers that the whole budget has for each item
}

// measure samples what single shifts change, to find the scale of each tier.
func (x *Searcher) measure() *schedule {
	const samples, tries = 4000, 200_000
	s := &schedule{tier: x.tier}
	var seen [problem.MaxTiers][]float64
	for n, found := 0, 0; n < tries && found < samples && len(x.movable) > 0; n++ {
		i := x.movable[x.r.IntN(len(x.movable))]
		pos := x.anywhere(i)
		var d problem.Value
		if pos == x.s.Pos(i) || !x.s.Try(i, pos, &d) {
			continue
		}
		found++
		for t, change := range d {
			if change != 0 {
				seen[t] = append(seen[t], math.Abs(float64(change)))
			}
		}
	}
	for t := x.tier; t < x.p.Tiers; t++ {
		if len(seen[t]) > 0 {
			slices.Sort(seen[t])
			s.hot[t] = seen[t][int(hottest*float64(len(seen[t])-1))]
			s.cold[t] = coldest * math.Min(seen[t][0], s.hot[t])
		}
	}
	return s
}

// stage returns where a share of the budget stands among the stages, -1 where nothing worse is accepted.
func (s *schedule) stage(spent float64) float64 {
	switch {
	case spent < firstShare || spent >= 1-lastShare:
		return -1
	case spent < firstShare+secondShare:
		return (spent - firstShare) / secondShare * (stages - 1)
	}
	if !s.planned {
		s.plan()
	}
	if s.first == stages {
		return -1
	}
	share := max(0, (spent-firstShare-secondShare)/(1-firstShare-secondShare-lastShare))
	k, from := s.first, 0.0
	for k < stages-1 && s.until[k] < share {
		from = s.until[k]
		k++
	}
	return float64(k) + math.Min(1, (share-from)/math.Max(1e-9, s.until[k]-from))
}

// note takes down the value of a state at a share of the budget.
func (s *schedule) note(spent float64, value *problem.Value) {
	v := float64(value[s.tier])
	if spent < firstShare {
		s.descended = v
	} else if k := int(s.stage(spent)); !s.planned && k >= 0 {
		s.sum[k] += v
		s.count[k]++
	}
}

// plan divides the third part among the stages.
func (s *schedule) plan() {
	s.planned, s.first = true, stages
	mean := func(k int) float64 { return s.sum[k] / math.Max(1, s.count[k]) }
	if !s.fillIn() {
		return
	}
	s.first = s.begin(mean)
	if s.first == stages {
		return
	}
	fall, most := [stages]float64{}, 0.0
	for k := range stages - 1 {
		fall[k] = math.Max(0, mean(k)-mean(k+1))
	}
	s.first = max(0, s.first-ahead)
	for k := range stages { // those behind k are still as they were seen
		sum := fall[k]
		for l := k + 1; l <= k+lag && l < stages; l++ {
			sum += fall[l]
		}
		fall[k] = sum / (lag + 1)
		if k >= s.first {
			most = math.Max(most, fall[k])
		}
	}
	total := 0.0
	for k := s.first; k < stages; k++ {
		fall[k] = math.Min(fall[k], most)/math.Max(most, 1e-9) + fall[k]/math.Max(mean(k), 1) + 0.01
		total += fall[k]
	}
	sum := 0.0
	for k := s.first; k < stages; k++ {
		sum += fall[k] / math.Max(total, math.SmallestNonzeroFloat64)
		s.until[k] = sum
	}
	s.until[stages-1] = math.Inf(1)
}

// fillIn gives stages that no round fell on the values of those before them, or of the first that was seen; it is false where
// none was.
func (s *schedule) fillIn() bool {
	seen := 0
	for seen < stages && s.count[seen] == 0 {
		seen++
	}
	if seen == stages {
		return false
	}
	for k := range stages {
		if from := max(seen, k-1); s.count[k] == 0 {
			s.sum[k], s.count[k] = s.sum[from]/s.count[from], 1
		}
	}
	return true
}

// begin returns the stage from which the fast run was better than the descent. Where it never was, a slow one may be: from
// where half of its fall lay behind it. With fewer than enough steps an item it does not pay to heat up at all.
func (s *schedule) begin(mean func(stage int) float64) int {
	half, least := stages, math.Inf(1)
	for k := range stages {
		if mean(k) < s.descended {
			return k
		}
		least = math.Min(least, mean(k))
	}
	for k := stages - 1; k >= 0 && mean(k) <= (mean(0)+least)/2; k-- {
		half = k
	}
	if s.perItem < enough {
		return stages
	}
	return half
}

// cool sets the temperatures of a search.
func (s *schedule) cool(x *Searcher, spent float64) {
	stage := s.stage(spent)
	for t := range x.temp {
		x.temp[t] = 0
		if stage >= 0 && s.hot[t] > 0 {
			x.temp[t] = s.hot[t] * math.Pow(s.cold[t]/s.hot[t], stage/(stages-1))
		}
	}
}
