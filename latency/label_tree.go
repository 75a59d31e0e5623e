package latency

// labelNode says where a node hangs. A node of the core is the root of its own tree, often the only node in it.
type labelNode struct {
	stem   uint64 // mean round trip to the root
	root   int32  // rank of the node of the core where its tree meets it
	parent int32  // by index; itself for a root
	jump   int32  // an ancestor further up
	depth  int32
	barred int32 // how many nodes above it, the root included, pass no traffic on
}

// hang puts a node below its parent. Each node knows one ancestor further up besides its parent, at distances that grow
// so that any ancestor is found in O(log depth) steps (Myers, An applicative random-access stack, 1983).
func hang(nodes []labelNode, node, parent int32, weight uint32, blocked []bool) {
	p := nodes[parent]
	n := labelNode{stem: p.stem + uint64(weight), root: p.root, parent: parent, jump: parent, depth: p.depth + 1, barred: p.barred}
	if blocked != nil && blocked[parent] {
		n.barred++
	}
	if up := nodes[p.jump]; p.depth-up.depth == up.depth-nodes[up.jump].depth {
		n.jump = up.jump
	}
	nodes[node] = n
}

// withinTree returns the mean round trip between two different nodes of one tree, between which there is only one way.
func (l *Labels) withinTree(a, b int32) uint64 {
	at := l.meeting(a, b)
	s, t, meet := &l.nodes[a], &l.nodes[b], &l.nodes[at]
	if l.blocked != nil {
		barred := s.barred + t.barred - 2*meet.barred
		if l.blocked[at] {
			barred-- // counted from both sides, or from one where it is an end itself
		}
		if barred > 0 {
			return unreached
		}
	}
	return s.stem + t.stem - 2*meet.stem
}

// meeting returns the lowest node that is above both nodes or one of them.
func (l *Labels) meeting(a, b int32) int32 {
	n := l.nodes
	if n[a].depth < n[b].depth {
		a, b = b, a
	}
	for n[a].depth > n[b].depth {
		if n[n[a].jump].depth >= n[b].depth {
			a = n[a].jump
		} else {
			a = n[a].parent
		}
	}
	for a != b {
		if n[a].jump != n[b].jump {
			a, b = n[a].jump, n[b].jump
		} else {
			a, b = n[a].parent, n[b].parent
		}
	}
	return a
}
