package migrate

import (
	"math"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// mesh is the links of a continuum in indices.
type mesh struct {
	nodes   map[topology.NodeID]int32
	country []topology.Jurisdiction
	links   []*topology.Link // in order of ID
	ends    [][2]int32       // A and B of each
	forest  bool             // there is one way at most between any two nodes
}

func newMesh(c *topology.Continuum) *mesh {
	m := &mesh{nodes: make(map[topology.NodeID]int32), forest: true}
	var trees joins
	for l := range c.Links() {
		a, b := m.node(c, l.A), m.node(c, l.B)
		m.links = append(m.links, l)
		m.ends = append(m.ends, [2]int32{a, b})
		trees.grow(len(m.country))
		m.forest = trees.join(a, b) && m.forest
	}
	return m
}

func (m *mesh) node(c *topology.Continuum, id topology.NodeID) int32 {
	n, ok := m.nodes[id]
	if !ok {
		n = int32(len(m.country))
		m.nodes[id] = n
		_, country, _ := c.Place(id)
		m.country = append(m.country, country)
	}
	return n
}

// joins is a forest of sets (union by halved paths).
type joins []int32

func (j *joins) grow(n int) {
	for len(*j) < n {
		*j = append(*j, int32(len(*j)))
	}
}

func (j joins) root(n int32) int32 {
	for j[n] != n {
		j[n] = j[j[n]]
		n = j[n]
	}
	return n
}

// join says whether the two were apart.
func (j joins) join(a, b int32) bool {
	a, b = j.root(a), j.root(b)
	j[max(a, b)] = min(a, b)
	return a != b
}

// tolled is a mesh as data sees it that may take some of its links and pays on some: nodes between which nothing is to be
// paid, and that may be passed, are one.
type tolled struct {
	part []int32 // per node
	open []bool  // per part: it may be passed
	arcs [][]arc // per part
	size int     // of links and parts
}

// arc leads to a part; lane is twice the index of a link, and one more from its B to its A.
type arc struct {
	to, lane int32
	toll     int64
}

// tolled lays out the links that data of a transit may take at a rate, given what each costs in each direction.
func (m *mesh) tolled(t latency.Transit, rate int64, toll func(lane int32) int64) *tolled {
	open := make([]bool, len(m.country))
	for n, country := range m.country {
		open[n] = t.AllowsJurisdiction(country)
	}
	usable := func(l int) bool { return m.links[l].Bandwidth >= rate && t.Allows(m.links[l]) }
	var same joins
	same.grow(len(open))
	for l, e := range m.ends {
		if open[e[0]] && open[e[1]] && usable(l) && toll(int32(2*l)) == 0 && toll(int32(2*l+1)) == 0 {
			same.join(e[0], e[1])
		}
	}
	g := &tolled{part: make([]int32, len(open))}
	for n := range open {
		if root := same.root(int32(n)); root == int32(n) {
			g.part[n] = int32(len(g.open))
			g.open = append(g.open, open[n])
		} else {
			g.part[n] = g.part[root] // joins keep the least as the root
		}
	}
	g.arcs = make([][]arc, len(g.open))
	for l, e := range m.ends {
		a, b := g.part[e[0]], g.part[e[1]]
		if a == b || !usable(l) {
			continue
		}
		g.arcs[a] = append(g.arcs[a], arc{b, int32(2 * l), toll(int32(2 * l))})
		g.arcs[b] = append(g.arcs[b], arc{a, int32(2*l + 1), toll(int32(2*l + 1))})
	}
	g.size = len(m.ends) + len(g.open)
	return g
}

// unpaid is the toll to where no way leads.
const unpaid = math.MaxInt64

// ways are the cheapest ways from one part.
type ways struct {
	from int32
	toll []int64 // per part
	came []arc   // the last arc to each part, with where it comes from in to
}

// ways finds them (Dijkstra).
func (g *tolled) ways(from int32) *ways {
	w := &ways{from: from, toll: make([]int64, len(g.open)), came: make([]arc, len(g.open))}
	for i := range w.toll {
		w.toll[i] = unpaid
	}
	w.toll[from] = 0
	type stop struct {
		toll int64
		at   int32
	}
	queue := heap[stop]{less: func(a, b stop) bool { return a.toll < b.toll || a.toll == b.toll && a.at < b.at }}
	queue.push(stop{0, from})
	for queue.len() > 0 {
		s := queue.pop()
		if s.toll > w.toll[s.at] || !g.open[s.at] && s.at != from {
			continue
		}
		for _, a := range g.arcs[s.at] {
			if toll := s.toll + a.toll; toll < w.toll[a.to] {
				w.toll[a.to] = toll
				w.came[a.to] = arc{s.at, a.lane, a.toll}
				queue.push(stop{toll, a.to})
			}
		}
	}
	return w
}

// each calls f with every lane of the way to a part, last one first.
func (w *ways) each(to int32, f func(lane int32)) {
	for at := to; at != w.from; at = w.came[at].to {
		f(w.came[at].lane)
	}
}
