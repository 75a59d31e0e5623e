package placement

import (
	"github.com/domicile-eu/domicile/topology"
)

// checkTally is what an assignment adds up to. It is kept up to date while workloads are put here and there.
type checkTally struct {
	use map[topology.SiteID]topology.Resources // by the placed workloads
	// coming is what placed workloads take of the transient dimensions that do not run there now, and home what all
	// workloads take of them where they run now.
	coming, home map[topology.SiteID]topology.Resources
	// moved is the number of placed workloads that run elsewhere now; batches is, by such a number, how many components have
	// just so many of them, and worst the largest of these numbers.
	moved   int
	batches []int
	worst   int
	shares  []*checkShare
}

// checkBatch is one component and how many of its workloads are placed elsewhere than where they run now.
type checkBatch struct{ moved int }

// put moves a workload to a site, or takes it away with nil.
func (c *checker) put(it *checkItem, s *topology.Site) {
	if it.site != nil {
		c.account(it, -1)
	}
	it.site = s
	if s != nil {
		c.account(it, 1)
	}
}

// account adds a placed workload to the tally, or takes it away with a sign of -1.
func (c *checker) account(it *checkItem, sign int64) {
	s := it.site
	use := amountsAt(c.use, s)
	for dim, amount := range it.w.Demand {
		use[dim] += sign * amount
	}
	if it.away(s) {
		c.countMove(it.batch, int(sign))
	}
	if len(c.p.Transient) > 0 && it.comesTo(s) {
		coming := amountsAt(c.coming, s)
		for _, dim := range c.p.Transient {
			coming[dim] += sign * it.w.Demand[dim]
		}
	}
	for _, share := range c.shares {
		if amount := it.w.Demand[share.Dimension]; amount > 0 {
			share.used[share.Over.valueOf(s)] += sign * amount
		}
	}
}

func (c *checker) countMove(b *checkBatch, sign int) {
	c.moved += sign
	c.batches[b.moved]--
	b.moved += sign
	if b.moved == len(c.batches) {
		c.batches = append(c.batches, 0)
	}
	c.batches[b.moved]++
	switch {
	case b.moved > c.worst:
		c.worst = b.moved
	case c.batches[c.worst] == 0: // it was alone there, and is one below now
		c.worst--
	}
}

// away says whether a workload runs somewhere now, and not on the site.
func (it *checkItem) away(s *topology.Site) bool { return it.current != nil && it.current.ID != s.ID }

// comesTo says whether a workload does not run on the site now.
func (it *checkItem) comesTo(s *topology.Site) bool {
	return it.current == nil || it.current.ID != s.ID
}

// amountsAt returns the amounts of a site for writing.
func amountsAt(by map[topology.SiteID]topology.Resources, s *topology.Site) topology.Resources {
	amounts := by[s.ID]
	if amounts == nil {
		amounts = make(topology.Resources)
		by[s.ID] = amounts
	}
	return amounts
}

// addGroupMoves adds what the component with most moves costs.
func (c *checker) addGroupMoves(v checkValues) error {
	for i, term := range c.objective {
		if term.Kind != GroupMoves {
			continue
		}
		amount, ok := ceilProduct(720, int64(c.worst), term.Weight)
		if ok {
			v[i], ok = addExact(v[i], amount)
		}
		if !ok {
			return c.overflow(i, countText(c.worst, "move", "moves"))
		}
	}
	return nil
}
