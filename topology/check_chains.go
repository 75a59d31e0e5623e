package topology

import "strings"

// maxChain is how many stakes a chain of ownership may have. It bounds what Control returns, and is many times what
// anybody has found among companies.
const maxChain = 32

// checkChains finds the cycles of ownership that go through a provider that was put: any new cycle does. Where there is
// none, it finds the chains that are too long. Each provider is visited once and named in one cycle at most, so the cost
// is linear in all providers and stakes; it is none where nobody that was put has owners.
func (e *edit) checkChains() {
	w := chainWalk{edit: e, index: map[ProviderID]int{}, state: map[ProviderID]uint8{}, height: map[ProviderID]int{}}
	put, owned := e.changes.Put.Providers, false
	for i := range put {
		owned = owned || len(put[i].Owners) > 0
		if _, twice := w.index[put[i].ID]; !twice {
			w.index[put[i].ID] = i
		}
	}
	if !owned {
		return
	}
	for i := range put {
		w.from(put[i].ID)
	}
	if w.cycles {
		return // which no chain through them ends
	}
	for p := range e.next.providers.all() { // whose owners may be those put
		w.from(p.ID)
	}
}

// chainWalk is a depth-first search from owned to owner.
type chainWalk struct {
	*edit
	index  map[ProviderID]int // in the list of those put
	state  map[ProviderID]uint8
	height map[ProviderID]int // stakes in the longest chain above; of those that are done
	path   []visit
	cycles bool
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

func (w *chainWalk) from(id ProviderID) {
	w.enter(id)
	for len(w.path) > 0 {
		w.step()
	}
}

func (w *chainWalk) enter(id ProviderID) {
	if p, ok := w.next.providers.get(id); ok && w.state[id] == 0 {
		w.state[id] = onPath
		w.path = append(w.path, visit{p: p})
	}
}

func (w *chainWalk) step() {
	top := &w.path[len(w.path)-1]
	if top.next == len(top.p.Owners) {
		w.leave(top.p)
		w.path = w.path[:len(w.path)-1]
		return
	}
	owner := top.p.Owners[top.next].Owner
	top.next++
	if w.state[owner] != onPath {
		w.enter(owner)
		return
	}
	from := len(w.path) - 1 // backwards, for what is looked at is never looked at again
	for w.path[from].p.ID != owner {
		from--
	}
	w.report(w.path[from:])
	w.path = w.path[:from]
}

// leave measures the chains above a provider whose owners are done. Of a chain that is too long, only the provider with
// which it becomes so is told.
func (w *chainWalk) leave(p *Provider) {
	w.state[p.ID] = done
	height := 0
	for _, stake := range p.Owners {
		if w.next.providers.has(stake.Owner) {
			height = max(height, w.height[stake.Owner]+1)
		}
	}
	w.height[p.ID] = height
	if height != maxChain+1 || w.cycles {
		return
	}
	const text = "the chain of owners that starts at %s is longer than %d"
	if i, ok := w.index[p.ID]; ok {
		w.at("providers", i).defect("owners", text, p.ID, maxChain)
	} else {
		w.add("providers", text, p.ID, maxChain)
	}
}

// report names a cycle, beginning with the provider that was put first.
func (w *chainWalk) report(cycle []visit) {
	w.cycles = true
	start, at := 0, len(w.index)
	for i, v := range cycle {
		w.state[v.p.ID] = done
		if j, ok := w.index[v.p.ID]; ok && j < at {
			start, at = i, j
		}
	}
	var names []string
	for i := range min(len(cycle), maxChain) + 1 {
		names = append(names, string(cycle[(start+i)%len(cycle)].p.ID))
	}
	if len(cycle) > maxChain {
		names = append(names, "and so on")
	}
	w.at("providers", at).defect("owners", "ownership goes round: %s", strings.Join(names, ", owned by "))
}
