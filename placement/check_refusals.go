package placement

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/topology"
)

// refusedDepth is how many refused sites of one component are looked at for a rule that was not shown yet. Each costs a
// question to the policies; the ninth best site rarely meets a rule that the first eight did not.
const refusedDepth = 8

// Refusals returns refused moves that would have paid: a placed workload, and a site that is better in the objective and
// that only hard constraints of the more telling kinds refuse (admission, rules, latency, transit, spread, conflict,
// affinity, capacity, budgets; not a site that could not run it at all). There are at most most of them and at most one of each
// component, the most interesting first: refusals by policies before those by distance, by other workloads and by
// capacity or budgets; a rule that was not shown yet before one that was; then by how much the move would have paid. Points of
// policies count nothing where they deny.
//
// O(components x sites x (flows and constraints of each)); Admission is asked once per component about the sites that
// could run it.
func Refusals(ctx context.Context, ans Answer, most int) ([]WhyNotAnswer, error) {
	c, err := newChecker(ctx, ans.Problem, ans.Assignment)
	if err != nil {
		return nil, err
	}
	if err := c.known(); err != nil {
		return nil, err
	}
	candidates, err := c.refusedMoves()
	if err != nil {
		return nil, err
	}
	return c.tellRefusals(candidates, most)
}

// checkRefused is a refused move that would have paid.
type checkRefused struct {
	it     *checkItem
	site   *topology.Site
	rank   int // of the least telling constraint that refuses it
	deltas []TierDelta
}

// refusedMoves returns all refused moves that would have paid, the most interesting first, for the first placed replica
// of each component and site: others there are in the same place.
func (c *checker) refusedMoves() ([]checkRefused, error) {
	type home struct {
		class *checkClass
		site  topology.SiteID
	}
	c.brief = true
	defer func() { c.brief = false }()
	var found []checkRefused
	asked := make(map[home]bool)
	for _, it := range c.items {
		if it.site == nil || asked[home{it.class, it.site.ID}] {
			continue
		}
		asked[home{it.class, it.site.ID}] = true
		if err := c.ctx.Err(); err != nil {
			return nil, err
		}
		moves, err := c.refusedMovesOf(it)
		if err != nil {
			return nil, err
		}
		found = append(found, moves...)
	}
	slices.SortStableFunc(found, func(a, b checkRefused) int {
		return cmp.Or(
			cmp.Compare(a.rank, b.rank),
			compareDeltas(a.deltas, b.deltas),
			cmp.Compare(a.it.w.ID, b.it.w.ID),
			cmp.Compare(a.site.ID, b.site.ID),
		)
	})
	return found, nil
}

func (c *checker) refusedMovesOf(it *checkItem) ([]checkRefused, error) {
	var able []*topology.Site
	for _, s := range c.sites() {
		if s.ID != it.site.ID && len(c.plainRefusals(it, s)) == 0 {
			able = append(able, s)
		}
	}
	if err := c.admit(it.class, append(able, it.site)); err != nil {
		return nil, err
	}
	here, err := c.marginal(it, it.site)
	if err != nil {
		return nil, err
	}
	var found []checkRefused
	for _, s := range able {
		there, err := c.marginal(it, s)
		if err != nil {
			return nil, err
		}
		deltas, err := c.deltas(here, there)
		if err != nil {
			return nil, err
		}
		if !pays(deltas) {
			continue
		}
		broken, err := c.obstacles(it, s)
		if err != nil {
			return nil, err
		}
		rank := -1
		for _, v := range broken {
			rank = max(rank, tellingRank[v.Kind])
		}
		if rank >= 0 {
			found = append(found, checkRefused{it, s, rank, deltas})
		}
	}
	return found, nil
}

// pays says whether a change is for the better: the first tier that changes gets less.
func pays(deltas []TierDelta) bool {
	for _, d := range deltas {
		if d.Delta != 0 {
			return d.Delta < 0
		}
	}
	return false
}

// tellingRank orders kinds of refusals by how much they say about where data may live.
var tellingRank = map[ConstraintKind]int{
	ByAdmission: 0, ByTransit: 0,
	ByRule: 1, ByLatency: 1, ByPath: 1,
	BySpread: 2, ByConflict: 2, ByAffinity: 2, ByGang: 2,
	ByCapacity: 3, ByBudget: 3,
}

// tellRefusals chooses among refused moves: first, as they come, those that show a rule not shown yet, then any; at most
// one of a component.
func (c *checker) tellRefusals(candidates []checkRefused, most int) ([]WhyNotAnswer, error) {
	type component struct{ application, component string }
	of := func(r checkRefused) component { return component{r.it.w.Application, r.it.w.Component} }
	told := make(map[component]bool)
	looked := make(map[component]int)
	shown := make(map[string]bool)
	answers := []WhyNotAnswer{}
	var rest []WhyNotAnswer
	var restOf []component
	for _, r := range candidates {
		if len(answers) >= most {
			return answers, nil
		}
		if told[of(r)] || looked[of(r)] == refusedDepth {
			continue
		}
		looked[of(r)]++
		answer, err := c.whyNot(r.it, r.site)
		if err != nil {
			return nil, err
		}
		if rules := rulesOf(answer.Violations); slices.ContainsFunc(rules, func(rule string) bool { return !shown[rule] }) {
			for _, rule := range rules {
				shown[rule] = true
			}
			answers, told[of(r)] = append(answers, *answer), true
		} else if looked[of(r)] == 1 {
			rest, restOf = append(rest, *answer), append(restOf, of(r))
		}
	}
	for i, answer := range rest {
		if len(answers) < most && !told[restOf[i]] {
			answers, told[restOf[i]] = append(answers, answer), true
		}
	}
	return answers, nil
}

// rulesOf names what refuses: the codes of the policies' rules, or the kind of the constraint where none speaks.
func rulesOf(violations []Violation) []string {
	var rules []string
	for _, v := range violations {
		if len(v.Reasons) == 0 {
			rules = append(rules, "kind "+string(v.Kind))
		}
		for _, r := range v.Reasons {
			rules = append(rules, strings.Join([]string{"rule", r.Side, r.Code}, " "))
		}
	}
	return rules
}
