package topology

import (
	"slices"
	"strings"
)

// checkCycles finds the cycles of ownership that go through a provider that was put: any new cycle does. Each provider
// is visited once and named in one cycle at most, so the cost is linear.
func (e *edit) checkCycles() {
	w := cycleWalk{edit: e, index: map[ProviderID]int{}, state: map[ProviderID]uint8{}}
	put := e.changes.Put.Providers
	for i := range put {
		if _, twice := w.index[put[i].ID]; !twice {
			w.index[put[i].ID] = i
		}
	}
	for i := range put {
		w.enter(put[i].ID)
		for len(w.path) > 0 {
			w.step()
		}
	}
}

// cycleWalk is a depth-first search from owned to owner.
type cycleWalk struct {
	*edit
	index map[ProviderID]int // in the list of those put
	state map[ProviderID]uint8
	path  []visit
}

const (
	onPath uint8 = iota + 1
	done
)

// visit is a provider on the path, and which of its owners comes next.
type visit struct {
	p    *Provider
	next int
}

func (w *cycleWalk) enter(id ProviderID) {
	if p, ok := w.next.providers.get(id); ok && w.state[id] == 0 {
		w.state[id] = onPath
		w.path = append(w.path, visit{p: p})
	}
}

func (w *cycleWalk) step() {
	top := &w.path[len(w.path)-1]
	if top.next == len(top.p.Owners) {
		w.state[top.p.ID] = done
		w.path = w.path[:len(w.path)-1]
		return
	}
	owner := top.p.Owners[top.next].Owner
	top.next++
	if w.state[owner] != onPath {
		w.enter(owner)
		return
	}
	from := slices.IndexFunc(w.path, func(v visit) bool { return v.p.ID == owner })
	w.report(w.path[from:])
	w.path = w.path[:from]
}

// report names a cycle, beginning with the provider that was put first.
func (w *cycleWalk) report(cycle []visit) {
	start, at := 0, len(w.index)
	for i, v := range cycle {
		w.state[v.p.ID] = done
		if j, ok := w.index[v.p.ID]; ok && j < at {
			start, at = i, j
		}
	}
	names := make([]string, 0, len(cycle)+1)
	for i := range len(cycle) + 1 {
		names = append(names, string(cycle[(start+i)%len(cycle)].p.ID))
	}
	w.at("providers", at).defect("owners", "ownership goes round: %s", strings.Join(names, ", owned by "))
}
