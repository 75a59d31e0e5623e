package migrate

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// stageSearch looks through every order of direct moves and stages of few goals, each staged at most once, and finds one
// with the fewest stages. It is exact within its steps, over the spare sites that it is given: unlike the stager, it may
// put off moves that harm no other move but take the room in which somebody could wait.
type stageSearch struct {
	*serial
	goals  []int32
	spares map[int32][]detour
	staged map[int32]bool
	seen   map[string]bool
	steps  int
}

// detour is a way over a spare site.
type detour struct{ first, second *hop }

func (d detour) time() topology.Micros { return d.first.rest() + d.second.rest() }

const (
	// mostSearched is the most goals that are searched so: with one stage among 14 goals and 8 spares, the states are a
	// fraction of a million.
	mostSearched = 14
	// mostSpares is the most spare sites that each of them tries.
	mostSpares = 8
	// stageSteps bounds one search in states entered and goals looked at: a fraction of a second.
	stageSteps = 1 << 19
)

// search makes all of the goals, with as few stages as it takes and no more than most, or none of them, and says which.
func (g *stager) search(ctx context.Context, goals []int32, most int) (bool, error) {
	if len(goals) > mostSearched {
		return false, nil
	}
	spares := make(map[int32][]detour)
	for _, goal := range goals {
		list, err := g.detours(ctx, goal, goals)
		if err != nil {
			return false, err
		}
		spares[goal] = list
	}
	began := len(g.serial.order)
	x := &stageSearch{serial: g.serial, goals: goals, spares: spares, staged: g.staged, steps: stageSteps}
	for stages := 1; stages <= most && x.steps > 0; stages++ {
		x.seen = make(map[string]bool)
		if x.visit(stages) {
			for _, h := range g.serial.order[began:] {
				if h.stage {
					g.used[h.to]++
				}
			}
			return true, nil
		}
	}
	return false, nil
}

// detours returns the ways of a goal over sites that have room for its workload now or once all of the goals have left
// them, those with the most room first.
func (g *stager) detours(ctx context.Context, goal int32, goals []int32) ([]detour, error) {
	if g.staged[goal] {
		return nil, nil
	}
	w, s, target := g.world, g.serial, g.serial.goals[goal]
	given := make(map[int32]int64)
	for _, other := range goals {
		for _, u := range s.goals[other].gives {
			given[u.stock] += u.amount
		}
	}
	var roomy []int32
	rooms := make(map[int32]int)
	for i := range w.sites {
		site := int32(i)
		if site == target.from || site == target.to || g.avoid[site] {
			continue
		}
		h := &hop{work: target.work, from: target.from, to: site}
		s.stocks.fill(h)
		if !slices.ContainsFunc(h.takes, func(u use) bool { return s.free[u.stock]+given[u.stock] < u.amount }) {
			rooms[site] = g.room(target.work, target.from, site)
			roomy = append(roomy, site)
		}
	}
	slices.SortStableFunc(roomy, func(a, b int32) int {
		return cmp.Or(rooms[b]-rooms[a], cmp.Compare(g.used[a], g.used[b]))
	})
	var out []detour
	for len(roomy) > 0 && len(out) < mostSpares {
		part := roomy[:min(len(roomy), 4*mostSpares)]
		roomy = roomy[len(part):]
		open, err := w.open(ctx, target.work, part)
		if err != nil {
			return nil, err
		}
		for i, site := range part {
			if !open[i] || len(out) == mostSpares {
				continue
			}
			first, second, err := g.hops(ctx, target, site)
			if err != nil {
				return nil, err
			}
			if first != nil {
				out = append(out, detour{first, second})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b detour) int {
		return cmp.Or(rooms[b.first.to]-rooms[a.first.to], cmp.Compare(g.used[a.first.to], g.used[b.first.to]), cmp.Compare(a.time(), b.time()))
	})
	return out, nil
}

// visit makes what is left of the goals with at most so many stages, or nothing.
func (x *stageSearch) visit(stages int) (found bool) {
	x.steps -= 1 + len(x.goals)
	key, open := x.state(stages)
	if len(open) == 0 {
		return true
	}
	if x.steps <= 0 || x.seen[key] {
		return false
	}
	x.seen[key] = true
	if stages == 0 {
		made := x.settle()
		defer func() {
			if !found {
				for _, g := range slices.Backward(made) {
					x.revert(g)
				}
			}
		}()
		_, open = x.state(0)
		if len(open) == 0 {
			return true
		}
	}
	for _, c := range x.candidates(open) {
		x.apply(c.goal)
		if x.visit(stages) {
			return true
		}
		x.revert(c.goal)
	}
	slices.SortStableFunc(open, func(a, b int32) int { // the least to copy twice
		return cmp.Compare(x.serial.goals[a].estimate.Bytes, x.serial.goals[b].estimate.Bytes)
	})
	for _, g := range open {
		if stages > 0 && x.detour(g, stages) {
			return true
		}
	}
	return false
}

// detour tries all stages of one goal.
func (x *stageSearch) detour(goal int32, stages int) bool {
	if _, early := x.early(goal); early || x.staged[goal] {
		return false
	}
	for _, d := range x.spares[goal] {
		if x.steps <= 0 || !x.feasible(d.first) {
			continue
		}
		direct := x.serial.goals[goal]
		x.stage(goal, d)
		x.staged[goal] = true
		if x.visit(stages - 1) {
			return true
		}
		x.staged[goal] = false
		x.unstage(goal, d, direct)
	}
	return false
}

// settle makes all goals that harm nobody, once there are no stages left that they could be in the way of.
func (x *stageSearch) settle() []int32 {
	b := &backtracker{serial: x.serial, core: x.goals, steps: x.steps}
	made := b.settle()
	x.steps = b.steps
	return made
}

// state returns a key for where everybody is, and the goals not made yet.
func (x *stageSearch) state(stages int) (string, []int32) {
	key := make([]byte, 0, 4*len(x.goals)+1)
	var open []int32
	for _, g := range x.goals {
		at := int32(-1)
		if !x.done[g] {
			at = x.serial.goals[g].from
			open = append(open, g)
		}
		key = binary.LittleEndian.AppendUint32(key, uint32(at))
	}
	return string(append(key, byte(stages))), open
}

// stage makes the first hop of a detour and leaves the second to be made.
func (s *serial) stage(goal int32, d detour) {
	for _, u := range s.goals[goal].takes {
		s.pending[u.stock] -= u.amount
	}
	s.carryOut(d.first)
	s.goals[goal] = d.second
	s.expect(goal, d.second)
}

// unstage takes a stage back that was made last.
func (s *serial) unstage(goal int32, d detour, direct *hop) {
	for _, u := range d.second.takes {
		s.pending[u.stock] -= u.amount
		s.inbound[u.stock] = s.inbound[u.stock][:len(s.inbound[u.stock])-1]
	}
	s.goals[goal] = direct
	s.takeBack(d.first)
	for _, u := range direct.takes {
		s.pending[u.stock] += u.amount
	}
}
