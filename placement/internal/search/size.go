package search

import (
	"cmp"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// sizes compares items by what they take.
type sizes struct {
	size     []float64 // by item: shares of all capacity, summed over the dimensions
	tiny     float64   // a small part of a mean size
	bySize   []int32   // the largest first
	sizeRank []int32   // by item: where it stands in bySize
	logItems float64
}

func (x *Searcher) measureItems() {
	p := x.p
	total := make([]float64, p.Dims)
	for k, c := range p.Capacity {
		total[k%p.Dims] += float64(c)
	}
	x.size = make([]float64, p.Items)
	x.bySize, x.sizeRank = make([]int32, p.Items), make([]int32, p.Items)
	for i, c := range p.Class {
		x.bySize[i] = int32(i)
		for d, demand := range p.Classes[c].Demand {
			x.size[i] += float64(demand) / math.Max(total[d], 1)
		}
		x.tiny += x.size[i] * 1e-3 / float64(p.Items)
	}
	slices.SortFunc(x.bySize, func(a, b int32) int { return cmp.Or(cmp.Compare(x.size[b], x.size[a]), cmp.Compare(a, b)) })
	for k, i := range x.bySize {
		x.sizeRank[i] = int32(k)
	}
	x.logItems = math.Log(float64(max(1, p.Items)))
	x.tiny = math.Max(x.tiny, math.SmallestNonzeroFloat32)
}

// mostReach is how many pairs of an item and a position are looked at for reach.
const mostReach = 8_000_000

// findReach lists, where items take room at both ends of a move, the positions to which each could go if nobody else
// moved: what is full by what is at home stays full.
func (x *Searcher) findReach() {
	p := x.p
	if p.Transient == nil || int64(p.Items)*int64(p.Sites) > mostReach {
		return
	}
	empty := problem.NewState(p)
	x.reach = make([][]int32, p.Items)
	for i := range int32(p.Items) {
		for pos := range int32(len(p.Classes[p.Class[i]].Sites)) {
			if empty.Fits(i, pos) {
				x.reach[i] = append(x.reach[i], pos)
			}
		}
	}
	x.movable = slices.DeleteFunc(x.movable, func(i int32) bool { return len(x.reach[i]) == 0 })
}
