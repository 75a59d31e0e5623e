package placement

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/domicile-eu/domicile/internal/parallel"
)

// checkTree is components of an application that flows join, without the flows that close a cycle of components; parents
// before their children.
type checkTree struct{ nodes []*checkNode }

// checkNode is one component in a tree.
type checkNode struct {
	items    []*checkItem
	parent   int           // in the tree; -1: the root
	up, down []checkStream // to the parent, from the parent
	children []int
	fates    []*checkFate
}

// checkStream is one flow between two components: bit/s of each pair of workloads, and how many pairs.
type checkStream struct{ share, pairs int64 }

// checkJoint is two components and what flows between them.
type checkJoint struct {
	ends [2]*checkNode
	list [2][]checkStream // from the first, from the second
}

// trees finds the trees of all applications, in order of their first flows.
func (c *checker) trees() []*checkTree {
	nodes := make(map[[2]string]*checkNode)
	at := func(items []*checkItem) *checkNode {
		key := [2]string{items[0].w.Application, items[0].w.Component}
		if nodes[key] == nil {
			nodes[key] = &checkNode{items: items, parent: -1}
		}
		return nodes[key]
	}
	head := make(map[*checkNode]*checkNode) // of what is joined so far; missing: itself
	find := func(n *checkNode) *checkNode {
		for head[n] != nil {
			n = head[n]
		}
		return n
	}
	known := make(map[[2]*checkNode]*checkJoint)
	joints := make(map[*checkNode][]*checkJoint)
	var order []*checkNode
	for _, f := range c.flows {
		if len(f.from) == 0 || len(f.to) == 0 || f.share == 0 || f.FromComponent == f.To {
			continue
		}
		from, to := at(f.from), at(f.to)
		j, flip := known[[2]*checkNode{from, to}], 0
		if j == nil {
			j, flip = known[[2]*checkNode{to, from}], 1
		}
		if j == nil {
			if find(from) == find(to) {
				continue
			}
			head[find(from)] = find(to)
			j, flip = &checkJoint{ends: [2]*checkNode{from, to}}, 0
			known[[2]*checkNode{from, to}] = j
			for _, n := range j.ends {
				if joints[n] == nil {
					order = append(order, n)
				}
				joints[n] = append(joints[n], j)
			}
		}
		j.list[flip] = append(j.list[flip], checkStream{f.share, int64(len(f.from)) * int64(len(f.to))})
	}
	var trees []*checkTree
	placed := make(map[*checkNode]bool)
	for _, root := range order {
		if placed[root] {
			continue
		}
		placed[root] = true
		tree := &checkTree{nodes: []*checkNode{root}}
		for k := 0; k < len(tree.nodes); k++ {
			for _, j := range joints[tree.nodes[k]] {
				tree.hang(k, j, placed)
			}
		}
		trees = append(trees, tree)
	}
	return trees
}

// hang adds the other end of a joint below the k-th node, if it does not stand in the tree yet.
func (t *checkTree) hang(k int, j *checkJoint, placed map[*checkNode]bool) {
	other := 0
	if j.ends[0] == t.nodes[k] {
		other = 1
	}
	n := j.ends[other]
	if placed[n] {
		return
	}
	placed[n] = true
	n.parent, n.up, n.down = k, j.list[other], j.list[1-other]
	t.nodes[k].children = append(t.nodes[k].children, len(t.nodes))
	t.nodes = append(t.nodes, n)
}

// addTrees adds what the trees contribute to the dual functions that look at components together.
func (r *checkReach) addTrees(duals []*checkDual, trees []*checkTree) error {
	sending, sums := r.sending(), make([][]big.Int, len(trees))
	err := parallel.Each(len(trees), func(_, k int) error {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		sums[k] = make([]big.Int, len(duals))
		return r.addTree(duals, trees[k], sending, sums[k])
	})
	if errors.Is(err, errTooWide) {
		return fmt.Errorf("%w: a certificate that is joint with numbers %w", ErrUnproven, err)
	}
	if err != nil {
		return err
	}
	for k := range trees {
		for i, d := range duals {
			if d != nil {
				d.sum.Add(d.sum, &sums[k][i])
			}
		}
	}
	return nil
}

// addTree adds the least of a tree to a sum for each dual function.
func (r *checkReach) addTree(duals []*checkDual, tree *checkTree, sending *checkSending, sums []big.Int) error {
	own := make([][]*checkDemand, len(tree.nodes)) // by node and fate
	for k, n := range tree.nodes {
		for _, f := range n.fates {
			d := &checkDemand{checkGrid: r.checkGrid, duals: duals, fates: []*checkFate{f}}
			d.value = d.values()
			if err := d.draw(); err != nil {
				return err
			}
			if err := d.turnTo(f.checkItem); err != nil {
				return err
			}
			own[k] = append(own[k], d)
		}
	}
	for i, dual := range duals {
		if dual == nil {
			continue
		}
		w := &checkWalk{checkReach: r, checkSending: sending, tree: tree, own: own, dual: i, branches: make([]checkBranch, len(tree.nodes))}
		least, err := w.least()
		if err != nil {
			return err
		}
		sums[i].Add(&sums[i], least.big())
	}
	return nil
}
