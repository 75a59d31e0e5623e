package opennebula

import (
	"cmp"
	"slices"
)

// state is who is where while waves are made.
type state struct {
	c           *worldCase
	on          map[int]int
	cpu, memory map[int]int64 // in use by host, counted as oned counts
	apart       map[int][]int // by VM: those it must not meet
	joined      [][]int       // sets of VMs that belong together
}

func (c *worldCase) state() *state {
	s := &state{c: c, on: make(map[int]int), cpu: make(map[int]int64), memory: make(map[int]int64), apart: make(map[int][]int)}
	for i := range c.doc.Hosts {
		h := &c.doc.Hosts[i]
		s.cpu[h.ID], s.memory[h.ID] = h.UsedCPU, h.UsedMem
	}
	for i := range c.doc.VMs {
		if v := &c.doc.VMs[i]; v.onHost() {
			s.on[v.ID] = v.Running.Host
		}
	}
	for _, a := range c.doc.antiAffined() {
		a.pairs(func(v, w int) { s.apart[v], s.apart[w] = append(s.apart[v], w), append(s.apart[w], v) })
	}
	s.joined = c.doc.affined()
	return s
}

// step is a VM on its way to a host.
type step struct {
	*subject
	to int
}

// wave returns the steps that can be taken now, whatever of them comes true and when: hosts hold them beside all that is there,
// what leaves included, and no VM meets one that it must not meet, which may not have left or may not have come.
func (s *state) wave(steps []step) (now, later []step) {
	cpu, memory, coming := make(map[int]int64), make(map[int]int64), make(map[int]int)
	for _, st := range steps {
		h := s.c.doc.host(st.to)
		meets := slices.ContainsFunc(s.apart[st.ID], func(other int) bool {
			if at, ok := s.on[other]; ok && at == st.to {
				return true
			}
			at, ok := coming[other]
			return ok && at == st.to
		})
		if meets || s.scatters(coming, st) || s.cpu[st.to]+cpu[st.to]+st.CPU > h.MaxCPU || s.memory[st.to]+memory[st.to]+st.Memory > h.MaxMemory {
			later = append(later, st)
			continue
		}
		cpu[st.to] += st.CPU
		memory[st.to] += st.Memory
		coming[st.ID] = st.to
		now = append(now, st)
	}
	return now, later
}

// scatters says whether a step could bring a set that belongs together onto more hosts than it is on, as long as some of its
// moves are through and others are not. All of a set go to one host, and that is one more as soon as somebody gets there who
// is new or leaves others behind.
func (s *state) scatters(coming map[int]int, st step) bool {
	for _, set := range s.joined {
		if !slices.Contains(set, st.ID) {
			continue
		}
		now := make(map[int]int) // how many of the set are there
		for _, vm := range set {
			if at, ok := s.on[vm]; ok {
				now[at]++
			}
		}
		more := false
		for _, vm := range set {
			to, comes := coming[vm]
			if vm == st.ID {
				to, comes = st.to, true
			}
			if comes && to != st.to {
				return true
			}
			at, there := s.on[vm]
			more = more || comes && (!there || now[at] > 1)
		}
		if more && now[st.to] == 0 && len(now) > 0 {
			return true
		}
	}
	return false
}

// apply takes the steps.
func (s *state) apply(steps []step) {
	for _, st := range steps {
		if from, ok := s.on[st.ID]; ok {
			s.cpu[from] -= st.CPU
			s.memory[from] -= st.Memory
		}
		s.on[st.ID] = st.to
		s.cpu[st.to] += st.CPU
		s.memory[st.to] += st.Memory
	}
}

// aside returns a step that takes one of those that wait for each other in a circle to a third host, or nothing.
func (s *state) aside(steps []step) []step {
	for _, st := range steps {
		if !st.onHost() {
			continue
		}
		for k, ok := range s.c.allow[st.ID] {
			h := &s.c.doc.Hosts[k]
			if !ok || h.ID == st.to || h.ID == s.on[st.ID] {
				continue
			}
			if d := s.c.doc.datastore(st.Running.Datastore); d == nil || !d.Shared && h.local(d.ID) < st.stored() {
				continue
			}
			if now, _ := s.wave([]step{{st.subject, h.ID}}); len(now) > 0 {
				return now
			}
		}
	}
	return nil
}

// maxWaves ends the count of waves that lead nowhere.
const maxWaves = 100

// waves returns the first wave, and how many it takes to the target.
func (c *worldCase) waves(targets map[int]Target) (first []step, count int) {
	s := c.state()
	var rest []step
	for i := range c.vms {
		v := &c.vms[i]
		if t, ok := targets[v.ID]; ok {
			rest = append(rest, step{v, t.Host})
		}
	}
	// What makes room goes before what needs it, what must leave before what may.
	order := map[role]int{spare: 0, leave: 1, movable: 2, deploy: 3}
	slices.SortStableFunc(rest, func(a, b step) int {
		return cmp.Or(cmp.Compare(order[a.role], order[b.role]), cmp.Compare(b.priority(), a.priority()))
	})
	for len(rest) > 0 {
		now, later := s.wave(rest)
		if len(now) == 0 {
			if now = s.aside(rest); len(now) == 0 || count >= maxWaves {
				return first, 0
			}
		}
		if count == 0 {
			first = now
		}
		count++
		s.apply(now)
		rest = later
		if count >= maxWaves && len(rest) > 0 {
			return first, 0
		}
	}
	return first, count
}

// interleaved orders steps in turn over the hosts that they go to: oned looks at them in order and stops at the first whose
// host is busy.
func interleaved(steps []step) []step {
	turn, rank := make(map[int]int), make(map[int]int, len(steps))
	for _, st := range steps {
		rank[st.ID] = turn[st.to]
		turn[st.to]++
	}
	out := slices.Clone(steps)
	slices.SortStableFunc(out, func(a, b step) int { return cmp.Compare(rank[a.ID], rank[b.ID]) })
	return out
}
