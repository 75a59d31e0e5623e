package migrate

import (
	"fmt"
	"math"

	"github.com/domicile-eu/domicile/topology"
)

// lowerBound returns a time below which no plan can make the hops, and why: the longest way of one workload, or the load
// of one lane over what it carries. On a link, hops of which no two fit at once also add up.
func lowerBound(w *world, n *network, hops []*hop) (topology.Micros, string) {
	best, witness := topology.Micros(0), "nothing moves"
	ways := make(map[int32]topology.Micros)
	for _, h := range hops {
		ways[h.work] += h.rest()
		if ways[h.work] > best {
			best = ways[h.work]
			witness = fmt.Sprintf("%s alone moves for %s", w.works[h.work].ID, best)
		}
	}
	count := make([]int, len(n.lanes))
	for i := range hops {
		for _, u := range n.needs[i] {
			count[u.stock]++
		}
	}
	for lane, time := range busyTimes(n, hops) {
		if time > best {
			best = time
			witness = fmt.Sprintf("%s: %d moves fill it for %s", n.name(int32(lane)), count[lane], time)
		}
	}
	return best, witness
}

// busyTimes returns for each lane how long it takes at least to carry all that goes over it.
func busyTimes(n *network, hops []*hop) []topology.Micros {
	loads := make([]load, len(n.lanes))
	alone := make([]topology.Micros, len(n.lanes))
	for i, h := range hops {
		for _, u := range n.needs[i] {
			loads[u.stock].add(u.amount, h.rest())
			if u.amount > n.capacity[u.stock]/2 && alone[u.stock] < math.MaxInt64-h.rest() {
				alone[u.stock] += h.rest()
			}
		}
	}
	busy := make([]topology.Micros, len(n.lanes))
	for lane := range busy {
		busy[lane] = max(alone[lane], loads[lane].over(n.capacity[lane]))
	}
	return busy
}
