package policy

import (
	"hash/fnv"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// effort is how many times as much the generating tests of this package do: DOMICILE_DEEP=20 takes some minutes.
func effort() int {
	n, _ := strconv.Atoi(os.Getenv("DOMICILE_DEEP"))
	return max(1, n)
}

// agreement compares a set with plain Rego, pair by pair, through everything that judges admission.
type agreement struct {
	testing.TB
	r    *rand.Rand
	set  *Set
	ref  *reference
	text string // of the policy, to show

	pairs, denied, failed, wished int
}

// agree loads a policy both ways, without the rules that the engine refuses: it does not know of everything that it writes whether it
// is right.
func agree(t testing.TB, r *rand.Rand, w policyText) *agreement {
	o, err := (*Options)(nil).resolved()
	require.NoError(t, err)
	for {
		// Without the library, which takes most of the time of a Load.
		set, err := load([]Source{{Name: "g", FS: w.files()}}, fstest.MapFS{}, o)
		if err == nil {
			return &agreement{TB: t, r: r, set: set, ref: newReference(t, w.tables(), w.modules, w.below...), text: w.String()}
		}
		require.True(t, w.without(err), "%v\n%s", err, w)
	}
}

// pair compares reasons and Admit for a pair, and returns what plain Rego says.
func (a *agreement) pair(in placement.Scope, w *placement.Workload, s *topology.Site) answer {
	want, got := a.ref.ask(in, w, s), engine(a, a.set, in, w, s)
	if !slices.Equal(want.Denied, got.Denied) || !slices.Equal(want.Failed, got.Failed) || want.Points != got.Points {
		require.Equal(a, want, got, "%s\n%s", a.text, text(plainInput(in, w, s)))
	}
	a.pairs++
	switch {
	case len(want.Failed) > 0:
		a.failed++
	case len(want.Denied) > 0:
		a.denied++
	case want.Points != 0:
		a.wished++
	}
	return want
}

// screen compares what a screen says of sites, some of them in many places, with what plain Rego said of each.
func (a *agreement) screen(x *Screen, w *placement.Workload, says []placement.Verdict, want map[topology.SiteID]answer) {
	for k, v := range says {
		of := want[x.Site(k).ID]
		is := placement.Verdict{Denied: len(of.Denied)+len(of.Failed) > 0, Points: of.Points}
		if v != is {
			require.Equal(a, is, v, "place %d of a screen\n%s\n%s", k, a.text, text(plainInput(x.in, w, x.Site(k))))
		}
	}
}

// manyPlaces lists sites in an order of its own, over more places than a word of bits has. Some come behind the first word only.
func manyPlaces(r *rand.Rand, sites []*topology.Site) []*topology.Site {
	var list []*topology.Site
	from := r.Perm(len(sites))
	early := from[len(from)/3:]
	for len(list) < 130+r.IntN(3) {
		if len(list) > 64 {
			early = from
		}
		for _, k := range early {
			list = append(list, sites[k])
		}
	}
	return list
}

// run asks about workloads on all sites: on two days, after changes of sites and of a provider, forwards and back. A screen
// follows each step; one memory serves all.
func (a *agreement) run(c *topology.Continuum, workloads []*placement.Workload) {
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	changed := alter(a.r, c, false)
	steps := []placement.Scope{
		{Continuum: c, AsOf: day}, {Continuum: c, AsOf: day.AddDate(0, 0, 1)}, {Continuum: changed, AsOf: day.AddDate(0, 0, 1)},
		{Continuum: alter(a.r, changed, true), AsOf: day.AddDate(0, 0, 1)}, {Continuum: c, AsOf: day},
	}
	var x *Screen
	known := map[int][]map[topology.SiteID]answer{}
	for n, in := range steps {
		sites := slices.Collect(in.Continuum.Sites())
		var err error
		if x == nil {
			x, err = a.set.Screen(a.Context(), in, manyPlaces(a.r, sites))
		} else {
			x, err = x.Update(a.Context(), in)
		}
		require.NoError(a, err)
		for k, w := range workloads {
			var want map[topology.SiteID]answer
			// Now the screen is asked first, now it finds what single pairs left.
			var early []placement.Verdict
			if a.r.IntN(2) == 0 {
				early = said(a, x, w)
			}
			if n == len(steps)-1 { // as at first
				want = known[0][k]
			} else {
				want = map[topology.SiteID]answer{}
				for _, s := range sites {
					want[s.ID] = a.pair(in, w, s)
				}
			}
			a.screen(x, w, early, want)
			a.screen(x, w, said(a, x, w), want)
			known[n] = append(known[n], want)
		}
	}
}

// TestGeneratedPoliciesAgainstPlainRego compares generated rules, written in the ways in which footprints go wrong, with OPA
// alone.
func TestGeneratedPoliciesAgainstPlainRego(t *testing.T) {
	sets := 12 * effort()
	if testing.Short() {
		sets = 6
	}
	var sum agreement
	rules := 0
	for n := range sets {
		r := rand.New(rand.NewPCG(2, uint64(n)))
		a := agree(t, r, generate(r, 8))
		rules += len(a.set.rules)
		a.run(generatedSites(r, libraryWorld(r, 1)), generatedWorkloads(r, 3))
		sum.pairs, sum.denied, sum.failed, sum.wished = sum.pairs+a.pairs, sum.denied+a.denied, sum.failed+a.failed, sum.wished+a.wished
	}
	t.Logf("%d rules; %d pairs, %d denied, %d failed, %d wished", rules, sum.pairs, sum.denied, sum.failed, sum.wished)
	require.Greater(t, rules, sets*6)
	require.Less(t, sum.denied, sum.pairs*3/4)
	require.Greater(t, sum.wished, sum.pairs/10)
}

// FuzzGeneratedPolicies does the same with policies that the fuzzer's bytes choose.
func FuzzGeneratedPolicies(f *testing.F) {
	f.Add([]byte("a policy"))
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17})
	f.Fuzz(func(t *testing.T, bytes []byte) {
		r := rand.New(&chosen{bytes: bytes})
		a := agree(t, r, generate(r, 4))
		a.run(generatedSites(r, libraryWorld(r, 1)), generatedWorkloads(r, 2))
	})
}

// chosen is a source of numbers that bytes choose, one each, and when they are spent a generator that all of them seed.
type chosen struct {
	bytes []byte
	at    int
	then  *rand.PCG
}

func (c *chosen) Uint64() uint64 {
	if c.at < len(c.bytes) {
		c.at++
		// IntN takes the upper bits.
		return uint64(c.bytes[c.at-1]) << 56
	}
	if c.then == nil {
		h := fnv.New64a()
		h.Write(c.bytes)
		c.then = rand.NewPCG(h.Sum64(), 1)
	}
	return c.then.Uint64()
}
