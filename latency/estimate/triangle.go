package estimate

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// Triangles says how many measured pairs are farther apart than by way of a third place.
type Triangles struct {
	Pairs    int // measured pairs that share at least one third place
	Violated int
	Share    float64 // Violated / Pairs, 0 where there are none
	// Worst are the violated pairs, those with the greatest ratio of direct to detour first, then in order of ID.
	Worst []Triangle
}

// Triangle is a pair and its best way over one relay, which is shorter than the direct one.
type Triangle struct {
	A, B, Via      topology.NodeID
	Direct, Detour topology.Micros
}

// FindTriangles compares medians of measured pairs; of several observations of a pair the middle one counts. At most
// most of the worst are listed. A world with many violations has no good map: shortest paths over its observations
// under-estimate. O(pairs x places) at most.
func FindTriangles(observations []latency.Observation, most int) Triangles {
	near := neighbours(observations)
	ids := make([]topology.NodeID, 0, len(near))
	for id := range near {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var out Triangles
	for _, a := range ids {
		for _, b := range near[a] {
			if b.id <= a {
				continue
			}
			via, detour, ok := relay(near[a], near[b.id])
			if !ok {
				continue
			}
			out.Pairs++
			if detour < b.rtt {
				out.Violated++
				out.Worst = append(out.Worst, Triangle{a, b.id, via, b.rtt, detour})
			}
		}
	}
	if out.Pairs > 0 {
		out.Share = float64(out.Violated) / float64(out.Pairs)
	}
	slices.SortStableFunc(out.Worst, func(t, u Triangle) int { // by direct / detour, without dividing
		return cmp.Compare(float64(u.Direct)*float64(t.Detour), float64(t.Direct)*float64(u.Detour))
	})
	out.Worst = slices.Clone(out.Worst[:min(len(out.Worst), max(most, 0))])
	return out
}

type neighbour struct {
	id  topology.NodeID
	rtt topology.Micros
}

// neighbours lists what was measured from each place, in order of ID.
func neighbours(observations []latency.Observation) map[topology.NodeID][]neighbour {
	near := map[topology.NodeID][]neighbour{}
	for _, o := range observations {
		if o.A != o.B {
			near[o.A] = append(near[o.A], neighbour{o.B, o.RTT.P50})
			near[o.B] = append(near[o.B], neighbour{o.A, o.RTT.P50})
		}
	}
	for id, list := range near {
		slices.SortFunc(list, func(x, y neighbour) int {
			return cmp.Or(cmp.Compare(x.id, y.id), cmp.Compare(x.rtt, y.rtt))
		})
		kept := list[:0]
		for i, j := 0, 0; i < len(list); i = j {
			for j = i; j < len(list) && list[j].id == list[i].id; {
				j++
			}
			kept = append(kept, list[(i+j)/2])
		}
		near[id] = kept
	}
	return near
}

// relay returns the best third place of two sorted lists.
func relay(a, b []neighbour) (via topology.NodeID, detour topology.Micros, ok bool) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch c := cmp.Compare(a[i].id, b[j].id); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			if sum := a[i].rtt + b[j].rtt; !ok || sum < detour {
				via, detour, ok = a[i].id, sum, true
			}
			i++
			j++
		}
	}
	return via, detour, ok
}
