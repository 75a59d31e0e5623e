package placement

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// What a search tree proves holds, whatever its prices and wherever it branches: random trees over tiny worlds are held
// against all assignments.
func TestTreesProveWhatTheyClaim(t *testing.T) {
	accepted, deep, beaten := 0, 0, 0
	for seed := range uint64(24) {
		r := rand.New(rand.NewPCG(seed, 3))
		w := packedWorld(t, r, 3, 4, 9000)
		values := allowedValues(t, w)
		for range 250 {
			reference := values[r.IntN(len(values))]
			least := reference[1].Value
			for _, v := range values {
				if r.IntN(2) == 0 && v[0].Value < reference[0].Value { // mostly much is placed
					reference, least = v, v[1].Value
				}
			}
			for _, v := range values {
				if v.asGoodBefore(1, reference) {
					least = min(least, v[1].Value)
				}
			}
			cert := randomTree(t, r, w)
			require.False(t, treeProves(t, w, 1, reference, cert, least+1), "seed %d", seed)
			bound := least - r.Int64N(1+max(-least, least)/4)
			if !treeProves(t, w, 1, reference, cert, bound) {
				continue
			}
			accepted++
			if len(cert.Tree) > 1 {
				deep++
			}
			if provenBound(t, w, 1, reference, cert).Int64() < bound {
				beaten++
			}
		}
	}
	t.Logf("%d trees accepted, %d of them branch, %d prove more than their prices of capacities", accepted, deep, beaten)
	require.Greater(t, deep, 20)
	require.Greater(t, beaten, 10)
}

// randomTree branches at random. Prices are about what workloads cost somewhere, and leaving out is dear, so that not too
// little is proven.
func randomTree(t *testing.T, r *rand.Rand, w *checkWorld) *Certificate {
	cert := randomCertificate(r, w, 1)
	if cert.Earlier[0] = 1 << 42; r.IntN(3) == 0 {
		cert.Earlier[0] = r.Int64N(40) << multiplierBits // or it may pay
	}
	cert.Terms = nil // which belong to one tier
	if r.IntN(3) > 0 {
		cert.Capacity = nil
	}
	c, err := newChecker(context.Background(), w.p, nil)
	require.NoError(t, err)
	costs := func(id WorkloadID) int64 {
		it := c.byID[id]
		s := randomSite(r, w.spec)
		site, _ := w.p.Continuum.Site(s.ID)
		c.put(it, site)
		defer c.put(it, nil)
		v, err := c.unaryValues(it, site)
		require.NoError(t, err)
		sum := int64(0)
		for i, term := range c.objective {
			if term.tier == 1 {
				sum += v[i]
			}
		}
		return sum
	}
	for _, s := range w.spec.Sites {
		if r.IntN(4) > 0 {
			k := Knapsack{Site: s.ID, Dimension: topology.CPU, Unit: 1 + r.Int64N(400)}
			if r.IntN(5) == 0 {
				k.Dimension, k.Unit = topology.Memory, 1<<20
			}
			cert.Knapsacks = append(cert.Knapsacks, k)
		}
	}
	ids := w.workloads()
	var grow func(depth int)
	grow = func(depth int) {
		var b Branch
		for _, id := range ids {
			if r.IntN(8) > 0 {
				b.Prices = append(b.Prices, WorkloadPrice{id, (costs(id) + r.Int64N(9)) << workloadBits})
			}
		}
		if depth > 0 && r.IntN(4) > 0 {
			b.Workload, b.Site = ids[r.IntN(len(ids))], randomSite(r, w.spec).ID
			cert.Tree = append(cert.Tree, b)
			grow(depth - 1)
			grow(depth - 1)
			return
		}
		cert.Tree = append(cert.Tree, b)
	}
	grow(3)
	return cert
}

func treeProves(t *testing.T, w *checkWorld, tier int, worth []TierValue, cert *Certificate, bound int64) bool {
	c, err := newChecker(context.Background(), w.p, w.a)
	require.NoError(t, err)
	dual, err := c.newDual(tier, worth, cert)
	require.NoError(t, err)
	return c.verifyTree(dual, cert, bound) == nil
}

// spreadCosts charges by component and site.
type spreadCosts map[string]int64

