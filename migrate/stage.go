package migrate

import (
	"cmp"
	"context"
	"slices"
)

// stager breaks blocked cores by letting workloads wait on a spare site. Each waits at most once, so it ends.
type stager struct {
	world  *world
	serial *serial
	avoid  map[int32]bool // sites that nothing waits on
	staged map[int32]bool // goals
	used   map[int32]int  // stages per site, to spread them over the spares
}

// made is a step of the stager: a goal, or its stage where there is a detour.
type made struct {
	goal   int32
	detour *detour
	direct *hop // the goal before its stage
}

// solve makes a core with as many stages as it takes, or as much of it as can be. The most promising stage is made whenever
// nothing else can go on. Where that takes more than one, or gets stuck, all orders of a small core are tried.
func (g *stager) solve(ctx context.Context, core []int32) error {
	log, stages, err := g.greedy(ctx, core)
	if err != nil || len(core) > mostSearched || len(log) == len(core)+stages && stages < 2 {
		return err
	}
	most := stages - 1
	if len(log) < len(core)+stages {
		most = len(core)
	}
	g.rewind(log)
	found, err := g.search(ctx, core, most)
	if err == nil && !found {
		_, _, err = g.greedy(ctx, core)
	}
	return err
}

// greedy returns what it has made, and how many stages are among that.
func (g *stager) greedy(ctx context.Context, core []int32) (log []made, stages int, err error) {
	for {
		for _, goal := range g.serial.run(core, 2) {
			log = append(log, made{goal: goal})
		}
		open := slices.DeleteFunc(slices.Clone(core), func(goal int32) bool { return g.serial.done[goal] })
		if len(open) == 0 {
			return log, stages, nil
		}
		step, err := g.one(ctx, open)
		if err != nil || step == nil {
			return log, stages, err
		}
		log = append(log, *step)
		stages++
	}
}

// rewind takes back what was made last.
func (g *stager) rewind(log []made) {
	for _, step := range slices.Backward(log) {
		if step.detour == nil {
			g.serial.revert(step.goal)
			continue
		}
		g.serial.unstage(step.goal, *step.detour, step.direct)
		g.staged[step.goal] = false
		g.used[step.detour.first.to]--
	}
}

// one makes the most promising stage, nil where there is none.
func (g *stager) one(ctx context.Context, open []int32) (*made, error) {
	for _, goal := range g.candidates(open) {
		first, second, err := g.spare(ctx, goal)
		if err != nil {
			return nil, err
		}
		if first == nil {
			continue
		}
		step := &made{goal, &detour{first, second}, g.serial.goals[goal]}
		g.serial.stage(goal, *step.detour)
		g.staged[goal] = true
		g.used[first.to]++
		return step, nil
	}
	return nil, nil
}

// candidates returns the goals whose workload makes room for another by leaving, best first: those that let most others
// go at once, then those with the least to copy.
func (g *stager) candidates(open []int32) []int32 {
	type option struct {
		goal   int32
		frees  int
		serves bool
		bytes  int64
	}
	s := g.serial
	var options []option
	for _, goal := range open {
		h := s.goals[goal]
		if _, early := s.early(goal); early || g.staged[goal] {
			continue
		}
		o := option{goal: goal, bytes: h.estimate.Bytes}
		for _, u := range h.gives {
			s.free[u.stock] += u.amount
		}
		counted := make(map[int32]bool)
		for _, u := range h.gives {
			for _, other := range s.inbound[u.stock] {
				if other == goal || s.done[other] || counted[other] {
					continue
				}
				counted[other] = true
				if s.possible(other) {
					o.frees++
				}
				o.serves = true
			}
		}
		for _, u := range h.gives {
			s.free[u.stock] -= u.amount
		}
		if o.serves {
			options = append(options, o)
		}
	}
	slices.SortFunc(options, func(a, b option) int {
		return cmp.Or(cmp.Compare(b.frees, a.frees), cmp.Compare(a.bytes, b.bytes), cmp.Compare(a.goal, b.goal))
	})
	out := make([]int32, len(options))
	for i, o := range options {
		out[i] = o.goal
	}
	return out
}

// spare finds the best site for a workload to wait on, and returns the hops to and from it; nil where there is none. Sites
// with room beyond what is still to come are preferred, then those used least, then the quickest to reach.
func (g *stager) spare(ctx context.Context, goal int32) (first, second *hop, err error) {
	w, target := g.world, g.serial.goals[goal]
	var roomy []int32
	for s := range w.sites {
		site := int32(s)
		if site != target.from && site != target.to && !g.avoid[site] && g.room(target.work, target.from, site) > 0 {
			roomy = append(roomy, site)
		}
	}
	open, err := w.open(ctx, target.work, roomy)
	if err != nil {
		return nil, nil, err
	}
	for i, site := range roomy {
		if !open[i] {
			continue
		}
		a, b, err := g.hops(ctx, target, site)
		if err != nil {
			return nil, nil, err
		}
		if a != nil && (first == nil || g.better(a, b, first, second)) {
			first, second = a, b
		}
	}
	return first, second, nil
}

func (g *stager) better(a, b, first, second *hop) bool {
	return cmp.Or(
		cmp.Compare(g.room(first.work, first.from, first.to), g.room(a.work, a.from, a.to)),
		cmp.Compare(g.used[a.to], g.used[first.to]),
		cmp.Compare(a.estimate.Duration+b.estimate.Duration, first.estimate.Duration+second.estimate.Duration),
		cmp.Compare(a.to, first.to),
	) < 0
}

// room says whether a workload fits on a site: 0 no, 1 yes, 2 without being in the way of anything still to come.
func (g *stager) room(work, from, site int32) int {
	h := &hop{work: work, from: from, to: site}
	g.serial.stocks.fill(h)
	if !g.serial.feasible(h) {
		return 0
	}
	for _, u := range h.takes {
		if g.serial.free[u.stock]-g.serial.pending[u.stock] < u.amount {
			return 1
		}
	}
	return 2
}

// hops prepares the way to a spare site and on to the target.
func (g *stager) hops(ctx context.Context, target *hop, site int32) (first, second *hop, err error) {
	first, no, err := g.world.prepare(ctx, target.work, target.from, site)
	if err != nil || no != nil {
		return nil, nil, err
	}
	second, no, err = g.world.prepare(ctx, target.work, site, target.to)
	if err != nil || no != nil {
		return nil, nil, err
	}
	if g.world.shut(first) || g.world.shut(second) {
		return nil, nil, nil
	}
	first.stage = true
	g.serial.stocks.fill(first)
	g.serial.stocks.fill(second)
	return first, second, nil
}
