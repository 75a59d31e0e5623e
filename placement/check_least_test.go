package placement

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// classified is an Admission that knows which rows and columns of its verdicts are the same.
type classified struct{ Admission }

func (c classified) Classes(ctx context.Context, in Scope, workloads []*Workload, sites []*topology.Site) (ofWorkloads, ofSites []int32, err error) {
	columns := make([]string, len(sites))
	number := func(numbers map[string]int32, key string) int32 {
		if _, ok := numbers[key]; !ok {
			numbers[key] = int32(len(numbers))
		}
		return numbers[key]
	}
	known := make(map[string]int32)
	for _, w := range workloads {
		verdicts, err := c.Admit(ctx, in, w, sites)
		if err != nil {
			return nil, nil, err
		}
		ofWorkloads = append(ofWorkloads, number(known, fmt.Sprint(verdicts)))
		for k, v := range verdicts {
			columns[k] += fmt.Sprint(v)
		}
	}
	known = make(map[string]int32)
	for _, column := range columns {
		ofSites = append(ofSites, number(known, column))
	}
	return ofWorkloads, ofSites, nil
}

// TestNarrowAndWideAgree: the quick way of adding up dual functions finds the same as looking at every pair in numbers of
// any size, whether or not Admission knows its classes.
func TestNarrowAndWideAgree(t *testing.T) {
	narrow := 0
	for seed := range uint64(60) {
		w := newWorld(t, seed, 5+int(seed%4), 4)
		r := rand.New(rand.NewPCG(seed, 5))
		if seed%3 > 0 && w.p.Admission != nil {
			w.p.Admission = classified{w.p.Admission}
		}
		if seed%2 > 0 {
			// Nothing but preferences can be negative, they count for much, and all have one demand.
			w.p.Rules, w.p.Objective[1].Terms[3].Weight = nil, 100_000
			for a := range w.p.Applications {
				for k := range w.p.Applications[a].Workloads {
					w.p.Applications[a].Workloads[k].Demand = w.p.Applications[0].Workloads[0].Demand
				}
			}
		}
		worth, err := Evaluate(context.Background(), w.p, w.a)
		if err != nil {
			continue
		}
		var sums [2][]*checkDual
		cert := randomCertificate(r, w, len(worth.Tiers))
		for way := range sums {
			c, err := newChecker(context.Background(), w.p, w.a)
			require.NoError(t, err)
			c.brief = true
			reach, err := c.reach()
			require.NoError(t, err)
			for tier := range worth.Tiers {
				own := *cert
				own.Earlier, own.Terms = cert.Earlier[:tier], nil // which belong to one tier
				dual, err := c.newDual(tier, worth.Tiers, &own)
				require.NoError(t, err)
				sums[way] = append(sums[way], dual)
			}
			var fates []*checkFate
			for _, it := range c.items {
				fates = append(fates, &checkFate{checkItem: it, count: 1, able: reach.able[reach.of[kinOf(it)]]})
			}
			if way == 1 {
				require.NoError(t, reach.addWide(sums[way], fates))
				continue
			}
			done, err := reach.addNarrow(sums[way], fates)
			require.NoError(t, err)
			if !done {
				require.NoError(t, reach.addWide(sums[way], fates))
			} else {
				narrow++
			}
		}
		for tier := range worth.Tiers {
			require.Zero(t, sums[0][tier].sum.Cmp(sums[1][tier].sum), "seed %d, tier %d: %s and %s", seed, tier, sums[0][tier].sum, sums[1][tier].sum)
		}
	}
	assert.Greater(t, narrow, 30)
}

// TestGridKnowsWhoIsAble: the sets of sites are those on which Check would have nothing against a workload by itself.
func TestGridKnowsWhoIsAble(t *testing.T) {
	able, refused := 0, 0
	for seed := range uint64(40) {
		w := newWorld(t, seed, 6, 3)
		if seed%2 > 0 && w.p.Admission != nil {
			w.p.Admission = classified{w.p.Admission}
		}
		c, err := newChecker(context.Background(), w.p, nil)
		require.NoError(t, err)
		g, err := c.newGrid()
		require.NoError(t, err)
		for _, it := range c.items {
			for at, s := range g.sites {
				found, err := c.refusals(it, s)
				require.NoError(t, err)
				ok := len(found) == 0 && fitsAlone(it.w.Demand, s.Capacity)
				c.put(it, s)
				for _, f := range it.in {
					if f.FromAccess != "" {
						v, err := c.judgeFlow(f, nil, it)
						require.NoError(t, err)
						ok = ok && v == nil
					}
				}
				c.put(it, nil)
				require.Equal(t, ok, g.able[g.of[kinOf(it)]].holds(int32(at)), "seed %d: %s on %s", seed, it.w.ID, s.ID)
				if ok {
					able++
				} else {
					refused++
				}
			}
		}
	}
	assert.Greater(t, able, 100)
	assert.Greater(t, refused, 100)
}

// TestClassesChangeNothing: an Admission that knows its classes gets the same answer.
func TestClassesChangeNothing(t *testing.T) {
	for seed := range uint64(25) {
		w := newWorld(t, seed, 7, 3)
		if w.p.Admission == nil {
			continue
		}
		options := &Options{Seed: seed, MaxSteps: 3000}
		want, err := Solve(context.Background(), w.p, options)
		require.NoError(t, err)
		w.p.Admission = classified{w.p.Admission}
		got, err := Solve(context.Background(), w.p, options)
		require.NoError(t, err)
		require.Equal(t, want.Assignment, got.Assignment, "seed %d", seed)
		require.Equal(t, want.Tiers, got.Tiers, "seed %d", seed)
		require.Equal(t, want.Unplaced, got.Unplaced, "seed %d", seed)
	}
}