func (c spreadCosts) Judge(w *Workload, s *topology.Site) (bool, string, topology.MicroEUR) {
	return true, "", topology.MicroEUR(c[w.Component+string(s.ID)])
}

// packedWorld is a problem of capacities and costs alone.
func packedWorld(t *testing.T, r *rand.Rand, sites, workloads int, capacity int64) *checkWorld {
	w := &checkWorld{spec: topology.Spec{Name: "packed", Providers: []topology.Provider{{ID: "p", Country: "FR"}}}}
	for i := range sites {
		w.spec.Sites = append(w.spec.Sites, topology.Site{
			ID: topology.SiteID(string(rune('a' + i))), Provider: "p", Country: "FR", Tier: topology.Cloud,
			Runtimes: []topology.Runtime{topology.VM}, Capacity: topology.Resources{topology.CPU: capacity, topology.Memory: 16 << 20},
		})
	}
	app, costs := Application{Name: "app"}, make(spreadCosts)
	for i := range workloads {
		name := string(rune('a' + i))
		for _, s := range w.spec.Sites {
			costs[name+string(s.ID)] = 15 + r.Int64N(10)
		}
		app.Workloads = append(app.Workloads, Workload{
			ID: WorkloadID("app/" + name), Application: "app", Component: name, Kind: VM, Priority: 1,
			Demand: topology.Resources{topology.CPU: 500 * (4 + r.Int64N(12)), topology.Memory: 1 << 20},
		})
	}
	w.p = &Problem{Continuum: mustContinuum(t, w.spec), Applications: []Application{app}, Rules: []Rule{costs}}
	w.p.Objective = Objective{
		{"unplaced", []Term{{Kind: Unplaced, Weight: 1}}},
		{"cost", []Term{{Kind: RuleCost, Weight: 1}}},
	}
	return w
}

// A search tree that was tampered with is refused.
func TestVerifyBoundsReplaysTheTree(t *testing.T) {
	ctx := context.Background()
	var p *Problem
	var r *Result
	for seed := uint64(0); r == nil || r.Tiers[1].Certificate == nil || len(r.Tiers[1].Certificate.Tree) == 0; seed++ {
		require.Less(t, seed, uint64(20), "no problem needs more than prices of capacities")
		var err error
		p = packedWorld(t, rand.New(rand.NewPCG(seed, 1)), 5, 25, 26_000).p
		r, err = Solve(ctx, p, &Options{MaxSteps: 50_000})
		require.NoError(t, err)
		requireSound(t, p, r)
	}
	tier := &r.Tiers[1]
	if tree := tier.Certificate.Tree; len(tree) == 1 {
		// What holds at its prices holds in each half, too.
		half := Branch{Prices: tree[0].Prices}
		tier.Certificate.Tree = []Branch{{Workload: "app/b", Site: "c"}, half, half}
	}
	require.NoError(t, VerifyBounds(ctx, p, r))
	tree := tier.Certificate.Tree
	refused := func(why string) {
		t.Helper()
		err := VerifyBounds(ctx, p, r)
		require.ErrorIs(t, err, ErrUnproven)
		require.ErrorContains(t, err, why)
	}
	tier.Certificate.Tree = tree[:len(tree)-1]
	refused("breaks off")
	tier.Certificate.Tree = append(append([]Branch(nil), tree...), Branch{})
	refused("ends at node")
	tier.Certificate.Tree = append([]Branch(nil), tree...)
	tier.Certificate.Tree[0].Workload, tier.Certificate.Tree[0].Site = "", ""
	refused("node 0 proves")
	tier.Certificate.Tree[0] = tree[0]
	tier.Certificate.Tree[0].Site = "nowhere"
	refused(`branches on`)
	tier.Certificate.Tree[0] = tree[0]
	for k := range tier.Certificate.Tree {
		tier.Certificate.Tree[k].Prices = nil
	}
	refused("proves")
	tier.Certificate.Tree = tree
	units := tier.Certificate.Knapsacks[0].Unit
	tier.Certificate.Knapsacks[0].Unit = 0
	refused("has a unit of 0")
	tier.Certificate.Knapsacks[0].Unit = units
	require.NoError(t, VerifyBounds(ctx, p, r))
}
