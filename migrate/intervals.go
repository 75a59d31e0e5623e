package migrate

import (
	"github.com/google/btree"

	"github.com/domicile-eu/domicile/topology"
)

// intervals is a set of instants as disjoint stretches that do not touch, by time. All operations take O(log n) and the
// stretches that they make vanish.
type intervals struct {
	tree *btree.BTreeG[interval]
}

// interval is a stretch; from is in, until is not.
type interval struct{ from, until topology.Micros }

// intervalDegree is that of the tree: nodes of about a kilobyte.
const intervalDegree = 32

func newIntervals() *intervals {
	return &intervals{btree.NewG(intervalDegree, func(a, b interval) bool { return a.from < b.from })}
}

// overlapping returns the stretches that meet from..until, or touch it where touch is 1.
func (s *intervals) overlapping(from, until, touch topology.Micros) []interval {
	var out []interval
	s.tree.DescendLessOrEqual(interval{from: from}, func(x interval) bool {
		if x.from < from && x.until > from-touch {
			out = append(out, x)
		}
		return x.from == from
	})
	s.tree.AscendGreaterOrEqual(interval{from: from}, func(x interval) bool {
		if x.from >= until+touch {
			return false
		}
		out = append(out, x)
		return true
	})
	return out
}

// add adds a stretch.
func (s *intervals) add(from, until topology.Micros) {
	if from >= until {
		return
	}
	for _, x := range s.overlapping(from, until, 1) {
		s.tree.Delete(x)
		from, until = min(from, x.from), max(until, x.until)
	}
	s.tree.ReplaceOrInsert(interval{from, until})
}

// remove takes a stretch out.
func (s *intervals) remove(from, until topology.Micros) {
	if from >= until {
		return
	}
	for _, x := range s.overlapping(from, until, 0) {
		s.tree.Delete(x)
		if x.from < from {
			s.tree.ReplaceOrInsert(interval{x.from, from})
		}
		if x.until > until {
			s.tree.ReplaceOrInsert(interval{until, x.until})
		}
	}
}

// keep leaves of from..until only what is in another set too.
func (s *intervals) keep(other *intervals, from, until topology.Micros) {
	gap := from
	other.tree.Ascend(func(x interval) bool {
		s.remove(gap, min(x.from, until))
		gap = max(gap, x.until)
		return gap < until
	})
	s.remove(gap, until)
}

// first returns the first instant from at on from which a stretch of some length is in the set, and whether there is one.
func (s *intervals) first(at, length topology.Micros) (topology.Micros, bool) {
	start, found := topology.Micros(0), false
	s.tree.DescendLessOrEqual(interval{from: at}, func(x interval) bool {
		start, found = at, x.until-at >= length && x.until > at
		return false
	})
	if found {
		return start, true
	}
	s.tree.AscendGreaterOrEqual(interval{from: at}, func(x interval) bool {
		start, found = x.from, x.until-x.from >= length
		return !found
	})
	return start, found
}

// last returns the last instant from which a stretch of some length is in the set and over by a time, and whether there
// is one.
func (s *intervals) last(by, length topology.Micros) (topology.Micros, bool) {
	start, found := topology.Micros(0), false
	s.tree.DescendLessOrEqual(interval{from: by}, func(x interval) bool {
		start = min(by, x.until) - length
		found = start >= x.from
		return !found
	})
	return start, found
}

// begin returns where the stretch that holds an instant begins.
func (s *intervals) begin(at topology.Micros) topology.Micros {
	from := at
	s.tree.DescendLessOrEqual(interval{from: at}, func(x interval) bool {
		if x.until > at {
			from = x.from
		}
		return false
	})
	return from
}
