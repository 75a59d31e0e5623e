package placement

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// Diff compares two answers, to the same problem or to two versions of it: what moved, what broke, what that costs, and
// which constraints of the new problem the old assignment breaks. Neither assignment may name what its own problem does
// not hold. O(both problems), as [Evaluate] and [Check].
func Diff(ctx context.Context, before, after Answer) (*Difference, error) {
	old, oldWorth, err := evaluated(ctx, before)
	if err != nil {
		return nil, fmt.Errorf("before: %w", err)
	}
	now, nowWorth, err := evaluated(ctx, after)
	if err != nil {
		return nil, fmt.Errorf("after: %w", err)
	}
	d := &Difference{}
	kept := maps.Clone(before.Assignment)
	maps.DeleteFunc(kept, func(id WorkloadID, _ topology.SiteID) bool { return now.byID[id] == nil })
	if d.Violations, err = Check(ctx, after.Problem, kept); err != nil {
		return nil, err
	}
	oldLines, nowLines := linesByID(oldWorth), linesByID(nowWorth)
	for _, id := range slices.Sorted(maps.Keys(oldLines)) {
		was := oldLines[id]
		is, placed := nowLines[id]
		if !placed {
			d.Broken = append(d.Broken, id)
		} else if is.Site != was.Site {
			d.Moved = append(d.Moved, moveOf(was, is))
		}
	}
	for _, line := range nowWorth.Lines {
		if _, placed := oldLines[line.Workload]; !placed {
			d.Restored = append(d.Restored, line.Workload)
		}
	}
	if err := d.addSums(oldWorth, nowWorth); err != nil {
		return nil, err
	}
	if err := d.addTiers(oldWorth, nowWorth); err != nil {
		return nil, err
	}
	d.Countries = countryChange(old, now)
	d.Latency, err = latencyChange(old, now)
	return d, err
}

func evaluated(ctx context.Context, ans Answer) (*checker, *Evaluation, error) {
	c, err := newChecker(ctx, ans.Problem, ans.Assignment)
	if err != nil {
		return nil, nil, err
	}
	e, err := c.evaluate()
	return c, e, err
}

func linesByID(e *Evaluation) map[WorkloadID]*Line {
	lines := make(map[WorkloadID]*Line, len(e.Lines))
	for i := range e.Lines {
		lines[e.Lines[i].Workload] = &e.Lines[i]
	}
	return lines
}

func moveOf(was, is *Line) Move {
	m := Move{Workload: was.Workload, From: was.Site, To: is.Site, Price: is.Price - was.Price}
	if was.Users != nil && is.Users != nil && was.Users.Latency >= 0 && is.Users.Latency >= 0 {
		m.Latency = is.Users.Latency - was.Users.Latency
	}
	return m
}

// addSums adds up what all lines cost, after minus before.
func (d *Difference) addSums(before, after *Evaluation) error {
	var price, traffic, emissions int64
	fits := true
	add := func(sum *int64, amount int64) {
		var ok bool
		*sum, ok = addExact(*sum, amount)
		fits = fits && ok
	}
	for i := range after.Lines {
		line := &after.Lines[i]
		add(&price, int64(line.Price))
		add(&traffic, int64(line.Traffic))
		add(&emissions, line.Emissions)
	}
	for i := range before.Lines {
		line := &before.Lines[i]
		add(&price, -int64(line.Price))
		add(&traffic, -int64(line.Traffic))
		add(&emissions, -line.Emissions)
	}
	if !fits {
		return fmt.Errorf("%w: the sum of all prices, traffic or emissions overflows", ErrInvalid)
	}
	d.Price, d.Traffic, d.Emissions = topology.MicroEUR(price), topology.MicroEUR(traffic), emissions
	return nil
}

// addTiers compares the tiers that stand in both objectives.
func (d *Difference) addTiers(before, after *Evaluation) error {
	was := make(map[string]int64, len(before.Tiers))
	for _, tier := range before.Tiers {
		was[tier.Name] = tier.Value
	}
	for _, tier := range after.Tiers {
		value, both := was[tier.Name]
		if !both {
			continue
		}
		delta, ok := subExact(tier.Value, value)
		if !ok {
			return fmt.Errorf("%w: the change of objective tier %s overflows", ErrInvalid, tier.Name)
		}
		d.Tiers = append(d.Tiers, TierDelta{tier.Name, delta})
	}
	return nil
}

// countryChange counts placed workloads per country, after minus before.
func countryChange(before, after *checker) map[topology.Jurisdiction]int {
	change := make(map[topology.Jurisdiction]int)
	for _, it := range before.items {
		if it.site != nil {
			change[it.site.Country]--
		}
	}
	for _, it := range after.items {
		if it.site != nil {
			change[it.site.Country]++
		}
	}
	maps.DeleteFunc(change, func(_ topology.Jurisdiction, n int) bool { return n == 0 })
	return change
}

// userFlow tells flows from access points apart across two problems.
type userFlow struct {
	to         WorkloadID
	from       topology.AccessPointID
	percentile latency.Percentile
	data       DataClass
	again      int // the how-manieth such flow
}

// latencyChange returns the change of the mean latency to users over the flows that both answers hold and know, weighted
// by rate, rounded towards zero. A flow without a rate weighs as one with 1 bit/s.
func latencyChange(before, after *checker) (topology.Micros, error) {
	old, err := before.userFlows()
	if err != nil {
		return 0, err
	}
	now, err := after.userFlows()
	if err != nil {
		return 0, err
	}
	var oldSum, nowSum, oldRate, nowRate big.Int
	add := func(sum, rate *big.Int, f ratedLatency) {
		weight := big.NewInt(max(f.rate, 1))
		rate.Add(rate, weight)
		sum.Add(sum, weight.Mul(weight, big.NewInt(int64(f.latency))))
	}
	for key, was := range old {
		if is, ok := now[key]; ok {
			add(&oldSum, &oldRate, was)
			add(&nowSum, &nowRate, is)
		}
	}
	if oldRate.Sign() == 0 {
		return 0, nil
	}
	// nowSum/nowRate - oldSum/oldRate
	num := new(big.Int).Sub(new(big.Int).Mul(&nowSum, &oldRate), new(big.Int).Mul(&oldSum, &nowRate))
	return topology.Micros(num.Quo(num, new(big.Int).Mul(&nowRate, &oldRate)).Int64()), nil
}

type ratedLatency struct {
	latency topology.Micros
	rate    int64
}

// userFlows returns the flows from access points to placed workloads whose latency is known.
func (c *checker) userFlows() (map[userFlow]ratedLatency, error) {
	flows := make(map[userFlow]ratedLatency)
	for _, f := range c.flows {
		if f.FromAccess == "" {
			continue
		}
		for _, to := range f.pairs {
			l, err := c.flowLatency(f, to)
			if err != nil {
				return nil, err
			}
			if l.Latency < 0 {
				continue
			}
			key := userFlow{to: to.w.ID, from: f.FromAccess, percentile: f.percentile, data: f.data(to)}
			for _, taken := flows[key]; taken; _, taken = flows[key] {
				key.again++
			}
			flows[key] = ratedLatency{l.Latency, f.share}
		}
	}
	return flows, nil
}
