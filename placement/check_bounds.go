package placement

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
)

// ErrUnproven is wrapped by every defect that VerifyBounds finds.
var ErrUnproven = errors.New("bound not proven")

// VerifyBounds checks the bounds of a result by themselves: that each tier's value is what [Evaluate] finds, that its
// bound is at most what its [Certificate] proves (without one: what a certificate without prices and multipliers proves,
// every workload where it is cheapest by itself, what couples workloads for nothing) and not above the value, and that its gap belongs to both. It computes
// the dual function in exact integers from the domain objects and knows nothing of how the certificate was found; any
// certificate proves something, and it is never taken on trust. Whether the assignment is allowed is [Check]'s part.
//
// The error names every tier that fails and wraps [ErrUnproven], or [ErrInvalid] for a malformed problem. O(tiers x
// classes x sites); Admission is asked once per class of identical workloads about all sites.
func VerifyBounds(ctx context.Context, p *Problem, r *Result) error {
	if r == nil {
		return fmt.Errorf("%w: no result", ErrUnproven)
	}
	c, err := newChecker(ctx, p, r.Assignment)
	if err != nil {
		return err
	}
	worth, err := c.evaluate()
	if err != nil {
		return err
	}
	if len(r.Tiers) != len(worth.Tiers) {
		return fmt.Errorf("%w: the result has %d tiers, the objective %d", ErrUnproven, len(r.Tiers), len(worth.Tiers))
	}
	var failed []error
	fail := func(tier int, format string, args ...any) {
		text := fmt.Sprintf("tier %s: %s", worth.Tiers[tier].Name, fmt.Sprintf(format, args...))
		failed = append(failed, fmt.Errorf("%w: %s", ErrUnproven, text))
	}
	duals := make([]*checkDual, len(r.Tiers))
	for i, tier := range r.Tiers {
		want := worth.Tiers[i]
		if tier.Name != want.Name {
			fail(i, "the result calls it %q", tier.Name)
		}
		if tier.Value != want.Value {
			fail(i, "the result says its value is %d, it is %d", tier.Value, want.Value)
		}
		if tier.Bound > tier.Value {
			fail(i, "the bound %d is above the value %d", tier.Bound, tier.Value)
		}
		if gap := gapOf(tier.Value, tier.Bound); math.Abs(tier.Gap-gap) > 1e-12*max(1, gap) || math.IsNaN(tier.Gap) {
			fail(i, "the gap is %g, not %g", gap, tier.Gap)
		}
		if duals[i], err = c.newDual(i, worth.Tiers, tier.Certificate); err != nil {
			fail(i, "%s", err)
		}
	}
	if err := c.addDuals(duals); err != nil {
		return err
	}
	for i, dual := range duals {
		if dual == nil {
			continue
		}
		proven := dual.bound()
		if big.NewInt(r.Tiers[i].Bound).Cmp(proven) <= 0 {
			continue
		}
		if cert := r.Tiers[i].Certificate; cert != nil && len(cert.Tree) > 0 {
			if err := c.verifyTree(dual, cert, r.Tiers[i].Bound); err != nil {
				fail(i, "the bound %d is not what its certificate proves: %s", r.Tiers[i].Bound, err)
			}
		} else {
			fail(i, "the bound %d is above %s, which is what its certificate proves", r.Tiers[i].Bound, proven)
		}
	}
	return errors.Join(failed...)
}

// gapOf returns (value - bound) / max(|value|, 1).
func gapOf(value, bound int64) float64 {
	difference := new(big.Int).Sub(big.NewInt(value), big.NewInt(bound))
	d, _ := new(big.Float).SetInt(difference).Float64()
	return d / max(math.Abs(float64(value)), 1)
}
