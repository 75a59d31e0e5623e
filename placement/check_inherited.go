package placement

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// Interim returns an assignment, such as that of a [Result], together with the workloads that it leaves out and that can run
// on where Current has them for the time being: nothing that Current keeps is broken by that, and nothing that it breaks
// is made worse. [Check] finds only inherited violations in it, if none in the assignment.
//
// An assignment that satisfies everything can have to leave out what runs now: a site shrank, a policy changed, and there
// is no other place or the budget of moves is spent. With what Interim returns as the next Current, the situation is mended
// step by step instead. Whether a workload that a policy refuses may run on meanwhile is not for this package to say: it
// does here, and Check names it. On a site that is down nothing runs on. Where not all can stay, those of lower priority go
// first; another choice might keep more. O(what Check costs) for each of a few dozen rounds at most.
func Interim(ctx context.Context, ans Answer) (Assignment, error) {
	c, err := newChecker(ctx, ans.Problem, ans.Assignment)
	if err != nil {
		return nil, err
	}
	now, err := c.breachesNow()
	if err != nil {
		return nil, err
	}
	out := maps.Clone(ans.Assignment)
	if out == nil {
		out = make(Assignment)
	}
	stays := make(map[*checkItem]bool)
	for _, it := range c.items {
		if it.site == nil && it.current != nil && it.current.State != topology.Down {
			c.put(it, it.current)
			stays[it] = true
		}
	}
	for round := 0; len(stays) > 0; round++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found, err := c.together()
		if err != nil {
			return nil, err
		}
		if !c.giveWay(found, now, stays, 1<<min(30, round/8)) {
			break
		}
	}
	for it := range stays {
		out[it.w.ID] = it.site.ID
	}
	return out, nil
}

// giveWay takes out some of those that stay for each breach that is worse than now: so many, of the lowest priority first.
func (c *checker) giveWay(found []checkBreach, now map[string]checkBreach, stays map[*checkItem]bool, many int) bool {
	gone := false
	for k := range found {
		if found[k].inherits(now) {
			continue
		}
		var part []*checkItem
		for _, id := range found[k].Workloads {
			if it := c.byID[id]; stays[it] {
				part = append(part, it)
			}
		}
		slices.SortFunc(part, func(a, b *checkItem) int {
			return cmp.Or(cmp.Compare(a.w.Priority, b.w.Priority), cmp.Compare(b.w.ID, a.w.ID))
		})
		for _, it := range part[:min(many, len(part))] {
			c.put(it, nil)
			delete(stays, it)
			gone = true
		}
	}
	return gone
}

// inherit marks what Current breaks, too.
func (c *checker) inherit(found []checkBreach) error {
	if len(found) == 0 || len(c.p.Current) == 0 {
		return nil
	}
	now, err := c.breachesNow()
	if err != nil {
		return err
	}
	for k := range found {
		b := &found[k]
		if before, ok := now[b.key]; ok {
			b.Before, b.Inherited = before.Have, b.inherits(now)
		}
	}
	return nil
}

// inherits says whether a breach is one of those of Current, and no worse.
func (b *checkBreach) inherits(now map[string]checkBreach) bool {
	before, ok := now[b.key]
	return ok && b.excess <= before.excess && (b.place == "" || b.place == before.place)
}

// breachesNow returns by key how Current breaks what looks at more than one workload. It leaves the assignment as it is.
func (c *checker) breachesNow() (map[string]checkBreach, error) {
	was, brief := make([]*topology.Site, len(c.items)), c.brief
	c.brief = true
	for i, it := range c.items {
		was[i] = it.site
		c.put(it, it.current)
	}
	found, err := c.together()
	c.brief = brief
	for i, it := range c.items {
		c.put(it, was[i])
	}
	now := make(map[string]checkBreach, len(found))
	for _, b := range found {
		now[b.key] = b
	}
	return now, err
}

// flowBreach is about a flow that has no permitted way between its ends, or too long a one.
func flowBreach(v *Violation, flow int, from, to *checkItem) checkBreach {
	b := checkBreach{Violation: *v, key: fmt.Sprintf("flow %d %s", flow, to.w.ID), excess: v.Have - v.Want}
	sites := string(to.site.ID)
	if from != nil {
		b.key += " " + string(from.w.ID)
		sites += " " + string(from.site.ID)
	}
	if v.Have < 0 {
		b.excess, b.place = math.MaxInt64, sites
	}
	return b
}
