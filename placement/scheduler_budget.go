package placement

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// schedShare is a ShareBudget in numbers of the world.
type schedShare struct {
	of          []int32 // by site: its part of the domain
	parts       int
	dim         int
	dimension   topology.Dimension
	thousandths int64
}

// schedMoved counts the placed workloads that run elsewhere now. It is never changed once it is made.
type schedMoved struct {
	all int64
	// batches is how many components have just so many of them, by that number; those with none are not counted.
	batches map[int32]int32
}

// change returns the counts after one component had from of them and has to.
func (m schedMoved) change(from, to int32) schedMoved {
	next := schedMoved{m.all + int64(to-from), maps.Clone(m.batches)}
	if next.batches == nil {
		next.batches = make(map[int32]int32)
	}
	if from > 0 {
		if next.batches[from]--; next.batches[from] == 0 {
			delete(next.batches, from)
		}
	}
	if to > 0 {
		next.batches[to]++
	}
	return next
}

// mostWithout returns the largest number of one component if one with k of them had less.
func (m schedMoved) mostWithout(k, less int32) int32 {
	most := k - less
	for n, components := range m.batches {
		if n != k || components > 1 {
			most = max(most, n)
		}
	}
	return most
}

// setBudgets numbers the budgets. Of several limits of moves the least counts.
func (w *schedWorld) setBudgets() error {
	w.mostMoved = -1
	for k, b := range w.problem.Budgets {
		switch b := b.(type) {
		case MoveBudget:
			if w.mostMoved < 0 || int64(b.AtMost) < w.mostMoved {
				w.mostMoved = int64(b.AtMost)
			}
		case ShareBudget:
			if dim, ok := slices.BinarySearch(w.dims, b.Dimension); ok { // what no site has nobody uses
				of := w.shapes.domain(b.Over)
				parts := 1
				for _, part := range of {
					parts = max(parts, int(part)+1)
				}
				w.shares = append(w.shares, schedShare{of, parts, dim, b.Dimension, b.Thousandths})
			}
		default:
			return fmt.Errorf("%w: budgets[%d]: a Scheduler does not keep a %T", ErrInvalid, k, b)
		}
	}
	return nil
}

// noShares returns what is used of the shares where nothing is placed.
func (w *schedWorld) noShares() []schedVector[int64] {
	out := make([]schedVector[int64], len(w.shares))
	for k := range w.shares {
		out[k] = newSchedVector[int64](w.shares[k].parts, 1)
	}
	return out
}

// limit returns what one part may take of a share.
func (s *schedSnapshot) limit(share *schedShare) int64 {
	hi, lo := bits.Mul64(uint64(s.total.demand[share.dimension]), uint64(share.thousandths))
	q, _ := bits.Div64(hi, lo, 1000) // thousandths are at most 1000
	return int64(q)
}

// account counts what a workload that goes from one site to another (-1: none) does to budgets and moves. It has to be told
// before app.site says so.
func (s *schedSnapshot) account(app *schedApp, i, from, to int32) {
	if was, is := app.away(i, from), app.away(i, to); was != is {
		k := app.movedBeside(i)
		s.moved = s.moved.change(k+was, k+is)
	}
	for k := range s.world.shares {
		share := &s.world.shares[k]
		x := app.loads[i].demand[share.dim]
		for _, end := range []struct{ at, sign int64 }{{int64(from), -1}, {int64(to), 1}} {
			if end.at >= 0 && x > 0 {
				var used []int64
				s.shares[k], used = s.shares[k].edit(share.of[end.at])
				used[0] += end.sign * x
			}
		}
	}
}

// away is 1 where a workload would not be on the site that it runs on now.
func (a *schedApp) away(i, at int32) int32 {
	if home := a.current[i]; home >= 0 && at >= 0 && at != home {
		return 1
	}
	return 0
}

// movedBeside counts the workloads of the component of workload i that run elsewhere now, without it.
func (a *schedApp) movedBeside(i int32) (n int32) {
	for k := range a.site {
		if int32(k) != i && a.app.Workloads[k].Component == a.app.Workloads[i].Component {
			n += a.away(int32(k), a.site[k])
		}
	}
	return n
}

// affords says whether the budgets allow a site. What is exceeded already must not get worse; where the workload is
// placed, it must not take part in it.
func (q *schedQuery) affords(at int32) bool {
	w := q.w
	if w.mostMoved >= 0 && q.home >= 0 && at != q.home {
		more := int64(1)
		if q.now >= 0 && q.now != q.home {
			more = 0
		}
		if q.snap.moved.all+more > w.mostMoved && (more > 0 || at == q.now) {
			return false
		}
	}
	for k := range w.shares {
		share := &w.shares[k]
		x := q.shape.demand[share.dim]
		if x == 0 {
			continue
		}
		if q.now >= 0 && share.of[q.now] == share.of[at] {
			if at != q.now {
				continue
			}
			x = 0
		}
		if x > q.snap.limit(share)-q.snap.shares[k].at(share.of[at])[0] {
			return false
		}
	}
	return true
}

// groupMoves returns by how much a term over the component with most moves rises when the workload comes.
func (q *schedQuery) groupMoves(t *schedTerm, at int32) int64 {
	beside, own := q.beside, q.app.away(q.i, q.now)
	most := q.snap.moved.mostWithout(beside+own, own)
	cost := func(n int32) int64 { return orMost(mulDivUp(int64(n), t.Weight, 1, hoursPerMonth)) }
	return cost(max(most, beside+q.app.away(q.i, at))) - cost(most)
}
