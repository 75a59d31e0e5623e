package placement

import "math/bits"

// checkWalk finds the least that a tree contributes to one dual function.
type checkWalk struct {
	*checkReach
	*checkSending
	tree     *checkTree
	own      [][]*checkDemand // by node, then fate
	dual     int
	branches []checkBranch
}

// checkBranch is a node with all that hangs on it.
type checkBranch struct {
	spots []checkSpot
	out   checkWide // left out
	// The least on a site, on any site of a provider and on any site at all; the latter two with what the flows to the parent
	// cost from there.
	on       map[int32]checkWide
	provider map[int32]checkWide
	any      checkWide
}

// checkSpot is a site that may be the best for a node.
type checkSpot struct {
	at   int32
	cost checkWide
}

// least works from the leaves to the root.
func (w *checkWalk) least() (checkWide, error) {
	for k := len(w.tree.nodes) - 1; k >= 0; k-- {
		if err := w.gather(k); err != nil {
			return checkWide{}, err
		}
		for _, child := range w.tree.nodes[k].children {
			if err := w.hang(&w.branches[k], child); err != nil {
				return checkWide{}, err
			}
		}
		if err := w.fold(k); err != nil {
			return checkWide{}, err
		}
	}
	least := w.branches[0].alone()
	apart, differ, err := w.apart()
	if differ && least.less(apart) {
		least = apart
	}
	return least, err
}

// gather lists the sites of a node: only those that cost no more than one of them and everything that its flows could cost
// there instead.
func (w *checkWalk) gather(k int) error {
	n, b := w.tree.nodes[k], &w.branches[k]
	spare, err := w.dearest(k)
	if err != nil {
		return err
	}
	count := int64(len(n.items))
	for j, f := range n.fates {
		out, err := w.outOf(w.own[k][j], f, count)
		if err != nil {
			return err
		}
		if j == 0 || out.less(b.out) {
			b.out = out
		}
	}
	limit := b.out
	for j, f := range n.fates {
		d := w.own[k][j]
		line := &d.lines[w.dual]
		for at := range f.able.all {
			x, err := d.rest(f, line, at)
			if err != nil {
				return err
			}
			x, ok := x.plus(line.base[at]).times(count)
			if !ok {
				return errTooWide
			}
			if limit.less(x) {
				continue
			}
			b.spots = append(b.spots, checkSpot{at, x})
			if x = x.plus(spare); x.less(limit) {
				limit = x
			}
		}
	}
	kept := b.spots[:0]
	for _, s := range b.spots {
		if !limit.less(s.cost) {
			kept = append(kept, s)
		}
	}
	b.spots = kept
	return nil
}

// outOf returns what leaving out n workloads counts.
func (w *checkWalk) outOf(d *checkDemand, f *checkFate, n int64) (checkWide, error) {
	clear(d.value)
	if err := d.addUnplaced(d.value, f.checkItem); err != nil {
		return checkWide{}, err
	}
	x, ok := d.lines[w.dual].weigh(d.value)
	if ok {
		x, ok = x.times(n)
	}
	if !ok {
		return x, errTooWide
	}
	return x, nil
}

// dearest is at least what all flows of a node can cost.
func (w *checkWalk) dearest(k int) (sum checkWide, err error) {
	n := w.tree.nodes[k]
	lists := [][]checkStream{n.up, n.down}
	for _, child := range n.children {
		lists = append(lists, w.tree.nodes[child].up, w.tree.nodes[child].down)
	}
	for _, list := range lists {
		x, err := w.carry(list, w.highest)
		if err != nil {
			return sum, err
		}
		sum = sum.plus(x)
	}
	return sum, nil
}

