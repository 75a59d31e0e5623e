package opennebula

import (
	"math"
	"math/bits"
	"slices"
	"strconv"

	"github.com/domicile-eu/domicile/topology"
)

// The measures of load, in the order of Weights.
var dimensions = [...]topology.Dimension{measuredCPU, topology.CPU, topology.Memory}

const measures = len(dimensions)

// whole is a load of 100 %.
const whole = 1_000_000_000

// level is a load in each measure, in billionths.
type level [measures]int64

func (w Weights) list() [measures]float64 { return [...]float64{w.MeasuredCPU, w.CPU, w.Memory} }

// value is the weighted mean, as a share.
func (w Weights) value(l level) float64 {
	var sum, total float64
	for k, weight := range w.list() {
		sum += weight * float64(l[k])
		total += weight
	}
	if total == 0 {
		return 0
	}
	return sum / total / whole
}

func (w Weights) load(l level) Load {
	return Load{Value: w.value(l), MeasuredCPU: float64(l[0]) / whole, CPU: float64(l[1]) / whole, Memory: float64(l[2]) / whole}
}

// weighing returns what is balanced.
func (c *worldCase) weighing() Weights {
	w := c.cfg.Weights
	if w == (Weights{}) && c.cfg.Mode == Optimize && len(c.doc.Clusters) == 1 {
		drs := c.doc.Clusters[0].DRS
		w = Weights{MeasuredCPU: weight(drs["CPU_USAGE_WEIGHT"]), CPU: weight(drs["CPU_WEIGHT"]), Memory: weight(drs["MEMORY_WEIGHT"])}
	}
	if w == (Weights{}) {
		if c.cfg.Mode == Optimize {
			return Weights{MeasuredCPU: 1}
		}
		return Weights{CPU: 1}
	}
	return w
}

func weight(text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || v < 0 || v > 1000 {
		return 0
	}
	return v
}

// moves returns how many VMs may move.
func (c *worldCase) moves() int {
	if c.cfg.MaxMoves != 0 {
		return max(0, c.cfg.MaxMoves)
	}
	if len(c.doc.Clusters) == 1 {
		for _, key := range []string{"HOST_MIGRATION_THRESHOLD", "MIGRATION_THRESHOLD"} {
			if v, err := strconv.Atoi(c.doc.Clusters[0].DRS[key]); err == nil && v >= 0 {
				return v
			}
		}
	}
	return len(c.doc.Hosts)
}

// most is the capacity of a host in a measure, base what stays there takes of it.
func (c *worldCase) most(host, k int) int64 {
	if k == 2 {
		return c.doc.Hosts[host].MaxMemory
	}
	return c.doc.Hosts[host].MaxCPU
}

func (c *worldCase) base(host, k int) int64 {
	return [...]int64{c.free[host].measured, c.free[host].baseCPU, c.free[host].base}[k]
}

func (v *VM) demand(k int) int64 { return [...]int64{v.UsedCPU, v.CPU, v.Memory}[k] }

// share is use of most in billionths, rounded up; a use of nothing is full.
func share(use, most int64) int64 {
	if use <= 0 {
		return 0
	}
	if most <= 0 {
		return whole
	}
	hi, lo := bits.Mul64(uint64(use), whole)
	if hi >= uint64(most) {
		return math.MaxInt64 / 4
	}
	q, r := bits.Div64(hi, lo, uint64(most))
	if r > 0 {
		q++
	}
	return int64(min(q, math.MaxInt64/4))
}

// within is the most that may be used at a load of l, rounded down.
func within(l, most int64) int64 {
	hi, lo := bits.Mul64(uint64(max(0, l)), uint64(max(0, most)))
	if hi >= whole {
		return math.MaxInt64 / 4
	}
	q, _ := bits.Div64(hi, lo, whole)
	return int64(min(q, math.MaxInt64/4))
}

// load returns the greatest load in each measure with VMs on these hosts.
func (c *worldCase) load(on map[int]int) level {
	use := make([][measures]int64, len(c.doc.Hosts))
	index := c.index()
	for i := range c.vms {
		s := &c.vms[i]
		h, ok := on[s.ID]
		k, there := index[h]
		if s.role == fixed || !ok || !there {
			continue
		}
		for m := range measures {
			use[k][m] += s.demand(m)
		}
	}
	var out level
	for k := range use {
		for m := range measures {
			out[m] = max(out[m], share(c.base(k, m)+use[k][m], c.most(k, m)))
		}
	}
	return out
}

func (c *worldCase) index() map[int]int {
	out := make(map[int]int, len(c.doc.Hosts))
	for k := range c.doc.Hosts {
		out[c.doc.Hosts[k].ID] = k
	}
	return out
}

// bound is a proven lower bound on the load of whatever places these VMs, in each measure, however many of them move. See
// [boundOf], which the tests hold against every assignment of small cases.
func (c *worldCase) bound(placed func(vm int) bool) level {
	var out level
	for m := range measures {
		var demands []int64
		for i := range c.vms {
			s := &c.vms[i]
			if s.role == fixed || !placed(s.ID) {
				continue
			}
			demands = append(demands, s.demand(m))
			least := int64(math.MaxInt64)
			for k, ok := range c.allow[s.ID] {
				if ok {
					least = min(least, share(c.base(k, m)+s.demand(m), c.most(k, m)))
				}
			}
			if least < math.MaxInt64 {
				out[m] = max(out[m], least)
			}
		}
		var base, most []int64
		for k := range c.doc.Hosts {
			base, most = append(base, c.base(k, m)), append(most, c.most(k, m))
		}
		out[m] = max(out[m], boundOf(demands, base, most))
	}
	return out
}

// boundOf proves a lower bound on the greatest load: at any load below it, the room of all hosts together, each rounded down to
// what demands can fill (multiples of their greatest common divisor), is less than the sum of the demands; or a host is
// above it with what it has already.
func boundOf(demands, base, most []int64) int64 {
	var sum, unit, lo int64
	for _, d := range demands {
		sum += d
		unit = gcd(unit, d)
	}
	for k := range base {
		lo = max(lo, share(base[k], most[k]))
	}
	if sum == 0 {
		return lo
	}
	enough := func(l int64) bool {
		var room int64
		for k := range base {
			room += max(0, within(l, most[k])-base[k]) / unit * unit
			if room >= sum {
				return true
			}
		}
		return false
	}
	if enough(lo) {
		return lo
	}
	hi := int64(whole)
	for !enough(hi) {
		if hi > whole<<20 {
			return lo
		}
		hi *= 2
	}
	for lo+1 < hi {
		if mid := lo + (hi-lo)/2; enough(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// aim sets how far each host may be used with ease.
func (c *worldCase) aim(sites []topology.Site, at level) []topology.Site {
	out := slices.Clone(sites)
	for k := range out {
		out[k].Safe = topology.Resources{}
		for m, dim := range dimensions {
			if c.weights.list()[m] > 0 {
				out[k].Safe[dim] = min(out[k].Capacity[dim], max(0, within(at[m], c.most(k, m))-c.base(k, m)))
			}
		}
	}
	return out
}
