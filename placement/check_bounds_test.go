package placement

import (
	"context"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// What any certificate proves holds: no allowed assignment that is as good in the earlier tiers has a lower value. All
// assignments of tiny worlds are tried against random certificates.
func TestCertificatesProveWhatTheyClaim(t *testing.T) {
	tight, tried := 0, 0
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
		for range 20 {
			k := r.IntN(3)
			reference := values[r.IntN(len(values))]
			cert := randomCertificate(r, w, k)
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
	cert := &Certificate{}
	for range tiers {
		cert.Earlier = append(cert.Earlier, r.Int64N(1<<uint(10+r.IntN(28))))
	}
	for _, s := range w.spec.Sites {
		if r.IntN(3) > 0 {
			cert.Capacity = append(cert.Capacity, ShadowPrice{s.ID, topology.CPU, r.Int64N(1 << uint(20+r.IntN(24)))})
		}
	}
	return cert
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

	r = result()
	r.Tiers = r.Tiers[:2]
	require.ErrorContains(t, VerifyBounds(ctx, w.p, r), "the result has 2 tiers, the objective 3")
	require.ErrorIs(t, VerifyBounds(ctx, w.p, nil), ErrUnproven)
}
