package placement

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Pareto returns assignments that trade several goals against each other: cost, latency and carbon unless told otherwise.
// None is as good as another on every axis and better on one, each passes [Check], and each leaves as little unplaced (by
// the first tier of the problem's objective, which stays the first) as the best that was found.
//
// Each axis is minimised first alone, the others following as later tiers; then weighted sums on a mesh, with weights
// that make up for the ranges in which the axes move (Das and Dennis, A closer look at drawbacks of minimizing weighted
// sums, 1997); what is left of Options.Solves goes to the widest holes: the first axis is minimised with another kept
// below the middle of the hole (Haimes, Lasdon and Wismer, 1971), which finds points that no weights lead to. Every solve
// starts from the nearest point known. Values are recomputed by [Evaluate].
//
// The same problem and options give the same frontier. When ctx ends, what was found so far comes back as Stopped, and an
// error only where nothing was. It costs Options.Solves solves.
func Pareto(ctx context.Context, p *Problem, opts *ParetoOptions) (*Frontier, error) {
	x, err := newSweep(ctx, p, opts)
	if err != nil {
		return nil, err
	}
	for _, phase := range []func() error{x.extremes, x.mesh, x.holes} {
		if err := phase(); errors.Is(err, errSwept) {
			break
		} else if err != nil {
			return nil, err
		}
	}
	return x.frontier(), nil
}

// errSwept says that there is nothing left to solve, or no time.
var errSwept = errors.New("swept")

// sweep is a frontier in the making.
type sweep struct {
	ctx    context.Context
	p      *Problem
	axes   []Tier
	left   int // solves
	solve  Options
	first  Tier    // counts what is left out
	judge  Problem // values the axes
	points []sweepPoint
	ideal  []int64
	done   int
	ended  bool
}

// sweepPoint is an assignment with its values: what is left out, then each axis.
type sweepPoint struct {
	FrontierPoint
	out int64
}

func newSweep(ctx context.Context, p *Problem, opts *ParetoOptions) (*sweep, error) {
	if err := validate(p); err != nil {
		return nil, err
	}
	var o ParetoOptions
	if opts != nil {
		o = *opts
	}
	if len(o.Axes) == 0 {
		o.Axes = DefaultAxes
	}
	if o.Solves == 0 {
		o.Solves = 24
	}
	x := &sweep{ctx: ctx, axes: o.Axes, left: max(o.Solves, len(o.Axes)), first: p.objective()[0]}
	if o.Solve != nil {
		x.solve = *o.Solve
	}
	q := *p // the graph is the same for all
	var err error
	if q.Latency, err = p.graph(); err != nil {
		return nil, err
	}
	x.p, x.judge = &q, q
	x.judge.Objective = append(Objective{x.first}, x.axes...)
	for _, axis := range x.axes {
		for _, term := range axis.Terms {
			if !slices.Contains(axisTerms, term.Kind) {
				return nil, fmt.Errorf("%w: axis %s: %s is not a term of workloads on their sites", ErrInvalid, axis.Name, term.Kind)
			}
		}
	}
	return x, validate(&x.judge)
}

// axisTerms are those that can be told of single workloads and flows.
var axisTerms = []TermKind{Price, Traffic, Carbon, UserLatency, Preference, Moves, Relocation, RuleCost}

// extremes minimises each axis for itself.
func (x *sweep) extremes() error {
	for k := range x.axes {
		objective := Objective{x.first, x.axes[k]}
		for n := range x.axes {
			if n != k {
				objective = append(objective, x.axes[n])
			}
		}
		r, err := x.run(objective, nil, x.nearest(k))
		if err != nil {
			return err
		}
		x.ideal = append(x.ideal, r.Tiers[1].Bound)
	}
	return nil
}

