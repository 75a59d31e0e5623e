package problem

import (
	"slices"

	"github.com/domicile-eu/domicile/latency"
)

// Path is hops one after the other whose round trips together keep a bound, for every choice of one placed item of each
// stage. It holds where each stage has a placed item.
type Path struct {
	// Stages are items in the order of the path; none stands in two. Between two of one site a hop takes no time.
	Stages [][]int32
	// Into are the ways of the hop into each item of Stages: of the first stage from the origin 0, and nil where the path
	// starts there; of others from the site of the item before.
	Into       [][]*Ways
	Bound      int64 // in microseconds
	Percentile latency.Percentile
}

// stop says where an item stands in a path.
type stop struct{ path, stage int32 }

func (p *Problem) indexPaths() {
	if len(p.Paths) == 0 {
		return
	}
	p.stops = make([][]stop, p.Items)
	for k := range p.Paths {
		for n, stage := range p.Paths[k].Stages {
			for _, i := range stage {
				p.stops[i] = append(p.stops[i], stop{int32(k), int32(n)})
				p.mask[i] |= 1 << (uint32(k) * 2654435769 >> 26)
			}
		}
	}
}

// onOnePath says whether two items stand in one path.
func (p *Problem) onOnePath(i, j int32) bool {
	if p.stops == nil {
		return false
	}
	for _, a := range p.stops[i] {
		for _, b := range p.stops[j] {
			if a.path == b.path {
				return true
			}
		}
	}
	return false
}

// inTime says whether the paths of item i keep their bounds with it at a site. O(choices of the other stages x stages).
func (s *State) inTime(i, to int32) bool {
	p := s.p
	if p.stops == nil {
		return true
	}
	for _, at := range p.stops[i] {
		path := &p.Paths[at.path]
		if s.holds(path, i) && !s.passes(&passage{path, at.stage, i, to, false}, 0, -1, latency.Tail{}) {
			return false
		}
	}
	return true
}

// holds says whether each stage of a path has a placed item, item i taken for one.
func (s *State) holds(path *Path, i int32) bool {
	for _, stage := range path.Stages {
		if s.empty(stage) && !slices.Contains(stage, i) {
			return false
		}
	}
	return true
}

// passage is a path with one stage fixed: an item at a site. One with gaps leaves out stages of which nothing is placed.
type passage struct {
	*Path
	stage, item, site int32
	gaps              bool
}

// Strained says whether some path could not keep its bound with item i at position pos of its class, wherever the stages
// go of which nothing is placed: they are taken to be on the way and to take no time. Nothing forbids such a move while
// they are left out. It is for those who want them to find a place.
func (s *State) Strained(i, pos int32) bool {
	p := s.p
	if p.stops == nil || pos < 0 {
		return false
	}
	to := s.site(i, pos)
	for _, at := range p.stops[i] {
		if !s.passes(&passage{&p.Paths[at.path], at.stage, i, to, true}, 0, -1, latency.Tail{}) {
			return true
		}
	}
	return false
}

// Fellows appends the items of the paths of item i, each once and in the order of the first path that it is in, item i
// among them, as long as there are no more than most.
func (p *Problem) Fellows(items []int32, i int32, most int) []int32 {
	if p.stops == nil {
		return items
	}
	for _, at := range p.stops[i] {
		for _, stage := range p.Paths[at.path].Stages {
			for _, j := range stage {
				if len(items) < most && !slices.Contains(items, j) {
					items = append(items, j)
				}
			}
		}
	}
	return items
}

// passes says whether all choices from a stage on keep the bound, after what the stages before add up to.
func (s *State) passes(f *passage, stage, from int32, before latency.Tail) bool {
	if int(stage) == len(f.Stages) {
		return int64(before.Latency(f.Percentile)) <= f.Bound
	}
	items := f.Stages[stage]
	if f.gaps && stage != f.stage && s.empty(items) {
		return s.passes(f, stage+1, from, before)
	}
	for n, item := range items {
		site := s.Site[item]
		if stage == f.stage {
			if item != f.item {
				continue
			}
			site = f.site
		}
		if site < 0 || n > 0 && stage != f.stage && s.repeats(f.Path, stage, n) {
			continue
		}
		sum := before
		if ways := f.Into[stage]; ways != nil && (stage == 0 || from >= 0 && site != from) {
			t := ways[n].Between(max(from, 0), site)
			if t == nil {
				return false // and every stage behind has a placed item
			}
			sum = sum.Plus(*t)
		}
		if !s.passes(f, stage+1, site, sum) {
			return false
		}
	}
	return true
}

func (s *State) empty(stage []int32) bool {
	for _, j := range stage {
		if s.Site[j] >= 0 {
			return false
		}
	}
	return true
}

// repeats says whether the n-th item of a stage is where an earlier one is that is reached in the same way.
func (s *State) repeats(path *Path, stage int32, n int) bool {
	items, ways := path.Stages[stage], path.Into[stage]
	for k := range n {
		if s.Site[items[k]] == s.Site[items[n]] && (ways == nil || ways[k] == ways[n]) {
			return true
		}
	}
	return false
}
