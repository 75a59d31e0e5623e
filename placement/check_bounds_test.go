package placement

import (
	"cmp"
	"context"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// What any certificate proves holds: no allowed assignment that is as good in the earlier tiers has a lower value. All
// assignments of tiny worlds are tried against random certificates.
func TestCertificatesProveWhatTheyClaim(t *testing.T) {
	tight, tried, joint := 0, 0, 0
	for seed := range uint64(16) {
		w := newWorld(t, seed, 3, 1)
		if app := &w.p.Applications[0]; len(app.Constraints) == 0 {
			app.Constraints = []Constraint{
				[]Constraint{Conflict{[]string{"web"}, "provider", 1}, Spread{[]string{"web"}, "country", 3}}[seed%2],
				Affinity{[]string{"cache"}, []string{"web"}, "country"},
			}
		}
		for i := range w.p.Applications[0].Workloads {
			w.p.Applications[0].Workloads[i].Kind = VM // more is allowed
		}
		r := rand.New(rand.NewPCG(seed, 3))
		values := allowedValues(t, w)
		for range 40 {
			k := r.IntN(3)
			reference := values[r.IntN(len(values))]
			if r.IntN(2) == 0 { // where as much as possible is placed, bounds say most
				reference = slices.MinFunc(values, func(a, b tierValues) int { return cmp.Compare(a[0].Value, b[0].Value) })
			}
			cert := randomCertificate(r, w, k)
			if cert.Joint {
				joint++
			}
			proven := provenBound(t, w, k, reference, cert)
			for _, v := range values {
				if v.asGoodBefore(k, reference) {
					require.LessOrEqual(t, proven.Cmp(big.NewInt(v[k].Value)), 0,
						"seed %d: tier %d: %s is proven, %d is possible", seed, k, proven, v[k].Value)
					tried++
					if proven.Sign() > 0 {
						tight++
					}
				}
			}
		}
	}
	require.Greater(t, joint, 20)
	require.Greater(t, tight, tried/10, "too few certificates prove anything to say much")
}

type tierValues []TierValue

// asGoodBefore says whether v is at most as high as the reference in each tier before k.
func (v tierValues) asGoodBefore(k int, reference tierValues) bool {
	for t := range k {
		if v[t].Value > reference[t].Value {
			return false
		}
	}
	return true
}

// allowedValues evaluates all assignments that Check has nothing against.
func allowedValues(t *testing.T, w *checkWorld) []tierValues {
	ctx, ids := context.Background(), w.workloads()
	var values []tierValues
	a := make(Assignment)
	var try func(i int)
	try = func(i int) {
		if i < min(len(ids), 5) { // the others stay out
			try(i + 1)
			for _, s := range w.spec.Sites {
				a[ids[i]] = s.ID
				try(i + 1)
			}
			delete(a, ids[i])
			return
		}
		found, err := Check(ctx, w.p, a)
		require.NoError(t, err)
		if len(found) == 0 {
			e, err := Evaluate(ctx, w.p, a)
			require.NoError(t, err)
			values = append(values, e.Tiers)
		}
	}
	try(0)
	return values
}

func randomCertificate(r *rand.Rand, w *checkWorld, tiers int) *Certificate {
	cert, terms := &Certificate{}, r.IntN(3) == 0
	for range tiers {
		cert.Earlier = append(cert.Earlier, r.Int64N(1<<uint(10+r.IntN(31))))
	}
	for _, s := range w.spec.Sites {
		if r.IntN(3) > 0 {
			cert.Capacity = append(cert.Capacity, ShadowPrice{s.ID, topology.CPU, r.Int64N(1 << uint(20+r.IntN(24)))})
		}
		if terms && tiers > 0 {
			// The term Load costs 40 for each thousandth.
			most := new(big.Int).Lsh(big.NewInt(40*1000), priceBits)
			if tiers > 1 {
				most.Mul(most, big.NewInt(cert.Earlier[1])).Rsh(most, multiplierBits)
			}
			most.Div(most, big.NewInt(s.Capacity[topology.CPU]))
			price := r.Int64N(atMost(most, 1<<50)>>uint(r.IntN(8)) + 1)
			cert.Terms = append(cert.Terms, TermPrice{Tier: "cost", Kind: Load, Dimension: topology.CPU, Site: s.ID, Price: price})
		}
	}
	cert.Joint = r.IntN(2) == 0
	return cert
}

func atMost(x *big.Int, most int64) int64 {
	if x.Cmp(big.NewInt(most)) > 0 {
		return most
	}
	return x.Int64()
}

func provenBound(t *testing.T, w *checkWorld, tier int, worth []TierValue, cert *Certificate) *big.Int {
	c, err := newChecker(context.Background(), w.p, w.a)
	require.NoError(t, err)
	dual, err := c.newDual(tier, worth, cert)
	require.NoError(t, err)
	duals := make([]*checkDual, tier+1)
	duals[tier] = dual
	require.NoError(t, c.addDuals(duals))
	return dual.bound()
}

func TestVerifyBoundsComparesValueAndGap(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, 1, 4, 2)
	w.settle(t)
	e, err := Evaluate(ctx, w.p, w.a)
	require.NoError(t, err)
	result := func() *Result {
		r := &Result{Assignment: w.a}
		for i, tier := range e.Tiers {
			bound := provenBound(t, w, i, e.Tiers, nil).Int64()
			r.Tiers = append(r.Tiers, TierResult{tier.Name, tier.Value, bound, gapOf(tier.Value, bound), nil})
		}
		return r
	}
	require.NoError(t, VerifyBounds(ctx, w.p, result()))

	r := result()
	r.Tiers[1].Value++
	err = VerifyBounds(ctx, w.p, r)
	require.ErrorIs(t, err, ErrUnproven)
	require.ErrorContains(t, err, "tier cost: the result says its value is")

	r = result()
	r.Tiers[0].Gap /= 2
	require.ErrorContains(t, VerifyBounds(ctx, w.p, r), "tier unplaced: the gap is")

	r = result()
	r.Tiers[2].Name = "later"
	require.ErrorContains(t, VerifyBounds(ctx, w.p, r), `tier latency: the result calls it "later"`)

	r = result()
	r.Tiers[2].Certificate = &Certificate{Earlier: []int64{1}}
	require.ErrorContains(t, VerifyBounds(ctx, w.p, r), "1 multipliers for 2 earlier tiers")

	site := w.spec.Sites[0]
	most := new(big.Int).Lsh(big.NewInt(40*1000), priceBits)
	most.Div(most, big.NewInt(site.Capacity[topology.CPU]))
	for _, c := range []struct {
		price TermPrice
		want  string
	}{
		{TermPrice{"cost", Load, topology.CPU, "", site.ID, most.Int64()}, ""},
		{TermPrice{"cost", Load, topology.CPU, "", site.ID, most.Int64() + 1}, "not from 0 to what a unit costs"},
		{TermPrice{"cost", Load, topology.CPU, "", site.ID, -1}, "not from 0 to what a unit costs"},
		{TermPrice{"cost", Load, topology.GPU, "", site.ID, 1}, "which has no gpu"},
		{TermPrice{"cost", Load, topology.CPU, "", "nowhere", 1}, `at site "nowhere", which there is not`},
		{TermPrice{"cost", Excess, topology.CPU, "", site.ID, 1}, "which there is not by then"},
		{TermPrice{"later", Load, topology.CPU, "", site.ID, 1}, "which there is not by then"},
	} {
		r = result()
		cert := &Certificate{Terms: []TermPrice{c.price}}
		r.Tiers[1].Certificate = cert
		if c.want != "" {
			require.ErrorContains(t, VerifyBounds(ctx, w.p, r), c.want)
			continue
		}
		r.Tiers[1].Bound = provenBound(t, w, 1, e.Tiers, cert).Int64()
		r.Tiers[1].Gap = gapOf(r.Tiers[1].Value, r.Tiers[1].Bound)
		require.NoError(t, VerifyBounds(ctx, w.p, r))
		r.Tiers[1].Bound++
		r.Tiers[1].Gap = gapOf(r.Tiers[1].Value, r.Tiers[1].Bound)
		require.ErrorContains(t, VerifyBounds(ctx, w.p, r), "which is what its certificate proves", "one unit too high")
	}

	r = result()
	r.Tiers = r.Tiers[:2]
	require.ErrorContains(t, VerifyBounds(ctx, w.p, r), "the result has 2 tiers, the objective 3")
	require.ErrorIs(t, VerifyBounds(ctx, w.p, nil), ErrUnproven)
}
