package placement

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// wholeWorld is a random world in which the assignment as a whole is priced and limited as well: by use above what is safe,
// balance, moves by where they start and end and by component, transient room and budgets.
func wholeWorld(t testing.TB, seed uint64, sites, apps int) *checkWorld {
	w, r := newWorld(t, seed, sites, apps), rand.New(rand.NewPCG(seed, 4))
	for i := range w.spec.Sites {
		s := &w.spec.Sites[i]
		if r.IntN(3) > 0 {
			s.Safe = topology.Resources{topology.CPU: r.Int64N(s.Capacity[topology.CPU] + 1)}
		}
	}
	w.p.Continuum = mustContinuum(t, w.spec)
	w.p.Relocation = hashRelocator{}
	cost := &w.p.Objective[1].Terms
	*cost = append(*cost, Term{Kind: Excess, Weight: 7, Dimension: topology.CPU, Per: 100}, Term{Kind: Relocation, Weight: 11},
		Term{Kind: Balance, Weight: 3, Dimension: topology.CPU, Against: topology.Memory, Ratio: 4 << 20, Per: 1 << 30},
		Term{Kind: Balance, Weight: 1, Dimension: topology.Memory, Against: topology.CPU, Ratio: 1, Per: 1 << 25},
		Term{Kind: GroupMoves, Weight: 1000}, Term{Kind: Excess, Weight: 1, Dimension: "nobody-has-it"})
	w.p.Objective = append(w.p.Objective, Tier{"whole", []Term{
		{Kind: GroupMoves, Weight: 720 * 5}, {Kind: Excess, Weight: 2, Dimension: topology.CPU}, {Kind: Excess, Weight: 1, Dimension: topology.Memory, Per: 1 << 20},
		{Kind: Balance, Weight: 1, Dimension: topology.CPU, Against: "nobody-has-it", Ratio: 2}, {Kind: Load, Weight: 3},
	}})
	w.p.Transient = [][]topology.Dimension{nil, {topology.CPU}, {topology.Memory, topology.CPU, "nobody-has-it"}}[r.IntN(3)]
	for _, b := range []Budget{
		MoveBudget{r.IntN(6)},
		ShareBudget{[]Domain{"site", "provider", "label:zone"}[r.IntN(3)], topology.CPU, r.Int64N(600)},
		ShareBudget{"country", topology.Memory, 333},
		CostBudget{[]Term{{Kind: Price, Weight: 2}, {Kind: RuleCost, Weight: 1}, {Kind: Moves, Weight: 2}}, r.Int64N(300_000)},
		CostBudget{[]Term{{Kind: Traffic, Weight: 1}, {Kind: Relocation, Weight: 720}}, r.Int64N(30_000_000)},
	} {
		if r.IntN(2) > 0 {
			w.p.Budgets = append(w.p.Budgets, b)
		}
	}
	return w
}

// hashRelocator prices moves by the hash of their ends.
type hashRelocator struct{}

func (hashRelocator) RelocationCost(from, to *topology.Site) topology.MicroEUR {
	if from.ID == to.ID {
		return 0
	}
	return topology.MicroEUR(hashOf(from.ID, to.ID) % 100_000)
}

// plainly recomputes from an assignment what it comes to as a whole, with big integers and without any index.
type plainly struct {
	*checkWorld
	t testing.TB
}

func (x plainly) each(visit func(w *Workload, at, from *topology.Site)) {
	for i := range x.p.Applications {
		for k := range x.p.Applications[i].Workloads {
			w := &x.p.Applications[i].Workloads[k]
			at, _ := x.p.Continuum.Site(x.a[w.ID])
			from, _ := x.p.Continuum.Site(x.p.Current[w.ID])
			visit(w, at, from)
		}
	}
}

func ceilDiv(num *big.Int, den int64) *big.Int {
	q, rest := new(big.Int).DivMod(num, big.NewInt(den), new(big.Int))
	if rest.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}

func (x plainly) use(s *topology.Site, dim topology.Dimension) *big.Int {
	use := new(big.Int)
	x.each(func(w *Workload, at, _ *topology.Site) {
		if at == s {
			use.Add(use, big.NewInt(w.Demand[dim]))
		}
	})
	return use
}