// mesh minimises weighted sums, with weights on a mesh as fine as two thirds of the solves allow.
func (x *sweep) mesh() error {
	n := len(x.axes)
	steps := 1
	for meshSize(n, steps+1)-n <= x.left*2/3 && n > 1 {
		steps++
	}
	weights := make([]int, n)
	var each func(k, rest int) error
	each = func(k, rest int) error {
		if k == n-1 {
			weights[k] = rest
			if slices.Max(weights) == steps {
				return nil // an extreme
			}
			tier, start := x.weighted(weights)
			_, err := x.run(Objective{x.first, tier}, nil, start)
			return err
		}
		for a := range rest + 1 {
			weights[k] = a
			if err := each(k+1, rest-a); err != nil {
				return err
			}
		}
		return nil
	}
	return each(0, steps)
}

// meshSize is the number of ways to share so many steps among n.
func meshSize(n, steps int) int {
	size := 1
	for k := range n - 1 {
		size = size * (steps + k + 1) / (k + 1)
	}
	return size
}

// weighted returns a sum of the axes that counts each in parts of the range in which it moves, and where to start: the
// known point that is best by it.
func (x *sweep) weighted(weights []int) (Tier, Assignment) {
	tier := Tier{Name: "weighted"}
	low, high := x.ranges()
	widest := 1.0
	for k := range low {
		widest = max(widest, high[k]-low[k])
	}
	factors := make([]int64, len(weights))
	for fine := 1000.0; ; fine /= 10 {
		reach := 0.0
		for k, w := range weights {
			factors[k] = int64(math.Ceil(float64(w) * fine * widest / max(1, high[k]-low[k])))
			reach += float64(factors[k]) * max(math.Abs(low[k]), math.Abs(high[k]))
		}
		if reach < 1<<50 || fine < 1 { // sums of the worst cases must fit, too
			break
		}
	}
	for k, axis := range x.axes {
		for _, term := range axis.Terms {
			addTermTo(&tier, term, factors[k])
		}
	}
	best := math.Inf(1)
	var start Assignment
	for _, p := range x.points {
		value := 0.0
		for k, v := range p.Values {
			value += float64(factors[k]) * float64(v)
		}
		if value < best {
			best, start = value, p.Assignment
		}
	}
	return tier, start
}

// addTermTo adds a term to a tier so many times. Terms are told apart by kind and dimensions.
func addTermTo(t *Tier, term Term, times int64) {
	weight, ok := mul(term.Weight, times)
	if !ok {
		weight = math.MaxInt64 // an error of the solve that says so
	}
	for k := range t.Terms {
		same := t.Terms[k]
		same.Weight = term.Weight
		if same == term {
			t.Terms[k].Weight = addUp(t.Terms[k].Weight, weight)
			return
		}
	}
	term.Weight = weight
	t.Terms = append(t.Terms, term)
}

// ranges returns the lowest and highest value of each axis on the frontier so far.
func (x *sweep) ranges() (low, high []float64) {
	front := x.front()
	for k := range x.axes {
		l, h := math.Inf(1), math.Inf(-1)
		for _, p := range front {
			l, h = min(l, float64(p.Values[k])), max(h, float64(p.Values[k]))
		}
		low, high = append(low, l), append(high, h)
	}
	return low, high
}

// hole is the gap between two neighbours along an axis.
type hole struct {
	axis  int
	limit int64
	width float64
	start Assignment
}

// holes minimises the first axis with another one limited to the middle of the widest gap that was not tried yet.
func (x *sweep) holes() error {
	tried := make(map[[2]int64]bool)
	for {
		h := x.widest(tried)
		if h == nil {
			return errSwept
		}
		tried[[2]int64{int64(h.axis), h.limit}] = true
		objective := Objective{x.first, x.axes[0]}
		for k := 1; k < len(x.axes); k++ {
			objective = append(objective, x.axes[k])
		}
		limit := CostBudget{Terms: x.axes[h.axis].Terms, AtMost: h.limit}
		if _, err := x.run(objective, &limit, h.start); err != nil {
			return err
		}
	}
}

