package opennebula

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
)

// packs says whether the cluster's ONE_DRS wants as few hosts in use as possible, instead of the least load on any.
func (c *worldCase) packs() bool {
	return c.cfg.Mode == Optimize && len(c.doc.Clusters) == 1 && strings.EqualFold(c.doc.Clusters[0].DRS["POLICY"], "pack")
}

// triesToEmpty is how often a set of hosts is tried to be emptied.
const triesToEmpty = 10

// gather empties hosts, those with the fewest VMs first, so that a host that is on its way to be empty is finished by the next
// call: first one, then twice as many as long as that works, and where it does not half as many. A host that cannot be emptied by
// itself is passed over. It is a heuristic: no bound says how many hosts are needed at least.
func (c *worldCase) gather(ctx context.Context, w *world) (*found, error) {
	full := level{whole, whole, whole}
	best, err := c.try(ctx, w, full)
	if err != nil {
		return nil, err
	}
	ceiling := best.at
	for m := range ceiling {
		ceiling[m] = max(ceiling[m], whole)
	}
	emptied, rest := c.emptiable()
	for step, left := 1, triesToEmpty; len(rest) > 0 && left > 0 && !c.late(ctx); {
		step = min(step, len(rest))
		set := slices.Concat(emptied, rest[:step])
		var f *found
		if c.couldEmpty(set) {
			left--
			if f, err = c.emptying(ctx, w, set, full); err != nil {
				return nil, err
			}
		}
		switch {
		case f != nil && f.unplaced <= best.unplaced && f.stay <= best.stay && c.reached(f, ceiling) && c.reachable(f):
			best, emptied, rest, step = f, set, rest[step:], 2*step
		case step == 1:
			rest = rest[1:]
		default:
			step /= 2
		}
	}
	return best, nil
}

// emptiable returns the hosts, by index, that are empty, and those on which nothing stays, fewest VMs first.
func (c *worldCase) emptiable() (idle, out []int) {
	on, stays := make(map[int]int), make(map[int]bool)
	moves := make(map[int]bool)
	for i := range c.vms {
		s := &c.vms[i]
		k, ok := c.at[c.host(s.ID)]
		switch {
		case !ok:
		case s.role == movable:
			moves[s.ID] = true
			on[k]++
		default:
			stays[k] = true
		}
	}
	for k := range c.doc.Hosts {
		if len(c.doc.Hosts[k].VMs) == 0 && on[k] == 0 && !stays[k] {
			idle = append(idle, k)
		}
		unknown := slices.ContainsFunc(c.doc.Hosts[k].VMs, func(vm int) bool { return !moves[vm] })
		if on[k] > 0 && !stays[k] && !unknown && c.free[k].baseCPU == 0 && c.free[k].base == 0 {
			out = append(out, k)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(on[a], on[b]) })
	return idle, out
}

// couldEmpty says whether the moves suffice to empty hosts, and the room of the others for all that moves.
func (c *worldCase) couldEmpty(set []int) bool {
	var cpu, memory int64
	leaving := 0
	for k := range c.doc.Hosts {
		if !slices.Contains(set, k) {
			cpu, memory = cpu+c.free[k].cpu, memory+c.free[k].memory
		}
	}
	for i := range c.vms {
		s := &c.vms[i]
		if s.role != movable {
			continue
		}
		cpu, memory = cpu-s.CPU, memory-s.Memory
		if slices.Contains(set, c.at[s.Running.Host]) {
			leaving++
		}
	}
	return cpu >= 0 && memory >= 0 && leaving <= c.limit
}

// emptying tries to empty hosts: nobody comes, and who is there should leave.
func (c *worldCase) emptying(ctx context.Context, w *world, set []int, aim level) (*found, error) {
	allow, quit := c.allow, c.quit
	defer func() { c.allow, c.quit = allow, quit }()
	c.allow, c.quit = maps.Clone(allow), maps.Clone(quit)
	for i := range c.vms {
		s := &c.vms[i]
		if s.role != movable {
			continue
		}
		here := c.at[s.Running.Host]
		may := slices.Clone(c.allow[s.ID])
		for _, k := range set {
			if k == here {
				c.quit[s.ID] = true
			} else if k < len(may) {
				may[k] = false
			}
		}
		c.allow[s.ID] = may
	}
	return c.try(ctx, w, aim)
}

// reachable says whether waves lead to where VMs should be.
func (c *worldCase) reachable(f *found) bool {
	targets := make(map[int]Target)
	for i := range c.vms {
		s := &c.vms[i]
		if h, ok := f.on[s.ID]; ok && s.onHost() && h != s.Running.Host {
			targets[s.ID] = Target{Host: h}
		}
	}
	_, waves := c.waves(targets)
	return waves > 0 || len(targets) == 0
}

// pays says whether a target is worth its moves: it mends something, or brings what is wanted by more than what measuring alone
// makes of it.
func (c *worldCase) pays(picked map[int]Target, on, before map[int]int) bool {
	if c.mends(picked) {
		return true
	}
	if c.packs() {
		return c.inUse(on) < c.inUse(before)
	}
	return c.weights.value(c.load(before))-c.weights.value(c.load(on)) >= gain
}

// inUse counts the hosts that somebody who takes part is on.
func (c *worldCase) inUse(on map[int]int) int {
	hosts := make(map[int]bool)
	for _, h := range on {
		hosts[h] = true
	}
	return len(hosts)
}
