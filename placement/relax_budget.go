package placement

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/domicile-eu/domicile/internal/quantity"
)

// budgetText says what a budget asks for.
func budgetText(b Budget) string {
	switch b := b.(type) {
	case MoveBudget:
		return fmt.Sprintf("at most %s", countText(b.AtMost, "workload moves", "workloads move"))
	case CostBudget:
		kinds := make([]string, len(b.Terms))
		for k, term := range b.Terms {
			kinds[k] = string(term.Kind)
		}
		return fmt.Sprintf("%s at most %s an hour", andText(kinds), quantity.Human(b.AtMost, quantity.Euro))
	case ShareBudget:
		return fmt.Sprintf("at most %s of all %s on one %s", shareText(b.Thousandths), b.Dimension, b.Over)
	}
	panic("placement: unknown budget")
}

// raised returns a budget with more to spend, in its own unit.
func raised(b Budget, more int64) (Budget, bool) {
	switch b := b.(type) {
	case MoveBudget:
		sum, ok := addExact(int64(b.AtMost), more)
		b.AtMost = int(sum)
		return b, ok
	case CostBudget:
		var ok bool
		b.AtMost, ok = addExact(b.AtMost, more)
		return b, ok
	case ShareBudget:
		b.Thousandths += more
		return b, more <= 1000 && b.Thousandths <= 1000
	}
	return b, false
}

// raise is the fix of a budget that lacks so much of what it counts, and by how much of itself it is raised.
func (x *relaxing) raise(k int, lack int64) (*Fix, int64) {
	b := x.p.Budgets[k]
	more, limit := lack, int64(0)
	switch b := b.(type) {
	case MoveBudget:
		limit = int64(b.AtMost)
	case CostBudget:
		limit = b.AtMost
	case ShareBudget:
		limit = b.Thousandths
		i := slices.IndexFunc(x.c.shares, func(s *checkShare) bool { return s.budget == k })
		share := x.c.shares[i]
		wanted := min(share.total, addUp(share.limit, lack))
		hi, lo := bits.Mul64(uint64(wanted), 1000)
		lo, carry := bits.Add64(lo, uint64(share.total-1), 0)
		q, _ := bits.Div64(hi+carry, lo, uint64(share.total)) // at most 1000; somebody demands it, or there was no lack
		more = int64(q) - b.Thousandths
	}
	after, ok := raised(b, more)
	if !ok {
		return nil, 0
	}
	looser := int64(math.MaxInt64)
	if limit > 0 && more < math.MaxInt64/1000 {
		looser = more * 1000 / limit
	}
	return &Fix{Kind: ByBudget, Budget: k, Amount: more, Message: fmt.Sprintf("allow %s instead of %s", budgetText(after), budgetText(b))}, looser
}

func (f Fix) raiseBudget(q *Problem) error {
	if f.Budget < 0 || f.Budget >= len(q.Budgets) || f.Amount < 0 {
		return fmt.Errorf("%w: %d more of budgets[%d]", ErrInvalid, f.Amount, f.Budget)
	}
	b, ok := raised(q.Budgets[f.Budget], f.Amount)
	if !ok {
		return fmt.Errorf("%w: %d more of budgets[%d]", ErrInvalid, f.Amount, f.Budget)
	}
	q.Budgets = slices.Clone(q.Budgets)
	q.Budgets[f.Budget] = b
	return nil
}

// mulAdd returns a x b + c where that fits.
func mulAdd(a, b, c int64) (int64, bool) {
	product, ok := mul(a, b)
	if !ok {
		return 0, false
	}
	return addExact(product, c)
}
