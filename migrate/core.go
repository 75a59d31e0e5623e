package migrate

import (
	"encoding/binary"
	"slices"
)

// solve makes all goals that can be made without staging and returns the blocked cores, of which it makes nothing: sets of
// goals that wait for each other, or for room that nobody makes. Harmless goals come first, but for those put off, which is
// never wrong; what remains falls into cores that share no stock, and each is ordered greedily, then by backtracking where
// that got stuck.
func (s *serial) solve(putOff map[int32]bool) [][]int32 {
	all := make([]int32, 0, len(s.goals))
	for i := range s.goals {
		if !putOff[int32(i)] {
			all = append(all, int32(i))
		}
	}
	s.run(all, 0)
	var blocked [][]int32
	for _, core := range s.cores(putOff) {
		made := s.run(core, 2)
		if len(made) == len(core) {
			continue
		}
		for _, g := range slices.Backward(made) {
			s.revert(g)
		}
		if !s.backtrack(core) {
			blocked = append(blocked, core)
		}
	}
	return blocked
}

// cores returns the goals not made yet, grouped by the stocks under pressure and the spreads that they share, each group
// and the groups in order of index. Those put off are in none.
func (s *serial) cores(putOff map[int32]bool) [][]int32 {
	parent := make([]int32, len(s.goals))
	for i := range parent {
		parent[i] = int32(i)
	}
	find := func(i int32) int32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	owner := make(map[int32]int32) // stock, or spread group as ^group
	join := func(key, goal int32) {
		if first, ok := owner[key]; ok {
			a, b := find(first), find(goal)
			parent[max(a, b)] = min(a, b)
		} else {
			owner[key] = goal
		}
	}
	for i, h := range s.goals {
		if s.done[i] || putOff[int32(i)] {
			continue
		}
		for _, uses := range [][]use{h.takes, h.gives} {
			for _, u := range uses {
				if !s.relaxed(u.stock) {
					join(u.stock, int32(i))
				}
			}
		}
		for _, g := range s.spreads.touched(h) {
			join(^g, int32(i))
		}
		if s.first != nil {
			for _, g := range s.first[i] {
				if !s.done[g] && !putOff[g] {
					a, b := find(g), find(int32(i))
					parent[max(a, b)] = min(a, b)
				}
			}
		}
	}
	groups := make(map[int32][]int32)
	var roots []int32
	for i := range s.goals {
		if s.done[i] || putOff[int32(i)] {
			continue
		}
		root := find(int32(i))
		if groups[root] == nil {
			roots = append(roots, root)
		}
		groups[root] = append(groups[root], int32(i))
	}
	out := make([][]int32, len(roots))
	for i, root := range roots {
		out[i] = groups[root]
	}
	return out
}

// backtrackSteps bounds the search through one core in goals looked at. It is enough to go through every subset of 16
// goals, and a fraction of a second.
const backtrackSteps = 1 << 20

// backtrack makes all goals of a core in an order found by depth-first search, or none. A state is the set of goals made,
// so one that has been seen is not entered again; it is exact unless the budget ends.
func (s *serial) backtrack(core []int32) bool {
	b := &backtracker{serial: s, core: core, seen: make(map[string]bool), steps: backtrackSteps}
	return b.visit()
}

type backtracker struct {
	*serial
	core  []int32
	seen  map[string]bool
	steps int
}

func (b *backtracker) visit() bool {
	if b.steps <= 0 {
		return false
	}
	made := b.settle()
	undo := func() {
		for _, g := range slices.Backward(made) {
			b.revert(g)
		}
	}
	key, open := b.state()
	if len(open) == 0 {
		return true
	}
	if b.seen[key] {
		undo()
		return false
	}
	b.seen[key] = true
	for _, c := range b.candidates(open) {
		b.apply(c.goal)
		if b.visit() {
			return true
		}
		b.revert(c.goal)
	}
	undo()
	return false
}

// settle makes all goals that harm nobody.
func (b *backtracker) settle() []int32 {
	var made []int32
	for again := true; again; {
		again = false
		for _, g := range b.core {
			b.steps--
			if _, early := b.early(g); !b.done[g] && !early && b.harmless(b.goals[g]) {
				b.apply(g)
				made = append(made, g)
				again = true
			}
		}
	}
	return made
}

// state returns a key for the set of goals made, and the others.
func (b *backtracker) state() (string, []int32) {
	bits := make([]byte, 0, len(b.core)/8+8)
	var word uint64
	var open []int32
	for i, g := range b.core {
		if b.done[g] {
			word |= 1 << (i % 64)
		} else {
			open = append(open, g)
		}
		if i%64 == 63 {
			bits, word = binary.LittleEndian.AppendUint64(bits, word), 0
		}
	}
	return string(binary.LittleEndian.AppendUint64(bits, word)), open
}