// carry returns what flows count at an egress price.
func (w *checkWalk) carry(list []checkStream, egress int64) (sum checkWide, err error) {
	if egress == 0 {
		return sum, nil
	}
	factors := w.own[0][0].lines[w.dual].factors
	for _, s := range list {
		for i, term := range w.objective {
			if term.Kind != Traffic || factors[i].times == 0 {
				continue
			}
			amount, ok := ceilProduct(1_000_000_000, s.share, egress, 450, term.Weight)
			if !ok {
				return sum, errTooWide
			}
			x, ok := wideProduct(factors[i].times, amount, factors[i].shift)
			if ok {
				x, ok = x.times(s.pairs)
			}
			if !ok {
				return sum, errTooWide
			}
			sum = sum.plus(x)
		}
	}
	return sum, nil
}

// fold finds the least of a branch for each place of the parent.
func (w *checkWalk) fold(k int) error {
	n, b := w.tree.nodes[k], &w.branches[k]
	if n.parent < 0 {
		return nil
	}
	b.on, b.provider = make(map[int32]checkWide), make(map[int32]checkWide)
	lower := func(m map[int32]checkWide, key int32, x checkWide) {
		if old, ok := m[key]; !ok || x.less(old) {
			m[key] = x
		}
	}
	for j, s := range b.spots {
		near, err := w.carry(n.up, w.leaving[s.at])
		if err != nil {
			return err
		}
		far, err := w.carry(n.up, w.away[s.at])
		if err != nil {
			return err
		}
		lower(b.on, s.at, s.cost)
		lower(b.provider, w.provider[s.at], s.cost.plus(near))
		if x := s.cost.plus(far); j == 0 || x.less(b.any) {
			b.any = x
		}
	}
	return nil
}

// hang adds a finished branch to its parent.
func (w *checkWalk) hang(parent *checkBranch, k int) error {
	n, b := w.tree.nodes[k], &w.branches[k]
	parent.out = parent.out.plus(b.alone())
	for j := range parent.spots {
		s := &parent.spots[j]
		least := b.out
		if x, ok := b.on[s.at]; ok && x.less(least) {
			least = x
		}
		if x, ok := b.provider[w.provider[s.at]]; ok {
			near, err := w.carry(n.down, w.leaving[s.at])
			if err != nil {
				return err
			}
			if x = x.plus(near); x.less(least) {
				least = x
			}
		}
		if len(b.spots) > 0 {
			far, err := w.carry(n.down, w.away[s.at])
			if err != nil {
				return err
			}
			if x := b.any.plus(far); x.less(least) {
				least = x
			}
		}
		s.cost = s.cost.plus(least)
	}
	return nil
}

// alone is the least of a branch where nothing above it counts.
func (b *checkBranch) alone() checkWide {
	least := b.out
	for _, s := range b.spots {
		if s.cost.less(least) {
			least = s.cost
		}
	}
	return least
}

// apart is the least of all workloads of a tree, each for itself, and whether those of a component differ.
func (w *checkWalk) apart() (sum checkWide, differ bool, err error) {
	for _, n := range w.tree.nodes {
		differ = differ || len(n.fates) > 1
	}
	if !differ {
		return sum, false, nil
	}
	for k, n := range w.tree.nodes {
		for j, f := range n.fates {
			d := w.own[k][j]
			x, err := d.least(f, &d.lines[w.dual])
			if err != nil {
				return sum, true, err
			}
			x, ok := x.times(f.count)
			if !ok {
				return sum, true, errTooWide
			}
			sum = sum.plus(x)
		}
	}
	return sum, true, nil
}

// times returns w * n for n >= 0, and false where that has more bits than a summand may have.
func (w checkWide) times(n int64) (checkWide, bool) {
	size := w.hi
	if size < 0 {
		size = ^size
	}
	if 64+bits.Len64(uint64(size))+bits.Len64(uint64(n)) > wideRoom && (size != 0 || bits.Len64(w.lo)+bits.Len64(uint64(n)) > wideRoom) {
		return w, false
	}
	hi, lo := bits.Mul64(w.lo, uint64(n))
	return checkWide{int64(hi) + w.hi*n, lo}, true
}
