package migrate

import (
	"cmp"
	binary "container/heap"

	"github.com/domicile-eu/domicile/latency"
)

// replayView is what there is to pay on depends on.
type replayView struct {
	permitted latency.Transit
	rate      int64
}

// replayNet is the links that data of a class may take at a rate, with nodes drawn together that can be passed and between
// which nothing is to be paid either way.
type replayNet struct {
	group []int           // per node
	open  []bool          // per group: can be passed
	exits [][]replayStop  // per group
	found map[int][]int64 // per group that somebody starts from: the least that is to be paid to each; replayNoWay: no way
}

// replayStop is a group and what is to be paid up to there.
type replayStop struct {
	toll int64
	at   int
}

type replayQueue []replayStop

func (q replayQueue) Len() int           { return len(q) }
func (q replayQueue) Less(i, j int) bool { return cmp.Compare(q[i].toll, q[j].toll) < 0 }
func (q replayQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *replayQueue) Push(x any)        { *q = append(*q, x.(replayStop)) }
func (q *replayQueue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}

// net draws a view up, once.
func (p *replayPrices) net(permitted latency.Transit, rate int64) *replayNet {
	view := replayView{permitted, rate}
	if n := p.nets[view]; n != nil {
		return n
	}
	edges := make([][]replayStop, len(p.nodes)) // the toll there
	free := make([][]int, len(p.nodes))
	passed := make([]bool, len(p.nodes))
	for i, id := range p.nodes {
		_, country, _ := p.problem.Continuum.Place(id)
		passed[i] = permitted.AllowsJurisdiction(country)
	}
	for l := range p.problem.Continuum.Links() {
		if l.Bandwidth < rate || !permitted.Allows(l) {
			continue
		}
		a, b := p.at[l.A], p.at[l.B]
		there, back := p.share(l, true, rate), p.share(l, false, rate)
		edges[a] = append(edges[a], replayStop{there, b})
		edges[b] = append(edges[b], replayStop{back, a})
		if there == 0 && back == 0 && passed[a] && passed[b] {
			free[a], free[b] = append(free[a], b), append(free[b], a)
		}
	}
	n := &replayNet{group: make([]int, len(p.nodes)), found: make(map[int][]int64)}
	for i := range n.group {
		n.group[i] = -1
	}
	for i := range p.nodes {
		if n.group[i] >= 0 {
			continue
		}
		id := len(n.open)
		n.open = append(n.open, passed[i])
		n.group[i] = id
		for wave := []int{i}; len(wave) > 0; {
			at := wave[len(wave)-1]
			wave = wave[:len(wave)-1]
			for _, next := range free[at] {
				if n.group[next] < 0 {
					n.group[next] = id
					wave = append(wave, next)
				}
			}
		}
	}
	n.exits = make([][]replayStop, len(n.open))
	for i, list := range edges {
		for _, e := range list {
			if from, to := n.group[i], n.group[e.at]; from != to {
				n.exits[from] = append(n.exits[from], replayStop{e.toll, to})
			}
		}
	}
	p.nets[view] = n
	return n
}

// way returns the least that is to be paid from one node to another.
func (n *replayNet) way(from, to int) int64 {
	from, to = n.group[from], n.group[to]
	found := n.found[from]
	if found == nil {
		found = make([]int64, len(n.open))
		for i := range found {
			found[i] = replayNoWay
		}
		queue := &replayQueue{{0, from}}
		for queue.Len() > 0 {
			next := binary.Pop(queue).(replayStop)
			if found[next.at] != replayNoWay {
				continue
			}
			found[next.at] = next.toll
			if !n.open[next.at] && next.at != from {
				continue
			}
			for _, e := range n.exits[next.at] {
				if found[e.at] == replayNoWay {
					binary.Push(queue, replayStop{next.toll + e.toll, e.at})
				}
			}
		}
		n.found[from] = found
	}
	return found[to]
}
