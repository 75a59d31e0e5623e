package problem

import "github.com/domicile-eu/domicile/latency"

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
		if s.holds(path, i) && !s.passes(&passage{path, at.stage, i, to}, 0, -1, latency.Tail{}) {
			return false
		}
	}
	return true
}

// holds says whether each stage of a path has a placed item, item i taken for one.
func (s *State) holds(path *Path, i int32) bool {
	for _, stage := range path.Stages {
		placed := false
		for _, j := range stage {
			if placed = j == i || s.Site[j] >= 0; placed {
				break
			}
		}
		if !placed {
			return false
		}
	}
	return true
}

// passage is a path with one stage fixed: an item at a site.
type passage struct {
	*Path
	stage, item, site int32
}

// passes says whether all choices from a stage on keep the bound, after what the stages before add up to.
func (s *State) passes(f *passage, stage, from int32, before latency.Tail) bool {
	if int(stage) == len(f.Stages) {
		return int64(before.Latency(f.Percentile)) <= f.Bound
	}
	items := f.Stages[stage]
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
		if ways := f.Into[stage]; ways != nil && (stage == 0 || site != from) {
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
