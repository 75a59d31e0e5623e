package latency

import (
	"errors"
	"fmt"

	"github.com/domicile-eu/domicile/topology"
)

// ErrDense is wrapped by the refusal to label a graph whose labels would take too much room.
var ErrDense = errors.New("graph too dense for labels")

// Labels answer how far any two nodes are apart, without a row of either: for who asks about pairs with ever other
// origins. They are immutable and safe for concurrent use, and those of one [Graph] and one [Transit] only: a new version
// of the continuum needs new ones.
//
// A node's label lists some nodes of the core, its hubs, with the distance to each, so that the best way between two nodes
// leads over a hub that stands in both labels (pruned landmark labelling: Akiba, Iwata and Yoshida, SIGMOD 2013). Nodes
// that hang on the rest by one link have no label; they are a stem and the label of where it ends.
type Labels struct {
	g     *Graph
	open  bool // for unrestricted traffic: observations count
	nodes []labelNode

	first []uint32 // where the label of each node of the core begins, in order of rank; one more for the end
	hubs  []hub
	// blocked are nodes that pass no traffic on, by index; nil where all do. They are nobody's hub.
	blocked []bool
	// direct is the least link between two nodes of the core that are both blocked, which no hub stands for, by rank.
	direct map[[2]int32]uint32
}

// hub is an entry of a label: the rank of a node of the core and the mean round trip to it.
type hub struct{ rank, mean uint32 }

// leastLabelBytes is what labels may take however small the graph is; see [Graph.Labels].
const leastLabelBytes = 1 << 20

// labelBytesPerNode is what labels may take by default. A hierarchy of 100,000 nodes takes 100; graphs without one take many
// times that, and are better asked by row.
const labelBytesPerNode = 512

// Labels builds the labels of the graph as traffic under t sees it. It refuses with an error that wraps [ErrDense] where
// they would take more than maxBytes; 0: 512 bytes a node, at least 1 MiB.
//
// How large labels get depends on the network. Where traffic between regions passes a few nodes, as in a continuum with its
// exchanges, there are a few dozen hubs to a label; on random graphs (expanders) there are hundreds. It costs
// O(labels x (links a node + hubs a label)), and a refusal no more than that for the labels that fit into maxBytes.
func (g *Graph) Labels(t Transit, maxBytes int64) (*Labels, error) {
	if maxBytes < 0 {
		return nil, fmt.Errorf("%w: maxBytes is negative: %d", ErrInvalid, maxBytes)
	}
	if maxBytes == 0 {
		maxBytes = max(leastLabelBytes, labelBytesPerNode*int64(len(g.ids)))
	}
	m := g.newLabelMap(t)
	l := &Labels{g: g, open: !t.restricted, nodes: m.nodes, blocked: m.blocked, direct: m.direct}
	labels, err := m.build((maxBytes - l.Bytes()) / hubBytes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w in %d bytes", ErrDense, err, maxBytes)
	}
	l.pack(labels)
	return l, nil
}

const (
	hubBytes       = 8
	labelNodeBytes = 32
	directBytes    = 32 // a map's entry, about
)

// Bytes returns how much memory the labels take, about.
func (l *Labels) Bytes() int64 {
	return int64(len(l.hubs))*hubBytes + int64(len(l.first))*4 + int64(len(l.nodes))*labelNodeBytes +
		int64(len(l.blocked)) + int64(len(l.direct))*directBytes
}

// pack lays the labels one after the other.
func (l *Labels) pack(labels [][]hub) {
	total := 0
	for _, of := range labels {
		total += len(of)
	}
	l.first, l.hubs = make([]uint32, 0, len(labels)+1), make([]hub, 0, total)
	for rank, of := range labels {
		l.first = append(l.first, uint32(len(l.hubs)))
		l.hubs = append(l.hubs, of...)
		labels[rank] = nil
	}
	l.first = append(l.first, uint32(len(l.hubs)))
}

// Mean returns the mean round trip between two nodes, exactly that of [Row.Leg]; math.MaxInt64, which meets no bound, and false
// where it is unknown. O(hubs a label), without allocation; within a tree that hangs on the rest by one link O(log nodes).
func (l *Labels) Mean(from, to topology.NodeID) (topology.Micros, bool) {
	a, okA := l.g.index[from]
	b, okB := l.g.index[to]
	if !okA || !okB {
		return unknown, false
	}
	if l.open && len(l.g.observed) > 0 {
		if o := l.g.observation(a, b); o != nil {
			return o.mean, true
		}
	}
	mean := l.mean(a, b)
	if mean >= unreached {
		return unknown, false
	}
	return topology.Micros(mean), true
}

// mean returns the mean round trip between two nodes by index, unreached or more where there is no way.
func (l *Labels) mean(a, b int32) uint64 {
	if a == b {
		return 0
	}
	s, t := &l.nodes[a], &l.nodes[b]
	if s.root == t.root {
		return l.withinTree(a, b)
	}
	if s.barred > 0 || t.barred > 0 {
		return unreached
	}
	return s.stem + t.stem + l.betweenCore(s.root, t.root)
}

// betweenCore joins the labels of two nodes of the core.
func (l *Labels) betweenCore(a, b int32) uint64 {
	x, y := l.hubs[l.first[a]:l.first[a+1]], l.hubs[l.first[b]:l.first[b+1]]
	best := uint64(unreached)
	i, j := 0, 0
	for i < len(x) && j < len(y) {
		switch p, q := x[i], y[j]; {
		case p.rank < q.rank:
			i++
		case p.rank > q.rank:
			j++
		default:
			best = min(best, uint64(p.mean)+uint64(q.mean))
			i++
			j++
		}
	}
	if len(l.direct) > 0 {
		if w, ok := l.direct[[2]int32{min(a, b), max(a, b)}]; ok {
			best = min(best, uint64(w))
		}
	}
	return best
}
