package problemtest

import (
	"bufio"
	"fmt"
	"io"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// ReadGAP reads a generalised assignment problem in the format of the OR-Library: every job is an item, every agent a
// site, costs are tier 1.
func ReadGAP(r io.Reader) (*problem.Problem, error) {
	in := bufio.NewReader(r)
	var err error
	next := func() (x int64) {
		if err == nil {
			_, err = fmt.Fscan(in, &x)
		}
		return x
	}
	m, n := int(next()), int(next())
	cost, use := make([]int64, m*n), make([]int64, m*n)
	for k := range cost {
		cost[k] = next()
	}
	for k := range use {
		use[k] = next()
	}
	// What a job takes depends on the agent, so each agent is a dimension of its own on a site of its own.
	p := &problem.Problem{Items: n, Sites: m, Dims: m, Tiers: 2, Unary: []int{1}, Capacity: make([]int64, m*m)}
	for s := range m {
		for d := range m {
			p.Capacity[s*m+d] = 1 << 40
		}
		p.Capacity[s*m+s] = next()
	}
	if err != nil {
		return nil, err
	}
	all := make([]int32, m)
	for s := range all {
		all[s] = int32(s)
	}
	index := problem.NewSet(m, all)
	for j := range n {
		c := problem.Class{Sites: all, Complete: true, Index: index, Demand: make([]int64, m), Out: problem.Value{1}}
		for s := range m {
			c.Demand[s] = use[s*n+j]
			c.Cost = append(c.Cost, cost[s*n+j])
		}
		p.Classes = append(p.Classes, c)
		p.Class = append(p.Class, int32(j))
	}
	return p, p.Finish()
}
