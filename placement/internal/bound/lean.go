package bound

import (
	"context"
	"math"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// A climb over parts of applications that are looked at together may take so many times the steps and the work of another:
// most of its steps look at short lists, which costs less a pair.
const (
	shortSteps = 4
	shortWork  = 4
)

// own says whether the tier itself prices traffic. Where only earlier ones do, their multipliers make short lists, which hold
// the sites that are cheapest at one time, too far from the truth.
func (o *oracle) own() bool {
	for _, term := range o.p.Traffic {
		if term.Tier == o.tier {
			return true
		}
	}
	return false
}

// Lean climbs like the second climb of [Climb], at any size, and proves nothing: it looks at listed sites alone and returns
// prices for Settle where a proof would cost too much. Nil: there is nothing to look at together.
func Lean(ctx context.Context, p *problem.Problem, tier int, value *problem.Value, steps, work int, y *Prices) *Prices {
	joint := grow(p, tier)
	if joint == nil {
		return nil
	}
	c := newClimber(p, tier, value, math.Inf(1), joint)
	c.shortens, c.steps, c.work = true, steps, work
	c.start(y)
	c.climb(ctx)
	return c.round(c.best)
}

// Large says whether a problem is too large for parts to be looked at together in a proof.
func Large(p *problem.Problem) bool { return int64(p.Items)*int64(p.Sites) > mostJoint }