func (x plainly) term(term Term) int64 {
	sum, weight, per := new(big.Int), big.NewInt(term.Weight), max(term.Per, 1)
	switch term.Kind {
	case Excess, Balance:
		for s := range x.p.Continuum.Sites() {
			over := x.use(s, term.Dimension)
			if safe, ok := s.Safe[term.Dimension]; ok && term.Kind == Excess {
				over.Sub(over, big.NewInt(safe))
			} else {
				over.Sub(over, big.NewInt(s.Capacity[term.Dimension]))
			}
			if term.Kind == Balance {
				over.Mul(over.Neg(over), big.NewInt(term.Ratio))
				over.Sub(over, new(big.Int).Sub(big.NewInt(s.Capacity[term.Against]), x.use(s, term.Against)))
			}
			if over.Sign() > 0 {
				sum.Add(sum, ceilDiv(over.Mul(over, weight), per))
			}
		}
	case Relocation:
		x.each(func(w *Workload, at, from *topology.Site) {
			if at != nil && from != nil && at != from {
				cost := big.NewInt(int64(x.p.Relocation.RelocationCost(from, at)))
				sum.Add(sum, ceilDiv(cost.Mul(cost, weight), 720))
			}
		})
	case GroupMoves:
		moved, most := map[string]int64{}, int64(0)
		x.each(func(w *Workload, at, from *topology.Site) {
			if at != nil && from != nil && at != from {
				moved[w.Application+"/"+w.Component]++
				most = max(most, moved[w.Application+"/"+w.Component])
			}
		})
		sum = ceilDiv(weight.Mul(weight, big.NewInt(most)), 720)
	}
	require.True(x.t, sum.IsInt64())
	return sum.Int64()
}

// Terms that look at the assignment as a whole are what their formulas say.
func TestWholeTermsAreTheirFormulas(t *testing.T) {
	some := make(map[TermKind]int)
	for seed := range uint64(worlds) {
		w := wholeWorld(t, seed, 6, 3)
		e, err := Evaluate(context.Background(), w.p, w.a)
		require.NoError(t, err)
		at := 0
		for _, tier := range w.p.Objective {
			sum := int64(0)
			for _, term := range tier.Terms {
				got := e.Terms[at]
				at++
				sum += got.Value
				require.Equal(t, TermResult{tier.Name, term.Kind, term.Dimension, term.Against, got.Value}, got)
				if slices.Contains([]TermKind{Excess, Balance, Relocation, GroupMoves}, term.Kind) {
					require.Equal(t, plainly{w, t}.term(term), got.Value, "seed %d: %s %v", seed, tier.Name, term)
					if got.Value > 0 {
						some[term.Kind]++
					}
				}
			}
			require.Contains(t, e.Tiers, TierValue{tier.Name, sum})
		}
		require.Len(t, e.Terms, at)
	}
	for _, kind := range []TermKind{Excess, Balance, Relocation, GroupMoves} {
		require.Greater(t, some[kind], worlds/2, "%s is hardly ever there", kind)
	}
}