func (x *sweep) widest(tried map[[2]int64]bool) *hole {
	low, high := x.ranges()
	front := x.front()
	var best *hole
	for k := 1; k < len(x.axes); k++ {
		if !canCap(x.axes[k]) {
			continue
		}
		slices.SortStableFunc(front, func(a, b sweepPoint) int { return cmp.Compare(a.Values[k], b.Values[k]) })
		for n := 1; n < len(front); n++ {
			a, b := front[n-1].Values[k], front[n].Values[k]
			middle := int64(math.Floor((float64(a) + float64(b)) / 2))
			h := hole{k, middle, (float64(b) - float64(a)) / max(1, high[k]-low[k]), front[n-1].Assignment}
			if middle >= 0 && middle > a && middle < b && !tried[[2]int64{int64(k), middle}] && (best == nil || h.width > best.width) {
				best = &h
			}
		}
	}
	return best
}

// canCap says whether a [CostBudget] counts what an axis does: it knows no preferences, and nothing below zero.
func canCap(axis Tier) bool {
	return !slices.ContainsFunc(axis.Terms, func(t Term) bool { return t.Kind == Preference || t.Kind == RuleCost })
}

// nearest returns the known assignment that is best on an axis; nil where none is known.
func (x *sweep) nearest(axis int) Assignment {
	if len(x.points) == 0 {
		return nil
	}
	return slices.MinFunc(x.points, func(a, b sweepPoint) int { return cmp.Compare(a.Values[axis], b.Values[axis]) }).Assignment
}

// run solves the problem with another objective and takes down what comes out.
func (x *sweep) run(o Objective, limit *CostBudget, start Assignment) (*Result, error) {
	if x.left == 0 || x.ended {
		return nil, errSwept
	}
	x.left--
	q := *x.p
	q.Objective = o
	if limit != nil {
		q.Budgets = append(slices.Clone(q.Budgets), *limit)
	}
	c, err := compile(x.ctx, &q)
	if err != nil {
		if x.ctx.Err() != nil && len(x.points) > 0 {
			x.ended = true
			return nil, errSwept
		}
		return nil, err
	}
	c.hint = start
	r := c.solve(x.ctx, x.solve.Resolved())
	x.done++
	x.ended = x.ctx.Err() != nil
	return r, x.take(r)
}

// take adds an answer to the points, judged and valued by what shares no code with the solver.
func (x *sweep) take(r *Result) error {
	ctx := context.WithoutCancel(x.ctx) // an answer that is there is worth a look
	broken, err := Check(ctx, x.p, r.Assignment)
	if err != nil {
		return err
	}
	if len(broken) > 0 {
		return fmt.Errorf("placement: an answer breaks %s: %s", broken[0].Kind, broken[0].Message)
	}
	e, err := Evaluate(ctx, &x.judge, r.Assignment)
	if err != nil {
		return err
	}
	p := sweepPoint{FrontierPoint{Assignment: r.Assignment, Unplaced: e.Unplaced}, e.Tiers[0].Value}
	for _, t := range e.Tiers[1:] {
		p.Values = append(p.Values, t.Value)
	}
	x.points = append(x.points, p)
	return nil
}

// front returns the points that no other is better than, of those with the same values the first, in order of values.
func (x *sweep) front() []sweepPoint {
	least := int64(math.MaxInt64)
	for _, p := range x.points {
		least = min(least, p.out)
	}
	var front []sweepPoint
	for _, p := range x.points {
		if p.out == least && !slices.ContainsFunc(x.points, func(o sweepPoint) bool { return o.out == least && dominates(o.Values, p.Values) }) &&
			!slices.ContainsFunc(front, func(o sweepPoint) bool { return slices.Equal(o.Values, p.Values) }) {
			front = append(front, p)
		}
	}
	slices.SortFunc(front, func(a, b sweepPoint) int { return slices.Compare(a.Values, b.Values) })
	return front
}

// dominates says whether a is nowhere worse than b and somewhere better.
func dominates(a, b []int64) bool {
	for k := range a {
		if a[k] > b[k] {
			return false
		}
	}
	return !slices.Equal(a, b)
}

func (x *sweep) frontier() *Frontier {
	f := &Frontier{Solves: x.done, Stopped: x.ended}
	if len(x.ideal) == len(x.axes) {
		f.Ideal = x.ideal
	}
	for _, axis := range x.axes {
		f.Axes = append(f.Axes, axis.Name)
	}
	for _, p := range x.front() {
		f.Points = append(f.Points, p.FrontierPoint)
	}
	return f
}
