package placement

import (
	"fmt"
	"math"
)

// walk replays the tree that starts at a node, given the prices above it, and returns the node after it.
func (t *checkBranches) walk(k int, above []int64) (next int, err error) {
	if k >= len(t.cert.Tree) {
		return k, fmt.Errorf("the search tree breaks off after %d nodes", k)
	}
	if err := t.c.ctx.Err(); err != nil {
		return k, err
	}
	node := &t.cert.Tree[k]
	prices, err := t.prices(node, above)
	if err != nil {
		return k, fmt.Errorf("node %d: %w", k, err)
	}
	bound := t.bound(prices)
	leaf := node.Workload == "" && node.Site == ""
	switch {
	case bound >= t.claim:
		return t.skip(k)
	case leaf:
		return k, fmt.Errorf("node %d proves %d of %d / 2^%d", k, bound, t.claim, workloadBits)
	}
	i, known := t.number[node.Workload]
	s, there := t.siteAt[node.Site]
	if !known || !there || t.at[i] >= 0 {
		return k, fmt.Errorf("node %d branches on %q at %q", k, node.Workload, node.Site)
	}
	ruled := t.tooDear(prices, bound)
	next, err = t.placed(k+1, i, s, prices)
	if err == nil {
		// Where it is barred already, nothing changes.
		if !t.barred[s][i] {
			t.barred[s][i] = true
			ruled = append(ruled, [2]int{s, i})
		}
		next, err = t.walk(next, prices)
	}
	t.allow(ruled)
	return next, err
}

// skip returns the node after the tree that starts at a node.
func (t *checkBranches) skip(k int) (int, error) {
	for open := 1; open > 0; k++ {
		if k >= len(t.cert.Tree) {
			return k, fmt.Errorf("the search tree breaks off after %d nodes", k)
		}
		if node := &t.cert.Tree[k]; node.Workload == "" && node.Site == "" {
			open--
		} else {
			open++
		}
	}
	return k, nil
}

// placed replays the tree in which workload i is on site s.
func (t *checkBranches) placed(k, i, s int, prices []int64) (int, error) {
	if t.barred[s][i] || !fitsAlone(t.items[i].w.Demand, t.room[s]) {
		return t.skip(k) // nothing that costs less than the claim is like that
	}
	t.put(i, s, 1)
	var ruled [][2]int
	for j, it := range t.items {
		if t.at[j] < 0 && !t.barred[s][j] && !fitsAlone(it.w.Demand, t.room[s]) {
			t.barred[s][j] = true
			ruled = append(ruled, [2]int{s, j})
		}
	}
	next, err := t.walk(k, prices)
	t.allow(ruled)
	t.put(i, s, -1)
	return next, err
}

func (t *checkBranches) put(i, s int, sign int64) {
	t.at[i] = -1
	if sign > 0 {
		t.at[i] = s
	}
	t.fixed += sign * t.cost[s][i]
	for dim, x := range t.items[i].w.Demand {
		t.room[s][dim] -= sign * x
	}
}

// tooDear rules out what would by itself lift the bound of a node to the claim.
func (t *checkBranches) tooDear(prices []int64, bound int64) (ruled [][2]int) {
	for s, costs := range t.cost {
		for i, cost := range costs {
			if t.at[i] < 0 && !t.barred[s][i] && cost-prices[i] >= t.claim-bound {
				t.barred[s][i] = true
				ruled = append(ruled, [2]int{s, i})
			}
		}
	}
	return ruled
}

func (t *checkBranches) allow(ruled [][2]int) {
	for _, pair := range ruled {
		t.barred[pair[0]][pair[1]] = false
	}
}

// prices returns the prices at a node.
func (t *checkBranches) prices(node *Branch, above []int64) ([]int64, error) {
	if len(node.Prices) == 0 {
		return above, nil
	}
	prices := append([]int64(nil), above...)
	for _, u := range node.Prices {
		i, ok := t.number[u.Workload]
		if !ok || u.Price > t.most || u.Price < -t.most {
			return nil, fmt.Errorf("a price of %d for %q", u.Price, u.Workload)
		}
		prices[i] = u.Price
	}
	return prices, nil
}

// bound returns what prices prove where the tree is now.
func (t *checkBranches) bound(prices []int64) int64 {
	sum := t.constant + t.fixed
	for i, u := range prices {
		if t.at[i] < 0 {
			sum += min(u, t.out[i])
		}
	}
	for s := range t.sites {
		if sum -= t.pays(s, prices); sum < -math.MaxInt64/2 {
			return math.MinInt64 / 2 // the next could leave 64 bits, and so low a bound proves nothing
		}
	}
	return sum
}

// pays returns the most that a site can be filled for.
func (t *checkBranches) pays(s int, prices []int64) int64 {
	dim, sum := t.dim[s], int64(0)
	var best []int64 // by units in use at most
	for i, u := range prices {
		profit := u - t.cost[s][i]
		if t.at[i] >= 0 || t.barred[s][i] || profit <= 0 {
			continue
		}
		if dim == "" {
			sum += profit
			continue
		}
		if best == nil {
			best = make([]int64, t.room[s][dim]/t.unit[s]+1)
		}
		units := int(min(t.items[i].w.Demand[dim]/t.unit[s], mostUnits+1))
		for r := len(best) - 1; r >= units; r-- {
			best[r] = max(best[r], best[r-units]+profit)
		}
	}
	if best != nil {
		sum += best[len(best)-1]
	}
	return sum
}