// limits lists what the transient dimensions and the budgets are broken by, as Check tells it, but for words.
func (x plainly) limits() []string {
	lines := []string{}
	for s := range x.p.Continuum.Sites() {
		for _, dim := range x.p.Transient {
			home, come := new(big.Int), new(big.Int)
			x.each(func(w *Workload, at, from *topology.Site) {
				if from == s {
					home.Add(home, big.NewInt(w.Demand[dim]))
				} else if at == s {
					come.Add(come, big.NewInt(w.Demand[dim]))
				}
			})
			room := home.Sub(big.NewInt(s.Capacity[dim]), home)
			if room.Sign() < 0 {
				room.SetInt64(0)
			}
			if come.Cmp(room) > 0 && x.use(s, dim).Cmp(big.NewInt(s.Capacity[dim])) <= 0 {
				lines = append(lines, fmt.Sprint(ByCapacity, s.ID, come, room, unitName(dim)))
			}
		}
	}
	for _, b := range x.p.Budgets {
		switch b := b.(type) {
		case MoveBudget:
			moved := 0
			x.each(func(_ *Workload, at, from *topology.Site) {
				if at != nil && from != nil && at != from {
					moved++
				}
			})
			if moved > b.AtMost {
				lines = append(lines, fmt.Sprint(ByBudget, "", moved, b.AtMost, "workloads"))
			}
		case ShareBudget:
			total, parts := new(big.Int), map[checkValue]*big.Int{}
			x.each(func(w *Workload, at, _ *topology.Site) {
				total.Add(total, big.NewInt(w.Demand[b.Dimension]))
				if at != nil {
					v := b.Over.valueOf(at)
					if parts[v] == nil {
						parts[v] = new(big.Int)
					}
					parts[v].Add(parts[v], big.NewInt(w.Demand[b.Dimension]))
				}
			})
			limit := total.Div(total.Mul(total, big.NewInt(b.Thousandths)), big.NewInt(1000))
			for v, part := range parts {
				if part.Cmp(limit) > 0 {
					site := ""
					if b.Over == "site" {
						site = v.name
					}
					lines = append(lines, fmt.Sprint(ByBudget, site, part, limit, unitName(b.Dimension)))
				}
			}
		case CostBudget:
			sum := x.costOf(b.Terms)
			if sum > b.AtMost {
				lines = append(lines, fmt.Sprint(ByBudget, "", sum, b.AtMost, "uEUR/h"))
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// costOf evaluates the terms as a tier of their own; all are at least 0 in these worlds.
func (x plainly) costOf(terms []Term) int64 {
	p := *x.p
	p.Budgets, p.Objective = nil, Objective{{"unplaced", []Term{{Kind: Unplaced, Weight: 1}}}, {"budget", terms}}
	e, err := Evaluate(context.Background(), &p, x.a)
	require.NoError(x.t, err)
	return e.Tiers[1].Value
}

// Transient room and budgets are broken exactly where a plain recomputation says so.
func TestLimitsOfTheWholeAreTheirFormulas(t *testing.T) {
	transient, budgets := 0, 0
	for seed := range uint64(3 * worlds) {
		w := wholeWorld(t, seed, 6, 2)
		plain := *w.p
		plain.Transient, plain.Budgets = nil, nil
		before, err := Check(context.Background(), &plain, w.a)
		require.NoError(t, err)
		found, err := Check(context.Background(), w.p, w.a)
		require.NoError(t, err)
		known := make(map[string]bool)
		for _, v := range before {
			known[fmt.Sprint(v)] = true
		}
		lines := []string{}
		for _, v := range found {
			if known[fmt.Sprint(v)] {
				continue
			}
			require.NotEmpty(t, v.Workloads)
			if v.Kind == ByBudget {
				budgets++
			} else {
				transient++
			}
			lines = append(lines, fmt.Sprint(v.Kind, v.Site, v.Have, v.Want, v.Unit))
		}
		slices.Sort(lines)
		require.Equal(t, plainly{w, t}.limits(), lines, "seed %d", seed)
	}
	require.Greater(t, transient, worlds/2)
	require.Greater(t, budgets, worlds)
}

// Balance and excess are exact where 64 bits are not enough on the way.
func TestUseCostsAreExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	draw := func() int64 { return r.Int64N(1 << (1 + r.IntN(62))) }
	fits := 0
	for range 20_000 {
		term := Term{Weight: draw(), Ratio: draw(), Per: draw()}
		sign := []int64{1, 1, -1}
		free, against := draw()*sign[r.IntN(3)], draw()*sign[r.IntN(3)]
		lack := new(big.Int).Mul(big.NewInt(term.Ratio), big.NewInt(free))
		lack.Sub(lack, big.NewInt(against))
		if lack.Sign() < 0 {
			lack.SetInt64(0)
		}
		want := ceilDiv(lack.Mul(lack, big.NewInt(term.Weight)), max(term.Per, 1))
		got, ok := balanceCost(free, against, term)
		require.Equal(t, want.IsInt64(), ok, "%d %d %v", free, against, term)
		if ok {
			fits++
			require.Equal(t, want.Int64(), got, "%d %d %v", free, against, term)
		}
	}
	require.Greater(t, fits, 5000)
	_, ok := excessCost(math.MaxInt64, Term{Weight: 2})
	require.False(t, ok)
	cost, ok := excessCost(math.MaxInt64, Term{Weight: 2, Per: 2})
	require.True(t, ok)
	require.EqualValues(t, math.MaxInt64, cost)
}

// negativeRelocator breaks its promise.
type negativeRelocator struct{}

func (negativeRelocator) RelocationCost(_, _ *topology.Site) topology.MicroEUR { return -1 }

// Costs that do not fit and promises that are broken end the call with an error that names the term.
func TestWholeTermsThatOverflow(t *testing.T) {
	for want, change := range map[string]func(*Problem){
		"objective tier whole: the term excess of cpu overflows with s0": func(p *Problem) { p.Objective[3].Terms[1].Weight = math.MaxInt64 },
		"objective tier whole: the term balance of cpu against nobody-has-it overflows with s0": func(p *Problem) {
			p.Objective[3].Terms[3].Weight, p.Objective[3].Terms[3].Ratio = math.MaxInt64, math.MaxInt64
		},
		"the term group-moves overflows with": func(p *Problem) {
			p.Objective[3].Terms[0].Weight = math.MaxInt64
			p.Applications[0].Flows, p.Applications[0].Constraints = nil, nil
			p.Applications[0].Workloads = grown(p.Applications[0].Workloads[0], 1000)
		},
		"the cost of relocation from s0": func(p *Problem) { p.Relocation = negativeRelocator{} },
	} {
		t.Run(want, func(t *testing.T) {
			w := wholeWorld(t, 1, 6, 3)
			change(w.p)
			for _, load := range w.p.Applications[0].Workloads {
				w.p.Current[load.ID], w.a[load.ID] = "s00", "s01"
			}
			for id := range w.a {
				if !slices.Contains(w.workloads(), id) {
					delete(w.a, id)
				}
			}
			_, err := Evaluate(context.Background(), w.p, w.a)
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, want)
		})
	}
	w := wholeWorld(t, 1, 6, 3)
	w.p.Budgets = []Budget{CostBudget{[]Term{{Kind: Price, Weight: math.MaxInt64}}, 1}}
	_, err := Check(context.Background(), w.p, w.a)
	require.ErrorContains(t, err, "cost budget: the term price overflows")
}

// grown is many replicas of a workload.
func grown(w Workload, n int) []Workload {
	out := make([]Workload, n)
	for i := range out {
		out[i] = w
		out[i].ID = WorkloadID(fmt.Sprintf("%s/%s-%d", w.Application, w.Component, i+1))
	}
	return out
}
